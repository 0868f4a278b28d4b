"""What the measurements say: counts, medians, spreads and differences, each with its evidence.

A fact's value is computed in `benchagent.facts.derivations` and nowhere else. It lists the
measurements (or files, or other facts) that it rests on, so that `facts.recomputing` can derive it
again from values that were freshly read out of the files.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import PlainSerializer

from benchagent.facts.ids import Ids
from benchagent.stored_table import AnyTable

FactKind = Literal[
    "count", "statistic", "quoted", "difference", "ratio", "test", "time", "call", "workflow"
]
About = Literal[
    "corpus",
    "telemetry",
    "subject",
    "configuration",
    "option",
    "interaction",
    "phase",
    "comparison",
    "standing",
    "file",
    "order",
    "summary",
    "claim",
    "inquiry",
    "baseline",
    "failure",
    "call",
    "workflow",
]
# Whatever they are given as, a fact holds them as `Ids`.
Listed = Annotated[Sequence[int], PlainSerializer(list)]


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
        n: samples behind the value; 1 where one number stands for a configuration (no interval then); rounds
            where a test was made over rounds.
        spread: standard deviation of those samples (ddof 1), None below n = 2.
        ci_low, ci_high: 95 % interval of `value`; None where n allows none.
        definition: id of the metric's definition, where tools differ.
        workload: canonical JSON of what was run (a task, a role), where a benchmark has several.
        config: canonical JSON of the settings that all samples share.
        option, level: the option that a fact about options is about, and its value as JSON.
        phase: `cold`, `warm`, `mixed` (said so in the label) or None.
        measurements: ids of the rows of the snapshot's measurement table.
        arms, blocks: for a test, which arm and block each of `measurements` belongs to; blocks also
            for the statistic that such a test is of.
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
    measurements: Listed = ()
    arms: Listed = ()
    blocks: Listed = ()
    rounds: Listed = ()
    strata: Listed = ()
    sources: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Names the fact by its content."""
        for name in ID_LISTS:
            object.__setattr__(self, name, Ids.of(getattr(self, name)))
        if not self.id:
            object.__setattr__(self, "id", name_of(self))


# The fields that list numbers.
ID_LISTS = ("measurements", "arms", "blocks", "rounds", "strata")


def name_of(fact: Fact) -> str:
    """The id that a fact has by its content."""
    text = [
        fact.kind, fact.about, fact.unit, fact.of, fact.metric, fact.definition, fact.statistic,
        fact.method, fact.benchmark, fact.subject, fact.workload, fact.config, fact.option, fact.level,
        fact.phase, fact.sources, fact.facts,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(text).encode())
    _add_lists(digest, fact)
    return "F" + digest.hexdigest()[:12]


def arrangement_of(test: Fact) -> bytes:
    """What a test has in common with all others of the same numbers, arms, blocks and rounds."""
    digest = hashlib.sha256()
    _add_lists(digest, test)
    return digest.digest()


def _add_lists(digest: "hashlib._Hash", fact: Fact) -> None:
    lists = [fact.measurements, fact.arms, fact.blocks]
    # Only where there are rounds, so that all other facts keep the ids that reports cite.
    for ids in [*lists, fact.rounds, fact.strata] if fact.rounds else lists:
        digest.update(b"%d:" % len(ids))
        digest.update(np.ascontiguousarray(ids, dtype=np.int64).data)


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

    measurements: AnyTable
    failed_runs: pa.Table
    files: pa.Table
    missing_roots: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def vary(fact: Fact, **changes: Any) -> Fact:
    """Another fact, alike but for `changes`, and named by its own content."""
    return replace(fact, **{"id": "", **changes})


class DuplicateFactError(AssertionError):
    """Two facts with one id: a derivation said a thing twice, or forgot a distinction."""


def by_name(fact: Fact) -> tuple[str, ...]:
    """A sort key that puts facts in the order of the names of what they are about.

    Ids come last: they follow from the ids of measurements too, so that an order by them would be
    another one as soon as one more number of a folder is read.
    """
    names = (
        fact.about, fact.benchmark, fact.subject, fact.workload, fact.metric, fact.option, fact.level,
        fact.config, fact.phase, fact.of, fact.statistic, fact.label, fact.id,
    )  # fmt: skip
    return tuple(name or "" for name in names)


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts sorted by the names of what they are about.

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
    return tuple(sorted(found.values(), key=by_name))
