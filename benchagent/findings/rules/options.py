"""Rules about what an option does, and where it does nothing that could be seen."""

from collections import defaultdict
from collections.abc import Iterator
from math import isclose
from typing import Final, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    SIGNIFICANT,
    FactBook,
    bench_command,
    plain_levels,
    precedence,
    tested_over,
    value,
    whose,
)
from benchagent.quantities import metric_label
from benchagent.wording import join_names, quoted, quoted_setting

# Below this a difference may be real and still not matter to anybody who waits for an answer.
_SMALL: Final = 1.05
_MOST_LISTED: Final = 4
# What a client waits beyond the server's own time is a few milliseconds a call.
_SAME_TIMES: Final = 0.02


def find_option_effects(book: FactBook) -> Iterator[Draft]:
    """Options with which a metric clearly changed."""
    found: list[list[_Effect]] = []
    for ratio in _option_ratios(book):
        adjusted = book.adjusted(ratio)
        if adjusted and adjusted[0].value < SIGNIFICANT:
            effect = _Effect(ratio, *adjusted)
            told = next((group for group in found if _by_another_clock(book, group[0], effect)), [])
            if not told:
                found.append(told)
            told.append(effect)
    found.sort(key=lambda group: -_size(group[0].ratio))
    yield from (_draft_effect(book, *group) for group in found)


class _Effect(NamedTuple):
    """Best over worst value of an option, the p-value after Holm, and the test that it adjusts."""

    ratio: Fact
    adjusted: Fact
    test: Fact


def _by_another_clock(book: FactBook, told: _Effect, other: _Effect) -> bool:
    """Whether two metrics gave the same times, as those of client and server do."""
    one, two = told.ratio, other.ratio
    if (one.benchmark, one.subject, one.of, one.workload, one.option, one.phase) != (
        two.benchmark, two.subject, two.of, two.workload, two.option, two.phase,
    ):  # fmt: skip
        return False
    return all(
        (a.level, a.unit) == (b.level, b.unit) and isclose(a.value, b.value, rel_tol=_SAME_TIMES)
        for a, b in zip(book.parts(one), book.parts(two), strict=True)
    )


def _option_ratios(book: FactBook) -> list[Fact]:
    found = [fact for fact in book.about("option") if fact.kind == "ratio" and fact.option]
    return sorted(found, key=lambda fact: (precedence(fact.metric), fact.id))


def _size(ratio: Fact) -> float:
    return max(ratio.value, 1 / ratio.value) if ratio.value > 0 else 0.0


def _in_blocks(book: FactBook, ratio: Fact) -> list[Fact]:
    return [
        fact
        for fact in book.counts("order", "runs-in-blocks")
        if (fact.subject, fact.option, fact.benchmark)
        == (ratio.subject, ratio.option, ratio.benchmark)
    ]


def _draft_effect(book: FactBook, effect: _Effect, *others: _Effect) -> Draft:
    ratio, adjusted, test = effect
    best, worst = book.parts(ratio)
    option, quantity = ratio.option or "", metric_label(ratio.metric or "")
    small = (
        "a small difference that chance hardly explains"
        if _size(ratio) < _SMALL
        else ("a difference that chance hardly explains")
    )
    medians = (
        f"{value(best)} at {quoted_setting(option, best.level or '')} against {value(worst)} at "
        f"{quoted_setting(option, worst.level or '')}"
    )
    tested = f"{tested_over(book, test)} {ratio.level} (p = {value(adjusted)} after Holm)"
    blocks = _in_blocks(book, ratio)
    but = (
        f"; {quoted(option)} was changed only in blocks of successive runs there "
        f"({value(blocks[0])}), so a drift over time could look the same"
        if blocks
        else ""
    )
    alike = "".join(_told_along(book, other) for other in others)
    return Draft(
        severity="result",
        headline=f"The {quantity} of {whose(ratio)} differed with {quoted(option)}",
        sentences=(
            (
                f"The {quantity} of {whose(ratio)} differed with {quoted(option)}: medians of "
                f"{medians}, {small} {tested}{alike}{but}."
            ),
            (
                f"With {quoted(option)} the {quantity} of {whose(ratio)} changed: medians of "
                f"{medians}, {small} {tested}{alike}{but}."
            ),
        ),
        next_step=NextStep(
            text=f"Measure {quoted(option)} again with the order of its values shuffled"
            if blocks
            else f"Set {quoted_setting(option, best.level or '')} and measure answer quality",
            command=bench_command(ratio.subject, (option, _levels(best, worst))),
        ),
    )


def _told_along(book: FactBook, other: _Effect) -> str:
    best, worst = book.parts(other.ratio)
    quantity = metric_label(other.ratio.metric or "")
    return f"; so did the {quantity} ({value(best)} against {value(worst)}, p = {value(other.adjusted)})"


def _levels(*facts: Fact) -> list[str]:
    return plain_levels({fact.level for fact in facts if fact.level})


def find_options_without_effect(book: FactBook) -> Iterator[Draft]:
    """Options that made no clear difference to a metric, for every subject that could show one."""
    asked: dict[tuple[str, str], list[tuple[Fact, Fact, Fact]]] = defaultdict(list)
    for ratio in _option_ratios(book):
        adjusted = book.adjusted(ratio)
        if adjusted and adjusted[0].value >= SIGNIFICANT:
            asked[ratio.metric or "", ratio.option or ""].append((ratio, *adjusted))
    for (metric, option), found in sorted(
        asked.items(), key=lambda item: (precedence(item[0][0]), -len(item[1]), item[0])
    ):
        yield _draft_no_effect(book, metric, option, found)


def _draft_no_effect(
    book: FactBook, metric: str, option: str, found: list[tuple[Fact, Fact, Fact]]
) -> Draft:
    quantity = metric_label(metric)
    subjects = join_names([whose(ratio) for ratio, _, _ in found], _MOST_LISTED)
    listed = [
        f"{whose(ratio)} {value(worst)} to {value(best)}"
        for ratio, _, _ in found[:_MOST_LISTED]
        for best, worst in [book.parts(ratio)]
    ]
    medians = f"medians by its values: {', '.join(listed)}"
    _, smallest, test = min(found, key=lambda triple: (triple[1].value, triple[1].id))
    tested = f"{'p' if len(found) == 1 else 'smallest p'} = {value(smallest)} after Holm"
    tested += f", {tested_over(book, test)}" if test.rounds else ""
    first = found[0][0]
    return Draft(
        severity="result",
        headline=f"{quoted(option)} made no clear difference to {quantity}",
        sentences=(
            (
                f"{quoted(option)} made no clear difference to the {quantity} of {subjects} once "
                f"all other recorded settings were alike: {medians}; {tested}."
            ),
            (
                f"Once all other recorded settings were alike, the {quantity} of {subjects} did not clearly "
                f"differ with {quoted(option)}: {medians}; {tested}."
            ),
        ),
        next_step=NextStep(
            text=f"Choose {quoted(option)} by memory or quality; to resolve smaller differences, "
            "repeat more often",
            command=bench_command(first.subject, (option, _levels(*book.parts(first)))),
        ),
    )
