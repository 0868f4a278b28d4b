"""Runs that stand in their file a second time: a sheet that was appended to itself.

Two runs may come out alike. A stretch of runs, digit for digit in the order of an earlier one, is
that stretch again, and counted twice it would make noise look small.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.arrays import Ints, Mask
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, number_rows, split
from benchagent.facts.derivations.rows.runs import RUN, Prints

# So often two runs agree in numbers of four digits or more, where the file does not say how often.
_BY_CHANCE: Final = 0.01
# Of so many such files one may be taken for repeated that is not.
_ONE_IN: Final = 1000
_FEWEST: Final = 3
# A copy of a copy of a copy; what stands in a file more often is no mark of a place.
_MOST_COPIES: Final = 4
_MOST_LAGS: Final = 5


class Repeated(NamedTuple):
    """A stretch of runs of one file that an earlier one holds already.

    Attributes:
        records: of the later stretch.
        first, last: where it begins and ends in the order of the file.
        lag: by how many places of that order it comes later.
    """

    path: str
    records: tuple[str, ...]
    first: int
    last: int
    lag: int


def find_repeated(frame: Frame, fingerprints: Prints, telling: Mask) -> list[Repeated]:
    """Stretches of runs that repeat others of their file.

    Args:
        frame: numbers by which runs are told apart, by id.
        fingerprints: one per run, in the order of first appearance; equal where all its numbers are.
        telling: which runs have a number of many digits.
    """
    first = first_of_each(frame.number(RUN))
    source, sequence = frame.codes("source_path")[first], frame.numbers("sequence")[first]
    found: list[Repeated] = []
    for runs in _of_files_with_likes(source.astype(np.int64), fingerprints):
        runs = runs[np.argsort(sequence[runs], kind="stable")]
        for later, earlier in _stretches(fingerprints[runs], telling[runs]):
            told = frame.records(RUN, first[runs[later]])
            paths, records = zip(*told, strict=True)
            begin, end, before = (int(sequence[runs[at]]) for at in (later[0], later[-1], earlier))
            names = tuple(map(str, records))
            found.append(Repeated(str(paths[0]), names, begin, end, begin - before))
    return found


def without_repeated(failed_runs: pa.Table, repeated: Sequence[Repeated]) -> pa.Table:
    """The failed runs without those that stand in a stretch told before, there failed as well."""
    if not repeated:
        return failed_runs
    paths, places, reasons = (
        failed_runs[name].to_pylist() for name in ("source_path", "sequence", "reason")
    )
    reason_at = dict(zip(zip(paths, places, strict=True), reasons, strict=True))
    again = {place for each in repeated for place in _failed_again(each, reason_at)}
    kept = [place not in again for place in zip(paths, places, strict=True)]
    return failed_runs.filter(pa.array(kept, pa.bool_()))


def _failed_again(
    each: Repeated, reason_at: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, int]]:
    """Paths and places of the failed runs in a stretch, and of those that it begins or ends with."""

    def failed_before(place: int) -> bool:
        reason = reason_at.get((each.path, place))
        return reason is not None and reason == reason_at.get((each.path, place - each.lag))

    first, last = each.first, each.last
    while failed_before(first - 1):
        first -= 1
    while failed_before(last + 1):
        last += 1
    yield from ((each.path, place) for place in range(first, last + 1) if failed_before(place))


def _of_files_with_likes(source: Ints, fingerprints: Prints) -> Iterator[Ints]:
    """The runs of each file that holds several alike."""
    _, alike, count = np.unique(fingerprints, return_inverse=True, return_counts=True)
    if not (count > 1).any():
        return
    pair = number_rows(source, alike)
    several = first_of_each(pair)[np.bincount(pair) > 1]
    held = np.unique(source[several], return_counts=True)
    wanted = held[0][held[1] >= _FEWEST]
    chosen = np.flatnonzero(np.isin(source, wanted))
    numbers = np.searchsorted(wanted, source[chosen])
    yield from (chosen[rows] for rows in split(numbers))


def _stretches(prints: Prints, telling: Mask) -> Iterator[tuple[Ints, int]]:
    """Places that repeat earlier ones of a file, with the first of these."""
    known = np.zeros(len(prints), dtype=np.bool_)
    for lag in _lags(prints):
        alike = np.concatenate([np.zeros(lag, np.bool_), prints[lag:] == prints[:-lag]]) & ~known
        edges = np.flatnonzero(np.diff(np.concatenate([[False], alike, [False]])))
        for start, stop in edges.reshape(-1, 2).tolist():
            later = np.arange(start, stop)
            if _is_no_chance(prints[later], int(np.count_nonzero(telling[later])), len(prints)):
                known[later] = True
                yield later, start - lag


def _lags(prints: Prints) -> list[int]:
    """By how many places copies come later, as runs tell that stand there a few times only."""
    order = np.argsort(prints, kind="stable")
    _, member, count = np.unique(prints[order], return_inverse=True, return_counts=True)
    few = (count[member] > 1) & (count[member] <= _MOST_COPIES)
    gaps = np.diff(order)[(np.diff(member) == 0) & few[1:]]
    lags, times = np.unique(gaps, return_counts=True)
    common = np.argsort(-times, kind="stable")[:_MOST_LAGS]
    return [int(lags[at]) for at in common if times[at] >= _FEWEST]


def _is_no_chance(stretch: Prints, n_telling: int, n_runs: int) -> bool:
    """Whether so long a stretch comes again by chance in less than one of a thousand such files."""
    n = len(stretch)
    if n < _FEWEST or n_telling < _FEWEST:
        return False
    count = np.unique(stretch, return_counts=True)[1]
    within = float(np.sum(count * (count - 1))) / (n * (n - 1))
    return max(within, _BY_CHANCE) ** n_telling * n_runs**2 / 2 < 1 / _ONE_IN
