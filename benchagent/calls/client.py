"""The one place that makes requests to an Ollama, or to anything that speaks its wire.

The official package gives the types of its replies. The requests go through httpx, since the
package can send neither `truncate` nor `shift`, drops part of what a server says about itself,
sends the API key to any host and breaks a line at U+0085 (docs/decisions/ollama-client.md).
"""

import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

from ollama import ListResponse, ProcessResponse, ShowResponse
from pydantic import BaseModel

from benchagent.calls.deadlines import Clock, Deadlines
from benchagent.calls.exchange import Exchange
from benchagent.calls.gpu import GpuMeter
from benchagent.calls.hosts import Host, refuse_cloud
from benchagent.calls.identity import ModelIdentity, ShownExtras, identity_from, same_model
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.recording import Sent, record
from benchagent.calls.refusals import error_text
from benchagent.calls.request import SWITCHES, ChatRequest, asked, body_of
from benchagent.calls.runners import Launches, LeftRunner, Resident, find_resident, list_residents
from benchagent.calls.stream import Received, receive
from benchagent.calls.wire import (
    BadAnswerError,
    ModelMissingError,
    OllamaError,
    ServerUnreachableError,
    Wire,
    insist,
)

ASK_SECONDS = 15.0
UNLOAD_SECONDS = 30.0
POLL_SECONDS = 0.05
# No server ends one runner, starts another and lets it answer in this time.
SOON_SECONDS = 0.2


class ServerVersion(BaseModel):
    """The reply of /api/version."""

    version: str


class Done(BaseModel):
    """The reply to a request that only loads or unloads."""

    done: bool


class OllamaClient:
    """A conversation with one server; nothing is sent without a deadline."""

    def __init__(
        self, host: Host, deadlines: Deadlines | None = None, clock: Clock = time.monotonic
    ) -> None:
        """Open nothing yet: the first request connects."""
        self.host = host
        self.deadlines = deadlines or Deadlines()
        self._clock = clock
        self._wire = Wire(host, self.deadlines.connect, clock)
        self._gpu = GpuMeter(here=host.loopback)
        self._version: str | None = None
        self._identities: dict[str, ModelIdentity] = {}
        self._launches = Launches()

    def __enter__(self) -> Self:
        """Use it in a `with`, which closes it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()

    def version(self) -> str:
        """The server's version, asked once."""
        if self._version is None:
            self._version = self._wire.get("/api/version", ServerVersion, ASK_SECONDS).version
        return self._version

    def await_server(self, within: float) -> None:
        """Wait for a server that may just be started again, and ask which version it now is.

        Raises:
            ServerUnreachableError, DroppedError: nobody has answered in so many seconds.
        """
        self._version = None
        # What answers otherwise than expected is left to the call to name.
        with suppress(BadAnswerError):
            insist(self.version, within, self._clock)

    def models(self) -> list[ListResponse.Model]:
        """The models that the server has."""
        return list(self._wire.get("/api/tags", ListResponse, ASK_SECONDS).models)

    def running(self) -> list[Resident]:
        """The models that are in memory now."""
        return list_residents(self._wire.get("/api/ps", ProcessResponse, ASK_SECONDS))

    def identify(self, model: str, *, fresh: bool = False) -> ModelIdentity:
        """Which model a name stands for; remembered until `fresh`.

        Raises:
            ModelMissingError: the server does not have it.
            RemoteRefusedError: it is another machine's, and nobody allowed that.
        """
        if fresh or model not in self._identities:
            refuse_cloud(model, None, self.host)
            listed = self.models()
            body = self._wire.post("/api/show", {"model": model}, ASK_SECONDS)
            if body.status == 404 and error_text(body.body) is not None:
                raise self._missing(model, listed)
            shown_reply = self._wire.read(body, ShowResponse)
            match = [m for m in listed if m.model and same_model(m.model, model)]
            identity = identity_from(
                match[0] if match else None, shown_reply, self._wire.read(body, ShownExtras), model
            )
            refuse_cloud(model, identity.remote_host, self.host)
            self._identities[model] = identity
        return self._identities[model]

    def missing(self, model: str) -> ModelMissingError:
        """The error for a model that is not there, with those that are."""
        return self._missing(model, self.models())

    def unreachable(self, detail: str | None) -> ServerUnreachableError:
        """The error for a server that is not there."""
        return self._wire.unreachable(detail)

    def load(
        self,
        model: str,
        options: Mapping[str, object],
        within: float | None = None,
    ) -> None:
        """Bring a model into memory with these options, as a chat with them would.

        Args:
            model: its name.
            options: as a chat would send them.
            within: seconds that it may take; None is the client's own deadline.
        """
        identity = self.identify(model)
        body: dict[str, object] = {
            "model": model,
            "stream": False,
            **SWITCHES,
            "options": {name: value for name, value in options.items() if value is not None},
        }
        self._wire.read(self._wire.post("/api/generate", body, within or self.deadlines.load), Done)
        self._launches.remember(identity, options, self.running())

    def unload(self, model: str, within: float = UNLOAD_SECONDS) -> None:
        """Take a model out of memory and wait until it is gone: the server only promises to.

        Raises:
            BadAnswerError: it is still there after `within` seconds.
        """
        identity = self.identify(model)
        body = {"model": model, "stream": False, "keep_alive": 0}
        self._wire.read(self._wire.post("/api/generate", body, within), Done)
        self._launches.forget(identity)
        give_up, pause = self._clock() + within, POLL_SECONDS / 10
        while find_resident(self.running(), identity) is not None:
            if self._clock() >= give_up:
                raise BadAnswerError(
                    f"{self.host.url}: {model} is still loaded {within:g} s after it was told to "
                    "go; another client may be using it: stop that one and run again"
                )
            time.sleep(pause)
            pause = min(2 * pause, POLL_SECONDS)

    def begin_turn(self, left: Mapping[str, LeftRunner]) -> None:
        """Forget what was loaded: others have had their turn since, and left what they have left."""
        self._launches = Launches(left)

    @property
    def left_runners(self) -> Mapping[str, LeftRunner]:
        """What is known of the runners in memory, for the next one who has a turn."""
        return self._launches.left

    def prepare(
        self, model: str, options: Mapping[str, object], within: float | None = None
    ) -> bool:
        """Let the next call load afresh where the runner in memory may be another's.

        An option that a request leaves out is inherited from whatever is loaded, so that a run
        "with defaults" after one with `num_gpu: 0` would stay on the processor.

        Args:
            model: its name.
            options: as the call will send them.
            within: seconds for a server that may just be started again; None is the client's own
                deadline to connect.

        Returns:
            Whether a runner was unloaded.
        """
        identity = self.identify(model)
        running = insist(self.running, within or self.deadlines.connect, self._clock)
        resident = find_resident(running, identity)
        if resident is None or self._launches.started(resident, identity, options):
            return False
        self.unload(model)
        return True

    def chat(
        self,
        request: ChatRequest,
        context: CallContext | None = None,
        *,
        record_cancelled: Callable[[ModelCall], None] | None = None,
    ) -> Exchange:
        """Ask once and read the answer to its end; every end is a value, with its record.

        Args:
            request: what to ask.
            context: what for.
            record_cancelled: given the record when an exception from outside (an interrupt) ends
                the call; the connection is then closed, generation stops, the exception travels.
        """
        refuse_cloud(request.model, None, self.host)
        sent = self._sent(request, context or CallContext())
        deadlines = request.deadlines or self.deadlines
        resident = find_resident(sent.residents, sent.identity)
        if not self._launches.started(resident, sent.identity, request.options):
            deadlines = deadlines.with_load()
        # What somebody else asked may have been loaded otherwise, and is not ours to leave.
        ours = sent.residents is not None and (
            resident is None or self._launches.untouched(resident, sent.identity)
        )
        body = body_of(request)
        with self._gpu.watching() as gpu:
            received = Received(sent_at=self._clock())
            try:
                receive(self._wire.http, body, request.model, deadlines, received, self._clock)
            finally:
                if received.end is None and record_cancelled:
                    received.ended_at = self._clock()
                    record_cancelled(record(sent, received, None, gpu.busiest()))
        residents = None if received.status is None else self._residents()
        soon = self._clock() - (received.ended_at or received.sent_at) < SOON_SECONDS
        self._launches.remember(
            sent.identity,
            request.options,
            residents,
            surely=ours and soon and received.final is not None,
        )
        return Exchange(
            call=record(sent, received, residents, gpu.busiest()),
            text="".join(received.answer) or None,
            thinking="".join(received.thoughts) or None,
        )

    def _sent(self, request: ChatRequest, context: CallContext) -> Sent:
        identity, version, residents = self._situation(request.model)
        return Sent(
            call_id=uuid.uuid4().hex,
            started_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            context=context,
            request=request,
            identity=identity,
            asked=asked(request, identity, self.host.url, version),
            residents=residents,
            differing=self._launches.differing(identity, request.options),
        )

    def _situation(self, model: str) -> tuple[ModelIdentity, str | None, list[Resident] | None]:
        """What the server says before a call; a server in trouble is left to the call to name."""
        try:
            return self.identify(model), self.version(), self.running()
        except OllamaError:
            return self._identities.get(model, ModelIdentity(name=model)), self._version, None

    def _residents(self) -> list[Resident] | None:
        try:
            return self.running()
        except OllamaError:
            return None

    def _missing(self, model: str, listed: list[ListResponse.Model]) -> ModelMissingError:
        there = ", ".join(sorted(m.model for m in listed if m.model)) or "none at all"
        return ModelMissingError(
            f"{self.host.url} has no model {model!r}: run `ollama pull {model}`, or name one that "
            f"is there ({there})"
        )
