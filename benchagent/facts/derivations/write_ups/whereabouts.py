"""Where a number that a write-up states may stand among the measured ones, whosever it is."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Ints, Mask
from benchagent.facts.derivations.rows.frame import first_of_each, split
from benchagent.facts.derivations.write_ups.raw_numbers import NO_ROWS, RawNumbers
from benchagent.facts.derivations.write_ups.stated_numbers import Statement

_OF_A_MEAN: Final = ("source_path", "subject", "metric", "settings")


class Whereabouts:
    """Measured numbers by their value, by the file and by the run that they are of."""

    def __init__(self, raw: RawNumbers, copies: Mapping[str, str]) -> None:
        """Of these numbers; `copies` are files that stand for others, by the path of each."""
        self.raw, self._copies = raw, copies
        self._rows = raw.frame
        self.run = self._rows.number(["source_path", "record"])
        self._by_value: dict[tuple[str, str], tuple[Ints, Floats]] = {}

    def rows_near(self, statement: Statement) -> Ints:
        """Numbers of anybody that the statement may be rounded from, of a mean the first of its runs."""
        rows = self._between(statement, statement.statistic)
        if statement.statistic == "mean":
            rows = np.union1d(rows, self._between(statement, _OF_RUNS))
        return rows[self._is_in_unit(rows, statement)]

    def _between(self, statement: Statement, statistic: str) -> Ints:
        key = statement.metric, statistic
        if key not in self._by_value:
            rows, values = self._of_quantity(*key)
            order = np.argsort(values, kind="stable")
            self._by_value[key] = rows[order], values[order]
        rows, values = self._by_value[key]
        within = statement.rounding * (1 + 1e-9)
        ends = statement.value - within, statement.value + within
        return rows[np.searchsorted(values, ends[0]) : np.searchsorted(values, ends[1], "right")]

    def _of_quantity(self, metric: str, statistic: str) -> tuple[Ints, Floats]:
        """The numbers of a metric that are this statistic; as means of runs the first run of each."""
        single = "value" if statistic == _OF_RUNS else statistic
        rows = np.flatnonzero(
            self._rows.has("metric", metric) & self._rows.has("statistic", single)
        )
        if statistic != _OF_RUNS or not len(rows):
            return rows, self.raw.values[rows]
        alike = self._rows.take(rows).number(_OF_A_MEAN)
        means = np.bincount(alike, self.raw.values[rows]) / np.bincount(alike)
        return rows[first_of_each(alike)], means

    def _is_in_unit(self, rows: Ints, statement: Statement) -> Mask:
        return (self.raw.cells["unit"][rows] == statement.unit).astype(np.bool_)

    def paths_of(self, rows: Ints) -> set[str]:
        """The files that some numbers are of."""
        return set(self.raw.cells["source_path"][rows].tolist())

    def paths_in(self, folder: str) -> list[str]:
        """The files of a folder that have numbers, or for which others count that have them."""
        return self._folders.get(folder, [])

    @cached_property
    def _folders(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        known = set(self._rows.used("source_path"))
        standing_in = {copy: path for copy, path in self._copies.items() if path in known}
        for path, counts in sorted({**{path: path for path in known}, **standing_in}.items()):
            found[path.rpartition("/")[0]].append(counts)
        return found

    @cached_property
    def _of_paths(self) -> Mapping[str, Ints]:
        numbers = self._rows.number(["source_path"])
        paths = self._rows.cells("source_path", first_of_each(numbers))
        return dict(zip(map(str, paths), split(numbers), strict=True))

    def subjects_of(self, path: str) -> list[str]:
        """Of whom a file has numbers."""
        return sorted(self._rows.used("subject", self._of_paths.get(path, NO_ROWS)))

    def settings_of(self, path: str) -> set[str]:
        """The names of all settings that a file tells."""
        return self.raw.names_of_settings(self._of_paths.get(path, NO_ROWS))

    def place_of(self, row: int) -> tuple[str, str]:
        """The file of a number, and whom it is of."""
        [(path, subject)] = self._rows.records(["source_path", "subject"], np.array([row]))
        return str(path), str(subject)

    def rows_of(self, run: int) -> Ints:
        """The numbers of a run."""
        return self._of_runs[run]

    @cached_property
    def _of_runs(self) -> list[Ints]:
        return split(self.run)

    def of_quantity(self, rows: Ints, statement: Statement) -> int | None:
        """Which of these numbers is of the statement's quantity, if just one is."""
        names = self._rows.records(["metric", "statistic"], rows)
        wanted = statement.metric, statement.statistic
        alike = np.array([name == wanted for name in names], np.bool_)
        found = rows[alike & self._is_in_unit(rows, statement)]
        return int(found[0]) if len(found) == 1 else None


# What `_of_quantity` calls the means that are computed of single numbers.
_OF_RUNS: Final = "mean of runs"
