"""What is said of an option whose effect depends on another option."""

import json

from benchagent.facts.fact import Fact
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import value, with_interval
from benchagent.wording import join_names, quoted, quoted_settings


def ratios_within(book: FactBook, ratio: Fact) -> list[Fact]:
    """The ratio under each value of the option that it depends on, the largest first; or none."""
    found = book.like(ratio, about="interaction", phase=ratio.phase)
    return sorted((fact for fact in found if fact.kind == "ratio"), key=lambda fact: -fact.value)


def depends_on(within: list[Fact]) -> str:
    """The name of that other option."""
    [name] = json.loads(within[0].config or "{}")
    return quoted(name)


def say_dependence(book: FactBook, within: list[Fact]) -> str:
    """What it was under each value of the other option; after a `;`."""
    if not within:
        return ""
    listed = [
        f"with {quoted_settings(ratio.config or '{}')} medians of {value(best)} against {value(worst)}, "
        f"a ratio of {with_interval(ratio)}"
        for ratio in within
        for best, worst in [book.parts(ratio)]
    ]
    return f"; it depended on {depends_on(within)}: {join_names(listed)}"
