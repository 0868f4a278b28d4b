"""What pyperf writes of its benchmarks: values of several processes, one per pass over a function.

- The unit is told (`second`, `byte`, `integer`); seconds where it is not.
- Warm-ups, and the runs that find out how many loops a value takes, are no values.
- With `--track-memory` a value is the memory of a process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, read_place, read_settings, refuse_number
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "pyperf"

_FIELDS: Final = {"second": Field("latency", "s"), "byte": Field("memory", "bytes", "max")}
# What it tells of the machine, its Python and the runs; the rest was said by whoever ran it.
_MACHINE: Final = ("cpu_model_name", "cpu_count", "platform", "python_version", "perf_version")
_OWN: Final = frozenset(
    "name unit date duration uptime hostname boot_time load_avg_1min mem_max_rss runnable_threads "
    "loops inner_loops timer tags description command_max_rss calibrate_loops recalibrate_loops "
    "calibrate_warmups recalibrate_warmups values warmups".split()
)
_OF_MACHINE: Final = ("cpu_", "python_", "perf_", "timeit_", "platform", "aslr", "command_")


def detect(artifact: Artifact) -> bool:
    """Whether `benchmarks` have `runs` with `values` or `warmups`, and a `version` beside them."""
    top = as_object(artifact.tree)
    benchmarks = [as_object(entry) for entry in as_list(top.get("benchmarks"))]
    runs = [as_object(run) for each in benchmarks for run in as_list(each.get("runs"))]
    told = {key for run in runs for key in run}
    return "version" in top and "metadata" in told and not told.isdisjoint(("values", "warmups"))


def parse(artifact: Artifact) -> Parsed:
    """One record per value; warm-ups are left out."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    shared = as_object(top.get("metadata"))
    records = [
        record
        for at, found in enumerate(as_list(top.get("benchmarks")))
        for record in _read_benchmark(as_object(found), shared, at, refusals)
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_benchmark(
    benchmark: Mapping[str, Json], shared: Mapping[str, Json], at: int, refusals: list[Refusal]
) -> Iterator[Record]:
    place: Place = ("benchmarks", at)
    runs = [as_object(run) for run in as_list(benchmark.get("runs"))]
    # of one benchmark alone the name stands with the runs
    told = {**shared, **as_object(benchmark.get("metadata"))}
    repetition = 0
    for number, run in enumerate(runs):
        of_run = as_object(run.get("metadata"))
        frame = _read_frame({**told, **of_run}, at)
        field = _FIELDS.get(as_text(of_run.get("unit")) or as_text(told.get("unit")) or "second")
        here = (*place, "runs", number, "values")
        values = as_list(run.get("values"))
        if field is None:
            said = f"{told.get('unit')!s:.40} is no unit of a time or of memory"
            refusals.append(Refusal(locator=pointer_locator(*here), reason=said))
            continue
        for index, value in enumerate(values):
            reading = read_place(value, (*here, index), field)
            if reading is None or reading.value <= 0:
                refusals.append(refuse_number(value, pointer_locator(*here, index)))
                continue
            name = pointer_locator(*here, index)
            yield replace(frame, name=name, repetition=repetition, readings=(reading,))
            repetition += 1


def _read_frame(told: Mapping[str, Json], at: int) -> Record:
    """What all values of a run share: what was timed, where, and when."""
    said = {
        key: value
        for key, value in told.items()
        if key not in _OWN and not key.startswith(_OF_MACHINE)
    }
    name = as_text(told.get("name"))
    return Record(
        name="",
        sequence=at,
        benchmark="microbenchmark",
        readings=(),
        subject=name,
        config={"workload": name, **read_settings(said)},
        environment=read_settings({key: told.get(key) for key in _MACHINE}),
        measured_at=read_time(told.get("date")),
    )
