"""What is said of two subjects that were compared, whether they stand alone or in an order."""

from typing import Final

from benchagent.facts.fact import Fact
from benchagent.findings.rules.fact_book import (
    LARGE,
    SMALL,
    FactBook,
    size_of,
    value,
    with_interval,
)
from benchagent.wording import gives_answers

# They take the longer, the more is answered.
WHOLE_CALLS: Final = ("latency", "total_time")


def ratio_with_interval(ratio: Fact) -> str:
    """The ratio of two that a test told apart.

    Its interval looks past blocks, which the test does not: one that holds 1 would contradict it.
    """
    holds_one = (ratio.ci_low or 0.0) <= 1 <= (ratio.ci_high or 0.0)
    return value(ratio) if holds_one else with_interval(ratio)


def say_answers(book: FactBook, best: Fact, worst: Fact) -> str:
    """How long the answers were, where the faster subject gave the shorter ones; after a `,`."""
    if best.metric not in WHOLE_CALLS:
        return ""
    lengths = [
        fact
        for side in (best, worst)
        for fact in book.about("subject")
        if (fact.metric, fact.method, fact.of) == ("output_tokens", "median", None)
        and (fact.subject, fact.benchmark, fact.workload, fact.phase)
        == (side.subject, side.benchmark, side.workload, side.phase)
    ]
    if len(lengths) != 2 or lengths[1].value < SMALL * lengths[0].value:
        return ""
    return f", for answers of {value(lengths[0])} and {value(lengths[1])} (medians over all runs)"


def repeat_subjects(ratio: Fact, which: str) -> str:
    """What to do where subjects were not told apart."""
    if size_of(ratio) >= LARGE:
        return f"Repeat {which} more often: medians so far apart would matter if they were a difference"
    alike = "with the same prompts" if gives_answers(ratio.benchmark) else "in alternating order"
    return f"Repeat {which} {alike} if the difference matters"
