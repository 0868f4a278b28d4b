"""A claim is a span of a report that the data could bear out or refute; a verdict says which.

A claim carries what the text itself says of it, in the text's own words, so that judging never
goes back to the report and a reader can follow what was understood.
"""

import json
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "count",
    "share",
    "size",
    "path",
    "date",
    "span",
    "metric",
    "comparison",
    "topic",
    "presence",
    "correlation",
    "definition",
    "sample",
]
Ruling = Literal["supported", "contradicted", "unsupported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a claim stands in: its sentence, and what the text says above and beside it.

    Attributes:
        sentence: the sentence or cell, masked (see `passages`); offsets in it begin at `start`.
        above: the list items and lead-ins that it hangs under, the nearest first.
        row, column: the words of a table's row and column.
        section: headings, the nearest first.
        before: the sentence before it in the same paragraph.
    """

    sentence: str
    start: int
    above: tuple[str, ...] = ()
    row: str = ""
    column: str = ""
    section: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One checkable span.

    Attributes:
        start, end: half-open code-point offsets in the report.
        value: a number as written, two for a range, a name or a date as ISO; None for words.
        unit: as written, lower case.
        subject: what it is said of, as far as the text says.
        parent: offset of the block that it belongs to, for numbers of a sample.
        note: what the reading understood, for the judge of its kind.
    """

    start: int
    end: int
    kind: Kind
    context: Context
    value: float | str | tuple[float, ...] | None = None
    unit: str | None = None
    subject: str | None = None
    parent: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where evidence stands: a file and place, a fact, or a named value."""

    path: str | None = None
    locator: str | None = None
    fact: str | None = None
    name: str | None = None


INVENTORY: Final = Source(name="file listing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the data say of a claim, and where."""

    ruling: Ruling
    reason: str
    evidence: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim with its verdict."""

    claim: Claim
    verdict: Verdict


def supported(reason: str, *evidence: Source) -> Verdict:
    """The data bear it out."""
    return Verdict(ruling="supported", reason=reason, evidence=evidence)


def contradicted(reason: str, *evidence: Source) -> Verdict:
    """The data say otherwise; the reason says what they say."""
    return Verdict(ruling="contradicted", reason=reason, evidence=evidence)


def unsupported(reason: str, *evidence: Source) -> Verdict:
    """Nothing in the data says it."""
    return Verdict(ruling="unsupported", reason=reason, evidence=evidence)


def to_json(report: str, text: str, judged: Judged) -> str:
    """One line of `verify --json`."""
    claim, verdict = judged.claim, judged.verdict
    value = list(claim.value) if isinstance(claim.value, tuple) else claim.value
    row = {
        "report": report,
        "line": text.count("\n", 0, claim.start) + 1,
        "start": claim.start,
        "end": claim.end,
        "quote": text[claim.start : claim.end],
        "kind": claim.kind,
        "value": value,
        "unit": claim.unit,
        "subject": claim.subject,
        "row": claim.context.row or None,
        "column": claim.context.column or None,
        "parent": claim.parent,
        "verdict": verdict.ruling,
        "reason": verdict.reason,
        "evidence": [_source(source) for source in verdict.evidence],
    }
    return json.dumps(row, ensure_ascii=False)


def _source(source: Source) -> dict[str, str]:
    named = {
        "source_path": source.path,
        "locator": source.locator,
        "fact": source.fact,
        "name": source.name,
    }
    return {key: value for key, value in named.items() if value is not None}
