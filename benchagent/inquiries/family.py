"""All that somebody asked is one family of tests, whatever it was asked about."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from benchagent.facts.derivations.comparisons.contrasts import adjust_for_family
from benchagent.facts.fact import Fact


class Family(NamedTuple):
    """Tests after Holm over all of them.

    Attributes:
        adjusted: by the id of the test; none for one that could never come out significant.
        counts: how many comparisons were made.
    """

    adjusted: Mapping[str, Fact]
    counts: tuple[Fact, ...]


def adjust_together(facts: Iterable[Fact], name: str) -> Family:
    """The tests among these facts as the family of this name."""
    found = list(adjust_for_family(facts, lambda fact: name))
    return Family(
        {fact.facts[0]: fact for fact in found if fact.kind == "test"},
        tuple(fact for fact in found if fact.kind == "count"),
    )


def find_test(facts: Iterable[Fact]) -> Fact | None:
    """The test that was made, beside the smallest p-value that it could give."""
    return next((fact for fact in facts if fact.method != "smallest-p"), None)
