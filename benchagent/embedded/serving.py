"""The embedded server as a process: weights first, then a socket, then the model behind it."""

import errno
import ipaddress
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn

from benchagent.embedded.engine.loading import check_installed
from benchagent.embedded.engine.process import EngineProcess
from benchagent.embedded.errors import AddressError
from benchagent.embedded.model import ServedModel, describe_model
from benchagent.embedded.server import DEFAULT_LIMITS, Limits, build_app
from benchagent.embedded.weights import obtain_weights

logger = logging.getLogger(__name__)

DEFAULT_PORT = 11434
_GRACE_S = 3
_LAST_WORD_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a server answers, said once it does."""

    url: str
    pid: int
    model: str

    def line(self) -> str:
        """Write it as one line of JSON, for a parent process to read."""
        return json.dumps(asdict(self))


def serve(
    *,
    cache: Path,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    model: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    exit_with_parent: bool = False,
    announce: Callable[[Listening], None] = lambda _: None,
) -> None:
    """Serve one model over Ollama's API until interrupted.

    Args:
        cache: folder for weights and the converted model; made where missing.
        host: loopback, unless the limits let other machines in.
        port: 0 takes a free one.
        model: a GGUF file of one's own, served under its stem; None is `smollm2:135m`.
        limits: what the server takes on, and from whom.
        exit_with_parent: end when stdin closes, which it does when the parent dies, however it dies.
        announce: called once with the address, when the server listens.

    Raises:
        WeightsError: no weights, or not a GGUF file.
        EngineError: the engine is not installed or not available for this platform.
        AddressError: the address is taken, not this machine's, or not loopback.
    """
    check_installed()
    check_host(host, allow_remote=not limits.guarded)
    with listen(host, port) as listener:
        served = choose_model(model, cache)
        url = url_of(listener)
        app = build_app(
            served,
            lambda: EngineProcess(served, cache, parallel=limits.live),
            limits,
        )
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        server = uvicorn.Server(config)
        if exit_with_parent:
            threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        logger.info("%s is served at %s", served.name, url)
        announce(Listening(url=url, pid=os.getpid(), model=served.name))
        server.run(sockets=[listener])


def choose_model(model: Path | None, cache: Path) -> ServedModel:
    """Return a user's own model, or the default one with its weights in the cache.

    Raises:
        WeightsError: no weights, or not a GGUF file.
    """
    if model is not None:
        return describe_model(model)
    return describe_model(obtain_weights(cache), name="smollm2:135m", aliases=("smollm2",))


def check_host(host: str, *, allow_remote: bool) -> None:
    """Refuse to listen to other machines unless told to.

    Raises:
        AddressError: the host is not loopback.
    """
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not (loopback or allow_remote):
        raise AddressError(
            f"host {host!r} is not loopback: anyone who reaches it could use this server, which "
            "knows no passwords. Use 127.0.0.1, or allow it explicitly with --allow-remote"
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        AddressError: the port is taken or not allowed, or the host is not this machine's.
    """
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        return socket.create_server((bare, port), family=family, backlog=128)
    except OSError as error:
        reason = (
            "something already listens there: an Ollama, or another embedded server"
            if error.errno == errno.EADDRINUSE
            else error.strerror or str(error)
        )
        raise AddressError(
            f"cannot listen on {host} port {port}: {reason}. "
            "Choose another port with --port; 0 takes a free one"
        ) from error
    except OverflowError as error:
        raise AddressError(f"port is {port}, expected 0 to 65535") from error


def url_of(listener: socket.socket) -> str:
    """Return the address that clients on this machine use for a listening socket."""
    bound: tuple[str, int] = listener.getsockname()[:2]
    port = bound[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound[0], bound[0])
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _end_with_stdin(server: uvicorn.Server) -> None:
    """Wait for stdin to close; end gracefully, and if that takes too long, at once."""
    while sys.stdin.buffer.read(4096):
        pass
    logger.info("the parent has gone; ending")
    server.should_exit = True
    time.sleep(_LAST_WORD_S)
    os._exit(1)
