"""Ollama's HTTP API for the one embedded model."""

import contextlib
import importlib.metadata
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchagent.embedded.answers import JSON_TYPE, Answer, Turnstile
from benchagent.embedded.engine.generation import Engine
from benchagent.embedded.errors import RefusedError
from benchagent.embedded.guard import LoopbackGuard, read_body
from benchagent.embedded.model import ServedModel, model_details, model_info
from benchagent.embedded.options import DEFAULT_CONTEXT
from benchagent.embedded.replies import timestamp, to_json
from benchagent.embedded.residence import Residence
from benchagent.embedded.wire import Request, ShowBody, parse_body, read_chat, read_generate

_PLAIN = {404: "404 page not found", 405: "405 method not allowed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server takes on.

    Attributes:
        live: requests that generate at once; only with one are seeded replies reproducible.
        waiting: requests that may wait for them.
        keep_alive_s: how long the model stays in memory after a request that does not say.
        guarded: listen on loopback only, and refuse requests whose Host or Origin is not this
            machine; without it, other machines are let in.
        preload: begin to load the model at start; else the first request does.
    """

    live: int = 1
    waiting: int = 64
    body_bytes: int = 8 * 2**20
    keep_alive_s: float = 300.0
    guarded: bool = True
    preload: bool = True


DEFAULT_LIMITS: Final = Limits()


class _Reader(Protocol):
    def __call__(self, body: bytes, served: ServedModel) -> Request: ...


def build_app(
    served: ServedModel, start: Callable[[], Engine], limits: Limits = DEFAULT_LIMITS
) -> Starlette:
    """Return the server's application; it begins to load the model when it starts.

    Args:
        served: the model's names and description.
        start: begins to bring the model into memory; called again after each unload.
        limits: defaults suit one machine's own use.
    """
    residence = Residence(start, keep_alive_s=limits.keep_alive_s)
    residence.context_length = min(DEFAULT_CONTEXT, served.context_length)
    api = _Api(served, residence, limits)
    return Starlette(
        routes=api.routes(),
        middleware=[Middleware(LoopbackGuard)] if limits.guarded else [],
        exception_handlers={
            RefusedError: _refused,
            HTTPException: _plain,
            ClientDisconnect: _client_left,
        },
        lifespan=api.lifespan,
    )


class _Api:
    """The endpoints, and what they share."""

    def __init__(self, served: ServedModel, residence: Residence, limits: Limits) -> None:
        self._served = served
        self._residence = residence
        self._limits = limits
        self._turnstile = Turnstile(live=limits.live, waiting=limits.waiting)

    def routes(self) -> list[Route]:
        return [
            Route("/", _is_running),
            Route("/api/version", _version),
            Route("/api/tags", self.tags),
            Route("/api/ps", self.ps),
            Route("/api/show", self.show, methods=["POST"]),
            Route("/api/generate", self.generate, methods=["POST"]),
            Route("/api/chat", self.chat, methods=["POST"]),
        ]

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        if self._limits.preload:
            self._residence.preload()
        yield
        await self._residence.close()

    async def tags(self, _: HttpRequest) -> Response:
        return _json({"models": [self._listed() | {"capabilities": ["completion"]}]})

    async def ps(self, _: HttpRequest) -> Response:
        if not self._residence.is_loaded:
            return _json({"models": []})
        running = self._listed() | {
            "expires_at": timestamp(self._residence.expires_at),
            "size_vram": 0,
            "context_length": self._residence.context_length,
        }
        del running["modified_at"]
        return _json({"models": [running]})

    async def show(self, request: HttpRequest) -> Response:
        asked = parse_body(ShowBody, await self._body(request))
        name = asked.model or asked.name
        if not name:
            raise RefusedError(400, "model is required")
        self._served.resolve(name)
        header = self._served.header
        return _json(
            {
                "license": header.text("general.license"),
                "modelfile": f"FROM {self._served.path.name}",
                "template": header.text("tokenizer.chat_template"),
                "details": model_details(self._served),
                "model_info": model_info(self._served, verbose=bool(asked.verbose)),
                "capabilities": ["completion"],
                "modified_at": timestamp(self._served.modified_at),
            }
        )

    async def generate(self, request: HttpRequest) -> ASGIApp:
        return await self._answer(request, read_generate)

    async def chat(self, request: HttpRequest) -> ASGIApp:
        return await self._answer(request, read_chat)

    async def _answer(self, request: HttpRequest, read: _Reader) -> ASGIApp:
        arrived = time.perf_counter_ns()
        return Answer(
            request=read(await self._body(request), self._served),
            served=self._served,
            residence=self._residence,
            turnstile=self._turnstile,
            arrived=arrived,
        )

    async def _body(self, request: HttpRequest) -> bytes:
        return await read_body(request, limit=self._limits.body_bytes)

    def _listed(self) -> dict[str, object]:
        return {
            "name": self._served.name,
            "model": self._served.name,
            "modified_at": timestamp(self._served.modified_at),
            "size": self._served.size,
            "digest": self._served.digest,
            "details": model_details(self._served),
        }


async def _is_running(_: HttpRequest) -> Response:
    return PlainTextResponse("Ollama is running")


async def _version(_: HttpRequest) -> Response:
    return _json({"version": f"{importlib.metadata.version('benchagent')}-embedded"})


async def _refused(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return _json({"error": error.message}, error.status)


async def _plain(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = _PLAIN.get(error.status_code, error.detail)
    return PlainTextResponse(text, error.status_code, error.headers)


async def _client_left(_: HttpRequest, error: Exception) -> Response:
    return _json({"error": "request canceled"}, 499)


def _json(content: object, status: int = 200) -> Response:
    return Response(to_json(content), status, media_type=None, headers={"content-type": JSON_TYPE})
