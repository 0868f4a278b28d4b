"""Calls that took far longer than others of the same prompt and settings: the tail of a sample.

A mean over them is made by the few, and a sample too small to hold one says nothing of it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Ints, Mask
from benchagent.facts.derivations.comparisons.contrasts import comparable_samples
from benchagent.facts.derivations.counted_once.samples import Group, Samples, split_into_groups
from benchagent.facts.derivations.descriptions.statistics import SUBJECT
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.fact import Fact, vary
from benchagent.facts.ids import Ids
from benchagent.facts.rank_tests import medians_by, multiples_of_medians
from benchagent.wording import name_phase, name_quantity, name_subject, quoted

SLOW_CALLS: Final = "slow-calls"
CALLS_LOOKED_AT: Final = "calls-with-their-like"
MEAN_MULTIPLE: Final = "mean-of-multiples"
SLOWEST: Final = "slowest-call"
# Of fewer calls of one prompt and settings nobody can say what is usual for it.
_FEWEST_ALIKE: Final = 5
_FEWEST: Final = 10
# Beyond the outer fence (Tukey 1977), and by as much as a reader would notice.
_FENCE: Final = 3.0
SLOWER: Final = 1.5
# So far slow calls have to lift the mean of the others: what is skewed all along has no tail.
_LIFTED: Final = 1.1
# More are a second heap and no tail.
_MOST: Final = 0.15


def find_slow_calls(samples: Samples) -> Iterator[Fact]:
    """Per subject and time: how many calls were far slower than their like, of how many."""
    frame = comparable_samples(samples.frame)
    frame = frame.take(frame.has("unit", "ms") & frame.known("subject"))
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        if group.n < _FEWEST:
            continue
        rows, block = _with_their_like(frame, group)
        if len(rows) < _FEWEST:
            continue
        times = multiples_of_medians(frame.values[rows], block)
        far_out = _is_far_out(times)
        slow, mean = rows[far_out], float(np.mean(times))
        if 0 < len(slow) <= _MOST * len(rows) and mean >= _LIFTED * np.mean(times[~far_out]):
            words = f"slower than {SLOWER:g} times the median of their prompt and settings"
            yield _count(frame, group, slow, SLOW_CALLS, f"calls far {words}")
            words = "with four others or more of their prompt and settings"
            looked_at = _count(frame, group, rows, CALLS_LOOKED_AT, f"calls {words}")
            yield looked_at
            yield _mean_multiple(looked_at, mean, block)
            yield _slowest(looked_at, frame.values[slow].max())


def _with_their_like(frame: Frame, group: Group) -> tuple[Ints, Ints]:
    """Calls with enough others of their prompt and settings, and which these are."""
    alike = number_rows(*(frame.codes(name)[group.rows] for name in ("settings", "item")))
    medians = medians_by(alike, group.values)[alike]
    kept = (np.bincount(alike)[alike] >= _FEWEST_ALIKE) & (medians > 0)
    return group.rows[kept], np.unique(alike[kept], return_inverse=True)[1].astype(np.int64)


def _mean_multiple(looked_at: Fact, mean: float, block: Ints) -> Fact:
    return vary(
        looked_at,
        kind="ratio",
        label=f"mean over the median of prompt and settings, of {looked_at.label}",
        value=mean,
        unit="ratio",
        statistic=MEAN_MULTIPLE,
        method=MEAN_MULTIPLE,
        n=len(block),
        blocks=Ids(block),
    )


def _slowest(looked_at: Fact, value: float) -> Fact:
    return vary(
        looked_at,
        kind="statistic",
        label=f"the slowest of {looked_at.label}",
        value=float(value),
        unit="ms",
        statistic=SLOWEST,
        method="maximum",
        n=len(looked_at.measurements),
    )


def _is_far_out(times: Floats) -> Mask:
    low, high = np.quantile(times, [0.25, 0.75])
    return (times > high + _FENCE * (high - low)) & (times > SLOWER)


def _count(frame: Frame, group: Group, rows: Ints, what: str, words: str) -> Fact:
    key = group.key
    whose = name_subject(key["subject"], key["series"], key["workload"])
    return Fact(
        kind="count",
        label=f"{words}: {name_quantity(key['metric'] or '')} of {whose} in "
        f"{quoted(key['benchmark'] or '')}{name_phase(key['phase'])}",
        value=len(rows),
        unit="calls" if key["phase"] else "runs",
        about="subject",
        of=key["series"] or None,
        metric=key["metric"],
        definition=key["definition"],
        statistic=what,
        method="count",
        benchmark=key["benchmark"],
        subject=key["subject"],
        workload=key["workload"] or None,
        phase=key["phase"],
        measurements=Ids(frame.ids[rows]),
    )
