"""Files that repeat the numbers of another one, in another form or with fewer digits.

A sheet made from a JSON log keeps `3089.02` of `3089.0159492`: no equal bytes, no equal digits,
and yet the same runs, which must not be counted twice.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.counted_once.rounding import half_step
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, split

# So many numbers, of so many digits, agree by chance in no folder that people have.
_FEWEST: Final = 3
_FEWEST_DIGITS: Final = 3
# For the last bit of a float.
_AND_A_LITTLE: Final = 1.000001
# What a clock gives differs from run to run, as answers and sizes do not.
CLOCKED_UNITS: Final = ("ms", "tok/s", "req/s", "items/s", "words/s")
_COUNTED_UNITS: Final = frozenset(("tokens", "chars", "words", "bytes", "calls", "runs"))
# Files whose first number is this near are looked at; more of them are a series, not copies.
_MOST_LOOKED_AT: Final = 20
_QUANTITY: Final = ["metric", "statistic", "unit"]
_SERIES: Final = ["subject", *_QUANTITY]


class _Series(NamedTuple):
    """The numbers of one kind of one file, in its order."""

    path: str
    values: Floats
    rows: Ints


def find_near_copies(frame: Frame) -> dict[str, str]:
    """Files that tell of the runs of another one in fewer digits, with that other file."""
    return _find_copies(frame.take(~frame.has("unit", *_COUNTED_UNITS)), _rounds)


def find_retellings(frame: Frame) -> dict[str, str]:
    """Files that give the very times and rates of another one, with that other file."""
    return _find_copies(frame.take(frame.has("unit", *CLOCKED_UNITS)), _retells)


def _find_copies(kept: Frame, is_copy: Callable[[Frame, _Series, _Series], bool]) -> dict[str, str]:
    found: dict[str, str] = {}
    checked: dict[str, set[str]] = {}
    for alike in _of_equal_length(kept, _SERIES):
        for coarse, fine in _near_pairs(kept, alike):
            if is_copy(kept, coarse, fine):
                checked.setdefault(coarse.path, set()).add(fine.path)
    for coarse, others in checked.items():
        for fine in sorted(others - found.keys()):
            if coarse not in found and _tells_all(kept, coarse, fine):
                found[coarse] = fine
    return found


def find_namesakes(frame: Frame) -> dict[str, str]:
    """Files that name no subject, with that of the one subject whose numbers they repeat.

    With as many digits or with more or fewer: a log beside the sheet that was made from it.
    """
    kept = frame.take(~frame.has("unit", *_COUNTED_UNITS))
    unnamed = set(kept.used("source_path", ~kept.known("subject")))
    unnamed -= set(kept.used("source_path", kept.known("subject")))
    if not unnamed:
        return {}
    twins: dict[str, set[str]] = {path: set() for path in unnamed}
    for alike in _of_equal_length(kept, _QUANTITY):
        if len({series.path in unnamed for series in alike}) == 2:
            for one, other in _near_pairs(kept, alike):
                nameless, named = sorted((one, other), key=lambda s: s.path not in unnamed)
                is_told = nameless.path in unnamed and named.path not in unnamed
                if is_told and _repeats(kept, nameless, named):
                    twins[nameless.path].add(named.path)
    found: dict[str, str] = {}
    for path, others in twins.items():
        rows = [kept.has("source_path", other) for other in others if _agree(kept, path, other)]
        subjects = {subject for each in rows for subject in kept.used("subject", each)}
        if len(subjects) == 1:
            found[path] = subjects.pop()
    return found


def _repeats(kept: Frame, one: _Series, other: _Series) -> bool:
    """Whether two series are one, as far as they are written."""
    numbers = [
        list(zip(_written(kept, each.rows), each.values.tolist(), strict=True))
        for each in (one, other)
    ]
    return min(_count_telling(kept, one), _count_telling(kept, other)) >= _FEWEST and _are_one(
        *numbers
    )


def _count_telling(kept: Frame, series: _Series) -> int:
    """How many different numbers of a series have digits enough that no other has them by chance."""
    texts = _written(kept, series.rows)
    telling = [_digits(text) >= _FEWEST_DIGITS for text in texts]
    return len(np.unique(series.values[telling]))


def _are_one(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    return _are_rounded(one, other) or _are_rounded(other, one)


def _agree(kept: Frame, one: str, other: str) -> bool:
    """Whether one of two files tells nothing that the other does not, in what both tell of."""
    mine, theirs = (_take_apart(kept, path, _QUANTITY) for path in (one, other))
    shared = mine.keys() & theirs.keys()
    return shared in (mine.keys(), theirs.keys()) and all(
        _are_one(mine[key], theirs[key]) for key in shared
    )


def _of_equal_length(kept: Frame, columns: list[str]) -> Iterator[list[_Series]]:
    """Series of one kind (its subject and quantity) and length, by their first number."""
    numbers = kept.number([*columns, "source_path"])
    first = first_of_each(numbers)
    kind, paths = kept.number(columns)[first].tolist(), kept.cells("source_path", first)
    groups: dict[tuple[int, int], list[_Series]] = {}
    for what, path, rows in zip(kind, paths, split(numbers), strict=True):
        if len(rows) >= _FEWEST:
            series = _Series(str(path), kept.values[rows], rows)
            groups.setdefault((what, len(rows)), []).append(series)
    for group in groups.values():
        if len(group) > 1:
            yield sorted(group, key=lambda series: (series.values[0], series.path))


def _written(kept: Frame, rows: Ints) -> list[str]:
    return [str(text) for text in kept.texts("raw_value", rows).to_pylist()]


def _near_pairs(kept: Frame, group: list[_Series]) -> Iterator[tuple[_Series, _Series]]:
    """A series and one of another file whose first number, rounded, may be its own."""
    firsts = np.array([series.values[0] for series in group])
    written = _written(kept, np.array([series.rows[0] for series in group]))
    for series, text in zip(group, written, strict=True):
        step = half_step(text, float(series.values[0]))
        low, high = np.searchsorted(
            firsts, series.values[0] + np.array([-step, step]) * _AND_A_LITTLE
        )
        if step and high - low - 1 <= _MOST_LOOKED_AT:
            yield from ((series, other) for other in group[low:high] if other.path != series.path)


def _retells(kept: Frame, copy: _Series, first: _Series) -> bool:
    """Whether every number is the other one; the first file by name is the one that counts."""
    return (
        copy.path > first.path
        and np.allclose(copy.values, first.values, rtol=_AND_A_LITTLE - 1, atol=0)
        and min(_count_telling(kept, copy), _count_telling(kept, first)) >= _FEWEST
    )


def _rounds(kept: Frame, coarse: _Series, fine: _Series) -> bool:
    """Whether every number is the other one rounded, and some are not equal."""
    off = np.abs(coarse.values - fine.values)
    if not off.any() or len(np.unique(coarse.values)) < _FEWEST:
        return False
    [first] = _written(kept, coarse.rows[:1])
    step = half_step(first, float(coarse.values[0]))
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
    mine, theirs = (_take_apart(kept, path, _SERIES) for path in (coarse, fine))
    return mine.keys() <= theirs.keys() and all(
        _are_rounded(rows, theirs[key]) for key, rows in mine.items()
    )


def _take_apart(
    kept: Frame, path: str, columns: list[str]
) -> dict[tuple[str, ...], list[tuple[str, float]]]:
    """The numbers of a file by what they are of, as written and as read."""
    rows = np.flatnonzero(kept.has("source_path", path))
    numbers = zip(_written(kept, rows), kept.values[rows].tolist(), strict=True)
    found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for key, number in zip(kept.records(columns, rows), numbers, strict=True):
        found.setdefault(key, []).append(number)
    return found


def _are_rounded(coarse: list[tuple[str, float]], fine: list[tuple[str, float]]) -> bool:
    return len(coarse) == len(fine) and all(
        abs(value - other) <= half_step(text, value) * _AND_A_LITTLE
        for (text, value), (_, other) in zip(coarse, fine, strict=True)
    )
