"""What the order of runs tells: values that drift, or that come in stretches."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import adjust_for_family, comparable_samples
from benchagent.facts.derivations.counted_once.samples import Group, Samples, split_into_groups
from benchagent.facts.derivations.descriptions.statistics import SUBJECT
from benchagent.facts.derivations.doubts.options_in_step import (
    count_blocks_and_turns,
    count_cold_levels,
)
from benchagent.facts.derivations.doubts.ordered_settings import follows_settings, is_ranked
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import NO_MACHINE
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact, vary
from benchagent.facts.ids import Ids
from benchagent.facts.significance import SIGNIFICANT, order_stretches, order_trend
from benchagent.wording import name_phase, name_quantity, name_subject, quoted

# Below this many runs in one file no trend can be told from chance after Holm.
_FEWEST: Final = 10
# Fewer values of one prompt and configuration tell little of what is usual for it.
_FEWEST_IN_BLOCK: Final = 5
_SERIES: Final = [*SUBJECT, "phase", "source_path", "machine"]
THIRDS: Final = ("first third", "second third", "last third")


def find_order_effects(samples: Samples) -> Iterator[Fact]:
    """Trends along files, and the options that were changed only in blocks of runs."""
    trends: list[Fact] = []
    stretches: list[Fact] = []
    ordered = list(_long_groups(samples.frame))
    ranked = {_file_of(group) for group, order in ordered if is_ranked(samples.frame, group, order)}
    for group, order in ordered:
        follows = _file_of(group) in ranked or follows_settings(samples.frame, group, order)
        stretch = _stretches(samples.frame, group, order)
        trend = [] if follows else _trend(group, order)
        trends += trend
        stretches += stretch
        yield from (*trend, *stretch)
        if any(fact.kind == "test" and fact.value < SIGNIFICANT for fact in trend + stretch):
            for third, part in zip(THIRDS, np.array_split(order, len(THIRDS)), strict=True):
                yield _median_of_third((trend or stretch)[0], group, part, third)
    for tests, words in ((trends, "run order"), (stretches, "the run before")):
        yield from adjust_for_family(
            tests, lambda fact, words=words: f"{words} against {quoted(fact.metric or '')}"
        )
    yield from count_blocks_and_turns(samples.frame)
    yield from count_cold_levels(samples.frame)


def _long_groups(frame: Frame) -> Iterator[tuple[Group, Ints]]:
    """The groups with runs enough to tell a trend, each with the order of its runs."""
    for group in split_into_groups(comparable_samples(frame), _SERIES):
        if group.n >= _FEWEST:
            places = np.searchsorted(frame.ids, group.ids)
            yield group, np.lexsort((np.asarray(group.ids), frame.numbers("sequence")[places]))


def _file_of(group: Group) -> tuple[str | None, ...]:
    return (group.key["source_path"], group.key["subject"])


def _trend(group: Group, order: Ints) -> list[Fact]:
    """Kendall's tau of the values against their place in the file, and its p-value."""
    tau, p = order_trend(group.values[order])
    fact = _describe(group, order, "kendall-tau", "Kendall's tau", "run order", tau)
    return [fact, _p_value(fact, p)]


def _stretches(frame: Frame, group: Group, order: Ints) -> list[Fact]:
    """How alike successive values are, and its p-value."""
    rows = np.searchsorted(frame.ids, np.asarray(group.ids)[order])
    block = number_rows(*(frame.codes(name)[rows] for name in ("settings", "item")))
    if group.n < _FEWEST_IN_BLOCK * (int(block.max()) + 1):
        return []
    alike, p = order_stretches(group.values[order], block.tolist())
    fact = vary(
        _describe(group, order, "succession", "rank correlation", "the run before", alike),
        blocks=Ids(block),
    )
    return [fact, _p_value(fact, p)]


def _median_of_third(fact: Fact, group: Group, places: Ints, third: str) -> Fact:
    values = group.values[places]
    label = (
        f"median {name_quantity(fact.metric or '')} of "
        f"{name_subject(fact.subject, None, fact.workload)}, {third} of the runs in "
        f"{quoted(fact.of or '')}{name_phase(fact.phase)}"
    )
    return vary(
        fact,
        label=label,
        value=float(np.median(values)),
        unit=group.key["unit"],
        method="median",
        level=write_json(third),
        n=len(values),
        measurements=Ids(np.asarray(group.ids)[places]),
    )


def _p_value(fact: Fact, p: float) -> Fact:
    what = fact.label.partition(", ")[2]
    return vary(fact, kind="test", label=f"p-value, {what}", value=p, method=f"{fact.method}-p")


def _describe(
    group: Group, order: Ints, method: str, words: str, against: str, value: float
) -> Fact:
    key = group.key
    return Fact(
        kind="statistic",
        label=(
            f"{words}, {name_quantity(key['metric'] or '')} of "
            f"{name_subject(key['subject'], None, key['workload'])} against {against} in "
            f"{quoted(key['source_path'] or '')}{name_phase(key['phase'])}"
        ),
        value=value,
        unit=None,
        about="order",
        of=key["source_path"],
        metric=key["metric"],
        definition=key["definition"],
        method=method,
        n=group.n,
        benchmark=key["benchmark"],
        subject=key["subject"],
        workload=key["workload"] or None,
        config=None if key["machine"] == NO_MACHINE else key["machine"],
        phase=key["phase"],
        measurements=Ids(np.asarray(group.ids)[order]),
    )
