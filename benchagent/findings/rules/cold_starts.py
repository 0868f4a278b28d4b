"""Rules about calls that had to wait for their model to be loaded."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import HEADLINE_METRICS, FactBook, precedence
from benchagent.findings.rules.further import Further
from benchagent.findings.rules.phrases import bench_command, count_of_samples, value, whose
from benchagent.quantities.metrics import find_metric, metric_label
from benchagent.wording import name_subject, quoted

FURTHER_COLD_STARTS: Final = Further(
    headline="Cold starts dominate other means too",
    before="Cold starts also dominate",
    next_step="Report cold and warm calls apart, and warm each model up before measuring",
)
_FEWEST_WARM: Final = 3
# From here on the mean over all calls tells a reader more of loading than of answering.
_DOMINATED: Final = 1.5


def find_cold_starts(book: FactBook) -> Iterator[Draft]:
    """Means over all calls that are far from what a warm call takes."""
    found: list[tuple[float, Draft]] = []
    told: set[tuple[str, str | None]] = set()
    means = [fact for fact in book.about("phase") if fact.method == "mean"]
    for mean in sorted(means, key=lambda fact: precedence(fact.metric)):
        if (whose(mean), mean.benchmark) in told or not _is_waiting(mean.metric):
            continue
        warm = {fact.method: fact for fact in _subject_facts(book, mean, "warm")}
        cold = {fact.method: fact for fact in _subject_facts(book, mean, "cold")}
        median, warm_mean = warm.get("median"), warm.get("mean")
        slow = cold.get("median") or cold.get("value")
        if not (median and warm_mean and slow) or (median.n or 0) < _FEWEST_WARM:
            continue
        if mean.value >= _DOMINATED * warm_mean.value > 0:
            told.add((whose(mean), mean.benchmark))
            draft = _draft_cold(mean, median, warm_mean, slow, _say_parting(book, mean))
            found.append((mean.value / warm_mean.value, draft))
    found.sort(key=lambda pair: -pair[0])
    yield from (draft for _, draft in found)


def _is_waiting(metric: str | None) -> bool:
    known = find_metric(metric or "")
    return metric in HEADLINE_METRICS and known is not None and known.better == "lower"


def _subject_facts(book: FactBook, like: Fact, phase: str) -> list[Fact]:
    found = book.like(like, about="subject", phase=phase)
    return [fact for fact in found if fact.unit == like.unit and fact.statistic == "value"]


def _say_parting(book: FactBook, mean: Fact) -> str:
    """Which loads were taken for cold, and which for warm ones; nothing where the file says it itself."""
    loads = replace(mean, metric="load_time", definition=None)
    cold = {fact.method: fact for fact in _subject_facts(book, loads, "cold")}
    warm = {fact.method: fact for fact in _subject_facts(book, loads, "warm")}
    least, most = cold.get("minimum") or cold.get("value"), warm.get("maximum")
    if not (least and most) or least.value <= most.value:
        return ""
    loaded = "the cold call had a" if least.n == 1 else "cold calls had a minimum"
    return (
        f"; {loaded} load time of {value(least)}, warm calls a maximum load time of {value(most)}"
    )


def _draft_cold(mean: Fact, median: Fact, warm_mean: Fact, slow: Fact, parting: str) -> Draft:
    quantity = metric_label(mean.metric or "")
    where = f"of {whose(mean)} in {quoted(mean.benchmark or '')}"
    cold = (
        f"the only cold call took {value(slow)}"
        if slow.n == 1
        else f"{count_of_samples(slow)} cold calls had a median of {value(slow)}"
    )
    warm = f"{count_of_samples(median)} warm calls had a median of {value(median)}"
    return Draft(
        severity="warning",
        headline=f"Cold starts dominate the mean {quantity} of {whose(mean)}",
        sentences=(
            (
                f"The mean {quantity} {where} was {value(mean)} over all {count_of_samples(mean)} "
                f"calls and {value(warm_mean)} over the warm ones: {cold}, and {warm}{parting}."
            ),
            (
                f"Without cold calls the mean {quantity} {where} was {value(warm_mean)}, with them "
                f"{value(mean)}, over {count_of_samples(mean)} calls in all: {cold}, and {warm}{parting}."
            ),
            (
                f"Of the {quantity} {where} an average over cold and warm calls describes neither: "
                f"{cold}, {warm}, and the mean was {value(mean)} over all "
                f"{count_of_samples(mean)} calls, {value(warm_mean)} over the warm ones{parting}."
            ),
        ),
        next_step=NextStep(
            text="Report cold and warm calls apart, and warm the model up before measuring",
            command=bench_command(mean.subject),
        ),
        clause=f"the mean {quantity} {where} ({value(mean)} over all {count_of_samples(mean)} "
        f"calls, {value(warm_mean)} over the warm ones)",
    )


def find_cold_shares(book: FactBook) -> Iterator[Draft]:
    """Subjects whose means part because one was loaded during the measurement and one was not."""
    found: list[tuple[float, Draft]] = []
    for ratio in book.about("phase"):
        if ratio.statistic != "means-of-all" or ratio.value < _DOMINATED:
            continue
        beside = [fact for fact in book.beside(ratio) if fact.kind in ("ratio", "count")]
        warm = [fact for fact in beside if fact.statistic == "medians-of-warm"]
        cold = [
            fact
            for fact in book.counts("phase", "cold-calls-of-subject")
            if (fact.of, fact.subject, fact.metric, fact.definition)
            == (ratio.of, ratio.subject, ratio.metric, ratio.definition)
        ]
        if len(warm) == len(cold) == 1 and ratio.value >= _DOMINATED * warm[0].value:
            found.append((ratio.value / warm[0].value, _draft_shares(book, ratio, *warm, *cold)))
    found.sort(key=lambda pair: -pair[0])
    yield from (draft for _, draft in found)


def _draft_shares(book: FactBook, means: Fact, medians: Fact, cold: Fact) -> Draft:
    lifted, other = book.parts(means)
    slower, faster = book.parts(medians)
    quantity, where = metric_label(means.metric or ""), quoted(means.of or "")
    one, versus = name_subject(lifted.subject), name_subject(other.subject)
    over_all = (
        f"{one} had a mean {quantity} of {value(lifted)} over all calls and {versus} one of "
        f"{value(other)}, a factor of {value(means)}"
    )
    over_warm = (
        f"over warm calls {one} had a median {quantity} of {value(slower)} and {versus} one of "
        f"{value(faster)}, a factor of {value(medians)}"
    )
    reason = f"{one} had {value(cold)}, {versus} none"
    return Draft(
        severity="problem",
        headline=f"Loading, not speed, parts the mean {quantity} of {one} and {versus}",
        sentences=(
            f"In {where}, {over_all}; {over_warm}: {reason}.",
            f"As {reason}, in {where} {over_all}, but {over_warm}.",
        ),
        next_step=NextStep(
            text=f"Compare {one} and {versus} over warm calls, and correct what was concluded from "
            "the means",
            command=bench_command(lifted.subject),
        ),
    )
