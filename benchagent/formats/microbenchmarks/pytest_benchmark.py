"""What pytest-benchmark writes: statistics per test in seconds, with single rounds if asked for.

A round is the mean of its iterations, whose number the tool finds out anew each time. With
`--benchmark-save-data` every round is there, and the statistics sum them up. The clock may be
another than the one on the wall.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import (
    Field,
    count_at,
    drop_untimed,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "pytest-benchmark"

_STATISTICS: Final = ("mean", "stddev", "median", "min", "max", "q1", "q3")
LATENCY: Final = Field("latency", "s")
_OTHER_CLOCK: Final = Field("pytest-benchmark:time", None)
_CLOCKS: Final = {
    **dict.fromkeys(("perf_counter", "monotonic", "time", "default_timer"), LATENCY),
    **dict.fromkeys(("process_time", "thread_time"), Field("pytest-benchmark:cpu_time", "s")),
}
# what a parameter is written as that is no value of JSON: its address differs each time
_NO_VALUE: Final = re.compile(r"UNSERIALIZABLE\[")
_MACHINE: Final = ("node", "machine", "system", "release", "python_version")


def detect(artifact: Artifact) -> bool:
    """Whether there is `machine_info` and a list of `benchmarks` with `stats`."""
    top = as_object(artifact.tree)
    benchmarks = [as_object(entry) for entry in as_list(top.get("benchmarks"))]
    return "machine_info" in top and any("stats" in entry for entry in benchmarks)


def parse(artifact: Artifact) -> Parsed:
    """One record per test, and one per round where the rounds were saved."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    extra = False
    for at, entry in enumerate(as_list(top.get("benchmarks"))):
        records.extend(_read_test(top, as_object(entry), at, refusals))
        extra = extra or bool(as_object(entry).get("extra_info"))
    said = "`extra_info` is not read: it may be settings or results" if extra else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_test(
    top: Mapping[str, Json], entry: Mapping[str, Json], at: int, refusals: list[Refusal]
) -> Iterator[Record]:
    stats = as_object(entry.get("stats"))
    place = ("benchmarks", at, "stats")
    rounds = as_list(stats.get("data"))
    kind: Kind = "derived" if rounds else "measured"
    clock = _find_clock(entry)
    fields = name_statistics(clock)
    n = count_at(stats, "rounds")
    statistics = read_fields(stats, place, fields, refusals, n=n, kind=kind)
    readings = list(drop_untimed(statistics, refusals))
    yield _record(top, entry, pointer_locator("benchmarks", at), at, readings, None)
    for number, found in enumerate(rounds):
        here: Place = (*place, "data", number)
        if reading := read_place(found, here, clock):
            yield _record(top, entry, pointer_locator(*here), at, [reading], number)
        else:
            refusals.append(refuse_number(found, pointer_locator(*here)))


def _find_clock(entry: Mapping[str, Json]) -> Field:
    named = as_text(as_object(entry.get("options")).get("timer"))
    # where none is named it is the one on the wall
    return _CLOCKS.get(named.rpartition(".")[2], _OTHER_CLOCK) if named else LATENCY


def name_statistics(clock: Field) -> dict[str, Field]:
    """The statistics of a test, which are called here as the tool calls them."""
    return {name: clock._replace(statistic=name) for name in _STATISTICS}


def _record(
    top: Mapping[str, Json],
    entry: Mapping[str, Json],
    name: str,
    sequence: int,
    readings: list[Reading],
    repetition: int | None,
) -> Record:
    full = as_text(entry.get("fullname")) or as_text(entry.get("name"))
    params = _read_params(entry)
    subject = full.partition("[")[0] if full and params else full
    return Record(
        name=name,
        sequence=sequence,
        benchmark="microbenchmark",
        readings=tuple(readings),
        subject=subject,
        repetition=repetition,
        # another test is another task, not a rival
        config={**params, **_read_how(entry), "workload": subject},
        environment=_read_machine(top),
        measured_at=read_time(top.get("datetime")),
    )


def _read_params(entry: Mapping[str, Json]) -> dict[str, Scalar]:
    params = as_object(entry.get("params"))
    return name_params(read_settings(params), len(params), as_text(entry.get("param")))


def name_params(
    params: Mapping[str, Scalar], count: int, together: str | None
) -> dict[str, Scalar]:
    """The parameters of a test, with its own name for them together where one is no plain value."""
    plain = {name: value for name, value in params.items() if not _NO_VALUE.match(str(value))}
    return plain if len(plain) == count else {**plain, "param": together}


def _read_how(entry: Mapping[str, Json]) -> dict[str, Scalar]:
    """How a test was timed, where that was not as usual."""
    options = read_settings(entry.get("options"))
    iterations = count_at(as_object(entry.get("stats")), "iterations")
    unusual = {name: options[name] for name in ("disable_gc", "warmup") if options.get(name)}
    return {"iterations": iterations, **unusual} if iterations else unusual


def _read_machine(top: Mapping[str, Json]) -> dict[str, Scalar]:
    machine = as_object(top.get("machine_info"))
    commit = as_text(as_object(top.get("commit_info")).get("id"))
    found = read_settings({key: machine.get(key) for key in _MACHINE})
    return {
        **found,
        "cpu": as_text(as_object(machine.get("cpu")).get("brand_raw")),
        "commit": commit,
        "pytest_benchmark": as_text(top.get("version")),
    }
