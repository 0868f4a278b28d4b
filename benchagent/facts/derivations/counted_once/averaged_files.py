"""Files that hold the means or medians of another one's runs, whatever their columns are called.

A script that averages its repetitions often keeps the names of the columns: the file looks like one
of runs, and says `run` 3.0 of each. Counted beside the runs it would tell of them a second time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.counted_once.near_copies import CLOCKED_UNITS
from benchagent.facts.derivations.counted_once.rounding import half_step
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rows.names import Names
from benchagent.facts.derivations.rows.settings import NO_SETTINGS, write_json

# So many means agree with the runs of another file in no folder by chance.
_FEWEST: Final = 3
_FEWEST_RUNS: Final = 2
# For the last bits of sums that were taken in another order.
_LAST_BITS: Final = 1e-9
_AND_A_LITTLE: Final = 1.000001
# More files with runs of one configuration are a series, whose means nobody writes file by file.
_MOST_LOOKED_AT: Final = 20
_OF_WHAT: Final = ["subject", "workload", "settings", "metric", "definition", "unit"]
# What is left of it when a script averages by some columns and drops all that are no numbers.
_OF_WHAT_IN_NUMBERS: Final = ["subject", "varied", "metric", "unit"]
_METHODS: Final[tuple[Callable[[Floats], float], ...]] = (np.mean, np.median)


class _Table(NamedTuple):
    """The numbers of one file by what they are of, as rows of the frame."""

    path: str
    rows: Mapping[int, Ints]


def find_averaged(frame: Frame) -> dict[str, str]:
    """Files that sum up the runs of another one, with that other file."""
    stated = frame.has("statistic", "value", "mean", "median", "summary")
    kept = _name_varied(frame.take(frame.has("unit", *CLOCKED_UNITS) & stated))
    return _find_averaged(kept, _OF_WHAT_IN_NUMBERS) | _find_averaged(kept, _OF_WHAT)


def _name_varied(kept: Frame) -> Frame:
    """The same rows with the column `varied`: settings in numbers that vary within their file."""
    pair = ["source_path", "config"]
    places = kept.number(pair)
    configs: dict[str, list[Mapping[str, object]]] = {}
    for path, config in kept.records(pair, first_of_each(places)):
        configs.setdefault(str(path), []).append(_numbers_of(config or "{}"))
    varied = {path: _varied(found) for path, found in configs.items()}
    taken = {path: iter(found) for path, found in configs.items()}
    texts = [
        write_json({key: level for key, level in next(taken[path]).items() if key in varied[path]})
        for path in map(str, kept.cells("source_path", first_of_each(places)))
    ]
    return kept.with_names(varied=Names.of(texts, places))


@lru_cache(maxsize=65536)
def _numbers_of(config: str) -> Mapping[str, object]:
    entries: dict[str, object] = json.loads(config)
    return {key: level for key, level in entries.items() if _is_number(level)}


def _varied(configs: list[Mapping[str, object]]) -> set[str]:
    levels: dict[str, set[object]] = {}
    for config in configs:
        for key, level in config.items():
            levels.setdefault(key, set()).add(level)
    return {key for key, found in levels.items() if len(found) > 1} - NO_SETTINGS


def _is_number(level: object) -> bool:
    return isinstance(level, int | float) and not isinstance(level, bool)


def _find_averaged(kept: Frame, columns: list[str]) -> dict[str, str]:
    averages, raw = _take_apart(kept, columns)
    found: dict[str, str] = {}
    for table in averages:
        for other in _with_runs_of(table, raw):
            if _sums_up(kept, table, other):
                found[table.path] = other.path
                break
    return found


def _take_apart(kept: Frame, columns: list[str]) -> tuple[list[_Table], dict[int, list[_Table]]]:
    """Files with one number of each kind, and by kind those with several, as far as both are there."""
    paths = kept.codes("source_path").astype(np.int64)
    of_what, pair = kept.number(columns), kept.number(["source_path", *columns])
    first = first_of_each(pair)
    n, path_of, kind_of = np.bincount(pair), paths[first], of_what[first]
    repeated = n >= _FEWEST_RUNS
    n_kinds = np.bincount(path_of) if len(path_of) else np.zeros(0, np.int64)
    told_once = np.bincount(path_of, weights=repeated) == 0
    has_raw = np.zeros(int(of_what.max(initial=-1)) + 1, np.bool_)
    has_raw[kind_of[repeated]] = True
    without = np.bincount(path_of, weights=~has_raw[kind_of]) > 0
    chosen = np.flatnonzero(told_once & ~without & (n_kinds >= _FEWEST))
    if not len(chosen):
        return [], {}
    rows = split(pair)
    averages = [_table(kept, rows, np.flatnonzero(path_of == at), kind_of) for at in chosen]
    wanted = {kind for table in averages for kind in table.rows}
    raw: dict[int, list[_Table]] = {}
    telling = repeated & np.isin(kind_of, list(wanted))
    for at in np.unique(path_of[telling]).tolist():
        table = _table(kept, rows, np.flatnonzero(telling & (path_of == at)), kind_of)
        for kind in table.rows:
            raw.setdefault(kind, []).append(table)
    return averages, raw


def _table(kept: Frame, rows: list[Ints], pairs: Ints, kind_of: Ints) -> _Table:
    [path] = kept.cells("source_path", rows[pairs[0]][:1])
    return _Table(str(path), {int(kind_of[at]): rows[at] for at in pairs.tolist()})


def _with_runs_of(table: _Table, raw: Mapping[int, list[_Table]]) -> Iterator[_Table]:
    """The files that have runs of all that a table tells of."""
    first = raw.get(next(iter(table.rows)), [])
    if len(first) <= _MOST_LOOKED_AT:
        yield from (other for other in first if table.rows.keys() <= other.rows.keys())


def _sums_up(kept: Frame, table: _Table, other: _Table) -> bool:
    """Whether each number is the mean of the other file's runs, or each the median."""
    told: list[tuple[float, Floats, float]] = []
    for kind, [place] in table.rows.items():
        runs, value = other.rows[kind], float(kept.values[place])
        # the means may have been taken before the digits of the runs were rounded, or cut off
        off = _coarsest(kept, table.rows[kind]) + 2 * _coarsest(kept, runs)
        told.append((value, kept.values[runs], off * _AND_A_LITTLE + _LAST_BITS * abs(value)))
    varied = [off for _, runs, off in told if float(np.ptp(runs)) > 2 * off]
    return len(varied) >= _FEWEST and any(
        all(abs(value - method(runs)) <= off for value, runs, off in told) for method in _METHODS
    )


def _coarsest(kept: Frame, rows: Ints) -> float:
    """The half step of the number that was written with the fewest digits."""
    texts = kept.texts("raw_value", rows).to_pylist()
    pairs = zip(texts, kept.values[rows].tolist(), strict=True)
    return max(half_step(str(text), value) for text, value in pairs)
