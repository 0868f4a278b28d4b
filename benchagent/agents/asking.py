"""How an agent's questions reach its model, and where what comes of them is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from benchagent.agents.calibration import Calibration
from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import Judge, Patience, converse
from benchagent.calls.exchange import Exchange
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest, request_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A way to a model.

    Attributes:
        record: given each attempt's record, replays included.
        fresh: ask even where a reply is stored.
        patience: how often a question is asked again.
        inherits: the server keeps the load options of whoever asked before, so that an agent's
            first call has to find the model unloaded.
        calibration: what is known of how models spell; None keeps nothing.
    """

    client: OllamaClient
    replies: ReplyStore
    record: Callable[[ModelCall], None]
    context: CallContext
    fresh: bool = False
    patience: Patience = field(default_factory=Patience)
    inherits: bool = True
    calibration: Calibration | None = None

    def put(self, request: ChatRequest, *, agent: str, stage: str, judge: Judge) -> Exchange:
        """Ask a question, again where that can help, and record each attempt; gives how it ended.

        Raises:
            OllamaError: the server cannot be reached or does not have the model.
        """
        self._make_room(request)
        return converse(
            self.client,
            request,
            replace(self.context, agent=agent, stage=stage),
            record=self.record,
            judge=judge,
            store=self.replies,
            fresh=self.fresh,
            patience=self.patience,
        ).final

    def _make_room(self, request: ChatRequest) -> None:
        """Unloads a runner of other options, where the request will be made and would inherit it."""
        identity = self.client.identify(request.model)
        stored = self.replies.path_of(request_sha256(request, identity)).exists()
        if self.inherits and (self.fresh or not stored):
            within = request.deadlines and request.deadlines.connect
            self.client.prepare(request.model, request.options, within)
