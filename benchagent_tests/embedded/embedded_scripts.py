"""An engine that follows a script, a weights file of a few bytes, and a real server around them."""

import contextlib
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import ollama
import uvicorn

from benchagent.embedded.engine.generation import Emit, Engine, Event, Finished, Job, Message, Piece
from benchagent.embedded.errors import EngineError
from benchagent.embedded.model import ServedModel, describe_model
from benchagent.embedded.server import DEFAULT_LIMITS, Limits, build_app
from benchagent.embedded.serving import listen, url_of
from benchagent_tests.patience import PATIENCE_S


def a_gguf(folder: Path, name: str = "tiny.gguf", **values: str | int | bool | list[str]) -> Path:
    """Write a GGUF file of one small tensor, as the format's description says."""
    pairs = {
        "general.architecture": "llama",
        "general.name": "Tiny",
        "general.file_type": 3,
        "llama.context_length": 512,
        "tokenizer.ggml.tokens": [f"t{number}" for number in range(600)],
        **{key.replace("__", "."): value for key, value in values.items()},
    }
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs))
    body = b"".join(_text(key) + _value(value) for key, value in pairs.items())
    tensor = _text("token_embd.weight") + struct.pack("<IQQIQ", 2, 600, 2500, 0, 0)
    path = folder / name
    path.write_bytes(header + body + tensor)
    return path


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: str | int | bool | list[str]) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case str():
            return struct.pack("<I", 8) + _text(value)
        case _:
            items = b"".join(map(_text, value))
            return struct.pack("<IIQ", 9, 8, len(value)) + items


@dataclass
class ScriptedEngine:
    """Says its lines; with `hold` set it stops before the last until released or cancelled.

    A word is a token, so a prompt's length is its number of words.
    """

    lines: Sequence[str] = ("Hello", " wor", "ld")
    ending: Event = field(
        default_factory=lambda: Finished(
            reason="stop", prompt_ns=2_000_000, eval_count=4, eval_ns=3_000_000, tokens=(7, 8, 9)
        )
    )
    hold: threading.Event | None = None
    jobs: list[Job] = field(default_factory=list[Job])
    cancelled: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    alive: bool = True
    unready: str | None = None

    def wait_ready(self) -> None:
        if self.unready is not None:
            self.closed.wait(PATIENCE_S)
            raise EngineError(self.unready)

    def render(self, messages: Sequence[Message]) -> str:
        return " ".join(f"[{m.role}] {m.content}" for m in messages)

    def encode(self, prompt: str, *, raw: bool) -> tuple[int, ...]:
        return tuple(range(len(prompt.split())))

    def generate(self, job: Job, emit: Emit) -> Callable[[], None]:
        self.jobs.append(job)
        stop = threading.Event()

        def speak() -> None:
            for line in self.lines:
                emit(Piece(text=line))
            while self.hold is not None and not self.hold.wait(0.005):
                if stop.is_set():
                    self.cancelled.set()
                    return
            emit(self.ending)

        threading.Thread(target=speak, daemon=True).start()
        return stop.set

    def close(self) -> None:
        self.closed.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers on a port of its own."""

    url: str
    served: ServedModel
    client: ollama.Client
    http: httpx.Client

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(path, json=body)


@contextlib.contextmanager
def serving(
    served: ServedModel, start: Callable[[], Engine], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Server]:
    """Run the real application under the real HTTP server, in a thread."""
    app = build_app(served, start, limits)
    config = uvicorn.Config(
        app, http="h11", ws="none", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        url = url_of(listener)
        try:
            with (
                ollama.Client(url, trust_env=False, verify=False, timeout=PATIENCE_S) as client,
                httpx.Client(
                    base_url=url, trust_env=False, verify=False, timeout=PATIENCE_S
                ) as http,
            ):
                yield Server(url=url, served=served, client=client, http=http)
        finally:
            server.should_exit = True
            thread.join(10)


@contextlib.contextmanager
def a_server(
    folder: Path, engine: ScriptedEngine | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Server]:
    """Serve a scripted engine under the name `smollm2:135m`."""
    scripted = engine or ScriptedEngine()
    served = describe_model(a_gguf(folder), name="smollm2:135m", aliases=("smollm2",))
    with serving(served, lambda: scripted, limits) as server:
        yield server
