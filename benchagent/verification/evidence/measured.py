"""Measured rows as datums, and the means, medians and extremes of rows that are alike."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from benchagent.facts.derivations.rows.machines import names_machine, read_machine
from benchagent.measurements.named_columns import read_rows
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, one_of
from benchagent.verification.evidence.groups import Measure, Row, group_rows

OF_NUMBER: Final = (
    "kind", "metric", "unit", "statistic", "subject", "phase", "source_path", "benchmark", "config",
    "environment", "duplicate_of", "value", "locator", "n",
)  # fmt: skip


Told = Callable[[str, str, str | None], tuple[str | None, frozenset[str]]]


def datums_of_measurements(measurements: pa.Table, told: Told) -> Iterator[Datum]:
    """Every measured row, and what follows from rows that are alike; no claimed number.

    Args:
        measurements: `MEASUREMENT_SCHEMA`.
        told: the settings that stand beside a number where its format knows none (`Conditions.of`).
    """
    rows = [_add_settings(row, told) for row in _read_rows(measurements)]
    for row in rows:
        yield Datum(
            value=row.value,
            unit=row.measure.unit,
            metric=row.measure.metric,
            statistics=one_of(row.measure.statistic),
            subject=row.subject,
            phase=row.phase,
            settings=row.settings,
            paths=one_of(row.path),
            source=Source(path=row.path, locator=row.locator),
            n=row.n,
            nameless=row.subject is None,
        )
    yield from group_rows(rows)


def _add_settings(row: Row, told: Told) -> Row:
    _, beside = told(row.path, row.locator, row.subject)
    if not beside:
        return row
    known = {setting.partition("=")[2] for setting in row.settings}
    names = {setting.partition("=")[0] for setting in row.settings}
    fresh = {s for s in beside if s.partition("=")[2] not in known}
    fresh = {s for s in fresh if s.partition("=")[0] not in names}
    return row._replace(settings=row.settings | fresh) if fresh else row


def spell_level(value: object) -> str:
    """A level as the settings of a datum have it: numbers without what they need not show."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number else str(value)


def read_settings(config: str) -> frozenset[str]:
    """The settings of a configuration, `name=value` in lower case."""
    found: Mapping[str, Any] = json.loads(config)
    return frozenset(f"{key}={spell_level(value)}".lower() for key, value in found.items())


class SettingsOfRuns:
    """Under which settings runs were made; with their machine, where the data tell several apart."""

    def __init__(self, measurements: pa.Table) -> None:
        environments: list[str | None] = measurements["environment"].unique().to_pylist()
        machines = {each: read_machine(each or "{}") for each in environments}
        told = Counter(name for name, _ in {at for m in machines.values() for at in m.items()})
        self._machines = {
            each: read_settings(json.dumps({k: v for k, v in machine.items() if told[k] > 1}))
            for each, machine in machines.items()
        }
        self._known: dict[tuple[str, str | None], frozenset[str]] = {}

    def of(self, config: str, environment: str | None) -> frozenset[str]:
        """The settings of a run, `name=value` in lower case."""
        if (config, environment) not in self._known:
            own = read_settings(config) | self._machines[environment]
            self._known[config, environment] = own
        return self._known[config, environment]


def _read_rows(measurements: pa.Table) -> Iterator[Row]:
    settings = SettingsOfRuns(measurements)
    for row in read_rows(measurements, OF_NUMBER):
        kind, metric, unit, statistic, subject, phase, path, benchmark, config = row[:9]
        environment, copied = row[9:11]
        if kind == "claimed":
            continue
        yield Row(
            Measure(metric, unit, statistic),
            subject.lower() if subject else None,
            phase,
            path,
            benchmark,
            settings.of(config, environment),
            copied is not None,
            *row[11:],
        )


def complete_machines(facts: Iterable[Datum], measured: Iterable[Datum]) -> Iterator[Datum]:
    """Facts that name a machine by what tells it from others, with all that every run of it says.

    A card is told of nowhere once the host is, and yet no number of it is one of another card.
    """
    said: dict[str, frozenset[str]] = {}
    for settings in {datum.settings for datum in measured if datum.origin == "measured"}:
        own = frozenset(each for each in settings if names_machine(each.partition("=")[0]))
        for each in own:
            said[each] = said.get(each, own) & own
    for fact in facts:
        more = frozenset[str]().union(*(said.get(each, ()) for each in fact.settings))
        yield fact._replace(settings=fact.settings | more) if more - fact.settings else fact
