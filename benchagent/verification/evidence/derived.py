"""Datums of what was derived: facts with their intervals, and columns that no format reads."""

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from benchagent.facts.fact import Fact
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, one_of, words_of
from benchagent.verification.evidence.measured import read_settings, spell_level

_METHODS: Final = {
    "maximum": "max",
    "minimum": "min",
    "mean": "mean",
    "median": "median",
    "share": "mean",
}


def datums_of_leaves(leaves: Iterable[Datum]) -> Iterator[Datum]:
    """Statistics of the numbers that stand in one file under one name."""
    columns: dict[tuple[frozenset[str], str], list[Datum]] = defaultdict(list)
    for leaf in leaves:
        columns[(leaf.paths, leaf.label)].append(leaf)
    for (paths, label), members in columns.items():
        if len(members) < 2:
            continue
        values = [leaf.value for leaf in members]
        path = next(iter(paths), None)
        described = {
            "mean": statistics.fmean(values),
            "median": statistics.median(values),
            "min": min(values),
            "max": max(values),
            "total": math.fsum(values),
        }
        for name, value in described.items():
            yield Datum(
                value=value,
                unit=members[0].unit,
                metric=members[0].metric,
                statistics=one_of(name),
                words=members[0].words,
                paths=paths,
                source=Source(path=path, locator=f"{len(members)} values of {label}"),
                n=len(members),
                origin="leaf group",
                label=f"the {name} {label}",
            )


def datums_of_facts(facts: Iterable[Fact]) -> Iterator[Datum]:
    """The value of each fact, and the ends of its interval."""
    for fact in facts:
        method = _METHODS.get(fact.method or "", fact.statistic or "value")
        base = Datum(
            value=fact.value,
            unit=fact.unit,
            metric=fact.metric,
            statistics=_statistics_of(fact, method),
            subject=fact.subject.lower() if fact.subject else None,
            phase=None if fact.phase == "mixed" else fact.phase,
            settings=_settings_of(fact),
            words=words_of(fact.label),
            paths=frozenset(fact.sources) if len(fact.sources) <= 8 else frozenset(),
            source=Source(fact=fact.id),
            n=fact.n,
            origin=f"fact {fact.about}",
            label=fact.label,
        )
        yield base
        for bound in (fact.ci_low, fact.ci_high):
            if bound is not None:
                yield Datum(
                    value=bound,
                    unit=base.unit,
                    metric=base.metric,
                    statistics=one_of("ci"),
                    # that of a ratio is of both, which its label names
                    subject=None if fact.kind == "ratio" else base.subject,
                    phase=base.phase,
                    words=base.words,
                    source=base.source,
                    origin=base.origin,
                    label=f"interval of {base.label}",
                )


def _statistics_of(fact: Fact, method: str) -> frozenset[str]:
    if fact.kind == "ratio":
        # A ratio of two means is told as one of the mean, whatever its own name is.
        words = words_of(fact.label)
        named = {name for name in ("mean", "median") if words & {name, f"{name}s"}}
        return frozenset({method, *named})
    if method in ("mean", "median"):
        return frozenset({method, fact.statistic or "value"})
    return one_of(method)


def _settings_of(fact: Fact) -> frozenset[str]:
    found = set(read_settings(fact.config)) if fact.config else set[str]()
    if fact.option and fact.level and not fact.level.startswith("alike"):
        found.add(f"{fact.option}={_plain_level(fact.level)}".lower())
    return frozenset(found)


def _plain_level(level: str) -> str:
    try:
        return spell_level(json.loads(level))
    except ValueError:
        return level
