"""An agent looks at the findings: what it is asked, and the account that comes of its answers.

Whatever the model answers, there is an account: where a reply stays unusable, the code's own
stands, marked so. Only what nobody could report about is raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from benchagent.agents.account import Analysis, Contributions, tell_without_model
from benchagent.agents.asking import Asking
from benchagent.agents.contributions import look_further
from benchagent.agents.interview import Interview
from benchagent.agents.probe import take_probe
from benchagent.agents.questions import ask_for_choice, ask_for_words, read_choice, read_words
from benchagent.agents.roster import Agent
from benchagent.agents.sources import Sources
from benchagent.agents.tiers import tier_of
from benchagent.calls.identity import ModelIdentity
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding, by_rank


def analyse(
    agent: Agent,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    asking: Asking,
    *,
    snapshot: str,
    colleague: tuple[Agent, Analysis] | None = None,
    sources: Sources | None = None,
) -> Analysis:
    """The account of an agent that has a model.

    Args:
        agent: who tells.
        findings: what rules found, the most important first.
        facts: what they rest on, by id.
        asking: how the model is asked.
        snapshot: the key.
        colleague: the agent that it reads from, with its account.
        sources: what a model of tier `write` may ask beyond the findings.

    Raises:
        OllamaError: the server cannot be reached or does not have the model.
    """
    if not findings or agent.model is None:
        return tell_without_model(agent, snapshot, findings)
    identity = asking.client.identify(agent.model)
    tier, refused = _choose_tier(agent, identity, asking)
    interview = Interview(agent=agent, identity=identity, asking=asking)
    read = colleague[1] if colleague else None
    if read is not None:
        findings = by_rank([*findings, *read.beyond_rules])
        facts = {**facts, **{fact.id: fact for fact in read.facts_beyond_rules}}
    own = Contributions(undone=(refused,) if refused else ())
    if tier == "write" and sources is not None:
        own = look_further(interview, findings, facts, sources, snapshot)
        findings = by_rank([*findings, *own.findings])
        facts = {**facts, **{fact.id: fact for fact in own.facts}}
    told = _tell(interview, findings, facts, tier, snapshot, colleague).beside(own)
    return told.taking_over(read) if read is not None else told


def _choose_tier(
    agent: Agent, identity: ModelIdentity, asking: Asking
) -> tuple[Literal["select", "write"], str | None]:
    """What the model is asked for, and why it is not more, where that was left to a probe."""
    tier = tier_of(agent, identity)
    if agent.tier != "auto" or tier == "select":
        return tier, None
    probe = take_probe(asking, agent.slug, identity.name)
    if probe.passed:
        return "write", None
    return (
        "select",
        f"The model is large enough to ask and to write, but was not let: {probe.said}.",
    )


def _tell(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    tier: Literal["select", "write"],
    snapshot: str,
    colleague: tuple[Agent, Analysis] | None,
) -> Analysis:
    """Which findings, in which order, in whose words."""
    agent = interview.agent
    chosen = interview.ask(
        lambda room: ask_for_choice(
            agent, findings, facts, tier=tier, room=room, colleague=colleague
        ),
        stage="choice",
    )
    if chosen.text is None:
        account = tell_without_model(agent, snapshot, findings)
        return replace(account, tier=tier, problem=chosen.problem)
    analysis = read_choice(chosen.question, chosen.text, agent, snapshot)
    analysis = replace(analysis, unseen=chosen.question.unseen)
    if tier == "select" or not analysis.statements:
        return replace(analysis, tier=tier)
    known = {finding.id: finding for finding in findings}
    worded = interview.ask(
        lambda room: ask_for_words(agent, analysis, known, facts, room=room), stage="words"
    )
    if worded.text is None:
        return replace(analysis, tier=tier, problem=worded.problem)
    return read_words(worded.question, worded.text, analysis, facts)
