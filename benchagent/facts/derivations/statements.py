"""Summaries and write-ups, each number held against the raw numbers that it can be traced to."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from benchagent.facts.derivations.contrasts import ratio_of
from benchagent.facts.derivations.samples import Group, Samples, split_config, write_json
from benchagent.facts.derivations.statistics import describe_by
from benchagent.facts.estimates import Ints
from benchagent.facts.fact import About, Evidence, Fact, vary
from benchagent.quantities import parse_number
from benchagent.wording import name_quantity, name_subject, quoted

_COLUMNS: Final = [
    "id", "source_path", "duplicate_of", "benchmark", "subject", "config", "metric",
    "statistic", "definition", "value", "unit", "raw_value", "kind", "derived_from",
]  # fmt: skip
_METHODS: Final = {"mean": "mean", "median": "median", "min": "minimum", "max": "maximum"}
# A file whose every number is off is told by its worst ones.
_MOST_TOLD: Final = 5


class _Statement(NamedTuple):
    """One number that a summary or a write-up states."""

    id: int
    source_path: str
    subject: str | None
    settings: dict[str, object]
    metric: str
    statistic: str
    definition: str | None
    value: float
    unit: str
    rounding: float
    kind: str
    derived_from: str | None


class _Check(NamedTuple):
    """A statement beside what the raw numbers give; `exact` within what was rounded away."""

    statement: _Statement
    raw: Fact
    agrees: bool


def check_statements(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Per summary and per write-up: how many numbers agree with the raw ones, and which do not."""
    copies = _copies(evidence)
    statements = list(_read_statements(evidence))
    raw = _RawNumbers(samples.told, statements)
    checks: dict[tuple[str, str], list[_Check]] = defaultdict(list)
    for statement in statements:
        found = _check(statement, raw, copies)
        if found is not None:
            checks[statement.kind, statement.source_path].append(found)
    for (kind, path), found in sorted(checks.items()):
        yield from _tell(path, kind, found)


def _copies(evidence: Evidence) -> dict[str, str]:
    """The file that counts in place of each exact duplicate."""
    files = evidence.files.select(["path", "duplicate_of"]).to_pylist()
    return {row["path"]: row["duplicate_of"] for row in files if row["duplicate_of"]}


def _read_statements(evidence: Evidence) -> Iterator[_Statement]:
    table: pd.DataFrame = evidence.measurements.select(_COLUMNS).to_pandas()
    stated = table["kind"].isin(["derived", "claimed"]) & table["unit"].notna()
    rows = table[stated & table["duplicate_of"].isna()].sort_values("id").astype("object")
    for row in rows.where(rows.notna(), None).to_dict("records"):
        yield _Statement(
            id=int(row["id"]),
            source_path=row["source_path"],
            subject=row["subject"],
            settings=json.loads(split_config(row["config"], row["subject"]).settings),
            metric=row["metric"],
            statistic=row["statistic"],
            definition=row["definition"],
            value=float(row["value"]),
            unit=row["unit"],
            rounding=half_step(row["raw_value"], float(row["value"])),
            kind=row["kind"],
            derived_from=row["derived_from"],
        )


def half_step(raw_value: str, value: float) -> float:
    """Half of the last digit that a source wrote, in the unit of `value`."""
    text = raw_value.strip().strip("*_`").replace(",", "")
    written = parse_number(text)
    if not written:
        return 0.0
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return abs(value / written) * 0.5 * 10.0 ** (int(exponent or 0) - decimals)


class _RawNumbers:
    """Single measured numbers of the subjects that statements speak of, column by column."""

    def __init__(self, frame: pd.DataFrame, statements: Sequence[_Statement]) -> None:
        subjects = {statement.subject for statement in statements}
        spoken_of = frame["subject"].isin(subjects) & (frame["statistic"] == "value")
        rows = frame.loc[spoken_of & frame["subject"].notna()].reset_index(drop=True)
        self.cells = {
            str(name): np.asarray(rows[name].astype("object").where(rows[name].notna(), None))
            for name in _RAW_COLUMNS
        }
        self.values = rows["value"].to_numpy(dtype=np.float64)
        self.settings = rows["settings"].cat.codes.to_numpy()
        self._config = [json.loads(text) for text in rows["settings"].cat.categories]
        named = zip(rows["subject"], rows["metric"], strict=True)
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, (subject, metric) in enumerate(named):
            places[str(subject), str(metric)].append(place)
        self._rows: dict[tuple[str, str], Ints] = {
            key: np.array(found, dtype=np.int64) for key, found in places.items()
        }
        self._half_steps: dict[int, float] = {}

    def find(self, statement: _Statement) -> dict[str, Ints]:
        """Rows by file: of the statement's subject and metric, under all settings that it names."""
        rows = self._rows.get((statement.subject or "", statement.metric), _NO_ROWS)
        rows = rows[self.cells["unit"][rows] == statement.unit]
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

    def _half_step(self, row: int) -> float:
        if row not in self._half_steps:
            raw = str(self.cells["raw_value"][row])
            self._half_steps[row] = half_step(raw, float(self.values[row]))
        return self._half_steps[row]

    def is_one_configuration(self, rows: Ints) -> bool:
        """Whether all rows were measured under the same settings."""
        return len(np.unique(self.settings[rows])) == 1


_NO_ROWS: Final[Ints] = np.zeros(0, dtype=np.int64)
_RAW_COLUMNS: Final = (
    "id", "source_path", "benchmark", "definition", "unit", "phase", "raw_value",
)  # fmt: skip


def _check(statement: _Statement, raw: _RawNumbers, copies: dict[str, str]) -> _Check | None:
    """The statement beside the raw numbers it is surely about; None where that is not sure."""
    files = raw.find(statement)
    if statement.kind == "derived":
        source = statement.derived_from or ""
        source = copies.get(source, source)
        files = {path: rows for path, rows in files.items() if path == source}
    for rows in files.values():
        allowed = statement.rounding + raw.rounding(rows) + 1e-9 * abs(statement.value)
        for candidate in _candidates(statement, raw, rows):
            if abs(candidate.value - statement.value) <= allowed:
                return _Check(statement, candidate, agrees=True)
    if len(files) != 1 or statement.statistic not in _METHODS:
        return None
    [rows] = files.values()
    if statement.kind == "claimed" and not raw.is_one_configuration(rows):
        return None
    return _Check(statement, next(_candidates(statement, raw, rows)), agrees=False)


def _candidates(statement: _Statement, raw: _RawNumbers, rows: Ints) -> Iterator[Fact]:
    """What the statement may mean: over all calls, the warm ones, the cold ones."""
    phases = raw.cells["phase"][rows]
    present = sorted({phase for phase in phases.tolist() if phase}, reverse=True)
    named = _METHODS.get(statement.statistic)
    parts: list[tuple[str | None, Ints]] = [
        ("mixed" if len(present) > 1 else present[0] if present else None, rows)
    ]
    if len(present) > 1:
        parts += [(phase, rows[phases == phase]) for phase in present]
    for phase, chosen in parts:
        for method in [named] if named else ["mean", "median"]:
            yield _describe(statement, raw, chosen, "value" if len(chosen) == 1 else method, phase)


def _describe(
    statement: _Statement, raw: _RawNumbers, rows: Ints, method: str, phase: str | None
) -> Fact:
    first = rows[0]
    source, definition = str(raw.cells["source_path"][first]), raw.cells["definition"][first]
    key: dict[str, str | None] = {
        "benchmark": str(raw.cells["benchmark"][first]),
        "subject": statement.subject,
        "series": None,
        "workload": None,
        "metric": statement.metric,
        "definition": None if definition is None else str(definition),
        "unit": statement.unit,
        "statistic": "value",
        "phase": phase,
    }
    ids = tuple(int(id) for id in raw.cells["id"][rows])
    group = Group(key, raw.values[rows], ids, rows)
    settings = write_json(statement.settings)
    fact = describe_by(
        method, group, "configuration" if statement.settings else "subject", settings
    )
    label = f"{fact.label}, computed from {quoted(source)}"
    return vary(fact, label=label, about=_ABOUT[statement.kind], of=source)


_ABOUT: Final[dict[str, About]] = {"derived": "summary", "claimed": "claim"}


def _tell(path: str, kind: str, checks: list[_Check]) -> Iterator[Fact]:
    """How many statements of one file agree and disagree, and the worst of those that do not."""
    for what, agrees in (("agreeing", True), ("disagreeing", False)):
        found = sorted(check.statement.id for check in checks if check.agrees is agrees)
        yield Fact(
            kind="count",
            label=f"numbers of {quoted(path)} {what} with the raw ones",
            value=len(found),
            unit="numbers",
            about=_ABOUT[kind],
            of=path,
            statistic=what,
            method="count",
            measurements=tuple(found),
        )
    wrong = sorted((check for check in checks if not check.agrees), key=_deviation, reverse=True)
    told: dict[str, Fact] = {}
    for check in wrong[:_MOST_TOLD]:
        for fact in _set_beside(check, _quote(check.statement)):
            told[fact.id] = fact
    yield from told.values()


def _deviation(check: _Check) -> tuple[float, int]:
    scale = max(abs(check.statement.value), abs(check.raw.value)) or 1.0
    return abs(check.statement.value - check.raw.value) / scale, -check.statement.id


def _quote(statement: _Statement) -> Fact:
    quantity = name_quantity(statement.metric, statement.statistic)
    return Fact(
        kind="quoted",
        label=f"{quantity} of {name_subject(statement.subject)} as "
        f"{quoted(statement.source_path)} states it",
        value=statement.value,
        unit=statement.unit,
        about=_ABOUT[statement.kind],
        of=statement.source_path,
        metric=statement.metric,
        definition=statement.definition,
        statistic=statement.statistic,
        method="value",
        subject=statement.subject,
        config=write_json(statement.settings),
        measurements=(statement.id,),
    )


def _set_beside(check: _Check, stated: Fact) -> Iterator[Fact]:
    yield stated
    yield check.raw
    label = f"stated over computed: {stated.label}"
    template = vary(stated, label=label, statistic=f"stated-{stated.statistic}")
    yield from filter(None, [ratio_of(stated, check.raw, template, None)])
