"""One server's HTTP: its connections, its deadlines, and how it reads when something is wrong."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from benchagent.calls.deadlines import Clock, Deadlines, Watch
from benchagent.calls.hosts import Host
from benchagent.calls.refusals import error_text, network_end, shown
from benchagent.calls.request import wire_json
from benchagent.errors import ExplainedError

_M = TypeVar("_M", bound=BaseModel)
_T = TypeVar("_T")


class OllamaError(ExplainedError):
    """What nobody can report about until a person has acted; the message says how."""


class ServerUnreachableError(OllamaError):
    """No server at the address."""


class ModelMissingError(OllamaError):
    """The server is there, the model is not."""


class BadAnswerError(OllamaError):
    """Something answered, and not as an Ollama does."""


class DroppedError(OllamaError):
    """The connection closed before the answer was whole."""


def insist(ask: Callable[[], _T], seconds: float, clock: Clock = time.monotonic) -> _T:
    """What a server answers, asked again while nobody does: it may just be started again.

    Raises:
        ServerUnreachableError, DroppedError: nobody has answered in so many seconds.
    """
    give_up, pause = clock() + seconds, 0.05
    while True:
        try:
            return ask()
        except (ServerUnreachableError, DroppedError):
            if clock() >= give_up:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 1.0)


class Answer(NamedTuple):
    """A reply to one of the small requests."""

    path: str
    status: int
    body: bytes


class Wire:
    """The way to one server, and to no other: no redirects, no proxies for this machine."""

    def __init__(self, host: Host, connect: float, clock: Clock = time.monotonic) -> None:
        """Open nothing yet: the first request connects."""
        self.host = host
        self._connect = connect
        self._clock = clock
        key = {"authorization": f"Bearer {host.api_key}"} if host.api_key else {}
        self.http = httpx.Client(
            base_url=host.url,
            trust_env=not host.loopback,
            follow_redirects=False,
            # Reading the certificates takes longer than many a call, and plain http needs none.
            verify=host.url.startswith("https:"),
            # A connection each: one kept alive may have died, which would look like a fault.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={
                "content-type": "application/json",
                "accept-encoding": "identity",
                "user-agent": "benchagent",
                **key,
            },
        )

    def get(self, path: str, kind: type[_M], seconds: float) -> _M:
        """Read one of the server's lists."""
        return self.read(self._request("GET", path, b"", seconds), kind)

    def post(self, path: str, body: Mapping[str, object], seconds: float) -> Answer:
        """Ask for something that answers with one object."""
        return self._request("POST", path, wire_json(body), seconds)

    def read(self, answer: Answer, kind: type[_M]) -> _M:
        """An answer as a value.

        Raises:
            BadAnswerError: it is not what an Ollama answers.
        """
        where = f"{self.host.url}{answer.path}"
        if answer.status != 200:
            said = error_text(answer.body)
            raise BadAnswerError(
                f"{where}: status {answer.status}: {said or shown(answer.body)!r}; "
                "expected an Ollama's answer"
            )
        try:
            return kind.model_validate_json(answer.body)
        except ValidationError as error:
            raise BadAnswerError(
                f"{where}: answered {shown(answer.body)!r}, expected {kind.__name__} of Ollama: "
                "does something else listen there?"
            ) from error

    def unreachable(self, detail: str | None) -> ServerUnreachableError:
        """The error for a server that is not there."""
        return ServerUnreachableError(
            f"{self.host.url} ({self.host.origin}): no Ollama answers ({detail}); start it with "
            "`ollama serve`, or set OLLAMA_HOST to where it runs"
        )

    def _request(self, method: str, path: str, body: bytes, seconds: float) -> Answer:
        limits = Deadlines(
            connect=self._connect, first_token=seconds, between_tokens=seconds, total=seconds
        )
        timeout = httpx.Timeout(seconds, connect=limits.to_connect)
        with Watch(limits, self._clock) as watch:
            try:
                response = self.http.request(
                    method, path, content=body, timeout=timeout, extensions={"trace": watch.trace}
                )
            except httpx.HTTPError as error:
                raise self._no_answer(path, error, watch.expired is not None, seconds) from error
        return Answer(path, response.status_code, response.content)

    def _no_answer(
        self, path: str, error: httpx.HTTPError, expired: bool, seconds: float
    ) -> OllamaError:
        end = network_end(error, headers_came=False)
        if expired:
            return BadAnswerError(f"{self.host.url}{path}: no answer within {seconds:g} s")
        if end.outcome in ("refused", "unreachable"):
            return self.unreachable(end.detail)
        kind = DroppedError if end.outcome == "dropped" else BadAnswerError
        return kind(f"{self.host.url}{path}: {end.detail}; expected an Ollama's answer")
