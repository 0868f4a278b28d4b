"""An Ollama that does as it is told: a real HTTP server on a loopback port, faults included.

    with ScriptedOllama() as ollama:
        ollama.then(status(503, "server busy"), say("fine"))   # the next two chats
        client = OllamaClient(Host(url=ollama.url))

What no script covers is answered at random, but within the schema (`at_random`); `always`
changes that. Loading, unloading, options and token counts behave as in Ollama: a chat loads the
model, another num_ctx loads it again, a prompt over the context is refused.
"""

import contextlib
import hashlib
import socket
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Self

from benchagent_tests.scripted_replies import Script, Seen, Turn, at_random, one_object, status

LAUNCH = ("num_ctx", "num_gpu", "num_batch", "main_gpu", "use_mmap", "num_thread")
DEFAULT_CONTEXT = 4096
COLD_NS, WARM_NS = 400_000_000, 5_000_000
EXPIRES = datetime(2318, 1, 2, 3, 4, 5, 678900, tzinfo=timezone(timedelta(hours=2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedModel:
    """A model that the server claims to have."""

    name: str = "tiny:1b"
    context_length: int = 8192
    block_count: int = 16
    parameter_size: str = "1.0B"
    quantisation: str = "Q4_0"
    family: str = "tiny"
    parameters: str = 'stop    "<|im_end|>"\ntop_k   20'
    template: str = "{{ .Prompt }}"
    capabilities: tuple[str, ...] = ("completion",)
    remote_host: str | None = None
    parameter_count: int = field(default=1_000_000_000, repr=False)

    @property
    def digest(self) -> str:
        """What /api/tags and /api/ps show."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def listed(self) -> dict[str, Any]:
        """The item of /api/tags."""
        remote = {"remote_host": self.remote_host} if self.remote_host else {}
        return {
            "name": self.name,
            "model": self.name,
            **remote,
            "modified_at": "2026-01-02T03:04:05.678901234+02:00",
            "size": 123_456_789,
            "digest": self.digest,
            "details": self.details(),
        }

    def details(self) -> dict[str, Any]:
        """The block that tags, show and ps share."""
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": None,
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantisation,
        }

    def shown(self) -> dict[str, Any]:
        """The reply of /api/show."""
        remote = {"remote_host": self.remote_host} if self.remote_host else {}
        weights = hashlib.sha256(self.family.encode()).hexdigest()
        return {
            "modelfile": f"# Modelfile\nFROM /home/someone/.ollama/blobs/sha256-{weights}\n",
            "parameters": self.parameters,
            "template": self.template,
            "details": self.details(),
            **remote,
            "model_info": {
                "general.architecture": "tiny",
                "general.parameter_count": self.parameter_count,
                "tiny.block_count": self.block_count,
                "tiny.context_length": self.context_length,
                "tiny.embedding_length": 256,
            },
            "capabilities": list(self.capabilities),
            "modified_at": "2026-01-02T03:04:05.678901234+02:00",
        }


@dataclass(slots=True)
class _Loaded:
    model: ScriptedModel
    options: dict[str, Any]
    context: int
    expires_at: datetime
    polls_left: int | None = None


@dataclass(slots=True, kw_only=True)
class ScriptedOllama:
    """The server; see the module's docstring.

    Attributes:
        models: what it has.
        version: what /api/version says.
        port: where it listens; 0 takes a free one.
        unload_polls: how often /api/ps still shows a model that was told to go.
        shrink_to: loads with this context instead of the one asked for, as if memory were short.
        clockless: lists every runner as if it were always to go at the same moment.
        requests: everything that was asked, in order.
        left: set when a client went away while the server was still busy with it.
    """

    models: list[ScriptedModel] = field(default_factory=lambda: [ScriptedModel()])
    version: str = "0.32.1"
    port: int = 0
    unload_polls: int = 1
    shrink_to: int | None = None
    clockless: bool = False
    requests: list[Seen] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    _next: deque[Script] = field(default_factory=deque)
    _always: Script = field(default_factory=at_random)
    _paths: dict[str, Script] = field(default_factory=dict)
    _loaded: dict[str, _Loaded] = field(default_factory=dict)
    _uses: int = 0
    _listener: socket.socket = field(default_factory=socket.socket)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        """Listen, on a free port unless one was given."""
        # So that another one may listen here as soon as this one has ended.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop listening; scripts that wait give up."""
        self.refuse()

    def refuse(self) -> None:
        """From now on nothing listens here."""
        self.stopping.set()
        # close alone leaves a blocked accept, and with it the port, alive; macOS then says that a
        # listener is not connected.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def then(self, *scripts: Script) -> Self:
        """Answer the next chats so, in this order."""
        self._next.extend(scripts)
        return self

    def always(self, script: Script) -> Self:
        """Answer every chat so that no `then` covers."""
        self._always = script
        return self

    def at(self, path: str, script: Script | None) -> Self:
        """Answer every request to a path so (`/api/tags`), or again as an Ollama."""
        if script is None:
            self._paths.pop(path, None)
        else:
            self._paths[path] = script
        return self

    @property
    def chats(self) -> list[Seen]:
        """The chats among the requests."""
        return [seen for seen in self.requests if seen.path == "/api/chat"]

    def load_with(self, name: str, **options: Any) -> None:
        """Have a model in memory as another client left it."""
        self._load(self._find(name) or self.models[0], options)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            seen = _read_request(connection)
            if seen is None:
                return
            with self._lock:
                self.requests.append(seen)
            try:
                self._answer(
                    Turn(seen=seen, connection=connection, stopping=self.stopping, left=self.left)
                )
            except OSError:
                self.left.set()

    def _answer(self, turn: Turn) -> None:
        path = turn.seen.path
        if script := self._paths.get(path):
            script(turn)
        elif path == "/":
            turn.whole(200, b"Ollama is running", "text/plain; charset=utf-8")
        elif path == "/api/version":
            one_object(turn, {"version": self.version})
        elif path == "/api/tags":
            one_object(turn, {"models": [model.listed() for model in self.models]})
        elif path == "/api/ps":
            one_object(turn, {"models": self._ps()})
        elif path == "/api/show":
            model = self._find(turn.ask.get("model") or turn.ask.get("name"))
            one_object(turn, model.shown()) if model else _not_found(turn)
        elif path in ("/api/chat", "/api/generate"):
            self._generate(turn)
        else:
            turn.whole(404, b"404 page not found", "text/plain")

    def _generate(self, turn: Turn) -> None:
        model = self._find(turn.ask.get("model", ""))
        nothing = not turn.ask.get("messages") and not turn.ask.get("prompt")
        if model is None:
            _not_found(turn)
        elif nothing and turn.ask.get("keep_alive") == 0:
            self._unload(model)
            one_object(turn, turn.bare("unload"))
        else:
            turn.load_ns, turn.context = self._load(model, turn.ask.get("options", {}))
            if nothing:
                one_object(turn, turn.bare("load"))
            elif turn.prompt_tokens + 1 > turn.context and turn.ask.get("truncate") is False:
                status(400, "the prompt is longer than the context length currently available")(
                    turn
                )
            else:
                self._script()(turn)

    def _script(self) -> Script:
        with self._lock:
            return self._next.popleft() if self._next else self._always

    def _load(self, model: ScriptedModel, options: Mapping[str, Any]) -> tuple[int, int]:
        wanted = {name: options[name] for name in LAUNCH if options.get(name) is not None}
        with self._lock:
            self._uses += 0 if self.clockless else 1
            # As in Ollama, with every call; a client that has its reply finds it done.
            expires_at = EXPIRES + timedelta(milliseconds=self._uses)
            there = self._loaded.get(model.name)
            if there and there.polls_left is None:
                inherited = {
                    k: v for k, v in there.options.items() if k in ("num_gpu", "num_batch")
                }
                if there.options == inherited | wanted:
                    there.expires_at = expires_at
                    return WARM_NS, there.context
            context = min(wanted.get("num_ctx", DEFAULT_CONTEXT), model.context_length)
            context = min(context, self.shrink_to or context)
            self._loaded[model.name] = _Loaded(model, wanted, context, expires_at)
            return COLD_NS, context

    def _unload(self, model: ScriptedModel) -> None:
        with self._lock:
            if there := self._loaded.get(model.name):
                there.polls_left = self.unload_polls

    def _ps(self) -> list[dict[str, Any]]:
        with self._lock:
            for name, there in list(self._loaded.items()):
                if there.polls_left == 0:
                    del self._loaded[name]
                elif there.polls_left is not None:
                    there.polls_left -= 1
            return [
                {
                    **there.model.listed(),
                    "expires_at": there.expires_at.isoformat(),
                    "size_vram": 0,
                    "context_length": there.context,
                }
                for there in self._loaded.values()
            ]

    def _find(self, name: str) -> ScriptedModel | None:
        full = name if ":" in name else f"{name}:latest"
        return next(
            (m for m in self.models if m.name.lower() in (name.lower(), full.lower())), None
        )


def unused_url() -> str:
    """An address of this machine at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def _read_request(connection: socket.socket) -> Seen | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            return None
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in rest)}
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        piece = connection.recv(65536)
        raw, body = raw + piece, body + piece
    return Seen(method=method, path=path.partition("?")[0], headers=headers, body=body, raw=raw)


def _not_found(turn: Turn) -> None:
    status(404, f"model '{turn.ask.get('model')}' not found")(turn)


@contextlib.contextmanager
def listening(script: Script) -> Iterator[ScriptedOllama]:
    """A server that answers every chat so."""
    with ScriptedOllama() as ollama:
        ollama.always(script)
        yield ollama
