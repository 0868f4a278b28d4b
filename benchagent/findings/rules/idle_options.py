"""The rule about options that made no difference that could be seen."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.facts.derivations.rows.settings import is_demand
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    LARGE,
    SMALL,
    FactBook,
    differ_to_a_reader,
    precedence,
    size_of,
    tested_over,
)
from benchagent.findings.rules.further import Further
from benchagent.findings.rules.options import (
    MOST_LISTED,
    OptionTest,
    is_clear,
    levels_of,
    tested_options,
)
from benchagent.findings.rules.phrases import bench_command, centres, value, whose
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, quoted, quoted_setting

FURTHER_WITHOUT_EFFECT: Final = Further(
    headline="Options that made no clear difference to other metrics",
    before="Once all other recorded settings were alike, there was no clear difference with",
    next_step="To resolve smaller differences, repeat more often",
)


def find_options_without_effect(book: FactBook) -> Iterator[Draft]:
    """Options that made no clear difference to a metric, for every subject that could show one."""
    asked: dict[tuple[str, str], list[OptionTest]] = defaultdict(list)
    for each in tested_options(book):
        if not is_clear(book, each) and size_of(each.ratio) < LARGE:
            asked[each.ratio.metric or "", each.ratio.option or ""].append(each)
    for (metric, option), found in sorted(
        asked.items(), key=lambda item: (precedence(item[0][0]), -len(item[1]), item[0])
    ):
        yield _draft_no_effect(book, metric, option, found)


def _list_medians(book: FactBook, ratios: list[Fact], *, named: bool) -> str:
    """Between what the medians of the first few lay, the least first."""
    listed: list[str] = []
    for ratio in ratios[:MOST_LISTED]:
        least, greatest = sorted(book.parts(ratio), key=lambda fact: fact.value)
        of = f"{whose(ratio)} " if named else ""
        lay = f"between {_at_level(ratio, least)} and {_at_level(ratio, greatest)}"
        listed.append(
            of + (lay if differ_to_a_reader(least, greatest) else f"always {value(least)}")
        )
    return f"{centres(*book.parts(ratios[0]))} by its values: {', '.join(listed)}"


def _at_level(ratio: Fact, side: Fact) -> str:
    return f"{value(side)} at {quoted_setting(ratio.option or '', side.level or '')}"


def _least_p(book: FactBook, found: list[OptionTest]) -> str:
    """The smallest p-value, and where one is smaller than the others, of what and over what."""
    ratio, smallest, test = min(found, key=lambda each: each.adjusted.value)
    alike = all(each.adjusted.value == smallest.value for each in found)
    if alike and len(found) > 1:
        return f"every p = {value(smallest)} after Holm"
    said = f"p = {value(smallest)} after Holm"
    if len(found) > 1:
        said = f"smallest {said}, for {whose(ratio)}"
    return f"{said}, {tested_over(book, test)}" if test.rounds else said


def _draft_no_effect(book: FactBook, metric: str, option: str, found: list[OptionTest]) -> Draft:
    quantity, ratios = metric_label(metric), [each.ratio for each in found]
    subjects = join_names([whose(ratio) for ratio in ratios], MOST_LISTED)
    medians = _list_medians(book, ratios, named=len(ratios) > 1)
    tested = _least_p(book, found)
    unresolved = any(size_of(ratio) >= SMALL for ratio in ratios)
    return Draft(
        severity="result",
        headline=f"{quoted(option)} made no clear difference to {quantity}",
        sentences=(
            (
                f"{quoted(option)} made no clear difference to the {quantity} of {subjects} once "
                f"all other recorded settings were alike; {medians}; {tested}."
            ),
            (
                f"Once all other recorded settings were alike, the {quantity} of {subjects} did not clearly "
                f"differ with {quoted(option)}; {medians}; {tested}."
            ),
        ),
        next_step=_next_step(book, ratios[0], unresolved=unresolved),
        clause=f"{quoted(option)} in the {quantity} of {subjects} ({tested})",
    )


def _next_step(book: FactBook, ratio: Fact, *, unresolved: bool) -> NextStep:
    option = ratio.option or ""
    if names_machine(option) or is_demand(option):
        return NextStep(
            text=f"Repeat more often on each {quoted(option)} before taking them for alike"
        )
    return NextStep(
        text=_choose(book, option, unresolved=unresolved),
        command=bench_command(ratio.subject, (option, levels_of(*book.parts(ratio)))),
    )


def _choose(book: FactBook, option: str, *, unresolved: bool) -> str:
    named = quoted(option)
    if unresolved:
        return (
            f"Repeat the values of {named} more often before choosing: medians so far apart would "
            "matter if they were an effect"
        )
    failing = any(
        fact.value < SIGNIFICANT and book.parts(book.by_id[fact.facts[0]])[0].option == option
        for fact in book.about("failure")
        if fact.method == "holm"
    )
    by = "among the values whose runs do not fail" if failing else "by memory or quality"
    return f"Choose {named} {by}; to resolve smaller differences, repeat more often"
