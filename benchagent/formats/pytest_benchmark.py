"""What pytest-benchmark writes: statistics per test in seconds, with single rounds if asked for.

A round is the mean of its iterations. With `--benchmark-save-data` every round is there, and the
statistics sum them up.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import (
    Field,
    count_at,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "pytest-benchmark"

_STATISTICS: Final = {
    "mean": Field("latency", "s", "mean"),
    "stddev": Field("latency", "s", "stddev"),
    "median": Field("latency", "s", "median"),
    "min": Field("latency", "s", "min"),
    "max": Field("latency", "s", "max"),
    "q1": Field("latency", "s", "q1"),
    "q3": Field("latency", "s", "q3"),
}
_ROUND: Final = Field("latency", "s")
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
    n = count_at(stats, "rounds")
    readings = read_fields(stats, place, _STATISTICS, refusals, n=n, kind=kind)
    yield _record(top, entry, pointer_locator("benchmarks", at), at, readings, None)
    for number, found in enumerate(rounds):
        here: Place = (*place, "data", number)
        if reading := read_place(found, here, _ROUND):
            yield _record(top, entry, pointer_locator(*here), at, [reading], number)
        else:
            refusals.append(refuse_number(found, pointer_locator(*here)))


def _record(
    top: Mapping[str, Json],
    entry: Mapping[str, Json],
    name: str,
    sequence: int,
    readings: list[Reading],
    repetition: int | None,
) -> Record:
    moment = read_time(top.get("datetime"))
    full = as_text(entry.get("fullname")) or as_text(entry.get("name"))
    params = read_settings(entry.get("params"))
    subject = full.partition("[")[0] if full and params else full
    return Record(
        name=name,
        sequence=sequence,
        benchmark="microbenchmark",
        readings=tuple(readings),
        subject=subject,
        repetition=repetition,
        # another test is another task, not a rival
        config={**params, **_iterations(entry), "workload": subject},
        environment=_read_machine(top),
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
    )


def _iterations(entry: Mapping[str, Json]) -> dict[str, Scalar]:
    count = count_at(as_object(entry.get("stats")), "iterations")
    return {"iterations": count} if count else {}


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
