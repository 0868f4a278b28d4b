"""Whether the order of a file's runs is that of their settings or results, and not one of time."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.counted_once.samples import Group
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.significance import SIGNIFICANT, trend_within

# With fewer pairs of runs under the same settings a drift along them could not be seen.
_FEWEST_PAIRS: Final = 10
# Two steps are before and after, as a drift has them too.
_FEWEST_STEPS: Final = 2


def follows_settings(frame: Frame, group: Group, order: Ints) -> bool:
    """Whether values differ between settings alone, of which each was run again and again.

    A ladder that was climbed once rises from step to step; along one step nothing does. With a run
    or two on each step nobody can see that: then the ladder is enough.
    """
    rows = np.searchsorted(frame.ids, np.asarray(group.ids)[order])
    block = number_rows(frame.codes("settings")[rows])
    if not int(block.max()):
        return False
    pairs, p = trend_within(group.values[order], block.tolist())
    if pairs >= _FEWEST_PAIRS:
        return p >= SIGNIFICANT
    return _is_ladder([json.loads(cell or "{}") for cell in frame.cells("settings", rows)])


def _is_ladder(settings: Sequence[Mapping[str, object]]) -> bool:
    """Whether the runs, in their order, never go back on a number, with few of them on each step."""
    for option, first in settings[0].items():
        told = [run.get(option) for run in settings] if isinstance(first, int | float) else []
        steps = [level for level in told if isinstance(level, int | float)]
        climbed = steps in (sorted(steps), sorted(steps, reverse=True))
        if told and climbed and len(steps) == len(told):
            on_each = [steps.count(level) for level in set(steps)]
            if len(on_each) > _FEWEST_STEPS and sum(map(_pairs_of, on_each)) < _FEWEST_PAIRS:
                return True
    return False


def _pairs_of(runs: int) -> int:
    return runs * (runs - 1) // 2


def is_ranked(frame: Frame, group: Group, order: Ints) -> bool:
    """Whether runs of things with names of their own stand in the order of this result.

    So does a list of graphics cards by their speed. With no name twice it has no run order to tell.
    """
    steps = np.diff(group.values[order])
    if not ((steps >= 0).all() or (steps <= 0).all()):
        return False
    rows = np.searchsorted(frame.ids, np.asarray(group.ids)[order])
    block = number_rows(frame.codes("settings")[rows])
    pairs = sum(map(_pairs_of, np.bincount(block).tolist()))
    told = [json.loads(cell or "{}") for cell in frame.cells("settings", rows)]
    return pairs < _FEWEST_PAIRS and _names_most(told)


def _names_most(settings: Sequence[Mapping[str, object]]) -> bool:
    """Whether the words of the settings, without their numbers, tell most of the runs apart."""
    words = {
        tuple((option, value) for option, value in run.items() if isinstance(value, str))
        for run in settings
    }
    return 2 * len(words) > len(settings)
