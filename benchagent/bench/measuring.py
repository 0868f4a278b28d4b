"""Making the calls of a plan, each from the same state of the model.

Before a block the model is loaded with the block's options and asked once for nothing, since the
first request after a load builds what the others find built. Every prompt begins with a number of
its own, so that no prompt cache has seen it. Cold calls come before all that: the model is unloaded,
and the call has to wait until it is there again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from benchagent.bench.journal import Journal
from benchagent.bench.plan import Block, PlannedCall, order_blocks
from benchagent.bench.rows import BenchRow, row_of
from benchagent.calls.client import OllamaClient
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.exchange import Exchange
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.outcomes import RULES
from benchagent.calls.request import ChatRequest
from benchagent.calls.wire import BadAnswerError, DroppedError

STAGE = "bench"
WARM_UP_STAGE = "bench-warm-up"
# Digits, since tokenisers cut them evenly: every nonce costs about as many tokens as another.
_NONCES = 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told while a benchmark runs.

    Attributes:
        called: given the record of every request, discarded ones too.
        measured: given the row of every call of the plan, once it is on the disk.
        said: given a sentence where something is not as it should be.
    """

    called: Callable[[ModelCall], None]
    measured: Callable[[BenchRow], None]
    said: Callable[[str], None]


def measure(client: OllamaClient, journal: Journal, watcher: Watcher, deadlines: Deadlines) -> None:
    """Make the calls that the journal does not have yet; a failed call is a row like any other.

    Raises:
        OllamaError: the server or the model has gone; what was measured is in the journal.
        KeyboardInterrupt: likewise.
    """
    rows = journal.rows()
    done = {row.sequence for row in rows}
    sitting = _Sitting(client, journal, watcher, deadlines, {row.nonce for row in rows})
    for block in order_blocks(journal.state.plan):
        missing = [call for call in block.calls if call.sequence not in done]
        if missing:
            sitting.measure_block(block, missing)


class _Sitting:
    """One server, from now until all is measured or somebody stops it."""

    def __init__(
        self,
        client: OllamaClient,
        journal: Journal,
        watcher: Watcher,
        deadlines: Deadlines,
        nonces: set[str],
    ) -> None:
        self._client = client
        self._journal = journal
        self._plan = journal.state.plan
        self._subjects = {subject.name: subject for subject in journal.state.subjects}
        self._watcher = watcher
        self._deadlines = deadlines
        self._nonces = nonces
        self._model: str | None = None

    def measure_block(self, block: Block, calls: list[PlannedCall]) -> None:
        if self._model not in (None, block.model):
            self._client.unload(str(self._model))
        self._model = block.model
        for call in calls:
            if call.cold:
                self._client.unload(call.model)
                self._measure(call)
        warm = [call for call in calls if not call.cold]
        if warm:
            self._warm_up(warm[0])
        for call in warm:
            self._measure(call)

    def _warm_up(self, first: PlannedCall) -> None:
        model, options = first.model, first.option_set.options
        try:
            self._client.prepare(model, options, self._deadlines.connect)
            self._client.load(model, options, within=self._deadlines.load)
        except (BadAnswerError, DroppedError) as error:
            # The calls themselves fail or not, and their rows say so.
            self._watcher.said(f"no warm-up for {first.option_set.name}: {error}")
            return
        prompt = self._plan.prompts[self._plan.shortest_prompt - 1]
        exchange = self._ask(first, prompt, WARM_UP_STAGE)[0]
        if RULES[exchange.outcome].error_class not in (None, "model"):
            said = exchange.call.ending.detail or exchange.outcome
            self._watcher.said(f"the warm-up for {first.option_set.name} failed: {said}")

    def _measure(self, planned: PlannedCall) -> None:
        prompt = self._plan.prompts[planned.prompt_index - 1]
        exchange, nonce = self._ask(planned, prompt, STAGE)
        subject = self._subjects[planned.model]
        row = row_of(exchange.call, planned, subject, prompt=prompt, nonce=nonce)
        self._journal.append(row)
        self._watcher.measured(row)

    def _ask(self, planned: PlannedCall, prompt: str, stage: str) -> tuple[Exchange, str]:
        nonce = self._new_nonce()
        request = ChatRequest(
            model=planned.model,
            prompt=f"{nonce}: {prompt}",
            options=planned.option_set.options,
            seed=self._plan.seed,
            deadlines=self._deadlines,
        )
        context = CallContext(stage=stage, repetition=planned.repetition - 1)
        called = self._watcher.called
        exchange = self._client.chat(request, context, record_cancelled=called)
        called(exchange.call)
        self._require_server(exchange)
        return exchange, nonce

    def _new_nonce(self) -> str:
        nonce = f"{secrets.randbelow(_NONCES):08d}"
        if nonce in self._nonces:
            return self._new_nonce()
        self._nonces.add(nonce)
        return nonce

    def _require_server(self, exchange: Exchange) -> None:
        """Raise where asking on makes no sense: rows of a dead server would be no measurements."""
        if not RULES[exchange.outcome].raises:
            return
        if exchange.outcome == "model_missing":
            raise self._client.missing(exchange.call.asked.model)
        raise self._client.unreachable(exchange.call.ending.detail)
