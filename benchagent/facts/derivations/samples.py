"""The numbers that may enter a statistic, each counted once, in groups that were run alike.

Failed runs, exact duplicates, numbers without a unit, summaries and claims stay out. A run that
two files tell of (as CSV and as JSON) is taken from one of them, and has the subject that either
of them names.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchagent.facts.derivations.averaged_files import find_averaged
from benchagent.facts.derivations.device_labels import find_mismatch
from benchagent.facts.derivations.frame import (
    Frame,
    Mask,
    Names,
    Words,
    first_of_each,
    measured_once,
    split,
)
from benchagent.facts.derivations.machines import hold_machines_alike
from benchagent.facts.derivations.near_copies import (
    CLOCKED_UNITS,
    find_namesakes,
    find_near_copies,
    find_retellings,
)
from benchagent.facts.derivations.repeated_rows import Repeated, find_repeated
from benchagent.facts.derivations.settings import split_config
from benchagent.facts.estimates import Floats, Ints
from benchagent.facts.fact import Evidence
from benchagent.facts.ids import Ids

_COLUMNS: Final = [
    "id", "source_path", "record", "sequence", "repetition", "benchmark", "subject", "config", "environment",
    "metric", "statistic", "definition", "value", "unit", "n", "phase",
]  # fmt: skip
_RUN: Final = ["source_path", "record"]
# They qualify a reported mean, one of calls or one of means, and are no statistics of their own.
_SPREADS: Final = frozenset(("stddev", "stddev_population", "stderr", "ci_low", "ci_high"))
MISLABELLED: Final = "mislabelled"
# Enough digits that two runs cannot share a time by chance; fewer survive CSV and JSON alike.
_DIGITS_OF_ONE_RUN: Final = 6
_COUNTED_UNITS: Final = frozenset(("tokens", "chars", "bytes", "calls", "runs"))


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
        retold: runs (`path#record`) left out so, with the file that they are taken from.
        near: files whose numbers are those of another one, rounded, with that other file.
        averaged: files of means or medians over the runs of another one, with that other file.
        repeated: runs that stand in their file a second time, and are in none of the above.
    """

    frame: Frame
    told: Frame
    retold: tuple[tuple[str, str], ...]
    near: Mapping[str, str]
    averaged: Mapping[str, str]
    repeated: tuple[Repeated, ...]

    def lone_runs(self) -> list[tuple[str, str]]:
        """Runs (path, record) of a subject, settings and item that were run once.

        Not those that tell a spread of their own: there a tool repeated what it timed.
        """
        condition = ["benchmark", "subject", "series", "workload", "settings", "item"]
        first, run = self.frame.first_of_each(_RUN), self.frame.number(_RUN)
        repeated = run[self.frame.has("statistic", *used_spreads(self.frame)) & self._repeats(run)]
        runs = self.frame.take(first)
        alike = runs.number(condition)
        alone = (np.bincount(alike)[alike] == 1) & ~np.isin(run[first], repeated)
        return list(runs.records(_RUN, np.flatnonzero(alone)))

    def _repeats(self, run: Ints) -> Mask:
        """Whether a spread of this row would tell of repetitions of what its run timed.

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
    failures = set(Frame.of(evidence.failed_runs, _RUN).records(_RUN))
    if failures:
        frame = _without_runs(frame, failures)
    told = _take_apart(_name_subjects(frame.take(np.argsort(frame.ids, kind="stable"))))
    told, repeated = _without_repeated(told)
    near = find_near_copies(told)
    averaged = find_averaged(told.take(~told.has("source_path", *near)) if near else told)
    told = told.without("config")
    # of two that tell of each other, as their times agree and other digits do not, one must stay
    retellings = {
        copy: first for copy, first in find_retellings(told).items() if near.get(first) != copy
    }
    frame, retold = _count_once(told, {**retellings, **averaged, **near})
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


def _count_once(
    frame: Frame, told_by: Mapping[str, str]
) -> tuple[Frame, tuple[tuple[str, str], ...]]:
    """Leave out runs that another file tells of: same subject, same metrics, same digits.

    And those of whole files that tell, in another form, in fewer digits or summed up, what others
    (`told_by`) do.
    """
    copied = frame.has("source_path", *told_by)
    left_out = frame.take(copied)
    repeats = [
        (name_run(path, record), told_by[path])
        for path, record in left_out.records(_RUN, left_out.first_of_each(_RUN))
    ]
    frame, retold = _count_exactly_once(frame.take(~copied) if told_by else frame)
    return frame, tuple(sorted([*retold, *repeats]))


def _without_repeated(frame: Frame) -> tuple[Frame, tuple[Repeated, ...]]:
    """The rows without those of runs that their own file tells of before."""
    rounded, telling = _round_off(frame.values)
    kept = frame.has("unit", *CLOCKED_UNITS)
    told = frame.take(kept)
    if not len(told):
        return frame, ()
    run = told.number(_RUN)
    what = told.number(["subject", "workload", "settings", "item", "metric", "statistic"])
    prints = _fingerprints(run, rounded[kept], what)
    repeated = find_repeated(told, prints, np.bincount(run, weights=telling[kept]) > 0)
    if not repeated:
        return frame, ()
    left_out = {(each.path, record) for each in repeated for record in each.records}
    return _without_runs(frame, left_out), tuple(repeated)


def _count_exactly_once(frame: Frame) -> tuple[Frame, tuple[tuple[str, str], ...]]:
    first: dict[int, str] = {}
    retold: dict[tuple[str, str], str] = {}
    for path, record, fingerprint in _look_alikes(frame):
        # Equal runs within one file are repetitions that came out alike, however unlikely.
        if first.setdefault(fingerprint, path) != path:
            retold[path, record] = first[fingerprint]
    if not retold:
        return frame, ()
    retold |= _also_retold(frame, {(path, other) for (path, _), other in retold.items()})
    named = ((name_run(path, record), other) for (path, record), other in retold.items())
    return _without_runs(frame, retold.keys()), tuple(sorted(named))


def _also_retold(frame: Frame, copies: Set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Further runs of files that tell some of another one's again: those equal in every number.

    Their digits alone may be too few to tell them from a chance.
    """
    found: dict[tuple[str, str], str] = {}
    for path, other in sorted(copies):
        mine, theirs = (_numbers_by_record(frame, each) for each in (path, other))
        told = set(theirs.values())
        found |= {(path, record): other for record, told_by in mine.items() if told_by in told}
    return found


def _numbers_by_record(frame: Frame, path: str) -> dict[str, frozenset[tuple[object, ...]]]:
    rows = np.flatnonzero(frame.has("source_path", path))
    columns = ["subject", "workload", "settings", "item", "metric", "statistic"]
    numbers: dict[str, set[tuple[object, ...]]] = {}
    told = zip(
        frame.cells("record", rows), frame.records(columns, rows), frame.values[rows], strict=True
    )
    for record, what, value in told:
        numbers.setdefault(str(record), set()).add((*what, float(value)))
    return {record: frozenset(found) for record, found in numbers.items()}


def _without_runs(frame: Frame, left_out: Set[tuple[object, object]]) -> Frame:
    """The rows of all but these runs (path and record), each run looked at once."""
    numbers = frame.number(_RUN)
    runs = frame.records(_RUN, first_of_each(numbers))
    kept = np.array([run not in left_out for run in runs], dtype=np.bool_)
    return frame.take(kept[numbers])


def name_run(path: str, record: str) -> str:
    """`path#record`, however much of it the record's own name holds."""
    return record if record.startswith(f"{path}#") else f"{path}#{record}"


def _look_alikes(frame: Frame) -> list[tuple[str, str, int]]:
    """Path, record and fingerprint of each run that shares its fingerprint, in that order.

    Only times and rates with many digits tell runs apart (two answers of a deterministic model
    agree in every count); a run with fewer than two of them has no fingerprint.
    """
    rounded, telling = _round_off(frame.values)
    kept = telling & ~frame.has("unit", *_COUNTED_UNITS)
    told = frame.take(kept)
    run = told.number(_RUN)
    first = first_of_each(run)
    what = told.number(["subject", "metric", "statistic"])
    fingerprints = _fingerprints(run, rounded[kept], what)
    _, number, count = np.unique(fingerprints, return_inverse=True, return_counts=True)
    alike = (count[number] >= 2) & (np.bincount(run, minlength=len(first)) >= 2)
    runs = told.records(_RUN, first[alike])
    named = zip(runs, fingerprints[alike].tolist(), strict=True)
    return sorted((path, record, fingerprint) for (path, record), fingerprint in named)


def _fingerprints(run: Ints, rounded: Floats, what: Ints) -> NDArray[np.uint64]:
    """A number per run, the same for runs of the same numbers of the same things."""
    found = np.zeros(int(run.max(initial=-1)) + 1, dtype=np.uint64)
    np.add.at(found, run, _mix(_mix(rounded.view(np.uint64)) + what.astype(np.uint64)))
    return found


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number as one that looks random, so that sums of them tell apart (SplitMix64)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _round_off(values: Floats) -> tuple[Floats, Mask]:
    """Values of so many digits as runs are told apart by, and which have enough of them."""
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    exponent[values == 0] = 0
    # Powers of ten in two steps, since of the smallest floats one step alone overflows.
    shift = _DIGITS_OF_ONE_RUN - 1 - exponent
    half = np.trunc(shift / 2)
    digits = np.rint(values * 10.0**half * 10.0 ** (shift - half))
    return digits * 16.0 ** exponent.clip(-200, 200), digits % 1000 != 0


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
