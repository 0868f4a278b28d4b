"""What is told of subjects of which each was compared with each, alike."""

from itertools import combinations, pairwise
from typing import Final

from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook, size_of, tested_over
from benchagent.findings.rules.lengths import say_shorter_answers
from benchagent.findings.rules.phrases import bench_command, centres, superlative, value
from benchagent.findings.rules.places import Order
from benchagent.findings.rules.subject_reserves import OF_THESE, prefer, weigh_up
from benchagent.findings.rules.subject_wording import (
    names_of,
    place_of,
    ratio_with_interval,
    repeat_subjects,
    say_workload,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, name_subject

_MOST_PAIRS: Final = 12


def draft_all(book: FactBook, order: Order) -> Draft:
    """What comparing each with each showed, in one."""
    if not order.clear:
        return _draft_no_order(book, order)
    places = order.places
    return _draft_order(book, order, places) if places else _draft_overlapping(book, order)


def _draft_order(book: FactBook, order: Order, places: list[list[str]]) -> Draft:
    """Who came first, and who after."""
    ratio, first = order.extremes.ratio, places[0]
    quantity = metric_label(ratio.metric or "")
    told = [_named_together(place) for place in places]
    came = f"{told[0]} came first, then {', then '.join(told[1:])}"
    medians = _medians_of_ends(book, order)
    tied = len(order.clear) < len(order.pairs)
    if not tied:
        steps = [order.pairs[names].ratio for names in pairwise(order.names)]
        medians += f", and ratios of {join_names([value(step) for step in steps], len(steps))} "
        medians += "from each to the next"
    tested = f"every {'other ' if tied else ''}pair was told apart ({_say_all(book, order)})"
    over = _over_each(book, order)
    reserves = weigh_up(book, [*order.clear.values()], first)
    tested += reserves.said
    return Draft(
        severity="result",
        headline=f"{names_of(first)} had the {superlative(ratio.metric or '')} {quantity} "
        f"{_of_whom(order)}{_say_chance(book, order, first)}",
        sentences=(
            f"In {quantity} {came}: {medians}, {over}; {tested}.",
            f"By {quantity}, {over}, {came}: {medians}; {tested}.",
        ),
        next_step=reserves.step or prefer(order.extremes, first, among=OF_THESE),
    )


def _draft_overlapping(book: FactBook, order: Order) -> Draft:
    """Who came first, where neighbours are not told apart and others are."""
    ratio = order.extremes.ratio
    quantity, centre = metric_label(ratio.metric or ""), centres(*book.parts(ratio))
    first, *others = order.names
    leaders = [first, *(name for name in others if not order.pairs[first, name].is_clear)]
    came = f"the order was {', '.join(name_subject(name) for name in order.names)}"
    medians, over = _medians_of_ends(book, order), _over_each(book, order)
    alike = [names for names in combinations(order.names, 2) if names not in order.clear]
    if len(alike) < len(order.clear):
        tested = f"each was told apart from each ({_say_all(book, order)}) but {_from_each(alike)}"
    else:
        only = "only these were" if len(order.clear) > 1 else "only this one was"
        tested = f"{only} told apart: {_from_each([*order.clear])} ({_say_all(book, order)})"
    reserves = weigh_up(book, [*order.clear.values()], leaders)
    tested += reserves.said
    best = f"{superlative(ratio.metric or '')} {quantity}"
    where = _of_whom(order)
    headline, step = (
        f"The {best} {where} was that of {names_of(leaders, by='or')}",
        reserves.step or prefer(order.extremes, leaders, among=OF_THESE),
    )
    if leaders == [first]:
        headline = f"{name_subject(first)} had the {best} {where}"
    elif leaders == order.names:
        headline = f"Whose {quantity} was the {superlative(ratio.metric or '')} {where} is open"
        step = NextStep(text=repeat_subjects(ratio, "all"))
    return Draft(
        severity="result",
        headline=f"{headline}{_say_chance(book, order, leaders)}",
        sentences=(
            f"In {quantity}, by the {centre} alone, {came}: {medians}, {over}; {tested}.",
            f"In {quantity}, {over}, {tested}; by the {centre} alone {came}, with {medians}.",
        ),
        next_step=step,
    )


def _of_whom(order: Order) -> str:
    """Among whom: others of the same benchmark may have been compared with some of them alone."""
    of = join_names([name_subject(name) for name in sorted(order.names)], _MOST_PAIRS)
    return f"of {of} in {place_of(order.extremes.ratio)}"


def _from_each(pairs: list[tuple[str, str]]) -> str:
    """Who from whom, the first dozen."""
    return join_names(
        [f"{name_subject(one)} from {name_subject(other)}" for one, other in pairs], _MOST_PAIRS
    )


def _medians_of_ends(book: FactBook, order: Order) -> str:
    ratio = order.extremes.ratio
    best, worst = book.parts(ratio)
    return (
        f"{centres(best, worst)} of {value(best)} for {name_subject(best.subject)} and {value(worst)} for "
        f"{name_subject(worst.subject)}, a ratio of {ratio_with_interval(ratio)}"
        f"{say_shorter_answers(book, best, worst)}"
    )


def _say_all(book: FactBook, order: Order) -> str:
    """The p-value of those told apart that is the largest."""
    return book.say_p(*(pair.adjusted for pair in order.clear.values()))


def _say_chance(book: FactBook, order: Order, leaders: list[str]) -> str:
    """What a headline adds where those before all others may be so by chance."""
    return book.say_chance(
        *(
            pair.adjusted
            for (one, other), pair in order.clear.items()
            if one in leaders and other not in leaders
        )
    )


def _draft_no_order(book: FactBook, order: Order) -> Draft:
    """That no two of them could be told apart."""
    pairs, names = order.pairs.values(), order.names
    furthest = max((pair.ratio for pair in pairs), key=size_of)
    least = min((pair.adjusted for pair in pairs), key=lambda fact: fact.value)
    best, worst = book.parts(furthest)
    quantity = metric_label(furthest.metric or "")
    medians = (
        f"furthest apart were {name_subject(best.subject)} and {name_subject(worst.subject)} with "
        f"{centres(best, worst)} of {value(best)} and {value(worst)}"
    )
    tested = f"{_over_each(book, order)} (smallest p = {value(least)} after Holm)"
    return Draft(
        severity="result",
        headline=f"No clear difference in {quantity} between {names_of(names)}{say_workload(furthest)}",
        sentences=(
            f"The {quantity} of {names_of(names)} showed no clear difference: {medians}, {tested}.",
            f"No pair of {names_of(names)} was told apart in {quantity}, {tested}: {medians}.",
        ),
        next_step=NextStep(
            text=repeat_subjects(furthest, "all"), command=bench_command(best.subject)
        ),
    )


def _over_each(book: FactBook, order: Order) -> str:
    """What each pair was compared over, at least."""
    pair = min(order.pairs.values(), key=lambda pair: pair.test.n or 0)
    ratio = pair.ratio
    over = f"each pair {tested_over(book, pair.test)} or more"
    return f"{over} in {place_of(ratio)} {ratio.level}"


def _named_together(place: list[str]) -> str:
    return names_of(place) if len(place) == 1 else f"{names_of(place)} (not told apart)"
