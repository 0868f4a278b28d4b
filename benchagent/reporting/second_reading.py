"""A written report read once more, as a stranger reads it, and what follows where the data object.

The figures of a report were put in by reference and read again from the stored files. Here nothing
of that is used: the finished Markdown is read like anybody's report (`verification`). Where the
data do not bear out a sentence of a model, the code's own takes its place; where they contradict
the code, the report says no less than before, and its check fails.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchagent.agents.account import Analysis, Statement
from benchagent.findings.finding import Finding
from benchagent.references import REFERENCE
from benchagent.verification.claims import Judged

Written = TypeVar("Written")
# A reference as it is printed, in bold where the section sets figures so.
_CITED = r"\**\[[^\[\]]*\]\(#e[0-9]+\)\**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruled:
    """A model's sentence that the data did not bear out once it was printed.

    Attributes:
        finding: which it told; None for the summary over all of them.
        before, after: with references in place of figures; `after` is None where nothing has to
            stand in its place.
        reason: what was claimed, and what the data say.
    """

    finding: str | None
    before: str
    after: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A claim of the printed report that the data contradict."""

    line: int
    quote: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """What came of reading a report as a stranger.

    Attributes:
        claims: how many were judged in the report as it now stands.
        unsupported: of these, how many the data neither bear out nor contradict.
        objections: those that they contradict.
        overruled: sentences of the model that do not stand in it any more.
    """

    claims: int = 0
    unsupported: int = 0
    objections: tuple[Objection, ...] = ()
    overruled: tuple[Overruled, ...] = ()


def settle(
    analysis: Analysis,
    findings: Mapping[str, Finding],
    write: Callable[[Analysis], Written],
    text_of: Callable[[Written], str],
    judge: Callable[[str], Sequence[Judged]],
) -> tuple[Written, SecondReading]:
    """A report without a sentence of the model that its readers could refute.

    Args:
        analysis: the agent's account.
        findings: by id, with the code's own sentences.
        write: the report of an account.
        text_of: its Markdown.
        judge: its claims, judged against the data.
    """
    overruled: tuple[Overruled, ...] = ()
    while True:
        written = write(overrule(analysis, overruled))
        text = text_of(written)
        judged = judge(text)
        wrong = _find_wrong(overrule(analysis, overruled), findings, text, judged)
        if not wrong:
            return written, _sum_up(text, judged, overruled)
        overruled += wrong


def overrule(analysis: Analysis, overruled: Sequence[Overruled]) -> Analysis:
    """The account with the code's sentences in place of those that did not hold."""
    by_finding = {each.finding: each for each in overruled}
    statements = tuple(
        replace(said, text=each.after or said.text, author="code", rejected=each.reason)
        if (each := by_finding.get(said.finding))
        else said
        for said in analysis.statements
    )
    changed = replace(analysis, statements=statements)
    if summary := by_finding.get(None):
        changed = replace(changed, summary=None, summary_rejected=summary.reason)
    return changed


def _find_wrong(
    analysis: Analysis, findings: Mapping[str, Finding], text: str, judged: Sequence[Judged]
) -> tuple[Overruled, ...]:
    """The model's sentences in which something stands that the data do not bear out."""
    doubted = [found for found in judged if found.verdict.ruling != "supported"]
    wrong: list[Overruled] = []
    for said in _by_model(analysis):
        places = find_sentence(text, said.text)
        against = next((found for found in doubted if _is_inside(found, places)), None)
        if against:
            finding = findings[said.finding] if said.finding else None
            wrong.append(
                Overruled(
                    finding=said.finding or None,
                    before=said.text,
                    after=finding.sentences[0] if finding else None,
                    reason=_describe(text, against),
                )
            )
    return tuple(wrong)


def _by_model(analysis: Analysis) -> list[Statement]:
    said = [each for each in analysis.statements if each.author == "model"]
    if analysis.summary:
        said.append(Statement(finding="", text=analysis.summary, importance=0, author="model"))
    return said


def find_sentence(markdown: str, text: str) -> list[tuple[int, int]]:
    """Where a sentence with references stands in a report, its figures printed as links."""
    parts = REFERENCE.split(text)[:: REFERENCE.groups + 1]
    pattern = _CITED.join(map(re.escape, parts))
    return [found.span() for found in re.finditer(pattern, markdown)]


def _is_inside(found: Judged, places: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.claim.start < end for start, end in places)


def _describe(text: str, found: Judged) -> str:
    quote = text[found.claim.start : found.claim.end]
    return f"{quote!r} is {found.verdict.ruling}: {found.verdict.reason}"


def _sum_up(text: str, judged: Sequence[Judged], overruled: tuple[Overruled, ...]) -> SecondReading:
    rulings = [found.verdict.ruling for found in judged]
    return SecondReading(
        claims=len(judged),
        unsupported=rulings.count("unsupported"),
        objections=tuple(
            Objection(
                line=text.count("\n", 0, found.claim.start) + 1,
                quote=text[found.claim.start : found.claim.end],
                reason=found.verdict.reason,
            )
            for found in judged
            if found.verdict.ruling == "contradicted"
        ),
        overruled=overruled,
    )
