"""What a scripted Ollama can answer: proper replies, and everything that goes wrong."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from benchagent_tests.schema_samples import WORDS, sample

NDJSON = "application/x-ndjson"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came: every byte of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Turn:
    """A chat or generate request that a script answers."""

    seen: Seen
    connection: socket.socket
    stopping: threading.Event
    left: threading.Event
    load_ns: int = 0
    context: int = 0
    chunked: bool = False

    @property
    def ask(self) -> Any:
        """The request's body."""
        return self.seen.json

    @property
    def prompt(self) -> str:
        """All messages, or the prompt of a generate request."""
        messages = self.ask.get("messages", [])
        return "\n".join(m["content"] for m in messages) or self.ask.get("prompt", "")

    @property
    def prompt_tokens(self) -> int:
        """A count as good as any: one per four characters, and the template's."""
        return len(self.prompt) // 4 + 8

    def head(self, status: int, kind: str, extra: str = "", length: int | None = None) -> None:
        """Send the status line and headers."""
        self.chunked = length is None
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        self.connection.sendall(
            f"HTTP/1.1 {status} Scripted\r\nContent-Type: {kind}\r\n{size}\r\n"
            f"{extra}Connection: close\r\n\r\n".encode("latin-1")
        )

    def send(self, data: bytes) -> None:
        """Send a piece of the body."""
        self.connection.sendall(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def end(self) -> None:
        """End the body properly."""
        if self.chunked:
            self.connection.sendall(b"0\r\n\r\n")

    def whole(self, status: int, body: bytes, kind: str = JSON, extra: str = "") -> None:
        """Send a reply that is no stream."""
        self.head(status, kind, extra, len(body))
        if self.seen.method != "HEAD":
            self.send(body)

    def line(self, content: str, **more: Any) -> bytes:
        """One line of the stream."""
        key = "message" if self.seen.path == "/api/chat" else "response"
        text: Any = {"role": "assistant", "content": content} if key == "message" else content
        if thinking := more.pop("thinking", None):
            text = {**text, "thinking": thinking}
        chunk = {"model": self.ask["model"], "created_at": _now(), key: text, "done": False}
        return json.dumps(chunk | more, ensure_ascii=False).encode() + b"\n"

    def bare(self, reason: str) -> Any:
        """The reply to a request that only loads or unloads: no text, nothing measured."""
        return json.loads(self.line("", done=True, done_reason=reason))

    def final(self, reason: str, tokens: int, metrics: Mapping[str, Any] | None = None) -> bytes:
        """The last line, with what Ollama would measure."""
        prompt_ns, eval_ns = 2_000_000, max(1000, (tokens - 1) * 10_000_000)
        measured = {
            "total_duration": self.load_ns + prompt_ns + eval_ns + 1_000_000,
            "load_duration": self.load_ns,
            "prompt_eval_count": self.prompt_tokens,
            "prompt_eval_duration": prompt_ns,
            "eval_count": tokens,
            "eval_duration": eval_ns,
        }
        shown = measured if metrics is None else metrics
        return self.line("", done=True, done_reason=reason, **shown)

    def wait_for_client(self, seconds: float = 20.0) -> None:
        """Do nothing until the client has gone."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stopping.is_set():
            if select.select([self.connection], [], [], 0.01)[0]:
                try:
                    gone = not self.connection.recv(1)
                except OSError:
                    gone = True
                if gone:
                    self.left.set()
                    return


Script = Callable[[Turn], None]


def say(
    text: str | Callable[[Any], str],
    *,
    pieces: Iterable[str] | None = None,
    thinking: str = "",
    reason: str = "stop",
    metrics: Mapping[str, Any] | None = None,
    gap_s: float = 0.0,
    model: str | None = None,
) -> Script:
    """A proper reply, cut at num_predict as Ollama cuts it.

    Args:
        text: the answer, or a function of the request's body.
        pieces: the answer as these chunks instead of one per word.
        thinking: what is thought before.
        reason: the done_reason.
        metrics: instead of those that Ollama would measure; {} sends none.
        gap_s: between chunks.
        model: the name that answers, where it is not the one that was asked.
    """

    def play(turn: Turn) -> None:
        answer = text if isinstance(text, str) else text(turn.ask)
        chunks = list(pieces) if pieces is not None else _pieces(answer)
        limit = turn.ask.get("options", {}).get("num_predict", -1)
        cut = 0 < limit < len(chunks)
        name = {"model": model} if model else {}
        lines = [turn.line("", thinking=thinking, **name)] if thinking else []
        lines += [turn.line(piece, **name) for piece in (chunks[:limit] if cut else chunks)]
        tokens = len(lines) + (0 if cut else 1)
        lines.append(turn.final("length" if cut else reason, tokens, metrics))
        _stream(turn, lines, gap_s)

    return play


def say_of_half(text: str) -> Script:
    """An answer to what is left of a prompt whose middle Ollama cut out without a word."""

    def play(turn: Turn) -> None:
        left = turn.context - (turn.context - 4) // 2
        say(text, metrics={"prompt_eval_count": left, "eval_count": 2})(turn)

    return play


def at_random(unruly: float = 0.0, seed: int | None = None) -> Script:
    """An answer within the schema and otherwise arbitrary, the same for the same request.

    Args:
        unruly: how often (0 to 1) the schema is ignored.
        seed: of answers that follow one another whatever is asked: a snapshot's key, and so the
            request, has the time of its scan in it.
    """
    one_after_another = None if seed is None else Random(seed)

    def play(turn: Turn) -> None:
        rng = one_after_another or Random(turn.seen.body)
        schema = turn.ask.get("format")
        if isinstance(schema, dict) and rng.random() >= unruly:
            answer = json.dumps(sample(schema, rng))
        else:
            answer = " ".join(rng.choices(WORDS, k=rng.randint(5, 40))).capitalize() + "."
        say(answer)(turn)

    return play


def status(code: int, error: str | None = None, body: bytes = b"", kind: str = JSON) -> Script:
    """A refusal with `{"error": …}`, or with any other body."""
    content = json.dumps({"error": error}).encode() if error is not None else body
    return lambda turn: turn.whole(code, content, kind)


def html(code: int = 200) -> Script:
    """What a proxy or a router's login page answers."""
    return status(code, body=b"<html><body>Sign in</body></html>", kind="text/html")


def redirect(to: str = "http://127.0.0.1:9/api/chat", code: int = 307) -> Script:
    """Another address."""
    return lambda turn: turn.whole(code, b"", "text/plain", f"Location: {to}\r\n")


def hang(*, after_chunks: int | None = None, seconds: float = 20.0) -> Script:
    """Silence: before the headers, or after some chunks."""

    def play(turn: Turn) -> None:
        if after_chunks is not None:
            turn.head(200, NDJSON)
            for n in range(after_chunks):
                turn.send(turn.line(f"word{n} "))
        turn.wait_for_client(seconds)

    return play


def drip(every_s: float = 0.02, *, headers: bool = False) -> Script:
    """A byte at a time, of a line that never ends or of headers that never end."""

    def play(turn: Turn) -> None:
        if headers:
            turn.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        else:
            turn.head(200, NDJSON)
        while not turn.stopping.is_set():
            _send_or_leave(turn, b"x" if headers else b" ", raw=headers)
            time.sleep(every_s)

    return play


def cut(after_chunks: int, *, reset: bool = False) -> Script:
    """The connection breaks after some chunks, politely or not."""

    def play(turn: Turn) -> None:
        turn.head(200, NDJSON)
        for n in range(after_chunks):
            turn.send(turn.line(f"word{n} "))
        if reset:
            # Linger 0: close sends RST instead of FIN.
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            turn.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        turn.connection.close()

    return play


def cut_inside(after_chunks: int, reply_bytes: int = 20) -> Script:
    """The connection breaks after some chunks and a few bytes of the next line."""

    def play(turn: Turn) -> None:
        turn.head(200, NDJSON)
        for n in range(after_chunks):
            turn.send(turn.line(f"word{n} "))
        turn.send(turn.line("lost")[:reply_bytes])
        turn.connection.close()

    return play


def error_in_stream(after_chunks: int, error: Any = "llama runner stopped") -> Script:
    """The only way that Ollama has to fail once the stream has begun."""

    def play(turn: Turn) -> None:
        lines = [turn.line(f"word{n} ") for n in range(after_chunks)]
        _stream(turn, [*lines, json.dumps({"error": error}).encode() + b"\n"])

    return play


def without_done(*pieces: str) -> Script:
    """A stream that just ends."""
    return lambda turn: _stream(turn, [turn.line(piece) for piece in pieces])


def token_loop(token: str = "so ", times: int = 100_000) -> Script:
    """The same token until the client has enough."""

    def play(turn: Turn) -> None:
        turn.head(200, NDJSON)
        for _ in range(times):
            if not _send_or_leave(turn, turn.line(token)):
                return
        turn.send(turn.final("length", times))
        turn.end()

    return play


def raw_lines(*lines: bytes | Callable[[Turn], bytes]) -> Script:
    """These very bytes as the body of a stream; a function is given the turn."""

    def play(turn: Turn) -> None:
        _stream(turn, [line if isinstance(line, bytes) else line(turn) for line in lines])

    return play


def huge(megabytes: int = 10) -> Script:
    """Text without an end in sight, in large chunks that are all different."""

    def play(turn: Turn) -> None:
        turn.head(200, NDJSON)
        for n in range(megabytes * 16):
            if not _send_or_leave(turn, turn.line(f"{n} {'abcdefgh' * 8} " * 900)):
                return
        turn.send(turn.final("stop", megabytes))
        turn.end()

    return play


def _stream(turn: Turn, lines: Iterable[bytes], gap_s: float = 0.0) -> None:
    if turn.ask.get("stream") is False:
        _joined(turn, [json.loads(line) for line in lines])
        return
    turn.head(200, NDJSON)
    for line in lines:
        turn.send(line)
        if gap_s:
            time.sleep(gap_s)
    turn.end()


def _joined(turn: Turn, chunks: list[Any]) -> None:
    last = chunks[-1]
    if "message" in last:
        last["message"]["content"] = "".join(c["message"]["content"] for c in chunks)
    else:
        last["response"] = "".join(c["response"] for c in chunks)
    one_object(turn, last)


def _send_or_leave(turn: Turn, data: bytes, *, raw: bool = False) -> bool:
    try:
        turn.connection.sendall(data) if raw else turn.send(data)
    except OSError:
        turn.left.set()
        if raw:
            raise
        return False
    return True


def one_object(turn: Turn, value: Any) -> None:
    """Answer with JSON that is no stream."""
    turn.whole(200, json.dumps(value).encode())


def _pieces(text: str) -> list[str]:
    """Text as tokens of a few characters."""
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime())
