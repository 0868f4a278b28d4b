"""Where an option does one thing under one value of another option, and another thing under another.

A median over both is then of neither: a cache that helps long contexts alone is no help to short ones.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import interval_of_ratio, ratio_of
from benchagent.facts.derivations.comparisons.evenness import even_out
from benchagent.facts.derivations.counted_once.samples import Group, group_of
from benchagent.facts.derivations.descriptions.statistics import describe_by, shared_settings
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.estimates import Interval
from benchagent.facts.fact import Fact, vary
from benchagent.wording import quoted_settings

# More values of the other option are no longer told side by side.
_MOST_VALUES: Final = 4
# Ratios that part by less are the same ratio to whoever sets the option.
_LEAST_APART: Final = 1.05


class Sides(NamedTuple):
    """The numbers at two values of an option, by place, each in the block that it is compared in."""

    rows: Ints
    is_best: Ints
    block: Ints


class _Within(NamedTuple):
    """What was measured at both values under one value of another option."""

    held: str
    best: Group
    worst: Group
    interval: Interval


def find_interaction(
    frame: Frame, sides: Sides, key: Mapping[str, str | None], ratio: Fact, levels: tuple[str, str]
) -> Iterator[Fact]:
    """The ratio under each value of the other option that it depends on most, if on any.

    It does where the intervals of two such ratios are apart, which of three samples of log-normal
    noise without an interaction they were in 0 to 5 of 1,000 simulations (n = 5 to 60, relative
    spread 0.05 to 0.5).
    """
    codes = frame.codes("settings")[sides.rows]
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    configs = [json.loads(text or "{}") for text in frame.cells("settings", sides.rows[first])]
    found: list[tuple[float, str, list[_Within]]] = []
    for other in sorted({name for config in configs for name in config} - {ratio.option}):
        held = [write_json({other: c[other]}) if other in c else "" for c in configs]
        values = sorted({value for value in held if value})
        if 2 <= len(values) <= _MOST_VALUES:
            parts = [
                part
                for value in values
                if (part := _within(frame, sides, np.array(held)[place] == value, key, value))
            ]
            apart = _apart(parts)
            if apart > _LEAST_APART:
                found.append((apart, other, parts))
    if found:
        _, _, parts = max(found, key=lambda each: each[:2])
        for part in parts:
            yield from _describe(frame, part, ratio, levels)


def _within(
    frame: Frame, sides: Sides, here: np.ndarray, key: Mapping[str, str | None], held: str
) -> _Within | None:
    rows, is_best, block = (column[here] for column in sides)
    if len(np.unique(is_best)) < 2:
        return None
    even = even_out(frame.values[rows], is_best, block)
    if even is not None:
        rows, is_best = rows[even], is_best[even]
    best, worst = (group_of(frame, rows[is_best == at], key) for at in (1, 0))
    interval = interval_of_ratio(best, worst)
    return _Within(held, best, worst, interval) if interval else None


def _apart(parts: list[_Within]) -> float:
    """How many times the lowest interval ends below the beginning of the highest one."""
    if len(parts) < 2:
        return 0.0
    return max(part.interval.low for part in parts) / min(part.interval.high for part in parts)


def _describe(frame: Frame, part: _Within, ratio: Fact, levels: tuple[str, str]) -> Iterator[Fact]:
    at = f", at {quoted_settings(part.held)}"
    best, worst = (
        vary(
            fact,
            label=f"{fact.label}, {ratio.option}={level}{at}",
            option=ratio.option,
            level=level,
        )
        for group, level in zip((part.best, part.worst), levels, strict=True)
        for fact in [describe_by("median", group, "interaction", shared_settings(frame, group))]
    )
    yield from (best, worst)
    within = vary(
        ratio,
        about="interaction",
        label=f"{ratio.label}{at}",
        statistic="ratio-within",
        config=part.held,
    )
    yield from filter(None, [ratio_of(best, worst, within, part.interval)])
