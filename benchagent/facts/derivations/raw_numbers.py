"""The measured numbers that a stated one can be about."""

import json
from collections.abc import Sequence
from typing import Final

import numpy as np

from benchagent.facts.derivations.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rounding import half_step
from benchagent.facts.derivations.stated_numbers import Statement
from benchagent.facts.estimates import Ints

# Statistics that summaries give, and how each is computed.
METHODS: Final = {"mean": "mean", "median": "median", "min": "minimum", "max": "maximum"}
NO_ROWS: Final[Ints] = np.zeros(0, dtype=np.int64)
_RAW_COLUMNS: Final = (
    "source_path", "benchmark", "definition", "unit", "phase", "statistic",
)  # fmt: skip


class RawNumbers:
    """Single measured numbers of the subjects that statements speak of, column by column."""

    def __init__(self, frame: Frame, statements: Sequence[Statement]) -> None:
        subjects = {statement.subject for statement in statements if statement.subject is not None}
        spoken_of = frame.has("subject", *subjects) & frame.has("statistic", "value", *METHODS)
        rows = frame.take(spoken_of)
        self.cells = {name: rows.names[name].words.texts[rows.codes(name)] for name in _RAW_COLUMNS}
        self.ids, self.values = rows.ids, rows.values
        self.settings = rows.codes("settings")
        self._config = [json.loads(text) for text in rows.different("settings")]
        named, numbers = ["subject", "metric"], rows.number(["subject", "metric"])
        keys = rows.records(named, first_of_each(numbers))
        self._rows: dict[tuple[str, str], Ints] = dict(zip(keys, split(numbers), strict=True))
        self._written = rows.texts["raw_value"]
        self._half_steps: dict[int, float] = {}

    def find(self, statement: Statement) -> dict[str, Ints]:
        """Rows by file: of the statement's subject and metric, under all settings that it names."""
        rows = self._rows.get((statement.subject or "", statement.metric), NO_ROWS)
        rows = rows[self.cells["unit"][rows] == statement.unit]
        given = self.cells["statistic"][rows]
        # Single numbers that a mean can be computed from, else the mean that a tool reports.
        single = given == "value"
        rows = rows[single] if single.any() else rows[given == statement.statistic]
        if statement.definition is not None:
            rows = rows[self.cells["definition"][rows] == statement.definition]
        wanted = statement.settings.items()
        fits = [
            code
            for code in np.unique(self.settings[rows]).tolist()
            if all(self._config[code].get(key) == value for key, value in wanted)
        ]
        rows = rows[np.isin(self.settings[rows], fits)]
        paths = self.cells["source_path"][rows]
        return {path: rows[paths == path] for path in sorted(set(paths.tolist()))}

    def rounding(self, rows: Ints) -> float:
        """The coarsest rounding of these rows: a mean of them can be off by as much."""
        return max(self._half_step(row) for row in rows.tolist())

    def beside_median(self, rows: Ints) -> float:
        """How far from the median the two in the middle are, of which tools take the lower one."""
        values = np.sort(self.values[rows])
        return float(values[len(values) // 2] - values[(len(values) - 1) // 2]) / 2

    def _half_step(self, row: int) -> float:
        if row not in self._half_steps:
            raw = str(self._written[row].as_py())
            self._half_steps[row] = half_step(raw, float(self.values[row]))
        return self._half_steps[row]

    def is_one_configuration(self, rows: Ints) -> bool:
        """Whether all rows were measured under the same settings."""
        return len(np.unique(self.settings[rows])) == 1
