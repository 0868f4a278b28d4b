"""An agent looks at the findings: what it is asked, and the account that comes of its answers.

Whatever the model answers, there is an account: where a reply stays unusable, the code's own
stands, marked so. Only what nobody could report about is raised.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from benchagent.agents.account import Analysis, tell_without_model
from benchagent.agents.questions import (
    Question,
    ask_for_choice,
    ask_for_words,
    estimate_tokens,
    misfit,
    read_choice,
    read_words,
)
from benchagent.agents.roster import Agent, read_persona
from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import Patience, converse
from benchagent.calls.exchange import Exchange
from benchagent.calls.identity import ModelIdentity
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest, request_sha256
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding

# Below this, a model fills enumerations well and writes sentences that are not true.
SMALLEST_WRITER = 1_000_000_000
# The smallest default of any Ollama; a larger one is not known before the model is loaded.
DEFAULT_NUM_CTX = 4096
# What of the context a prompt may fill by our estimate, once the server has counted more.
SMALLER = (0.75, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How an agent's questions reach its model, and where what comes of them is kept.

    Attributes:
        record: given each attempt's record, replays included.
        fresh: ask even where a reply is stored.
        patience: how often a question is asked again.
        inherits: the server keeps the load options of whoever asked before, so that an agent's
            first call has to find the model unloaded.
    """

    client: OllamaClient
    replies: ReplyStore
    record: Callable[[ModelCall], None]
    context: CallContext
    fresh: bool = False
    patience: Patience = field(default_factory=Patience)
    inherits: bool = True


def analyse(
    agent: Agent,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    asking: Asking,
    *,
    snapshot: str,
    colleague: tuple[Agent, Analysis] | None = None,
) -> Analysis:
    """The account of an agent that has a model.

    Raises:
        OllamaError: the server cannot be reached or does not have the model.
    """
    if not findings or agent.model is None:
        return tell_without_model(agent, snapshot, findings)
    identity = asking.client.identify(agent.model)
    tier = tier_of(agent, identity)
    question, chosen = _ask_within(
        agent,
        lambda room: ask_for_choice(
            agent, findings, facts, tier=tier, num_ctx=room, colleague=colleague
        ),
        identity,
        asking,
        stage="choice",
    )
    if chosen.outcome != "ok" or chosen.text is None:
        account = tell_without_model(agent, snapshot, findings)
        return replace(account, tier=tier, problem=_problem(chosen))
    analysis = read_choice(question, chosen.text, agent, snapshot)
    analysis = replace(analysis, unseen=question.unseen)
    if tier == "select" or not analysis.statements:
        return replace(analysis, tier=tier)
    known = {finding.id: finding for finding in findings}
    question, worded = _ask_within(
        agent,
        lambda room: ask_for_words(agent, analysis, known, facts, num_ctx=room),
        identity,
        asking,
        stage="words",
    )
    if worded.outcome != "ok" or worded.text is None:
        return replace(analysis, tier=tier, problem=_problem(worded))
    return read_words(question, worded.text, analysis, facts)


def _ask_within(
    agent: Agent,
    question_for: Callable[[int], Question],
    identity: ModelIdentity,
    asking: Asking,
    *,
    stage: str,
) -> tuple[Question, Exchange]:
    """Asks, and where the server counts more tokens than we thought, asks with fewer findings."""
    num_ctx = context_of(agent, identity)
    question = question_for(num_ctx)
    exchange = _ask(agent, question, identity, asking, stage=stage)
    for share in SMALLER:
        if exchange.outcome != "prompt_too_long":
            break
        question = question_for(int(share * num_ctx))
        exchange = _ask(agent, question, identity, asking, stage=stage)
    return question, exchange


def _ask(
    agent: Agent, question: Question, identity: ModelIdentity, asking: Asking, *, stage: str
) -> Exchange:
    system = read_persona(agent.persona).prompt
    request = ChatRequest(
        model=agent.model or "",
        system=system,
        prompt=question.prompt,
        schema=question.reply.model_json_schema(),
        options=agent.options,
        num_predict=question.num_predict,
        expected_tokens=estimate_tokens(system, question.prompt),
        deadlines=agent.deadlines.whole(),
    )
    stored = asking.replies.path_of(request_sha256(request, identity)).exists()
    if asking.inherits and (asking.fresh or not stored):
        asking.client.prepare(request.model, agent.options)
    return converse(
        asking.client,
        request,
        replace(asking.context, agent=agent.slug, stage=stage),
        record=asking.record,
        judge=lambda text: misfit(question, text),
        store=asking.replies,
        fresh=asking.fresh,
        patience=asking.patience,
    ).final


def _problem(exchange: Exchange) -> str:
    detail = exchange.call.ending.detail
    return f"{exchange.outcome}: {detail}" if detail else exchange.outcome


def tier_of(agent: Agent, identity: ModelIdentity) -> Literal["select", "write"]:
    """What the model is asked for: what the roster says, else by the number of its parameters."""
    if agent.tier != "auto":
        return agent.tier
    count = identity.parameter_count or _count(identity.parameter_size or "")
    return "write" if count >= SMALLEST_WRITER else "select"


def _count(parameter_size: str) -> float:
    """Ollama's "134.52M" or "8.0B" as a number; 0 where it says nothing."""
    found = re.fullmatch(r"([0-9.]+)\s*([KMBT]?)", parameter_size.strip(), re.IGNORECASE)
    if found is None:
        return 0
    scale = {"": 1, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    return float(found[1]) * scale[found[2].upper()]


def context_of(agent: Agent, identity: ModelIdentity) -> int:
    """Tokens that prompt and reply share, as far as it is known before the model is loaded."""
    asked = agent.options.get("num_ctx") or identity.parameters.get("num_ctx") or DEFAULT_NUM_CTX
    most = identity.context_length or DEFAULT_NUM_CTX
    return min(int(asked), most) if isinstance(asked, int) else min(DEFAULT_NUM_CTX, most)
