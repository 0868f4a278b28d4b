"""Summaries and write-ups, each number held against the raw numbers that it can be traced to."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.comparisons.contrasts import ratio_of
from benchagent.facts.derivations.counted_once.samples import Group, Samples
from benchagent.facts.derivations.descriptions.statistics import describe_by
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.derivations.write_ups.raw_numbers import (
    METHODS,
    ByFile,
    Candidate,
    RawNumbers,
)
from benchagent.facts.derivations.write_ups.stated_numbers import Statement, read_statements
from benchagent.facts.derivations.write_ups.traced import Traced, find_near
from benchagent.facts.derivations.write_ups.traced_tables import trace_tables
from benchagent.facts.derivations.write_ups.whereabouts import Whereabouts
from benchagent.facts.fact import About, Evidence, Fact, by_name, vary
from benchagent.facts.ids import Ids
from benchagent.wording import name_quantity, name_subject, quoted

UNCHECKED: Final = "unchecked"

# What lies between the least and the greatest raw number; a spread or an error does not.
_IN_RANGE: Final = re.compile(r"value|mean|median|min|max|p\d+(?:\.\d+)?")
# From here on a number beyond all raw ones is no slip of a few runs that are not here.
_FEWEST_BEYOND: Final = 10
# A file whose every number is off is told by its worst ones.
_MOST_TOLD: Final = 5


class _Check(NamedTuple):
    """A statement beside what the raw numbers give.

    Attributes:
        nearest: whether several files could be meant, and `raw` is the one that comes nearest.
    """

    statement: Statement
    raw: Fact
    agrees: bool
    nearest: bool = False


def check_statements(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Per summary and per write-up: how many numbers agree with the raw ones, and which do not."""
    copies = _copies(evidence)
    statements = list(read_statements(evidence))
    raw = RawNumbers(samples.told, statements)
    checks: dict[tuple[str, str], list[_Check]] = defaultdict(list)
    for statement in statements:
        found = _check(statement, raw, copies)
        if found is not None:
            checks[statement.kind, statement.source_path].append(found)
    of_nobody = [s for s in statements if s.kind == "claimed" and s.subject is None]
    for traced in trace_tables(of_nobody, Whereabouts(raw, copies)):
        found = _check_traced(traced, raw)
        checks["claimed", found.statement.source_path].append(found)
    # Two files that are wrong about the same numbers are set beside one fact.
    told: dict[str, Fact] = {}
    stated = _stated(evidence)
    for (kind, path), found in sorted(checks.items()):
        sure = _sure(found)
        unchecked = stated[kind, path] - {check.statement.id for check in sure}
        told |= {fact.id: fact for fact in _tell(path, kind, sure, unchecked)}
    yield from told.values()


def _stated(evidence: Evidence) -> dict[tuple[str, str], set[int]]:
    """All numbers that summaries and write-ups state, by kind and file."""
    frame = Frame.of(evidence.measurements, ["id", "kind", "source_path"])
    rows = frame.take(frame.has("kind", *_ABOUT))
    named = ["kind", "source_path"]
    numbers = rows.number(named)
    keys = rows.records(named, first_of_each(numbers))
    return {
        (kind, path): set(rows.ids[places].tolist())
        for (kind, path), places in zip(keys, split(numbers), strict=True)
    }


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


def _check(statement: Statement, raw: RawNumbers, copies: dict[str, str]) -> _Check | None:
    """The statement beside the raw numbers it is surely about; None where that is not sure."""
    if not _IN_RANGE.fullmatch(statement.statistic):
        return None
    if statement.kind == "derived":
        source = statement.derived_from or ""
        found = raw.find(statement, copies.get(source, source)).of_record(statement.record)
    else:
        found = raw.find(statement)
    is_computed = statement.statistic == "value" or statement.statistic in METHODS
    if is_computed and (near := find_near(statement, found)):
        return _Check(statement, _describe(statement, raw, near), agrees=True)
    if statement.kind == "claimed" and (beyond := _find_beyond(statement, raw, found)):
        return beyond
    if is_computed and statement.kind == "claimed" and len(found) and found.are_single:
        if statement.statistic in METHODS and raw.are_runs(found.rows):
            return None  # one run each: which of them it is of, or of all, nobody says
        return _nearest(statement, raw, found)
    if len(found) != 1 or statement.statistic not in METHODS:
        return None
    if statement.kind == "claimed" and not raw.is_one_configuration(found.rows):
        return None
    [whole] = found.all_calls(METHODS[statement.statistic])
    return _Check(statement, _describe(statement, raw, whole), agrees=False)


def _check_traced(traced: Traced, raw: RawNumbers) -> _Check:
    """A statement of a table that one file is behind."""
    statement, found, near = traced
    [whole] = [near] if near else found.all_calls(METHODS.get(statement.statistic, "value"))
    return _Check(statement, _describe(statement, raw, whole), agrees=near is not None)


def _find_beyond(statement: Statement, raw: RawNumbers, found: ByFile) -> _Check | None:
    """A claim above or below every raw number, so that no statistic of them can bear it out."""
    if len(found.rows) < _FEWEST_BEYOND:
        return None
    least, extreme = found.ends
    if statement.value < raw.values[extreme]:
        extreme = least
        if statement.value > raw.values[extreme]:
            return None
    at = np.array([extreme], dtype=np.int64)
    off = abs(statement.value - raw.values[extreme])
    is_near = bool(off <= statement.rounding + raw.half_steps(at)[0])
    if is_near and statement.statistic not in ("min", "max"):
        return None
    if raw.are_runs(found.rows):
        end = "minimum" if extreme == least else "maximum"
        beside = found.nearest(statement.value, METHODS.get(statement.statistic, end))
        if len(beside.rows) == 1:  # which is no mean
            beside = found.nearest(statement.value, end)._replace(method=end)
    else:
        [phase] = raw.cells["phase"][at].tolist()
        beside = Candidate(at, phase, "value")
    return _Check(statement, _describe(statement, raw, beside), agrees=is_near)


def _nearest(statement: Statement, raw: RawNumbers, found: ByFile) -> _Check:
    """A claim that none of several files bears out, beside the number that comes nearest to it."""
    facts = [_describe(statement, raw, single) for single in found.all_calls("value")]
    nearest = min(facts, key=lambda fact: (abs(fact.value - statement.value), by_name(fact)))
    return _Check(statement, nearest, agrees=False, nearest=True)


def _describe(statement: Statement, raw: RawNumbers, meant: Candidate) -> Fact:
    rows = meant.rows
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
        "phase": meant.phase,
    }
    group = Group(key, raw.values[rows], Ids(raw.ids[rows]), rows)
    # a write-up calls prompts by names of its own
    told = {key: value for key, value in statement.settings.items() if key not in statement.asked}
    settings = write_json(told)
    about = "configuration" if told else "subject"
    fact = describe_by(meant.method, group, about, settings)
    label = f"{fact.label}, computed from {quoted(source)}"
    return vary(fact, label=label, about=_ABOUT[statement.kind], of=source)


_ABOUT: Final[dict[str, About]] = {"derived": "summary", "claimed": "claim"}


def _tell(path: str, kind: str, checks: list[_Check], unchecked: set[int]) -> Iterator[Fact]:
    """How many statements of one file agree and disagree, and the worst of those that do not."""
    for what, agrees in (("agreeing", True), ("disagreeing", False)):
        found = [check.statement.id for check in checks if check.agrees is agrees]
        yield _count(path, kind, what, f"{what} with the raw ones", found)
    if unchecked:
        yield _count(path, kind, UNCHECKED, "that no raw ones surely tell of", unchecked)
    wrong = sorted((check for check in checks if not check.agrees), key=_deviation, reverse=True)
    told: dict[str, Fact] = {}
    for check in wrong[:_MOST_TOLD]:
        for fact in _set_beside(check, _quote(check.statement)):
            told[fact.id] = fact
    yield from told.values()


def _count(path: str, kind: str, what: str, said: str, found: Collection[int]) -> Fact:
    return Fact(
        kind="count",
        label=f"numbers of {quoted(path)} {said}",
        value=len(found),
        unit="numbers",
        about=_ABOUT[kind],
        of=path,
        statistic=what,
        method="count",
        measurements=tuple(sorted(found)),
    )


def _deviation(check: _Check) -> tuple[float, int]:
    scale = max(abs(check.statement.value), abs(check.raw.value)) or 1.0
    return abs(check.statement.value - check.raw.value) / scale, -check.statement.id


def _quote(statement: Statement) -> Fact:
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
