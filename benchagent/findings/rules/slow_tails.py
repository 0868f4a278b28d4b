"""The rule about a few calls that are far slower than their like, and make the mean."""

from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.slow_calls import CALLS_LOOKED_AT, SLOW_CALLS
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    FactBook,
    bench_command,
    calls,
    precedence,
    value,
    whose,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted

# One slow call in a folder is an accident.
_FEWEST: Final = 2


def find_slow_tails(book: FactBook) -> Iterator[Draft]:
    """Times of which a few calls lift the mean well above the median."""
    found: list[tuple[float, Draft]] = []
    told: set[tuple[str, str | None]] = set()
    counts = book.counts("subject", SLOW_CALLS)
    for slow in sorted(counts, key=lambda fact: (precedence(fact.metric), fact.id)):
        beside = {
            fact.statistic if fact.kind == "count" else fact.method: fact
            for fact in book.beside(slow)
            if fact.kind == "count" or fact.statistic == "value"
        }
        if not {"mean", "median", "maximum", CALLS_LOOKED_AT} <= beside.keys():
            continue
        mean, median = beside["mean"], beside["median"]
        if slow.value < _FEWEST or (whose(slow), slow.benchmark) in told:
            continue
        told.add((whose(slow), slow.benchmark))
        draft = _draft(slow, beside[CALLS_LOOKED_AT], mean, median, beside["maximum"])
        found.append((mean.value / median.value, draft))
    yield from (draft for _, draft in sorted(found, key=lambda pair: -pair[0]))


def _draft(slow: Fact, looked_at: Fact, mean: Fact, median: Fact, slowest: Fact) -> Draft:
    quantity, who = metric_label(slow.metric or ""), whose(slow)
    far = "far longer than the median of their prompt and settings"
    where = f"in {quoted(slow.benchmark or '')}"
    if slow.phase:
        where += f" ({calls(slow.phase)} only)"
    both = f"mean {value(mean)}, median {value(median)}, slowest {value(slowest)}"
    return Draft(
        severity="warning",
        headline=f"A few slow runs lift the mean {quantity} of {who}",
        sentences=(
            (
                f"The {quantity} of {who} {where} has a slow tail: {value(slow)} out of "
                f"{value(looked_at)} took {far} ({both}), so the mean is no usual one."
            ),
            (
                f"With {both}, a usual {quantity} of {who} {where} is the median: {value(slow)} out of "
                f"{value(looked_at)} took {far}."
            ),
        ),
        next_step=NextStep(
            text="Tell the median and how many were slow, find what they have in common, and repeat "
            "often: a few runs seldom hold a slow one",
            command=bench_command(slow.subject),
        ),
    )
