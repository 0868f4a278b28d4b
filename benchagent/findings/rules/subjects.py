"""The rule about subjects that were run alike: which did better, or in what order they came."""

from collections import defaultdict
from collections.abc import Iterator

from benchagent.facts.derivations.comparisons.contrasts import ACROSS_FILES
from benchagent.facts.derivations.comparisons.subjects import IN_BLOCKS
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    HEADLINE_METRICS,
    FactBook,
    bench_command,
    centres,
    comparative,
    precedence,
    size_of,
    tells_direction,
    tested_over,
    value,
    weigh_results,
)
from benchagent.findings.rules.lengths import say_shorter_answers
from benchagent.findings.rules.places import Pair, order_of
from benchagent.findings.rules.subject_orders import draft_all
from benchagent.findings.rules.subject_wording import (
    ratio_with_interval,
    repeat_subjects,
)
from benchagent.findings.rules.survivors import (
    advise_survivors,
    say_survivors,
    subject_survivors,
)
from benchagent.findings.rules.tokenizers import (
    compare_texts,
    may_be_tokens,
    say_tokens,
    whole_answers,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import name_subject, quoted


def find_subject_differences(book: FactBook) -> Iterator[Draft]:
    """Which subject did better where they were run alike: in order, or pair by pair."""
    clear: list[tuple[Fact, Draft]] = []
    open_: list[tuple[Fact, Draft]] = []
    for pairs in _alike(book):
        order = order_of(book, pairs)
        if order is None:
            for pair in pairs:
                draft = (_draft_clear if pair.is_clear else _draft_open)(book, *pair)
                (clear if pair.is_clear else open_).append((pair.ratio, draft))
        else:
            draft = draft_all(book, order)
            (clear if order.clear else open_).append((order.extremes.ratio, draft))
    for told in (clear, open_):
        told.sort(key=lambda pair: (precedence(pair[0].metric), *_strength(pair[0])))
        yield from (draft for _, draft in told)


def _alike(book: FactBook) -> list[list[Pair]]:
    """All that was compared, together what was compared in one quantity and alike in the same."""
    together: dict[tuple[str | None, ...], list[Pair]] = defaultdict(list)
    for ratio in book.about("comparison"):
        adjusted = book.adjusted(ratio) if ratio.kind == "ratio" else None
        if adjusted and ratio.metric in HEADLINE_METRICS and tells_direction(ratio, adjusted[0]):
            contest = (ratio.metric, ratio.definition, ratio.benchmark, ratio.workload, ratio.phase)
            together[*contest, ratio.level].append(Pair(ratio, *adjusted))
    return list(together.values())


def _strength(ratio: Fact) -> tuple[bool, float]:
    """Pairs of one file before pairs of two, then the larger ratio."""
    return ACROSS_FILES in (ratio.level or ""), -size_of(ratio)


def _matched(book: FactBook, ratio: Fact, test: Fact, adjusted: Fact) -> str:
    return (
        f"{tested_over(book, test)} in {quoted(ratio.benchmark or '')} "
        f"{ratio.level} ({book.say_p(adjusted)})"
    )


def _draft_clear(book: FactBook, ratio: Fact, adjusted: Fact, test: Fact) -> Draft:
    best, worst = book.parts(ratio)
    quantity, better = metric_label(ratio.metric or ""), comparative(ratio.metric or "")
    over = _matched(book, ratio, test, adjusted)
    one, other = name_subject(best.subject), name_subject(worst.subject)
    times = ratio_with_interval(ratio) + say_shorter_answers(book, best, worst)
    if IN_BLOCKS in (ratio.level or ""):
        over += ", so a drift over time could look the same"
    survivors = [subject_survivors(book, ratio, side.subject) for side in (best, worst)]
    over += say_survivors([*survivors[0], *survivors[1]])
    by_tokens = may_be_tokens(ratio, (best.subject, worst.subject))
    whole = whole_answers(book, best, worst) if by_tokens else None
    over += say_tokens(whole) if by_tokens else ""
    step = NextStep(
        text=f"Where {quantity} decides, prefer {one}; {weigh_results(ratio)} before that"
    )
    if survivors[0]:
        step = NextStep(text=advise_survivors(survivors[0]))
    elif by_tokens and (whole is None or whole.verdict != "borne out"):
        step = compare_texts(ratio, [best.subject or ""])
    return Draft(
        severity="result",
        headline=f"{one} had a {better} {quantity} than {other}{book.say_chance(adjusted)}",
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
        next_step=step,
    )


def _draft_open(book: FactBook, ratio: Fact, adjusted: Fact, test: Fact) -> Draft:
    best, worst = book.parts(ratio)
    quantity = metric_label(ratio.metric or "")
    over = _matched(book, ratio, test, adjusted)
    one, other = name_subject(best.subject), name_subject(worst.subject)
    return Draft(
        severity="result",
        headline=f"No clear difference in {quantity} between {one} and {other}",
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
