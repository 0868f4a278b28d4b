"""Asking until there is an answer or a reason: what is tried again, how often, and what is not.

A reply that cannot be used is asked for once more with another seed. A server that is busy,
stumbles or is being started again is given time. What it answers no to is final. Every attempt is
recorded by itself.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from benchagent.calls.client import OllamaClient
from benchagent.calls.exchange import Exchange
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.outcomes import RULES
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest, request_sha256
from benchagent.calls.wire import OllamaError

Judge = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often something is tried again.

    Attributes:
        reseeds: more attempts, with another seed, for a reply that cannot be used.
        waits_s: how long to wait before each further attempt at a server in trouble.
    """

    reseeds: int = 1
    waits_s: tuple[float, ...] = (1.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All attempts at one question; the last one is the result."""

    attempts: tuple[Exchange, ...]

    @property
    def final(self) -> Exchange:
        """The attempt that counts: an answer, or the last reason why there is none."""
        return self.attempts[-1]


def converse(
    client: OllamaClient,
    request: ChatRequest,
    context: CallContext,
    *,
    record: Callable[[ModelCall], None],
    judge: Judge | None = None,
    store: ReplyStore | None = None,
    fresh: bool = False,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Conversation:
    """Ask a model, again where that can help, and record each attempt.

    Args:
        client: the server to ask.
        request: the question.
        context: what for; attempts are counted on from it.
        record: given each attempt's record, also that of one which an interrupt ends.
        judge: reads an answer and says why it cannot be used, or None; without one, an answer to
            a request with a schema must at least be JSON.
        store: where answers of earlier times are found and new ones kept.
        fresh: ask even where an answer is stored.
        patience: how often to try again.
        sleep: waits between attempts.

    Raises:
        ServerUnreachableError: nothing answers at the address.
        ModelMissingError: the server does not have the model.
    """
    allowed = patience or Patience()
    reseeds, waits = allowed.reseeds, list(allowed.waits_s)
    attempts: list[Exchange] = []
    while True:
        stored = None if store is None or fresh else _stored(client, request, context, store)
        asked = stored or client.chat(request, context, record_cancelled=record)
        exchange = _judged(asked, request, judge)
        record(exchange.call)
        if store is not None:
            # As it came: the judge of a later version may think otherwise.
            store.keep(asked)
        attempts.append(exchange)
        rule = RULES[exchange.outcome]
        if rule.waits and waits:
            sleep(waits.pop(0))
        elif rule.raises:
            raise _error(client, exchange)
        elif rule.remedy == "reseed" and reseeds:
            reseeds -= 1
            request = request.reseeded()
        else:
            return Conversation(attempts=tuple(attempts))
        context = context.after(exchange.outcome)


def _stored(
    client: OllamaClient, request: ChatRequest, context: CallContext, known: ReplyStore
) -> Exchange | None:
    try:
        identity = client.identify(request.model)
    except OllamaError:
        # The call that follows fails too, by name and with a record.
        return None
    return known.find(request_sha256(request, identity), context)


def _judged(exchange: Exchange, request: ChatRequest, judge: Judge | None) -> Exchange:
    if exchange.outcome != "ok" or exchange.text is None:
        return exchange
    if judge is None and request.schema is None:
        return exchange
    reason = (judge or _not_json)(exchange.text)
    if reason is None:
        return exchange
    return replace(exchange, call=exchange.call.judged("off_schema", reason, exchange.text))


def _not_json(text: str) -> str | None:
    try:
        json.loads(text)
    except ValueError as error:
        return f"not JSON: {error}"
    return None


def _error(client: OllamaClient, exchange: Exchange) -> Exception:
    if exchange.outcome == "model_missing":
        return client.missing(exchange.call.asked.model)
    return client.unreachable(exchange.call.ending.detail)
