"""Summaries and write-ups, each number held against the raw numbers that it can be traced to."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.contrasts import ratio_of
from benchagent.facts.derivations.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rounding import half_step
from benchagent.facts.derivations.samples import Group, Samples, split_config, write_json
from benchagent.facts.derivations.statistics import describe_by
from benchagent.facts.estimates import Ints
from benchagent.facts.fact import About, Evidence, Fact, vary
from benchagent.wording import name_quantity, name_subject, quoted

_COLUMNS: Final = [
    "id", "source_path", "duplicate_of", "subject", "config", "metric",
    "statistic", "definition", "value", "unit", "kind", "derived_from",
]  # fmt: skip
_METHODS: Final = {"mean": "mean", "median": "median", "min": "minimum", "max": "maximum"}
# What lies between the least and the greatest raw number; a spread or an error does not.
_IN_RANGE: Final = re.compile(r"value|mean|median|min|max|p\d+(?:\.\d+)?")
# From here on a number beyond all raw ones is no slip of a few runs that are not here.
_FEWEST_BEYOND: Final = 10
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
    """A statement beside what the raw numbers give.

    Attributes:
        nearest: whether several files could be meant, and `raw` is the one that comes nearest.
    """

    statement: _Statement
    raw: Fact
    agrees: bool
    nearest: bool = False


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
    # Two files that are wrong about the same numbers are set beside one fact.
    told: dict[str, Fact] = {}
    for (kind, path), found in sorted(checks.items()):
        told |= {fact.id: fact for fact in _tell(path, kind, _sure(found))}
    yield from told.values()


def _sure(checks: list[_Check]) -> list[_Check]:
    """Without what may be about runs that are not here.

    A write-up most of whose numbers are borne out is about these files, so that the others are
    wrong; one of which little is borne out may tell of other runs.
    """
    sure = [check for check in checks if not check.nearest]
    borne_out = sum(check.agrees for check in checks)
    return checks if borne_out >= 2 * (len(checks) - len(sure)) else sure


def _copies(evidence: Evidence) -> dict[str, str]:
    """The file that counts in place of each exact duplicate."""
    files = evidence.files.select(["path", "duplicate_of"]).to_pylist()
    return {row["path"]: row["duplicate_of"] for row in files if row["duplicate_of"]}


def _read_statements(evidence: Evidence) -> Iterator[_Statement]:
    table = Frame.of(evidence.measurements, _COLUMNS, texts=["raw_value"])
    stated = table.has("kind", "derived", "claimed") & table.known("unit")
    rows = table.take(stated & ~table.known("duplicate_of"))
    rows = rows.take(np.argsort(rows.ids, kind="stable"))
    written = rows.texts["raw_value"].to_pylist()
    named = rows.records(list(rows.names))
    numbers = zip(rows.ids.tolist(), rows.values.tolist(), written, strict=True)
    for (id, value, raw_value), cells in zip(numbers, named, strict=True):
        row = dict(zip(rows.names, cells, strict=True))
        yield _Statement(
            id=id,
            source_path=row["source_path"],
            subject=row["subject"],
            settings=json.loads(split_config(row["config"], row["subject"]).settings),
            metric=row["metric"],
            statistic=row["statistic"],
            definition=row["definition"],
            value=value,
            unit=row["unit"],
            rounding=half_step(raw_value, value),
            kind=row["kind"],
            derived_from=row["derived_from"],
        )


class _RawNumbers:
    """Single measured numbers of the subjects that statements speak of, column by column."""

    def __init__(self, frame: Frame, statements: Sequence[_Statement]) -> None:
        subjects = {statement.subject for statement in statements if statement.subject is not None}
        spoken_of = frame.has("subject", *subjects) & frame.has("statistic", "value", *_METHODS)
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

    def find(self, statement: _Statement) -> dict[str, Ints]:
        """Rows by file: of the statement's subject and metric, under all settings that it names."""
        rows = self._rows.get((statement.subject or "", statement.metric), _NO_ROWS)
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

    def _half_step(self, row: int) -> float:
        if row not in self._half_steps:
            raw = str(self._written[row].as_py())
            self._half_steps[row] = half_step(raw, float(self.values[row]))
        return self._half_steps[row]

    def is_one_number(self, rows: Ints) -> bool:
        """Whether a file gives a single number, so that nothing had to be computed."""
        return len(rows) == 1

    def is_one_configuration(self, rows: Ints) -> bool:
        """Whether all rows were measured under the same settings."""
        return len(np.unique(self.settings[rows])) == 1


_NO_ROWS: Final[Ints] = np.zeros(0, dtype=np.int64)
_RAW_COLUMNS: Final = (
    "source_path", "benchmark", "definition", "unit", "phase", "statistic",
)  # fmt: skip


def _check(statement: _Statement, raw: _RawNumbers, copies: dict[str, str]) -> _Check | None:
    """The statement beside the raw numbers it is surely about; None where that is not sure."""
    if not _IN_RANGE.fullmatch(statement.statistic):
        return None
    files = raw.find(statement)
    if statement.kind == "derived":
        source = statement.derived_from or ""
        source = copies.get(source, source)
        files = {path: rows for path, rows in files.items() if path == source}
    is_computed = statement.statistic == "value" or statement.statistic in _METHODS
    for rows in files.values() if is_computed else ():
        allowed = statement.rounding + raw.rounding(rows) + 1e-9 * abs(statement.value)
        for candidate in _candidates(statement, raw, rows):
            if abs(candidate.value - statement.value) <= allowed:
                return _Check(statement, candidate, agrees=True)
    if statement.kind == "claimed" and (beyond := _find_beyond(statement, raw, files)):
        return beyond
    if (
        is_computed
        and statement.kind == "claimed"
        and files
        and all(map(raw.is_one_number, files.values()))
    ):
        return _nearest(statement, raw, files)
    if len(files) != 1 or statement.statistic not in _METHODS:
        return None
    [rows] = files.values()
    if statement.kind == "claimed" and not raw.is_one_configuration(rows):
        return None
    return _Check(statement, next(_candidates(statement, raw, rows)), agrees=False)


def _find_beyond(statement: _Statement, raw: _RawNumbers, files: dict[str, Ints]) -> _Check | None:
    """A claim above or below every raw number, so that no statistic of them can bear it out."""
    rows = np.concatenate([_NO_ROWS, *files.values()])
    if len(rows) < _FEWEST_BEYOND:
        return None
    extreme = rows[np.argmax(raw.values[rows])]
    if statement.value < raw.values[extreme]:
        extreme = rows[np.argmin(raw.values[rows])]
        if statement.value > raw.values[extreme]:
            return None
    at = np.array([extreme], dtype=np.int64)
    off = abs(statement.value - raw.values[extreme])
    is_near = bool(off <= statement.rounding + raw.rounding(at))
    if is_near and statement.statistic not in ("min", "max"):
        return None
    return _Check(statement, next(_candidates(statement, raw, at)), agrees=is_near)


def _nearest(statement: _Statement, raw: _RawNumbers, files: dict[str, Ints]) -> _Check:
    """A claim that none of several files bears out, beside the number that comes nearest to it."""
    found = [next(_candidates(statement, raw, rows)) for rows in files.values()]
    nearest = min(found, key=lambda fact: (abs(fact.value - statement.value), fact.id))
    return _Check(statement, nearest, agrees=False, nearest=True)


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
        "statistic": str(raw.cells["statistic"][first]),
        "phase": phase,
    }
    ids = tuple(raw.ids[rows].tolist())
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
