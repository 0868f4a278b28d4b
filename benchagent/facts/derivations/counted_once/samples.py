"""The numbers that may enter a statistic, each counted once, in groups that were run alike.

Failed runs, exact duplicates, numbers without a unit, summaries and claims stay out. A run that
two files tell of (as CSV and as JSON) is taken from one of them, and has the subject that either
of them names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from benchagent.arrays import Floats, Ints, Mask
from benchagent.facts.derivations.counted_once.averaged_files import find_averaged
from benchagent.facts.derivations.counted_once.near_copies import (
    CLOCKED_UNITS,
    find_namesakes,
    find_near_copies,
    find_retellings,
)
from benchagent.facts.derivations.counted_once.repeated_rows import Repeated, find_repeated
from benchagent.facts.derivations.counted_once.retold_runs import count_once
from benchagent.facts.derivations.rows.device_labels import find_mismatch
from benchagent.facts.derivations.rows.frame import (
    Frame,
    Names,
    Words,
    first_of_each,
    measured_once,
    split,
)
from benchagent.facts.derivations.rows.machines import hold_machines_alike
from benchagent.facts.derivations.rows.runs import RUN, print_runs, round_off, without_runs
from benchagent.facts.derivations.rows.settings import split_config
from benchagent.facts.fact import Evidence
from benchagent.facts.ids import Ids
from benchagent.quantities.metrics import is_of_calls

_COLUMNS: Final = [
    "id", "source_path", "record", "sequence", "repetition", "benchmark", "subject", "config", "environment",
    "metric", "statistic", "definition", "value", "unit", "n", "phase",
]  # fmt: skip
# They qualify a reported mean, one of calls or one of means, and are no statistics of their own.
_SPREADS: Final = frozenset(("stddev", "stddev_population", "stderr", "ci_low", "ci_high"))
MISLABELLED: Final = "mislabelled"


@dataclass(frozen=True, slots=True)
class Samples:
    """Single measured numbers, ready to be grouped.

    Attributes:
        frame: one row per number, ordered by id, with `settings`, `workload` and `item` in place
            of `config`, and `series`: the file, where a subject has no name that could tell it from
            others; `mislabelled` for runs that used the CPU under the name of another device. The
            machine is among the settings where a benchmark was run on several.
        told: the same before runs that two files tell of were taken from one of them, and without
            the machine, which no file that sums up runs names.
        retold: runs (`path#record`) left out so.
        near: files whose numbers are those of another one, rounded, with that other file.
        averaged: files of means or medians over the runs of another one, with that other file.
        repeated: runs that stand in their file a second time, and are in none of the above.
    """

    frame: Frame
    told: Frame
    retold: tuple[str, ...]
    near: Mapping[str, str]
    averaged: Mapping[str, str]
    repeated: tuple[Repeated, ...]

    def lone_runs(self) -> list[tuple[str, str]]:
        """Runs (path, record) that are the only ones of their subject, settings and item.

        Not those that tell a spread, a median or a percentile of their own, or of how many runs they
        are: there somebody repeated what they timed.
        """
        condition = ["benchmark", "subject", "series", "workload", "settings", "item"]
        first, run = self.frame.first_of_each(RUN), self.frame.number(RUN)
        several = self.frame.has("statistic", *used_spreads(self.frame)) | self._counts_several()
        repeated = np.union1d(run[several & self._repeats(run)], run[self._sums_up()])
        runs = self.frame.take(first)
        alike = runs.number(condition)
        alone = (np.bincount(alike)[alike] == 1) & ~np.isin(run[first], repeated)
        return list(runs.records(RUN, np.flatnonzero(alone)))

    def _sums_up(self) -> Mask:
        """Which rows are of several calls, as their statistics tell."""
        pair = ["metric", "statistic"]
        places = self.frame.number(pair)
        told = self.frame.records(pair, first_of_each(places))
        return np.array([is_of_calls(m or "", s or "") for m, s in told], np.bool_)[places]

    def _counts_several(self) -> Mask:
        """Which rows say that they are of more than one."""
        return self.frame.numbers("n") > 1

    def _repeats(self, run: Ints) -> Mask:
        """Whether a spread or a count of this row would tell of repetitions of what its run timed.

        The error of a perplexity is over its tokens and says nothing of the rate beside it.
        """
        timed = self.frame.has("unit", *CLOCKED_UNITS)
        times_something = np.bincount(run, weights=timed) > 0
        return timed | ~times_something[run]


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that share the columns they were grouped by, ordered by id."""

    key: Mapping[str, str | None]
    values: Floats
    ids: Ids
    rows: Ints

    @property
    def n(self) -> int:
        """How many numbers."""
        return len(self.ids)


def select_samples(evidence: Evidence) -> Samples:
    """The rows of a snapshot that may enter a statistic."""
    every = Frame.of(evidence.measurements, ["unit", "population", "value"])
    usable = (
        measured_once(evidence)
        & every.known("unit")
        & ~every.has("population", "errored")
        & np.isfinite(every.values)
    )
    frame = Frame.of(evidence.measurements, _COLUMNS, texts=["raw_value"], rows=usable)
    frame = without_runs(frame, set(Frame.of(evidence.failed_runs, RUN).records(RUN)))
    told = _take_apart(_name_subjects(frame.take(np.argsort(frame.ids, kind="stable"))))
    told, repeated = _without_repeated(told)
    near = find_near_copies(told)
    averaged = find_averaged(told.take(~told.has("source_path", *near)) if near else told)
    told = told.without("config")
    # of two that tell of each other, as their times agree and other digits do not, one must stay
    retellings = {
        copy: first for copy, first in find_retellings(told).items() if near.get(first) != copy
    }
    frame, retold = count_once(told, {**retellings, **averaged, **near})
    return Samples(hold_machines_alike(frame), told, retold, near, averaged, repeated)


def _name_subjects(frame: Frame) -> Frame:
    """The same rows, with the subject of files that repeat those of a file that names it."""
    namesakes = find_namesakes(frame)
    if not namesakes:
        return frame
    subjects = frame.names("subject")
    codes = subjects.codes.copy()
    for path, subject in namesakes.items():
        codes[frame.has("source_path", path)] = subjects.words.places[subject]
    return frame.with_names(subject=Names(codes, subjects.words))


def used_spreads(frame: Frame) -> list[str]:
    """The statistics of these rows that tell how far a reported one spreads."""
    return [name for name in frame.used("statistic") if name.partition("_of_")[0] in _SPREADS]


def correctly_labelled(frame: Frame) -> Mask:
    """Which rows were run on the device that they name, as far as they tell."""
    return frame.has(MISLABELLED, "")


def _take_apart(frame: Frame) -> Frame:
    """Configurations as settings and item; each pair of subject and configuration once."""
    pair = ["config", "subject"]
    places = frame.number(pair)
    parts = [
        split_config(config, subject)
        for config, subject in frame.records(pair, first_of_each(places))
    ]
    run = ["config", "environment"]
    labels = frame.number(run)
    mislabelled = [
        MISLABELLED if find_mismatch(config, environment) else ""
        for config, environment in frame.records(run, first_of_each(labels))
    ]
    paths = Words(pa.array(["", *frame.different("source_path")], pa.string()))
    unnamed = np.where(frame.known("subject"), 0, frame.codes("source_path") + 1)
    return frame.with_names(
        mislabelled=Names.of(mislabelled, labels),
        settings=Names.of([part.settings for part in parts], places),
        workload=Names.of([part.workload for part in parts], places),
        item=Names.of([part.item for part in parts], places),
        series=Names(unnamed.astype(frame.codes("source_path").dtype), paths),
    )


def _without_repeated(frame: Frame) -> tuple[Frame, tuple[Repeated, ...]]:
    """The rows without those of runs that their own file tells of before."""
    clocked = frame.take(frame.has("unit", *CLOCKED_UNITS))
    if not len(clocked):
        return frame, ()
    run = clocked.number(RUN)
    rounded, telling = round_off(clocked.values)
    what = ["subject", "workload", "settings", "item", "metric", "statistic"]
    prints = print_runs(run, rounded, clocked.number(what))
    repeated = find_repeated(clocked, prints, np.bincount(run, weights=telling) > 0)
    left_out = {(each.path, record) for each in repeated for record in each.records}
    return without_runs(frame, left_out), tuple(repeated)


def split_into_groups(frame: Frame, columns: list[str]) -> list[Group]:
    """Groups that share `columns`, in the order of their keys; nulls are a value like others."""
    numbers = frame.number(columns)
    keys = frame.records(columns, first_of_each(numbers))
    groups = [
        group_of(frame, rows, dict(zip(columns, key, strict=True)))
        for key, rows in zip(keys, split(numbers), strict=True)
    ]
    return sorted(groups, key=lambda group: [cell or "" for cell in group.key.values()])


def group_of(frame: Frame, rows: Ints, key: Mapping[str, str | None]) -> Group:
    """The numbers of these rows, given by place in order."""
    return Group(key, frame.values[rows], Ids(frame.ids[rows]), rows)
