"""What an agent finds itself, before it tells anything: by asking, linking, reading, proposing.

Each contribution is asked for by itself, so that a reply that cannot be used costs that one alone.
"""

from collections.abc import Callable, Mapping, Sequence

from benchagent.agents.account import Contributions
from benchagent.agents.experimenting import ask_for_experiments, measured_grid, read_experiments
from benchagent.agents.inquiring import ask_for_questions, read_questions
from benchagent.agents.interview import Heard, Interview
from benchagent.agents.linking import ask_for_links, read_links
from benchagent.agents.naming import ask_for_names, read_names
from benchagent.agents.prompting import Question
from benchagent.agents.reading import ask_for_claims, find_lines, read_claims
from benchagent.agents.sources import Sources
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding, by_rank
from benchagent.inquiries.catalogue import Catalogue, catalogue
from benchagent.inquiries.query import settings_by_name


def look_further(
    interview: Interview,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    sources: Sources,
    snapshot: str,
) -> Contributions:
    """The agent's questions, links and readings: answered, tested and judged by code."""
    known = catalogue(sources.evidence)
    own = _inquire(interview, findings, known)
    own = own.joined(_link(interview, findings, facts, known, own))
    own = own.joined(_read(interview, known, sources))
    own = own.joined(_name(interview, sources, snapshot))
    return own.joined(_propose(interview, findings, known, own))


def _undone(said: str) -> Contributions:
    """A contribution that came to nothing, and why."""
    return Contributions(undone=(said,))


def _inquire(interview: Interview, findings: Sequence[Finding], known: Catalogue) -> Contributions:
    if not settings_by_name(known):
        return _undone("Nothing was asked: by what is recorded, no call differs from another.")
    heard = interview.ask_if(
        lambda room: ask_for_questions(interview.agent, findings, known, room=room),
        stage="questions",
    )
    return _take(
        heard,
        lambda question, text: read_questions(question, text, known),
        nothing="Nothing was asked",
        needs="a question",
    )


def _take(
    heard: Heard | None,
    read: Callable[[Question, str], Contributions],
    *,
    nothing: str,
    needs: str,
) -> Contributions:
    """What a reply holds, or why there is none: the context was too small, or the reply no use."""
    if heard is None:
        return _undone(f"{nothing}: the context has no room for {needs}.")
    if heard.text is None:
        return _undone(f"{nothing}: {heard.problem}.")
    return read(heard.question, heard.text)


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
    return _take(
        heard,
        lambda question, text: read_links(question, text, every_fact, known),
        nothing="Nothing was linked",
        needs="two findings",
    )


def _read(interview: Interview, known: Catalogue, sources: Sources) -> Contributions:
    lines, subjects = find_lines(sources), list(known.subjects.values())
    if not lines or not subjects:
        return Contributions()
    heard = interview.ask_if(
        lambda room: ask_for_claims(interview.agent, lines, subjects, room=room),
        stage="reading",
    )

    def read(question: Question, text: str) -> Contributions:
        found = read_claims(question, text, lines, subjects, sources)
        return found.joined(_left_out(question, "Lines of write-ups", len(lines)))

    return _take(heard, read, nothing="No write-up was read", needs="a line")


def _name(interview: Interview, sources: Sources, snapshot: str) -> Contributions:
    """What files hold that no format reads, where there are any with numbers enough."""
    unknown, agent = sources.unknown_files(), interview.agent
    if not unknown:
        return Contributions()
    heard = interview.ask_if(lambda room: ask_for_names(agent, unknown, room=room), stage="columns")

    def read(question: Question, text: str) -> Contributions:
        found = read_names(question, text, unknown, sources, agent=agent.slug, snapshot=snapshot)
        return found.joined(_left_out(question, "Kinds of unknown files", len(unknown)))

    return _take(heard, read, nothing="No unknown file was read", needs="one of them")


def _left_out(question: Question, what: str, count: int) -> Contributions:
    """How many of these the prompt had no room for, if any."""
    if not question.unseen:
        return Contributions()
    unseen = f"the prompt had no room for {len(question.unseen)} of {count}"
    return _undone(f"{what} left out: {unseen}.")


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
    return _take(
        heard,
        lambda question, text: read_experiments(question, text, grid),
        nothing="No experiment was proposed",
        needs="a finding",
    )
