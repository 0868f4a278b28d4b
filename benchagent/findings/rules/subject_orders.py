"""Subjects in the order of their medians, each told apart from each, or not."""

from collections import Counter
from itertools import pairwise
from typing import Final, NamedTuple

from benchagent.facts.derivations.comparisons import IN_BLOCKS
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    LARGE,
    SIGNIFICANT,
    FactBook,
    bench_command,
    size_of,
    superlative,
    tested_over,
    value,
    weigh_results,
    with_interval,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import gives_answers, join_names, name_subject, quoted

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
    """Subjects of which each was compared with each, alike: the best first, equals together."""

    places: list[list[str]]
    pairs: dict[tuple[str, str], Pair]

    @property
    def extremes(self) -> Pair:
        """The first and the last."""
        return self.pairs[self.places[0][0], self.places[-1][-1]]


def order_of(book: FactBook, found: list[Pair]) -> Order | None:
    """The order of all subjects, if they have one: neighbours alone are at times not told apart."""
    pairs: dict[tuple[str, str], Pair] = {}
    for pair in found:
        better, worse = (side.subject or "" for side in book.parts(pair.ratio))
        pairs[better, worse] = pair
    wins = Counter(better for better, _ in pairs)
    names = sorted({name for both in pairs for name in both}, key=lambda name: -wins[name])
    in_order = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    if len(names) < _FEWEST or len(pairs) < len(found) or sorted(in_order) != sorted(pairs):
        return None
    places = [[names[0]]]
    for one, other in pairwise(names):
        if pairs[one, other].is_clear:
            places.append([])
        places[-1].append(other)
    place_of = {name: at for at, place in enumerate(places) for name in place}
    is_order = all(
        pair.is_clear == (place_of[one] != place_of[other]) for (one, other), pair in pairs.items()
    )
    return Order(places, pairs) if is_order else None


def draft_order(book: FactBook, order: Order) -> Draft:
    """Who came first, and who after."""
    pairs, ratio = order.pairs.values(), order.extremes.ratio
    best, worst = book.parts(ratio)
    quantity, first = metric_label(ratio.metric or ""), order.places[0]
    told = [_named_together(place) for place in order.places]
    came = f"{told[0]} came first, then {', then '.join(told[1:])}"
    medians = (
        f"medians of {value(best)} for {name_subject(best.subject)} and {value(worst)} for "
        f"{name_subject(worst.subject)}, a ratio of {ratio_with_interval(ratio)}"
    )
    tied = [pair for pair in pairs if not pair.is_clear]
    if not tied:
        steps = [order.pairs[one, other].ratio for (one,), (other,) in pairwise(order.places)]
        medians += f", and ratios of {join_names([value(step) for step in steps], len(steps))} "
        medians += "from each to the next"
    apart = [pair.adjusted for pair in pairs if pair.is_clear]
    of_first = [
        pair.adjusted for (one, _), pair in order.pairs.items() if one in first and pair.is_clear
    ]
    tested = f"every {'other ' if tied else ''}pair was told apart ({book.say_p(*apart)})"
    if IN_BLOCKS in (ratio.level or ""):
        tested += ", though a drift over time could look the same"
    over = _over_each(book, order)
    return Draft(
        severity="result",
        headline=f"{_names(first)} had the {superlative(ratio.metric or '')} {quantity} of all "
        f"compared in {quoted(ratio.benchmark or '')}{book.say_chance(*of_first)}",
        sentences=(
            f"In {quantity} {came}: {medians}, {over}; {tested}.",
            f"By {quantity}, {over}, {came}: {medians}; {tested}.",
        ),
        next_step=NextStep(
            text=f"Where {quantity} decides, prefer {_names(first, by='or')}; "
            f"{weigh_results(ratio)} before that",
        ),
    )


def draft_no_order(book: FactBook, order: Order) -> Draft:
    """That no two of them could be told apart."""
    pairs, [names] = order.pairs.values(), order.places
    furthest = max((pair.ratio for pair in pairs), key=lambda ratio: (size_of(ratio), ratio.id))
    least = min((pair.adjusted for pair in pairs), key=_by_value)
    best, worst = book.parts(furthest)
    quantity = metric_label(furthest.metric or "")
    medians = (
        f"furthest apart were {name_subject(best.subject)} and {name_subject(worst.subject)} with "
        f"medians of {value(best)} and {value(worst)}"
    )
    tested = f"{_over_each(book, order)} (smallest p = {value(least)} after Holm)"
    return Draft(
        severity="result",
        headline=f"No clear difference in {quantity} between {_names(names)}",
        sentences=(
            f"The {quantity} of {_names(names)} showed no clear difference: {medians}, {tested}.",
            f"No pair of {_names(names)} was told apart in {quantity}, {tested}: {medians}.",
        ),
        next_step=NextStep(
            text=repeat_subjects(furthest, "all"), command=bench_command(best.subject)
        ),
    )


def _over_each(book: FactBook, order: Order) -> str:
    """What each pair was compared over, at least."""
    pair = min(order.pairs.values(), key=lambda pair: (pair.test.n or 0, pair.test.id))
    ratio = pair.ratio
    over = f"each pair {tested_over(book, pair.test)} or more"
    return f"{over} in {quoted(ratio.benchmark or '')} {ratio.level}"


def _by_value(fact: Fact) -> tuple[float, str]:
    return fact.value, fact.id


def _names(subjects: list[str], *, by: str = "and") -> str:
    return join_names([name_subject(subject) for subject in subjects], len(subjects), by=by)


def _named_together(place: list[str]) -> str:
    return _names(place) if len(place) == 1 else f"{_names(place)} (not told apart)"


def ratio_with_interval(ratio: Fact) -> str:
    """The ratio of two that a test told apart.

    Its interval looks past blocks, which the test does not: one that holds 1 would contradict it.
    """
    holds_one = (ratio.ci_low or 0.0) <= 1 <= (ratio.ci_high or 0.0)
    return value(ratio) if holds_one else with_interval(ratio)


def repeat_subjects(ratio: Fact, which: str) -> str:
    """What to do where subjects were not told apart."""
    if size_of(ratio) >= LARGE:
        return f"Repeat {which} more often: medians so far apart would matter if they were a difference"
    alike = "with the same prompts" if gives_answers(ratio.benchmark) else "in alternating order"
    return f"Repeat {which} {alike} if the difference matters"
