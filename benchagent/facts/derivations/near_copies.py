"""Files that repeat the numbers of another one with fewer digits.

A sheet made from a JSON log keeps `3089.02` of `3089.0159492`: no equal bytes, no equal digits,
and yet the same runs, which must not be counted twice.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.facts.derivations.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rounding import half_step
from benchagent.facts.estimates import Floats, Ints

# So many numbers, of so many digits, agree by chance in no folder that people have.
_FEWEST: Final = 3
_FEWEST_DIGITS: Final = 3
# For the last bit of a float.
_AND_A_LITTLE: Final = 1.000001
_COUNTED_UNITS: Final = frozenset(("tokens", "chars", "words", "bytes", "calls", "runs"))
# Files whose first number is this near are looked at; more of them are a series, not copies.
_MOST_LOOKED_AT: Final = 20
_SERIES: Final = ["subject", "metric", "statistic", "unit"]


class _Series(NamedTuple):
    """The numbers of one kind of one file, in its order."""

    path: str
    values: Floats
    rows: Ints


def find_near_copies(frame: Frame) -> dict[str, str]:
    """Files that tell of the runs of another one in fewer digits, with that other file."""
    kept = frame.take(~frame.has("unit", *_COUNTED_UNITS))
    found: dict[str, str] = {}
    checked: dict[str, set[str]] = {}
    for alike in _of_equal_length(kept):
        for coarse, fine in _pairs(kept, alike):
            checked.setdefault(coarse.path, set()).add(fine.path)
    for coarse, others in checked.items():
        for fine in sorted(others - found.keys()):
            if coarse not in found and _tells_all(kept, coarse, fine):
                found[coarse] = fine
    return found


def _of_equal_length(kept: Frame) -> Iterator[list[_Series]]:
    """Series of one subject, metric and length, by their first number."""
    numbers = kept.number([*_SERIES, "source_path"])
    first = first_of_each(numbers)
    kind, paths = kept.number(_SERIES)[first].tolist(), kept.cells("source_path", first)
    groups: dict[tuple[int, int], list[_Series]] = {}
    for what, path, rows in zip(kind, paths, split(numbers), strict=True):
        if len(rows) >= _FEWEST:
            series = _Series(str(path), kept.values[rows], rows)
            groups.setdefault((what, len(rows)), []).append(series)
    for group in groups.values():
        if len(group) > 1:
            yield sorted(group, key=lambda series: (series.values[0], series.path))


def _written(kept: Frame, rows: Ints) -> list[str]:
    return [str(text) for text in kept.texts["raw_value"].take(pa.array(rows)).to_pylist()]


def _pairs(kept: Frame, group: list[_Series]) -> Iterator[tuple[_Series, _Series]]:
    """A series and one of a near first number that it rounds."""
    firsts = np.array([series.values[0] for series in group])
    written = _written(kept, np.array([series.rows[0] for series in group]))
    for series, text in zip(group, written, strict=True):
        step = half_step(text, float(series.values[0]))
        low, high = np.searchsorted(
            firsts, series.values[0] + np.array([-step, step]) * _AND_A_LITTLE
        )
        if not step or high - low - 1 > _MOST_LOOKED_AT:
            continue
        for other in group[low:high]:
            if other.path != series.path and _rounds(kept, series, other, step):
                yield series, other


def _rounds(kept: Frame, coarse: _Series, fine: _Series, step: float) -> bool:
    """Whether every number is the other one rounded, and some are not equal."""
    off = np.abs(coarse.values - fine.values)
    if not off.any() or len(np.unique(coarse.values)) < _FEWEST:
        return False
    # The same decimals or the same digits: either way no number is further off than this.
    if np.any(off > 10 * step * np.maximum(1.0, np.abs(coarse.values / coarse.values[0]))):
        return False
    texts = _written(kept, coarse.rows)
    near = zip(off, texts, coarse.values, strict=True)
    if not all(gap <= half_step(text, value) * _AND_A_LITTLE for gap, text, value in near):
        return False
    return sum(_digits(text) >= _FEWEST_DIGITS for text in texts) >= _FEWEST


def _digits(text: str) -> int:
    return len(text.lower().partition("e")[0].lstrip("+-0.").replace(".", "").replace(",", ""))


def _tells_all(kept: Frame, coarse: str, fine: str) -> bool:
    """Whether everything that the one file gives is what the other gives, rounded."""
    mine, theirs = _take_apart(kept, coarse), _take_apart(kept, fine)
    return mine.keys() <= theirs.keys() and all(
        _are_rounded(rows, theirs[key]) for key, rows in mine.items()
    )


def _take_apart(kept: Frame, path: str) -> dict[tuple[str, ...], list[tuple[str, float]]]:
    """The numbers of a file by what they are of, as written and as read."""
    rows = np.flatnonzero(kept.has("source_path", path))
    numbers = zip(_written(kept, rows), kept.values[rows].tolist(), strict=True)
    found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for key, number in zip(kept.records(_SERIES, rows), numbers, strict=True):
        found.setdefault(key, []).append(number)
    return found


def _are_rounded(coarse: list[tuple[str, float]], fine: list[tuple[str, float]]) -> bool:
    return len(coarse) == len(fine) and all(
        abs(value - other) <= half_step(text, value) * _AND_A_LITTLE
        for (text, value), (_, other) in zip(coarse, fine, strict=True)
    )
