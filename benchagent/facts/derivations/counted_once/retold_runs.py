"""Runs that two files tell of, as CSV and as JSON, which are counted once."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from benchagent.arrays import Ints, Mask
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, number_rows, split
from benchagent.facts.derivations.rows.runs import RUN, Prints, name_run, print_runs, round_off

_COUNTED_UNITS: Final = frozenset(("tokens", "chars", "bytes", "calls", "runs"))


def count_once(frame: Frame, told_by: Mapping[str, str]) -> tuple[Frame, tuple[str, ...]]:
    """Leave out runs that another file tells of: same subject, same metrics, same digits.

    And those of whole files that tell, in another form, in fewer digits or summed up, what others
    (`told_by`) do. Gives the rest, and what was left out (`path#record`).
    """
    copied = frame.has("source_path", *told_by)
    kept = frame.take(~copied) if told_by else frame
    run = kept.number(RUN)
    first = first_of_each(run)
    retold = _find_retold(kept, run, first)
    names = [
        *_name(kept, first[retold]),
        *_name(copies := frame.take(copied), copies.first_of_each(RUN)),
    ]
    return kept.take(~retold[run]), tuple(sorted(names))


def _name(frame: Frame, rows: Ints) -> list[str]:
    return [name_run(path, record) for path, record in frame.records(RUN, rows)]


def _find_retold(frame: Frame, run: Ints, first: Ints) -> Mask:
    """Which runs a file tells of that comes earlier by name.

    Equal runs within one file are repetitions that came out alike, however unlikely.
    """
    paths = frame.names("source_path")
    path = paths.words.ranks[paths.codes[first]]
    alike, prints = _print_telling(frame, run, len(first))
    _, same = np.unique(prints[alike], return_inverse=True)
    home = np.full(len(alike), len(path), dtype=np.int64)
    np.minimum.at(home, same, path[alike])
    retold = np.zeros(len(first), dtype=np.bool_)
    again = path[alike] > home[same]
    retold[alike[again]] = True
    if again.any():
        copies = path[alike[again]], home[same[again]]
        once = first_of_each(number_rows(*copies))
        _add_equal(retold, path, _print_all(frame, run), *(each[once] for each in copies))
    return retold


def _print_telling(frame: Frame, run: Ints, n_runs: int) -> tuple[Ints, Prints]:
    """Runs that can be told from others, and a fingerprint of each run.

    Only times and rates with many digits tell runs apart (two answers of a deterministic model
    agree in every count); it takes two of them.
    """
    rounded, telling = round_off(frame.values)
    telling &= ~frame.has("unit", *_COUNTED_UNITS)
    what = frame.number(["subject", "metric", "statistic"])
    prints = print_runs(run[telling], rounded[telling], what[telling])
    return np.flatnonzero(np.bincount(run[telling], minlength=n_runs) >= 2), prints


def _print_all(frame: Frame, run: Ints) -> Prints:
    what = frame.number(["subject", "workload", "settings", "item", "metric", "statistic"])
    return print_runs(run, frame.values, what)


def _add_equal(retold: Mask, path: Ints, prints: Prints, copies: Ints, homes: Ints) -> None:
    """Further runs of files that tell some of another one's again: those equal in every number.

    Their digits alone may be too few to tell them from a chance.
    """
    _, same, count = np.unique(prints, return_inverse=True, return_counts=True)
    doubtful = ~retold & (count[same] > 1) & np.isin(path, copies)
    runs, homes_of = split(path), split(copies)
    for copy in np.unique(path[doubtful]).tolist():
        told = np.concatenate([same[runs[home]] for home in homes[homes_of[copy]].tolist()])
        own = runs[copy][doubtful[runs[copy]]]
        retold[own] = np.isin(same[own], told)
