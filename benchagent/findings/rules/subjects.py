"""The rule about subjects that were run alike: which did better, or in what order they came."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from benchagent.facts.derivations.comparisons.contrasts import ACROSS_FILES
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    HEADLINE_METRICS,
    FactBook,
    precedence,
    size_of,
    tells_direction,
    tested_over,
)
from benchagent.findings.rules.lengths import say_shorter_answers
from benchagent.findings.rules.phrases import bench_command, centres, comparative, value
from benchagent.findings.rules.places import Pair, order_of
from benchagent.findings.rules.subject_orders import draft_all
from benchagent.findings.rules.subject_reserves import prefer, weigh_up
from benchagent.findings.rules.subject_wording import (
    place_of,
    ratio_with_interval,
    repeat_subjects,
    say_workload,
)
from benchagent.findings.rules.subjects_at_work import draft_workloads
from benchagent.quantities.metrics import metric_label
from benchagent.wording import name_subject


class _Told(NamedTuple):
    """A draft, whether it tells anything apart, and the ratio that it stands among others by."""

    is_clear: bool
    ratio: Fact
    draft: Draft


def find_subject_differences(book: FactBook) -> Iterator[Draft]:
    """Which subject did better where they were run alike: in order, or pair by pair."""
    told: list[_Told] = []
    by_pair: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for pairs in _alike(book):
        order = order_of(book, pairs)
        if order is not None:
            ratio = order.extremes.ratio
            told.append(_Told(bool(order.clear), ratio, draft_all(book, order)))
            continue
        for pair in pairs:
            by_pair[_both(book, pair)].append(pair)
    told += [_draft(book, pairs) for pairs in by_pair.values()]
    told.sort(key=lambda each: (not each.is_clear, *_strength(each.ratio)))
    yield from (each.draft for each in told)


def _both(book: FactBook, pair: Pair) -> tuple[object, ...]:
    """What pairs share that are of the same two subjects at other work; else the pair itself."""
    ratio = pair.ratio
    sides = frozenset(side.subject for side in book.parts(ratio))
    if not ratio.workload:
        return (ratio.id,)
    return ratio.metric, ratio.definition, ratio.benchmark, ratio.phase, sides


def _draft(book: FactBook, pairs: list[Pair]) -> _Told:
    pairs.sort(key=lambda pair: (not pair.is_clear, *_strength(pair.ratio)))
    first = pairs[0]
    if len(pairs) > 1:
        draft = draft_workloads(book, pairs)
    else:
        draft = (_draft_clear if first.is_clear else _draft_open)(book, first)
    return _Told(first.is_clear, first.ratio, draft)


def _alike(book: FactBook) -> list[list[Pair]]:
    """All that was compared, together what was compared in one quantity and alike in the same."""
    together: dict[tuple[str | None, ...], list[Pair]] = defaultdict(list)
    for ratio in book.about("comparison"):
        adjusted = book.adjusted(ratio) if ratio.kind == "ratio" else None
        if adjusted and ratio.metric in HEADLINE_METRICS and tells_direction(ratio, adjusted[0]):
            contest = (ratio.metric, ratio.definition, ratio.benchmark, ratio.workload, ratio.phase)
            together[*contest, ratio.level].append(Pair(ratio, *adjusted))
    return list(together.values())


def _strength(ratio: Fact) -> tuple[int, bool, float]:
    """What a reader asks after first, pairs of one file before pairs of two, the larger ratio."""
    return precedence(ratio.metric), ACROSS_FILES in (ratio.level or ""), -size_of(ratio)


def _matched(book: FactBook, pair: Pair) -> str:
    ratio = pair.ratio
    over = f"{tested_over(book, pair.test)} in {place_of(ratio)} {ratio.level}"
    return f"{over} ({book.say_p(pair.adjusted)})"


def _draft_clear(book: FactBook, pair: Pair) -> Draft:
    ratio = pair.ratio
    best, worst = book.parts(ratio)
    quantity, better = metric_label(ratio.metric or ""), comparative(ratio.metric or "")
    one, other = name_subject(best.subject), name_subject(worst.subject)
    times = ratio_with_interval(ratio) + say_shorter_answers(book, best, worst)
    reserves = weigh_up(book, [pair], [best.subject or ""])
    over = f"{_matched(book, pair)}{reserves.said}"
    return Draft(
        severity="result",
        headline=f"{one} had a {better} {quantity} than {other}{say_workload(ratio)}"
        f"{book.say_chance(pair.adjusted)}",
        sentences=(
            (
                f"{one} had a {better} {quantity} than {other}: {centres(best, worst)} of {value(best)} and "
                f"{value(worst)}, a ratio of {times}, {over}."
            ),
            (
                f"The {quantity} of {one} and {other} parted, with {centres(best, worst)} of {value(best)} and "
                f"{value(worst)}, a ratio of {times}, {over}."
            ),
        ),
        next_step=reserves.step or prefer(pair, [best.subject or ""]),
    )


def _draft_open(book: FactBook, pair: Pair) -> Draft:
    ratio = pair.ratio
    best, worst = book.parts(ratio)
    quantity = metric_label(ratio.metric or "")
    over = _matched(book, pair)
    one, other = name_subject(best.subject), name_subject(worst.subject)
    return Draft(
        severity="result",
        headline=f"No clear difference in {quantity} between {one} and {other}{say_workload(ratio)}",
        sentences=(
            (
                f"The {quantity} of {one} and {other} showed no clear difference: "
                f"{centres(best, worst)} of {value(best)} and {value(worst)}, {over}."
            ),
            (
                f"With {centres(best, worst)} of {value(best)} for {one} and {value(worst)} for {other}, their "
                f"{quantity} showed no clear difference {over}."
            ),
        ),
        next_step=NextStep(
            text=repeat_subjects(ratio, "both"),
            command=bench_command(best.subject),
        ),
    )
