"""Subjects in the order of their medians, each told apart from each, or not."""

from collections import Counter
from itertools import pairwise
from typing import Final, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.rules.fact_book import FactBook

_FEWEST: Final = 3


class Pair(NamedTuple):
    """Better over worse median of two subjects, the p-value after Holm, and the test it adjusts."""

    ratio: Fact
    adjusted: Fact
    test: Fact

    @property
    def is_clear(self) -> bool:
        """Whether a test told them apart."""
        return self.adjusted.value < SIGNIFICANT


class Order(NamedTuple):
    """Subjects of which each was compared with each, alike, the best first."""

    names: list[str]
    pairs: dict[tuple[str, str], Pair]

    @property
    def extremes(self) -> Pair:
        """The first and the last."""
        return self.pairs[self.names[0], self.names[-1]]

    @property
    def clear(self) -> dict[tuple[str, str], Pair]:
        """Those that a test told apart."""
        return {names: pair for names, pair in self.pairs.items() if pair.is_clear}

    @property
    def places(self) -> list[list[str]] | None:
        """Who shares a place; None where neighbours are alike and those beyond them are not."""
        places = [self.names[:1]]
        for one, other in pairwise(self.names):
            if self.pairs[one, other].is_clear:
                places.append([])
            places[-1].append(other)
        place_of = {name: at for at, place in enumerate(places) for name in place}
        apart = {names for names in self.pairs if place_of[names[0]] != place_of[names[1]]}
        return places if apart == self.clear.keys() else None


def order_of(book: FactBook, found: list[Pair]) -> Order | None:
    """Subjects in their order; None where not all were compared, or none comes before all others."""
    pairs: dict[tuple[str, str], Pair] = {}
    for pair in found:
        better, worse = (side.subject or "" for side in book.parts(pair.ratio))
        pairs[better, worse] = pair
    wins = Counter(better for better, _ in pairs)
    names = sorted({name for both in pairs for name in both}, key=lambda name: -wins[name])
    in_order = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    if len(names) < _FEWEST or len(pairs) < len(found) or sorted(in_order) != sorted(pairs):
        return None
    return Order(names, pairs)
