"""What an agent finds itself, before it tells anything: by asking, linking, reading.

Each contribution is asked for by itself, so that a reply that cannot be used costs that one alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchagent.agents.account import Asked, Link, Quote
from benchagent.agents.inquiring import ask_for_questions, read_questions
from benchagent.agents.interview import Interview
from benchagent.agents.linking import ask_for_links, read_links
from benchagent.agents.reading import ask_for_claims, find_lines, read_claims
from benchagent.agents.sources import Sources
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding
from benchagent.inquiries.dimensions import Catalogue, catalogue
from benchagent.inquiries.query import settings_by_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What an agent found, and what it could not be asked, a sentence each."""

    asked: tuple[Asked, ...] = ()
    quotes: tuple[Quote, ...] = ()
    links: tuple[Link, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact, ...] = ()
    undone: tuple[str, ...] = ()

    def undo(self, said: str) -> "Own":
        """With one more thing that could not be asked."""
        return replace(self, undone=(*self.undone, said))


def look_further(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    sources: Sources,
) -> Own:
    """The agent's questions, links and readings: answered, tested and judged by code."""
    known = catalogue(sources.evidence)
    own = _inquire(interview, findings, known)
    own = _link(interview, findings, facts, known, own)
    return _read(interview, known, sources, own)


def _inquire(interview: Interview, findings: Sequence[Finding], known: Catalogue) -> Own:
    if not settings_by_name(known):
        return Own(
            undone=("Nothing was asked: by what is recorded, no call differs from another.",)
        )
    heard = interview.ask_if(
        lambda room: ask_for_questions(interview.agent, findings, known, room=room),
        stage="questions",
    )
    if heard is None:
        return Own(undone=("Nothing was asked: the context has no room for a question.",))
    if heard.text is None:
        return Own(undone=(f"Nothing was asked: {heard.problem}.",))
    inquiry = read_questions(heard.question, heard.text, known)
    return Own(asked=inquiry.asked, findings=inquiry.findings, facts=inquiry.facts)


def _link(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    known: Catalogue,
    own: Own,
) -> Own:
    """Links among what rules found and what the agent's own questions brought up."""
    every = sorted([*findings, *own.findings], key=lambda each: (-each.rank, each.id))
    every_fact = {**facts, **{fact.id: fact for fact in own.facts}}
    if len(every) < 2:
        return own
    heard = interview.ask_if(
        lambda room: ask_for_links(interview.agent, every, known, room=room), stage="links"
    )
    if heard is None:
        return own.undo("Nothing was linked: the context has no room for two findings.")
    if heard.text is None:
        return own.undo(f"Nothing was linked: {heard.problem}.")
    linked = read_links(heard.question, heard.text, every_fact, known)
    return replace(
        own,
        links=linked.links,
        findings=(*own.findings, *linked.findings),
        facts=(*own.facts, *linked.facts),
    )


def _read(interview: Interview, known: Catalogue, sources: Sources, own: Own) -> Own:
    lines, subjects = find_lines(sources), list(known.subjects.values())
    if not lines or not subjects:
        return own
    heard = interview.ask_if(
        lambda room: ask_for_claims(interview.agent, lines, subjects, room=room),
        stage="reading",
    )
    if heard is None:
        return own.undo("No write-up was read: the context has no room for a line.")
    if heard.text is None:
        return own.undo(f"No write-up was read: {heard.problem}.")
    read = read_claims(heard.question, heard.text, lines, subjects, sources)
    if heard.question.unseen:
        own = own.undo(
            "Lines of write-ups left out: the prompt had no room for "
            f"{len(heard.question.unseen)} of {len(lines)}."
        )
    return replace(
        own,
        quotes=read.quotes,
        findings=(*own.findings, *read.findings),
        facts=(*own.facts, *read.facts),
    )
