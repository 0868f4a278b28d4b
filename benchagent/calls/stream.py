"""One streamed chat, read off the wire: its text, its moments, and the way it ended.

A server can answer with silence, with half a line, with another address, or for ever; so nothing
here waits without a deadline, and every way to end has a name.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import httpx
from pydantic import BaseModel, BeforeValidator, JsonValue, ValidationError

from benchagent.calls.deadlines import Clock, Deadlines, Watch
from benchagent.calls.identity import same_model
from benchagent.calls.outcomes import Outcome
from benchagent.calls.refusals import End, network_end, refusal, shown

MAX_REPLY_BYTES = 8 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
# A period of up to 48 characters, at least ten times over, is no sentence; nor are 64 equal tokens.
LOOP_CHARACTERS = 480
LOOP_PERIOD = 48
LOOP_TOKENS = 64
# Ollama 0.32 gives up silently after this many equal tokens (later ones: 100, with an error).
SERVER_GIVES_UP_AFTER = 30


def _count(value: object) -> int | None:
    """A count as the server gave it; a zero, a negative or a non-number was not measured."""
    usable = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if usable else None  # pyright: ignore[reportReturnType] -- narrowed above


def _count_or_zero(value: object) -> int | None:
    return 0 if value == 0 and not isinstance(value, bool) else _count(value)


Count = Annotated[int | None, BeforeValidator(_count)]


class WireMessage(BaseModel):
    """The part of a chunk that a person reads."""

    content: str = ""
    thinking: str | None = None


class WireChunk(BaseModel):
    """One line of a chat stream; durations in nanoseconds, None where absent or zero."""

    model: str | None = None
    message: WireMessage | None = None
    done: bool = False
    done_reason: str | None = None
    error: JsonValue = None
    total_duration: Count = None
    load_duration: Count = None
    prompt_eval_count: Count = None
    prompt_eval_cached_count: Annotated[int | None, BeforeValidator(_count_or_zero)] = None
    prompt_eval_duration: Count = None
    eval_count: Count = None
    eval_duration: Count = None
    options_without_effect: JsonValue = None


@dataclass(slots=True, kw_only=True)
class Received:
    """What has come so far; readable at any moment, also after an exception passed through.

    Attributes:
        arrivals: moments of the chunks that carried text, on the monotonic clock.
    """

    sent_at: float
    headers_at: float | None = None
    first_thinking_at: float | None = None
    first_answer_at: float | None = None
    ended_at: float | None = None
    status: int | None = None
    answer: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    arrivals: list[float] = field(default_factory=list[float])
    final: WireChunk | None = None
    raw_final: str | None = None
    end: End | None = None
    tail: str = ""
    same_tokens: int = 0
    last_token: str = ""

    def take(self, chunk: WireChunk, now: float) -> None:
        """Add a chunk's text and its moment."""
        message = chunk.message or WireMessage()
        if message.thinking:
            self.thoughts.append(message.thinking)
            self.first_thinking_at = self.first_thinking_at or now
        if message.content:
            self.answer.append(message.content)
            self.first_answer_at = self.first_answer_at or now
        piece = (message.thinking or "") + message.content
        if piece:
            self.arrivals.append(now)
            self.tail = (self.tail + piece)[-LOOP_CHARACTERS:]
            token = piece.strip()
            self.same_tokens = self.same_tokens + 1 if token == self.last_token else 1
            self.last_token = token

    def loops(self) -> bool:
        """Whether the model says the same over and over."""
        return self.same_tokens >= LOOP_TOKENS or repeats(self.tail)


def repeats(text: str) -> bool:
    """Whether a text of `LOOP_CHARACTERS` is one short piece over and over.

    >>> repeats("and so on " * 48)
    True
    """
    if len(text) < LOOP_CHARACTERS:
        return False
    return any(text[period:] == text[:-period] for period in range(1, LOOP_PERIOD + 1))


def receive(
    http: httpx.Client,
    body: bytes,
    model: str,
    deadlines: Deadlines,
    received: Received,
    clock: Clock = time.monotonic,
) -> None:
    """POST a chat and read it to its end, whatever that is; `received.end` says which.

    Any exception that is not the network's (an interrupt above all) travels on and closes the
    connection, upon which the server stops generating.
    """
    timeout = httpx.Timeout(deadlines.total, connect=deadlines.to_connect)
    with Watch(deadlines, clock) as watch:
        try:
            with http.stream(
                "POST",
                "/api/chat",
                content=body,
                timeout=timeout,
                extensions={"trace": watch.trace},
            ) as response:
                received.headers_at, received.status = clock(), response.status_code
                if response.status_code == 200:
                    received.end = _read(response, model, received, watch, clock)
                else:
                    received.end = refusal(response, _head(response), model)
        except httpx.HTTPError as error:
            received.end = network_end(error, received.headers_at is not None)
        if watch.expired and received.final is None:
            received.end = _expired(watch.expired, deadlines, received)
    received.ended_at = clock()


def _read(
    response: httpx.Response, model: str, received: Received, watch: Watch, clock: Clock
) -> End:
    for line in _lines(response.iter_bytes()):
        if line is None:
            return End("too_large", f"more than {MAX_REPLY_BYTES} bytes and no end; stopped")
        if not line.strip():
            continue
        try:
            chunk = WireChunk.model_validate_json(line)
        except ValidationError as error:
            return _unreadable(line, response, received, error)
        watch.progress()
        received.take(chunk, clock())
        if end := _end_at(chunk, line, model, received):
            return end
    return _stopped_short(received)


def _end_at(chunk: WireChunk, line: bytes, model: str, received: Received) -> End | None:
    if chunk.error is not None:
        received.raw_final = shown(line, MAX_ERROR_BYTES)
        return End("stream_error", chunk.error if isinstance(chunk.error, str) else shown(line))
    if chunk.model and chunk.model != model and not same_model(chunk.model, model):
        return End("wrong_model", f"{chunk.model!r} answered, {model!r} was asked")
    if chunk.message is None:
        return End("malformed", f"a line without a message: {shown(line)}")
    if chunk.done:
        received.final, received.raw_final = chunk, shown(line, MAX_REPLY_BYTES)
        return _finished(chunk, received)
    if len(received.arrivals) % 16 == 0 and received.loops():
        return End("repetition", f"stopped after {len(received.arrivals)} chunks")
    return None


def _finished(chunk: WireChunk, received: Received) -> End:
    if chunk.done_reason == "length":
        if received.loops():
            return End("repetition", f"{chunk.eval_count or 'many'} tokens, to the limit")
        return End("length", f"{chunk.eval_count or 'an unknown number of'} tokens, not finished")
    if chunk.done_reason != "stop":
        return End("no_done", f"done_reason is {chunk.done_reason!r}, expected 'stop'")
    if not "".join(received.answer).strip():
        thought = sum(map(len, received.thoughts))
        return End("empty", f"no answer, {thought} characters of thinking")
    return End("ok")


def _stopped_short(received: Received) -> End:
    if received.same_tokens >= SERVER_GIVES_UP_AFTER or received.loops():
        return End("repetition", f"{received.last_token!r} again and again; the server gave up")
    return End("no_done", f"{len(received.arrivals)} chunks, then the end without done")


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    r"""Lines end at b"\n" and nowhere else (str.splitlines would cut at U+0085 inside JSON).

    Yields None, once and last, where the stream is larger than any honest one.
    """
    rest = bytearray()
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MAX_REPLY_BYTES:
            yield None
            return
        if b"\n" not in piece:
            rest += piece
            continue
        first, *lines, last = piece.split(b"\n")
        yield bytes(rest) + first
        yield from lines
        rest = bytearray(last)
    if rest:
        yield bytes(rest)


def _expired(outcome: Outcome, deadlines: Deadlines, received: Received) -> End:
    seconds = {
        "timeout_first_token": deadlines.first_token,
        "timeout_between_tokens": deadlines.between_tokens,
    }.get(outcome, deadlines.total)
    return End(outcome, f"{seconds:g} s passed; {len(received.arrivals)} chunks had come")


def _unreadable(
    line: bytes, response: httpx.Response, received: Received, error: ValidationError
) -> End:
    kind = response.headers.get("content-type", "no content type")
    if not received.arrivals and "json" not in kind:
        return End("not_ollama", f"status 200 with {kind}: {shown(line)}")
    found = error.errors(include_url=False, include_input=False)[0]["msg"]
    return End("malformed", f"after {len(received.arrivals)} chunks: {found}: {shown(line)}")


def _head(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= MAX_ERROR_BYTES:
            break
    return bytes(body[:MAX_ERROR_BYTES])
