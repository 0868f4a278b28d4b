"""What the measurements say to a question: a comparison, or why there can be none."""

from dataclasses import dataclass
from typing import Final, Literal

from benchagent.facts.fact import Fact
from benchagent.inquiries.dimensions import Kind
from benchagent.inquiries.query import Query

# The kinds of dimensions by which rules compare every snapshot.
ASKED_BY_RULES: Final = frozenset(["option", "subject"])

Outcome = Literal["differs", "no-difference", "too-few", "not-comparable", "no-data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the measurements say to a question.

    Attributes:
        facts: all that the answer rests on, and what it rests on in turn.
        medians: one per value compared, better first.
        ratio, test, adjusted: of the extremes; of all values; after Holm over all that was asked.
        count: what was counted, where nothing could be compared.
        together: for what cannot be told apart, the dimensions that changed in step.
        alike: in what the calls compared are alike.
    """

    query: Query
    kind: Kind
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    medians: tuple[Fact, ...] = ()
    ratio: Fact | None = None
    test: Fact | None = None
    adjusted: Fact | None = None
    count: Fact | None = None
    together: tuple[str, ...] = ()
    alike: str = ""

    @property
    def asked_by_rules(self) -> bool:
        """Whether the rules ask this of every snapshot."""
        plain = not (self.query.where or self.query.control)
        return plain and self.kind in ASKED_BY_RULES
