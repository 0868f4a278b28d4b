"""The measured numbers that a stated one can be about."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.counted_once.rounding import half_step
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, split
from benchagent.facts.derivations.write_ups.stated_numbers import Statement

# Statistics that summaries give, and how each is computed.
METHODS: Final = {"mean": "mean", "median": "median", "min": "minimum", "max": "maximum"}
NO_ROWS: Final[Ints] = np.zeros(0, dtype=np.int64)
_RAW_COLUMNS: Final = (
    "source_path", "benchmark", "definition", "unit", "phase", "statistic", "workload",
    "item",
)  # fmt: skip
# Beyond so many numbers it takes too long to find out whose a table is that does not say it.
_MOST_TRACED: Final = 300_000
# A file states several numbers of the same configuration one after the other.
_KEPT: Final = 64


class RawNumbers:
    """Single measured numbers of the subjects that statements speak of, column by column."""

    def __init__(self, frame: Frame, statements: Sequence[Statement]) -> None:
        subjects = {statement.subject for statement in statements if statement.subject is not None}
        of_nobody = {s.metric for s in statements if s.subject is None and s.kind == "claimed"}
        spoken_of = frame.has("subject", *subjects)
        if len(frame) <= _MOST_TRACED:
            spoken_of |= frame.has("metric", *of_nobody) & frame.known("subject")
        rows = frame.take(spoken_of & frame.has("statistic", "value", *METHODS))
        self.cells = {name: rows.names(name).words.texts[rows.codes(name)] for name in _RAW_COLUMNS}
        self.ids, self.values = rows.ids, rows.values
        self.settings = rows.codes("settings")
        self._paths = rows.names("source_path").words
        self.file = self._paths.ranks[rows.codes("source_path")]
        self._config = [json.loads(text) for text in rows.different("settings")]
        named, numbers = ["subject", "metric"], rows.number(["subject", "metric"])
        keys = rows.records(named, first_of_each(numbers))
        self._rows: dict[tuple[str, str], Ints] = dict(zip(keys, split(numbers), strict=True))
        self._written = rows.texts("raw_value")
        self._half_steps = np.full(len(self.ids), np.nan)
        self._found: dict[tuple[object, ...], ByFile] = {}
        self._kinds: dict[tuple[object, ...], tuple[Ints, Ints]] = {}
        self._summed_up = _records_of_sums(rows, statements)
        self.frame = rows

    def find(self, statement: Statement, path: str | None = None) -> "ByFile":
        """Those of the statement's subject and metric, under all settings that it names.

        Of all files, or of one.
        """
        meant = (statement.subject, statement.metric, statement.unit, statement.definition)
        asked = (statement.statistic, statement.workload, statement.item)
        key = (*meant, *asked, path, *sorted(statement.settings.items()))
        if key not in self._found:
            if len(self._found) == _KEPT:
                self._found.clear()
            self._found[key] = ByFile(self, self._find(statement, path))
        return self._found[key]

    def _find(self, statement: Statement, path: str | None) -> Ints:
        rows, file = self._given(statement)
        if path is not None:
            rows = rows[slice(*np.searchsorted(file, [at := self._place(path), at + 1]))]
        if statement.definition is not None:
            rows = rows[self.cells["definition"][rows] == statement.definition]
        for name, told in (("workload", statement.workload), ("item", statement.item)):
            rows = rows[self.cells[name][rows] == told] if told else rows
        wanted = statement.settings.items()
        fits = [
            code
            for code in np.unique(self.settings[rows]).tolist()
            if all(self._config[code].get(key) == value for key, value in wanted)
        ]
        return rows[np.isin(self.settings[rows], fits)]

    def _place(self, path: str) -> int:
        at = self._paths.places.get(path)
        return -1 if at is None else int(self._paths.ranks[at])

    def _given(self, statement: Statement) -> tuple[Ints, Ints]:
        """The numbers of the statement's kind in the order of their files, and the file of each."""
        kind = (statement.subject or "", statement.metric, statement.unit, statement.statistic)
        if kind not in self._kinds:
            rows = self._rows.get(kind[:2], NO_ROWS)
            rows = rows[self.cells["unit"][rows] == statement.unit]
            given = self.cells["statistic"][rows]
            # Single numbers that a mean can be computed from, else the mean that a tool reports.
            single = given == "value"
            rows = rows[single] if single.any() else rows[given == statement.statistic]
            rows = rows[np.argsort(self.file[rows], kind="stable")]
            self._kinds[kind] = rows, self.file[rows]
        return self._kinds[kind]

    def names_of_settings(self, rows: Ints) -> set[str]:
        """The names of all settings that one of these numbers has."""
        return {name for code in np.unique(self.settings[rows]) for name in self._config[code]}

    def rows_summed_up(self, record: str) -> Ints:
        """The numbers that stand inside a record and that it sums up, if any do."""
        return self._summed_up.get(record, NO_ROWS)

    def half_steps(self, rows: Ints) -> Floats:
        """How far each of these numbers may be from the one that it was rounded from."""
        for row in rows[np.isnan(self._half_steps[rows])].tolist():
            raw = str(self._written[row].as_py())
            self._half_steps[row] = half_step(raw, float(self.values[row]))
        return self._half_steps[rows]

    def are_runs(self, rows: Ints) -> bool:
        """Whether these are single numbers, and no statistics that a tool reports of them."""
        return bool(np.all(self.cells["statistic"][rows] == "value"))

    def is_one_configuration(self, rows: Ints) -> bool:
        """Whether all rows were measured at the same work under the same settings."""
        works = set(self.cells["workload"][rows].tolist())
        return len(works) == 1 and len(np.unique(self.settings[rows])) == 1


class Candidate(NamedTuple):
    """What a statement may mean: a statistic of one file's numbers.

    Attributes:
        rows: of a file, or of its cold or its warm calls; in their order.
        phase: of all of them; `mixed` where there are several.
        method: `value` of a single number.
    """

    rows: Ints
    phase: str | None
    method: str


class ByFile:
    """Numbers that a statement may be about, file by file in the order of their paths.

    A statement is held against the statistics of all files at once: hundreds of files may have
    run what it speaks of.

    Attributes:
        rows: all of them, file by file.
        files: a number for each file.
    """

    def __init__(self, raw: RawNumbers, rows: Ints) -> None:
        """Of these rows."""
        self._raw = raw
        self.rows = rows[np.argsort(raw.file[rows], kind="stable")]
        self.files, self._starts, self._sizes = np.unique(
            raw.file[self.rows], return_index=True, return_counts=True
        )
        self._statistics: dict[tuple[str | None, str], Floats] = {}

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.files)

    @property
    def are_single(self) -> bool:
        """Whether each file has one number."""
        return bool(np.all(self._sizes == 1))

    @cached_property
    def ends(self) -> tuple[int, int]:
        """The rows of the least and of the greatest number, the first of those that are equal."""
        values = self._raw.values[self.rows]
        return int(self.rows[np.argmin(values)]), int(self.rows[np.argmax(values)])

    def of_record(self, record: str) -> "ByFile":
        """What a record has of them inside itself; all of them where it has none.

        A file may hold the same configuration several times, each with its runs and their mean.
        """
        inside = np.isin(self.rows, self._raw.rows_summed_up(record))
        return ByFile(self._raw, self.rows[inside]) if inside.any() else self

    def all_calls(self, method: str) -> list[Candidate]:
        """A statistic of each file over all its calls."""
        return [self._candidate(at, None, method) for at in range(len(self))]

    def first_near(
        self, value: float, methods: Sequence[str], within: float, *, beside_median: bool
    ) -> Candidate | None:
        """The first that is so near: by file, over all calls, the warm ones, the cold ones.

        Args:
            value: what is stated.
            methods: which statistics of the raw numbers it may be.
            within: how far it may be off, beside the rounding of the raw numbers.
            beside_median: whether the lower of the two in the middle is near enough to a median.
        """
        if not len(self):
            return None
        tried = [(phase, method) for phase in (None, *self._phases) for method in methods]
        found = np.stack([self._statistic(*each) for each in tried], axis=1)
        allowed = within + self._roundings
        if beside_median:
            allowed = allowed + self._beside_median
        near = np.abs(found - value) <= allowed[:, np.newaxis]
        if not near.any():
            return None
        at, which = divmod(int(np.argmax(near)), len(tried))
        return self._candidate(at, *tried[which])

    def nearest(self, value: float, method: str) -> Candidate:
        """The statistic of all calls of a file that comes nearest to a number."""
        at = int(np.argmin(np.abs(self._statistic(None, method) - value)))
        return self._candidate(at, None, method)

    def _candidate(self, at: int, phase: str | None, method: str) -> Candidate:
        start = self._starts[at]
        rows = self.rows[start : start + self._sizes[at]]
        phases = self._raw.cells["phase"][rows]
        if phase is not None:
            rows = rows[phases == phase]
        else:
            present = sorted({phase for phase in phases.tolist() if phase})
            phase = "mixed" if len(present) > 1 else present[0] if present else None
        return Candidate(rows, phase, "value" if len(rows) == 1 else method)

    @cached_property
    def _phases(self) -> list[str]:
        return sorted({phase for phase in self._phase_of.tolist() if phase}, reverse=True)

    @cached_property
    def _phase_of(self) -> Any:
        return self._raw.cells["phase"][self.rows]

    @cached_property
    def _roundings(self) -> Floats:
        """The coarsest rounding of each file: a mean of its numbers can be off by as much."""
        return np.maximum.reduceat(self._raw.half_steps(self.rows), self._starts)

    @cached_property
    def _beside_median(self) -> Floats:
        """How far from the median the two in the middle are, of which tools take the lower one."""
        values, starts, sizes = self._sorted
        return (values[starts + sizes // 2] - values[starts + (sizes - 1) // 2]) / 2

    @cached_property
    def _sorted(self) -> tuple[Floats, Ints, Ints]:
        values = self._raw.values[self.rows]
        order = np.lexsort((values, self._raw.file[self.rows]))
        return values[order], self._starts, self._sizes

    def _statistic(self, phase: str | None, method: str) -> Floats:
        """A statistic of each file, of the calls of a phase NaN where it has none."""
        if (phase, method) not in self._statistics:
            self._statistics[phase, method] = (
                _take(method, *self._sorted) if phase is None else self._of_phase(phase, method)
            )
        return self._statistics[phase, method]

    def _of_phase(self, phase: str, method: str) -> Floats:
        part = ByFile(self._raw, self.rows[self._phase_of == phase])
        found = np.full(len(self), np.nan)
        found[np.isin(self.files, part.files)] = part._statistic(None, method)
        return found


def _records_of_sums(rows: Frame, statements: Sequence[Statement]) -> dict[str, Ints]:
    """By record that sums up its own runs: the rows of these, whose records stand inside it."""
    sums = {s.record for s in statements if s.derived_from == s.source_path}
    if not sums:
        return {}
    paths = {s.source_path for s in statements if s.derived_from == s.source_path}
    near = np.flatnonzero(rows.has("source_path", *paths))
    found: dict[str, list[Ints]] = {}
    records = rows.take(near)
    numbers = records.number(["record"])
    for record, places in zip(
        records.cells("record", first_of_each(numbers)), split(numbers), strict=True
    ):
        if outer := _find_outer(str(record), sums):
            found.setdefault(outer, []).append(near[places])
    return {record: np.concatenate(inside) for record, inside in found.items()}


def _find_outer(record: str, sums: set[str]) -> str | None:
    """The record inside which a record stands: `x.json#/0` of `x.json#/0/samples_ts/3`."""
    outer = record
    while "/" in (inner := outer.partition("#")[2]):
        outer = outer[: len(outer) - len(inner)] + inner.rpartition("/")[0]
        if outer in sums:
            return outer
    return None


def _take(method: str, values: Floats, starts: Ints, sizes: Ints) -> Floats:
    """A statistic of each part of some numbers; in each part they are ordered."""
    if method == "mean":
        return np.add.reduceat(values, starts) / sizes
    if method == "median":
        return (values[starts + (sizes - 1) // 2] + values[starts + sizes // 2]) / 2
    return values[starts if method == "minimum" else starts + sizes - 1]
