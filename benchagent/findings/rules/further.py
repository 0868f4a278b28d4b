"""What a rule found beyond the first few: told together, or a page would be of one kind."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from benchagent.findings.finding import Draft, NextStep

TOLD_ALONE: Final = 2
MOST_TOGETHER: Final = 6


class Further(NamedTuple):
    """How a rule's further findings are told in one.

    Attributes:
        headline: of them all.
        before: what the sentence begins with; their clauses follow.
        next_step: for each of them.
    """

    headline: str
    before: str
    next_step: str


def told_together(drafts: Iterable[Draft], further: Further) -> Iterator[Draft]:
    """The first drafts as they are, of the others six at a time by their clauses."""
    found = list(drafts)
    yield from found[:TOLD_ALONE]
    for start in range(TOLD_ALONE, len(found), MOST_TOGETHER):
        some = found[start : start + MOST_TOGETHER]
        yield some[0] if len(some) == 1 else _joined(some, further)


def _joined(drafts: list[Draft], further: Further) -> Draft:
    clauses = "; ".join(draft.clause for draft in drafts)
    return Draft(
        severity=drafts[0].severity,
        headline=further.headline,
        sentences=(f"{further.before} {clauses}.",),
        next_step=NextStep(text=further.next_step),
    )
