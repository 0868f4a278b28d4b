"""Values of github-action-benchmark: `{"name", "unit", "value"}`, whatever was measured.

A list of them is its input; its own file has such a list for every commit, under the suite that
was run (`data.js`, or the same as JSON). The unit is any text. Only a time, whose dimension says
what it is, is called a latency.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, read_place, refuse_number
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import MeasuredAt, Parsed, Record, Refusal, Scalar
from benchagent.quantities.units import find_unit

NAME: Final = "github-action-benchmark"

_MILLISECONDS: Final = re.compile(r"([12][0-9]{9})([0-9]{3})")


class _Run(NamedTuple):
    """The values of one run: where they stand, and of what and when they are."""

    place: Place
    values: list[Json]
    settings: dict[str, Scalar]
    moment: MeasuredAt | None


def detect(artifact: Artifact) -> bool:
    """Whether the file is a list of objects, each with `name`, `unit` and a number as `value`.

    Or of runs whose `benches` are such lists.
    """
    values = [as_object(value) for run in _find_runs(artifact.tree) for value in run.values]
    numbers = [isinstance(value.get("value"), Numeral) for value in values]
    named = all({"name", "unit", "value"} <= value.keys() for value in values)
    # among the runs of months one may have none; a list with a text in it is something else
    return named and (all(numbers) if isinstance(artifact.tree, list) else True) and any(numbers)


def parse(artifact: Artifact) -> Parsed:
    """One record per entry; `range` and `extra` are free text."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for run in _find_runs(artifact.tree):
        for at, value in enumerate(run.values):
            place = (*run.place, at)
            if record := _read_value(run, as_object(value), place, len(records), refusals):
                records.append(record)
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_runs(tree: Json) -> Iterator[_Run]:
    if isinstance(tree, list):
        yield _Run((), tree, {}, None)
    top = as_object(tree)
    # before version 1.0 the suites stood under the name that the lists have
    for key in ("entries", "benches"):
        for suite, runs in as_object(top.get(key)).items():
            for at, found in enumerate(as_list(runs)):
                run = as_object(found)
                place = (key, suite, at, "benches")
                yield _Run(place, as_list(run.get("benches")), *_read_run(suite, run))


def _read_run(suite: str, run: dict[str, Json]) -> tuple[dict[str, Scalar], MeasuredAt | None]:
    commit = as_text(as_object(run.get("commit")).get("id")) or as_text(run.get("commit"))
    date = run.get("date")
    if isinstance(date, Numeral) and (match := _MILLISECONDS.fullmatch(date)):
        date = Numeral("{}.{}".format(*match.groups()))
    settings: dict[str, Scalar] = {"suite": suite or None, "commit": commit}
    return {**settings, "tool": as_text(run.get("tool"))}, read_time(date)


def _read_value(
    run: _Run, value: dict[str, Json], place: Place, sequence: int, refusals: list[Refusal]
) -> Record | None:
    # behind a tab Go's own benchmarks tell more of the same run
    named = (as_text(value.get("unit")) or "").partition("\t")[0]
    unit = find_unit(named)
    metric = "latency" if unit and unit.canonical == "ms" else f"{NAME}:value"
    here = (*place, "value")
    reading = read_place(value.get("value"), here, Field(metric, named if unit else None))
    if reading is None:
        refusals.append(refuse_number(value.get("value"), pointer_locator(*here)))
        return None
    name = as_text(value.get("name"))
    return Record(
        name=pointer_locator(*place),
        sequence=sequence,
        benchmark="microbenchmark",
        readings=(reading,),
        subject=name,
        config={"workload": name, **run.settings},
        measured_at=run.moment,
    )
