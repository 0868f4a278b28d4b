"""Links between findings: what an agent thinks hangs together, tested where it can be.

A confound is tested: the difference is looked at again with the other thing held alike. What
cannot be tested is a hypothesis and is printed as one, with the experiment that would decide it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from benchagent.agents.account import Contributions, Link
from benchagent.agents.prompting import (
    MOST_FINDINGS,
    Question,
    Room,
    ask_what_fits,
    by_letter,
    fill,
    list_headlines,
    one_of,
    read_reply,
    reply_model,
)
from benchagent.agents.roster import Agent
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, Finding, NextStep, conclude
from benchagent.findings.rules.phrases import bench_command, count_of_samples, plain_levels, value
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.stratifying import Retest, retest_all, shows_none
from benchagent.wording import quoted

MOST_LINKS = 4
TOKENS_EACH = 40
KINDS = ("confounds", "contradicts", "explains", "same_cause")
_RANK = 88.0


def ask_for_links(
    agent: Agent, findings: Sequence[Finding], known: Catalogue, *, room: Room
) -> Question | None:
    """The question how the findings hang together; None where fewer than two have room."""
    return ask_what_fits(
        agent,
        findings[:MOST_FINDINGS],
        room,
        lambda offered: _question(offered, known),
        fewest=2,
    )


def _question(offered: tuple[Finding, ...], known: Catalogue) -> Question:
    letters = tuple(by_letter(offered))
    prompt = fill(
        "link.md",
        findings=list_headlines(offered),
        dimensions=", ".join(quoted(name) for name in known.dimensions) or "nothing recorded",
        most=str(MOST_LINKS),
    )
    fields: dict[str, Any] = {
        "a_from": one_of([*letters, *known.dimensions]),
        "b_kind": one_of(KINDS),
        "c_to": one_of(letters),
    }
    link = reply_model(fields, "Link")
    reply = reply_model({"links": Annotated[list[link], Field(max_length=MOST_LINKS)]})
    return Question(prompt, reply, 16 + TOKENS_EACH * MOST_LINKS, offered)


def read_links(
    question: Question, text: str, facts: Mapping[str, Fact], known: Catalogue
) -> Contributions:
    """The links that mean something, tested where they can be."""
    lettered = question.by_letter()
    links: list[Link] = []
    tested: list[tuple[Finding, Dimension]] = []
    said: set[tuple[str, str, str]] = set()
    for each in read_reply(question, text)["links"]:
        named = (str(each["a_from"]), str(each["b_kind"]), str(each["c_to"]))
        if named in said:
            continue
        said.add(named)
        source, kind, to = named[0], named[1], lettered[named[2]]
        other = lettered.get(source)
        dimension = known.dimensions.get(source) or _dimension_of(other, to, facts, known)
        if dimension is not None and _compares(to, dimension, facts):
            links.append(_refuse(dimension, kind, to, "it is what the finding compares"))
        elif kind == "confounds" and dimension is not None and shows_none(to, facts):
            links.append(_refuse(dimension, kind, to, "it tells of no clear difference"))
        elif kind == "confounds" and dimension is not None:
            tested.append((to, dimension))
        else:
            links.append(_hypothesis(other, dimension, kind, to, facts))
    retests = retest_all(list(dict.fromkeys(tested)), facts, known)
    found = {retest: _finding(retest, facts) for retest in retests}
    links += [_tested(retest, finding) for retest, finding in found.items()]
    own = {finding.id: finding for finding in found.values() if finding is not None}
    kept = {fact.id: fact for retest in retests for fact in retest.facts}
    return Contributions(
        links=tuple(links), findings=tuple(own.values()), facts=tuple(kept.values())
    )


def _dimension_of(
    finding: Finding | None, to: Finding, facts: Mapping[str, Fact], known: Catalogue
) -> Dimension | None:
    """The one dimension that a finding is about, other than what the linked one compares."""
    if finding is None:
        return None
    named = {facts[id].option for id in finding.facts} - {facts[id].option for id in to.facts}
    found = [
        known.dimensions[name] for name in sorted(filter(None, named)) if name in known.dimensions
    ]
    return found[0] if len(found) == 1 else None


def _compares(finding: Finding, dimension: Dimension, facts: Mapping[str, Fact]) -> bool:
    """Whether the finding is about that very dimension."""
    return any(facts[id].option == dimension.name for id in finding.facts)


def _refuse(dimension: Dimension, kind: str, to: Finding, reason: str) -> Link:
    text = f"{quoted(dimension.name)} — {kind.replace('_', ' ')} — {to.headline}"
    return Link(kind=kind, text=text, outcome="refused", reason=reason)


def _hypothesis(
    other: Finding | None,
    dimension: Dimension | None,
    kind: str,
    to: Finding,
    facts: Mapping[str, Fact],
) -> Link:
    """A link that nothing here can test; refused where the two have nothing in common."""
    words = {"same_cause": "has the same cause as"}.get(kind, kind)
    named = other.headline if other else quoted(dimension.name if dimension else "")
    text = f"{named} — {words} — {to.headline}"
    if other is not None and (other.id == to.id or not _share(other, to, facts)):
        reason = "it is one finding" if other.id == to.id else "they share no subject and no metric"
        return Link(kind=kind, text=text, outcome="refused", reason=reason)
    what = quoted(dimension.name) if dimension else f"what is behind “{named}”"
    experiment = f"Measure again with {what} changed alone, in shuffled order"
    return Link(kind=kind, text=text, outcome="hypothesis", experiment=experiment)


def _share(one: Finding, other: Finding, facts: Mapping[str, Fact]) -> bool:
    """Whether both speak of one subject or one metric."""
    mine, theirs = (
        {name for id in finding.facts for name in (facts[id].subject, facts[id].metric) if name}
        for finding in (one, other)
    )
    return bool(mine & theirs)


_SAID = {
    "in-step": "they never changed apart, so neither can be told from the other",
    "vanishes": "held alike, nothing clear is left of the difference",
    "stays": "held alike, the difference is there all the same",
    "untestable": "too little was run apart to tell",
}


def _tested(retest: Retest, finding: Finding | None) -> Link:
    name, to = quoted(retest.dimension.name), retest.finding.headline
    text = f"{name} — confounds — {to}"
    outcome = {"stays": "refused", "untestable": "hypothesis"}.get(retest.outcome, "kept")
    return Link(
        kind="confounds",
        text=text,
        outcome=outcome,
        reason=_SAID[retest.outcome],
        tested=retest.outcome != "untestable",
        finding=finding.id if finding else None,
        experiment=(
            f"Measure again with {name} changed alone, in shuffled order"
            if outcome == "hypothesis"
            else None
        ),
    )


def _command(retest: Retest, facts: Mapping[str, Fact]) -> str | None:
    """The command that measures each with the other held alike, where both can be set."""
    cited = [facts[id] for id in retest.finding.facts]
    subjects = {fact.subject for fact in cited if fact.subject}
    compared: dict[str, set[str]] = {}
    for fact in cited:
        if fact.option and fact.level:
            compared.setdefault(fact.option, set()).add(fact.level)
    option = retest.dimension.option
    if option is None or len(subjects) != 1:
        return None
    [subject] = subjects
    levels = {**compared, option: set(retest.dimension.levels)}
    sweeps = [(name, plain_levels(values)) for name, values in levels.items()]
    command = bench_command(subject, *sweeps)
    return command if command and f"--sweep {option}=" in command else None


def _finding(retest: Retest, facts: Mapping[str, Fact]) -> Finding | None:
    """What a link that held says, as a finding."""
    name, to = quoted(retest.dimension.name), retest.finding.headline
    if retest.outcome == "in-step" and retest.count is not None:
        counted = value(retest.count)
        sentences = (
            f"“{to}” may come of {name}: in all {counted} behind it, the two never changed apart.",
            f"In all {counted} behind “{to}”, {name} never changed apart from what is compared.",
        )
    elif retest.outcome == "vanishes" and retest.adjusted is not None and retest.test is not None:
        tested = f"p = {value(retest.adjusted)} after Holm, n = {count_of_samples(retest.test)}"
        sentences = (
            f"“{to}”: with {name} held alike, nothing clear is left of the difference ({tested}).",
            f"With {name} held alike, nothing clear is left of “{to}” ({tested}).",
        )
    else:
        return None
    draft = Draft(
        severity="warning",
        headline=f"{name} may be behind “{to}”",
        sentences=sentences,
        next_step=NextStep(
            text=f"Measure again with {name} changed alone, in shuffled order",
            command=_command(retest, facts),
        ),
    )
    return conclude(draft, rule="linked", topic="method", rank=_RANK)
