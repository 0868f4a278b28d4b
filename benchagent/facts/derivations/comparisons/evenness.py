"""Whether what is compared was run equally often under equal conditions.

Where one model ran mostly on the slow machine and the other mostly on the fast one, their medians
compare machines, and may even part the other way than the models do on each.
"""

import math
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Ints, Mask

# What unequal counts may add to a ratio of medians before they are made equal.
_TOLERATED: Final = math.log(1.05)
AS_MANY: Final = "as many of each"


def even_out(values: Floats, arm: Ints, block: Ints) -> Mask | None:
    """Which samples to take so that each block has as many of one arm as of another.

    The first ones in the order given; None where the medians over all part as far. Where blocks do
    not hold the same arms, it is those that most samples were run under together.
    """
    _, level = np.unique(arm, return_inverse=True)
    taken = take_as_many(arm, block)
    if np.all(taken) or not would_part_otherwise(values, level, np.flatnonzero(taken)):
        return None
    return taken


def take_as_many(arm: Ints, block: Ints) -> Mask:
    """The first samples of each arm and block, as many as of the arms that it is compared with."""
    _, level = np.unique(arm, return_inverse=True)
    _, place = np.unique(block, return_inverse=True)
    counts = np.zeros((int(place.max()) + 1, int(level.max()) + 1), dtype=np.int64)
    np.add.at(counts, (place, level), 1)
    together = _held_together(counts)
    fewest = counts[:, together].min(axis=1)
    return together[level] & (_order_within(place, level) < fewest[place])


def _held_together(counts: Ints) -> Mask:
    """The arms of a block that are, in all blocks that hold them, of the most samples."""
    held = counts > 0
    patterns = np.unique(held, axis=0)
    sizes = [
        int(counts[np.all(held[:, each], axis=1)][:, each].sum())
        for each in patterns
    ]  # fmt: skip
    largest = max(range(len(patterns)), key=lambda at: (sizes[at], int(patterns[at].sum())))
    return patterns[largest]


def _order_within(place: Ints, level: Ints) -> Ints:
    """The how-manyth of its arm and block each sample is, from zero."""
    order = np.lexsort((np.arange(len(place)), level, place))
    changed = (np.diff(place[order], prepend=-1) != 0) | (np.diff(level[order], prepend=-1) != 0)
    first = np.maximum.accumulate(np.where(changed, np.arange(len(order)), 0))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.arange(len(order)) - first
    return found


def would_part_otherwise(values: Floats, level: Ints, taken: Ints) -> bool:
    """Whether the extremes over all samples lie less or more apart over those taken."""
    whole, part = _medians(values, level, taken)
    best, worst = int(np.argmax(whole)), int(np.argmin(whole))
    if min(*whole, *part) <= 0:
        return whole != part
    off = math.log(whole[best] / whole[worst]) - math.log(part[best] / part[worst])
    return abs(off) > _TOLERATED


def would_rank_otherwise(values: Floats, level: Ints, taken: Ints) -> bool:
    """Whether other arms have the extremes over the samples taken than over all."""
    whole, part = _medians(values, level, taken)
    first, last = part[int(np.argmax(whole))], part[int(np.argmin(whole))]
    return first < max(part) or last > min(part)


def _medians(values: Floats, level: Ints, taken: Ints) -> tuple[list[float], list[float]]:
    """The median of each arm taken, over all its samples and over those taken."""
    arms = np.unique(level[taken]).tolist()
    whole = [float(np.median(values[level == each])) for each in arms]
    part = [float(np.median(values[taken][level[taken] == each])) for each in arms]
    return whole, part
