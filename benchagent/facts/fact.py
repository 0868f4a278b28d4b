"""What the measurements say: counts, medians, spreads and differences, each with its evidence.

A fact's value is computed in `benchagent.facts.derivations` and nowhere else. It lists the measurements
(or files, or other facts) that it rests on, so that `recompute` can derive it again from values
that were freshly read out of the files.
"""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

import pyarrow as pa

from benchagent.facts.estimates import summarise
from benchagent.facts.significance import (
    fisher_p,
    holm,
    order_trend,
    rank_test,
    round_medians,
    smallest_p,
    welch_p,
)

FactKind = Literal[
    "count", "statistic", "quoted", "difference", "ratio", "test", "time", "call", "workflow"
]
About = Literal[
    "corpus",
    "telemetry",
    "subject",
    "configuration",
    "option",
    "phase",
    "comparison",
    "order",
    "summary",
    "claim",
    "inquiry",
    "baseline",
    "failure",
    "call",
    "workflow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One computed value and everything that it rests on.

    Attributes:
        id: `F` and 12 hex digits, from what the fact is about and what it rests on, not its
            order; computed where it is not given.
        label: what the value is, in words, with names in backticks:
            "median decode rate of `gemma3:270m`, warm calls".
        value: in `unit` (`utc`: seconds since the epoch); a statement about a missing thing is a
            count of 0.
        about: which question of a reader it answers; tables of a report pick their rows by it.
        of: the particular that a count is about: the kind `csv`, the root `reports`, the reason.
        method: how the value was computed, by name; `recompute` knows each.
        n: samples behind the value; 1 where a configuration was run once (then no interval); rounds
            where a test was made over rounds.
        spread: standard deviation of those samples (ddof 1), None below n = 2.
        ci_low, ci_high: 95 % interval of `value`; None where n allows none.
        definition: id of the metric's definition, where tools differ.
        workload: canonical JSON of what was run (a task, a role), where a benchmark has several.
        config: canonical JSON of the settings that all samples share.
        option, level: the option that a fact about options is about, and its value as JSON.
        phase: `cold`, `warm`, `mixed` (said so in the label) or None.
        measurements: ids of the rows of the snapshot's measurement table.
        arms, blocks: for a test, which arm and block each of `measurements` belongs to.
        rounds, strata: for a test over rounds of calls, which round each of `measurements` belongs
            to, and the stratum within which that round may change places with others.
        sources: paths of the files counted, or `path#record` of runs counted.
        facts: ids of the facts that this one is computed from.
    """

    id: str = ""
    kind: FactKind
    label: str
    value: float
    unit: str | None
    about: About = "corpus"
    of: str | None = None
    metric: str | None = None
    definition: str | None = None
    statistic: str | None = None
    method: str | None = None
    n: int | None = None
    spread: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    benchmark: str | None = None
    subject: str | None = None
    workload: str | None = None
    config: str | None = None
    option: str | None = None
    level: str | None = None
    phase: str | None = None
    measurements: tuple[int, ...] = ()
    arms: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    rounds: tuple[int, ...] = ()
    strata: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Names the fact by its content."""
        if not self.id:
            object.__setattr__(self, "id", "F" + _digest(self))


def _digest(fact: Fact) -> str:
    text = [
        fact.kind, fact.about, fact.unit, fact.of, fact.metric, fact.definition, fact.statistic,
        fact.method, fact.benchmark, fact.subject, fact.workload, fact.config, fact.option, fact.level,
        fact.phase, fact.sources, fact.facts,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(text).encode())
    lists = [fact.measurements, fact.arms, fact.blocks]
    # Only where there are rounds, so that all other facts keep the ids that reports cite.
    for ids in [*lists, fact.rounds, fact.strata] if fact.rounds else lists:
        digest.update(b"%d:" % len(ids) + array("q", ids).tobytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What facts are derived from: the numbers, the failures and the listing of one snapshot.

    Attributes:
        measurements: `MEASUREMENT_SCHEMA`.
        failed_runs: `FAILED_RUN_SCHEMA`.
        files: one row per file: path, kind, size, modified_at (a timestamp, or seconds since the
            epoch), format, n_measurements, n_failed, reason, duplicate_of; `root` where paths do
            not begin with it.
        missing_roots: names of the artifact roots that should be there and are not.
        unreadable: paths of entries that could not be opened.
    """

    measurements: pa.Table
    failed_runs: pa.Table
    files: pa.Table
    missing_roots: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def vary(fact: Fact, **changes: Any) -> Fact:
    """Another fact, alike but for `changes`, and named by its own content."""
    return replace(fact, **{"id": "", **changes})


class DuplicateFactError(AssertionError):
    """Two facts with one id: a derivation said a thing twice, or forgot a distinction."""


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts sorted by id.

    Raises:
        DuplicateFactError: when two of them share an id.
    """
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.id in found:
            raise DuplicateFactError(
                f"{fact.id} is both {found[fact.id].label!r} and {fact.label!r}, expected one; an "
                "id follows from what a fact is about and what it rests on"
            )
        found[fact.id] = fact
    return tuple(found[id] for id in sorted(found))


class IrreproducibleError(ValueError):
    """A fact whose value does not follow from the evidence offered; says which and why."""


def recompute(
    fact: Fact,
    values: Mapping[int, float],
    facts: Mapping[str, Fact],
    *,
    modified_at: Mapping[str, float] | None = None,
    known: MutableMapping[str, float] | None = None,
) -> float:
    """The value of a fact, computed again from values freshly read by measurement id.

    Args:
        fact: the fact to compute again.
        values: the value of each measurement, in its canonical unit, as the file now gives it.
        facts: the facts of the snapshot by id; those that `fact` rests on are recomputed too.
        modified_at: modification times by path, in seconds since the epoch, for facts of time.
        known: values recomputed before, kept up to date; pass one mapping for many facts.

    Raises:
        IrreproducibleError: when something that the fact rests on was not offered.
    """
    known = {} if known is None else known
    if fact.id not in known:
        try:
            known[fact.id] = _recompute(fact, values, facts, modified_at or {}, known)
        except KeyError as missing:
            raise IrreproducibleError(
                f"{fact.id} ({fact.label}) rests on {missing.args[0]!r}, which was not offered"
            ) from missing
    return known[fact.id]


def _recompute(
    fact: Fact,
    values: Mapping[int, float],
    facts: Mapping[str, Fact],
    modified_at: Mapping[str, float],
    known: MutableMapping[str, float],
) -> float:
    if fact.method == "count":
        return len([values[id] for id in fact.measurements] or fact.sources or fact.facts)
    if fact.method == "pairs":
        return len(fact.facts) * (len(fact.facts) - 1) / 2
    if fact.method == "latest":
        return max(modified_at[path] for path in fact.sources)
    if fact.measurements:
        return _from_measurements(fact, [values[id] for id in fact.measurements])

    def again(ids: Iterable[str]) -> list[float]:
        return [
            recompute(facts[id], values, facts, modified_at=modified_at, known=known) for id in ids
        ]

    if fact.method == "holm":
        own, family = fact.facts
        members = facts[family].facts
        return holm(again(members))[members.index(own)]
    if fact.method == "welch-of-means":
        return _from_reported(again(fact.facts), [facts[id] for id in fact.facts])
    return _from_facts(fact, again(fact.facts))


def _from_reported(means: list[float], sides: list[Fact]) -> float:
    """The p-value of means that were read again, with the spreads and sizes beside them."""
    one, other = (
        (mean, side.spread or 0.0, side.n or 0) for mean, side in zip(means, sides, strict=True)
    )
    p = welch_p(one, other)
    return 1.0 if p is None else p


def _from_measurements(fact: Fact, numbers: list[float]) -> float:
    if fact.method == "kendall-tau":
        return order_trend(numbers)[0]
    if fact.method == "kendall-tau-p":
        return order_trend(numbers)[1]
    if fact.kind == "test":
        return _from_arms(fact, numbers)
    return summarise(numbers, fact.method or "value").value


def _from_arms(fact: Fact, numbers: list[float]) -> float:
    """The p-value of a rank test over single calls, or over rounds of them."""
    values, arms, blocks = numbers, fact.arms, fact.blocks
    if fact.rounds:
        values, arms, blocks = round_medians(numbers, arms, blocks, fact.rounds, fact.strata)
    if fact.method == "smallest-p":
        return smallest_p(arms, blocks)
    test = rank_test(values, arms, blocks)
    return test.p if test else 1.0


def _from_facts(fact: Fact, parts: list[float]) -> float:
    if fact.method == "ratio":
        return parts[0] / parts[1]
    if fact.method == "fisher-exact":
        return fisher_p(*(round(part) for part in parts))
    if fact.method == "difference":
        return parts[0] - parts[1]
    raise IrreproducibleError(
        f"{fact.id} ({fact.label}) has the method {fact.method!r}, which nothing here computes"
    )


_INTEGERS: Final = frozenset({"n"})
_FLOATS: Final = frozenset({"value", "spread", "ci_low", "ci_high"})
_ID_LISTS: Final = frozenset({"measurements", "arms", "blocks", "rounds", "strata"})
_NAME_LISTS: Final = frozenset({"sources", "facts"})


def _type_of(name: str) -> pa.DataType:
    if name in _INTEGERS:
        return pa.int64()
    if name in _FLOATS:
        return pa.float64()
    if name in _ID_LISTS:
        return pa.list_(pa.int64())
    return pa.list_(pa.string()) if name in _NAME_LISTS else pa.string()


FACT_SCHEMA: Final = pa.schema([(column.name, _type_of(column.name)) for column in fields(Fact)])


def facts_table(facts: Iterable[Fact]) -> pa.Table:
    """Facts as a table (`FACT_SCHEMA`), for Parquet and for questions in SQL."""
    found = list(facts)
    cells = {name: [getattr(fact, name) for fact in found] for name in FACT_SCHEMA.names}
    return pa.Table.from_pydict(cells, schema=FACT_SCHEMA)


def facts_from_table(table: pa.Table) -> tuple[Fact, ...]:
    """The facts that `facts_table` wrote."""
    columns: dict[str, list[Any]] = table.select(FACT_SCHEMA.names).to_pydict()
    for name in _ID_LISTS | _NAME_LISTS:
        columns[name] = [tuple(cell) for cell in columns[name]]
    rows = zip(*columns.values(), strict=True)
    return tuple(Fact(**dict(zip(columns, row, strict=True))) for row in rows)
