"""What an agent finds itself, before it tells anything: by asking, linking, reading, proposing.

Each contribution is asked for by itself, so that a reply that cannot be used costs that one alone.
"""

from collections.abc import Mapping, Sequence

from benchagent.agents.account import Contributions
from benchagent.agents.experimenting import (
    ask_for_experiments,
    measured_grid,
    read_experiments,
)
from benchagent.agents.inquiring import ask_for_questions, read_questions
from benchagent.agents.interview import Interview
from benchagent.agents.linking import ask_for_links, read_links
from benchagent.agents.reading import ask_for_claims, find_lines, read_claims
from benchagent.agents.sources import Sources
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding, by_rank
from benchagent.inquiries.dimensions import Catalogue, catalogue
from benchagent.inquiries.query import settings_by_name


def look_further(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    sources: Sources,
) -> Contributions:
    """The agent's questions, links and readings: answered, tested and judged by code."""
    known = catalogue(sources.evidence)
    own = _inquire(interview, findings, known)
    own = own.joined(_link(interview, findings, facts, known, own))
    own = own.joined(_read(interview, known, sources))
    return own.joined(_propose(interview, findings, known, own))


def _undone(said: str) -> Contributions:
    """Nothing came of it, and why."""
    return Contributions(undone=(said,))


def _inquire(interview: Interview, findings: Sequence[Finding], known: Catalogue) -> Contributions:
    if not settings_by_name(known):
        return _undone("Nothing was asked: by what is recorded, no call differs from another.")
    heard = interview.ask_if(
        lambda room: ask_for_questions(interview.agent, findings, known, room=room),
        stage="questions",
    )
    if heard is None:
        return _undone("Nothing was asked: the context has no room for a question.")
    if heard.text is None:
        return _undone(f"Nothing was asked: {heard.problem}.")
    return read_questions(heard.question, heard.text, known)


def _link(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    known: Catalogue,
    own: Contributions,
) -> Contributions:
    """Links among what rules found and what the agent's own questions brought up."""
    every = by_rank([*findings, *own.findings])
    every_fact = {**facts, **{fact.id: fact for fact in own.facts}}
    if len(every) < 2:
        return Contributions()
    heard = interview.ask_if(
        lambda room: ask_for_links(interview.agent, every, known, room=room), stage="links"
    )
    if heard is None:
        return _undone("Nothing was linked: the context has no room for two findings.")
    if heard.text is None:
        return _undone(f"Nothing was linked: {heard.problem}.")
    return read_links(heard.question, heard.text, every_fact, known)


def _read(interview: Interview, known: Catalogue, sources: Sources) -> Contributions:
    lines, subjects = find_lines(sources), list(known.subjects.values())
    if not lines or not subjects:
        return Contributions()
    heard = interview.ask_if(
        lambda room: ask_for_claims(interview.agent, lines, subjects, room=room),
        stage="reading",
    )
    if heard is None:
        return _undone("No write-up was read: the context has no room for a line.")
    if heard.text is None:
        return _undone(f"No write-up was read: {heard.problem}.")
    read = read_claims(heard.question, heard.text, lines, subjects, sources)
    if not heard.question.unseen:
        return read
    left_out = f"the prompt had no room for {len(heard.question.unseen)} of {len(lines)}"
    return read.joined(_undone(f"Lines of write-ups left out: {left_out}."))


def _propose(
    interview: Interview, findings: Sequence[Finding], known: Catalogue, own: Contributions
) -> Contributions:
    """What to measure next, where something was measured that `bench` can measure."""
    grid, every = measured_grid(known), by_rank([*findings, *own.findings])
    if not grid or not every:
        return Contributions()
    heard = interview.ask_if(
        lambda room: ask_for_experiments(interview.agent, every, grid, room=room),
        stage="experiments",
    )
    if heard is None:
        return _undone("No experiment was proposed: the context has no room for a finding.")
    if heard.text is None:
        return _undone(f"No experiment was proposed: {heard.problem}.")
    return read_experiments(heard.question, heard.text, grid)
