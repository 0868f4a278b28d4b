"""The rule about a few calls that are far slower than their like, and make the mean."""

from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.doubts.slow_calls import (
    CALLS_LOOKED_AT,
    MEAN_MULTIPLE,
    SLOW_CALLS,
    SLOWEST,
)
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook, precedence
from benchagent.findings.rules.phrases import bench_command, calls, value, whose
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted

# One slow call is an accident, unless it makes the mean.
_FEWEST: Final = 2
_MAKES_THE_MEAN: Final = 1.25


def find_slow_tails(book: FactBook) -> Iterator[Draft]:
    """Times of which a few calls lift the mean well above the median of their like."""
    found: list[tuple[float, Draft]] = []
    told: set[tuple[str, str | None]] = set()
    counts = book.counts("subject", SLOW_CALLS)
    for slow in sorted(counts, key=lambda fact: precedence(fact.metric)):
        beside = {fact.statistic: fact for fact in book.beside(slow)}
        lifted = beside[MEAN_MULTIPLE]
        enough = slow.value >= _FEWEST or lifted.value >= _MAKES_THE_MEAN
        if not enough or (whose(slow), slow.benchmark) in told:
            continue
        told.add((whose(slow), slow.benchmark))
        draft = _draft(slow, beside[CALLS_LOOKED_AT], lifted, beside[SLOWEST])
        found.append((lifted.value, draft))
    yield from (draft for _, draft in sorted(found, key=lambda pair: -pair[0]))


def _draft(slow: Fact, looked_at: Fact, lifted: Fact, slowest: Fact) -> Draft:
    quantity, who = metric_label(slow.metric or ""), whose(slow)
    where = f"in {quoted(slow.benchmark or '')}"
    if slow.phase:
        where += f" ({calls(slow.phase)} only)"
    few = f"{value(slow)} out of {value(looked_at)}"
    one = slow.value == 1
    their = "its" if one else "their"
    return Draft(
        severity="warning",
        headline=f"{'One slow run lifts' if one else 'A few slow runs lift'} the mean "
        f"{quantity} of {who}",
        sentences=(
            (
                f"The {quantity} of {who} {where} has a slow tail: {few} took far longer than the "
                f"median of {their} prompt and settings, up to {value(slowest)}, so that on "
                f"average a call took {value(lifted)} times that median."
            ),
            (
                f"Up to {value(slowest)}, {few} took far longer than the median of {their} prompt and "
                f"settings; by the {quantity} of {who} {where}, a call took {value(lifted)} times that "
                "median on average."
            ),
        ),
        next_step=NextStep(
            text="Tell the median beside the mean, look at what set that run apart, and repeat often: "
            "a few runs seldom hold a slow one"
            if one
            else "Tell the median and how many were slow, find what they have in common, and repeat "
            "often: a few runs seldom hold a slow one",
            command=bench_command(slow.subject),
        ),
    )
