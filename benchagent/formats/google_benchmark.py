"""What Google Benchmark writes as JSON: real and CPU time per iteration, repetitions, aggregates.

The times are in the entry's own `time_unit`, except those of a coefficient of variation, which is
a ratio in spite of it. An entry that failed has zeros and an error message. Before version 1.5 only
its name, `BM_Sum_mean`, told an aggregate from a run.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal, Scalar

NAME: Final = "google-benchmark"

_AGGREGATES: Final = {"mean": "mean", "median": "median", "stddev": "stddev"}
_OLD_AGGREGATE: Final = re.compile(r"(.+)_(mean|median|stddev|cv|BigO|RMS)", re.DOTALL)
_UNITS: Final = frozenset({"ns", "us", "ms", "s"})
_HOW_OFTEN: Final = re.compile(r"/(?:min_time|min_warmup_time|iterations|repeats):[^/]*")
_KNOWN: Final = frozenset(
    "name family_index per_family_instance_index run_name run_type repetitions repetition_index "
    "threads iterations real_time cpu_time time_unit aggregate_name aggregate_unit label "
    "bytes_per_second items_per_second error_occurred error_message skipped skip_message "
    "big_o cpu_coefficient real_coefficient rms".split()
)


def detect(artifact: Artifact) -> bool:
    """Whether `benchmarks` have a `real_time` and a `time_unit` (or an error)."""
    top = as_object(artifact.tree)
    entries = [as_object(entry) for entry in as_list(top.get("benchmarks"))]
    return "context" in top and any(
        entry.keys() & {"name", "run_name"}
        and ({"real_time", "time_unit"} <= entry.keys() or "error_occurred" in entry)
        for entry in entries
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per repetition, and one per aggregate."""
    top = as_object(artifact.tree)
    entries = _tell_aggregates([as_object(entry) for entry in as_list(top.get("benchmarks"))])
    measured = {_run_of(entry) for entry in entries if entry.get("run_type") != "aggregate"}
    refusals: list[Refusal] = []
    records = [
        _read_entry(top, entry, at, _run_of(entry) in measured, refusals)
        for at, entry in enumerate(entries)
        if entry.get("run_type") != "aggregate"
        or (as_text(entry.get("aggregate_name")) or "") in _AGGREGATES
    ]
    counters = sorted({key for entry in entries for key in entry if key not in _KNOWN})
    said = f"counters of unknown unit: {', '.join(counters)[:500]}" if counters else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _tell_aggregates(entries: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """The entries, with what old versions say by a name alone said as newer ones say it."""
    names = {as_text(entry.get("name")) for entry in entries}
    return [{**_split_name(entry, names), **entry} for entry in entries]


def _split_name(entry: Mapping[str, Json], names: Collection[str | None]) -> dict[str, Json]:
    match = _OLD_AGGREGATE.fullmatch(as_text(entry.get("name")) or "")
    if not match or "run_type" in entry:
        return {}
    run, aggregate = match.groups()
    # a function may be called so: an aggregate stands beside its runs, or beside its deviation
    if run in names or {f"{run}_mean", f"{run}_stddev"} <= {*names}:
        return {"run_type": "aggregate", "run_name": run, "aggregate_name": aggregate}
    return {}


def _run_of(entry: Mapping[str, Json]) -> str | None:
    return as_text(entry.get("run_name")) or as_text(entry.get("name"))


def _fields(entry: Mapping[str, Json], statistic: str) -> dict[str, Field]:
    unit = as_text(entry.get("time_unit"))
    timed = unit if unit in _UNITS else None
    return {
        "real_time": Field("latency", timed, statistic),
        "cpu_time": Field("google-benchmark:cpu_time", timed, statistic),
        "items_per_second": Field("google-benchmark:items_rate", "items/s", statistic),
        "bytes_per_second": Field("google-benchmark:bytes_rate", "bytes/s", statistic),
    }


def _read_entry(
    top: Mapping[str, Json],
    entry: Mapping[str, Json],
    at: int,
    repeated: bool,
    refusals: list[Refusal],
) -> Record:
    aggregate = as_text(entry.get("aggregate_name"))
    readings = read_fields(
        entry,
        ("benchmarks", at),
        _fields(entry, _AGGREGATES.get(aggregate or "", "value")),
        refusals,
        n=_count_runs(entry) if aggregate else None,
        kind="derived" if aggregate and repeated else "measured",
    )
    failure = _find_failure(entry, at)
    context = as_object(top.get("context"))
    moment = read_time(context.get("date"))
    run = _run_of(entry)
    subject = _HOW_OFTEN.sub("", run) if run else None
    return Record(
        name=pointer_locator("benchmarks", at),
        sequence=at,
        benchmark="microbenchmark",
        readings=() if failure else tuple(readings),
        subject=subject,
        repetition=None if aggregate else count_at(entry, "repetition_index"),
        # another function is another task, not a rival
        config={**_read_config(entry), "workload": subject},
        environment={
            "host": as_text(context.get("host_name")),
            "num_cpus": count_at(context, "num_cpus"),
            "mhz_per_cpu": count_at(context, "mhz_per_cpu"),
            "library_build_type": as_text(context.get("library_build_type")),
        },
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
        failure=failure,
    )


def _count_runs(entry: Mapping[str, Json]) -> int | None:
    """The runs that an aggregate is over; where it says the iterations of one, they are more."""
    runs, most = count_at(entry, "iterations"), count_at(entry, "repetitions")
    return runs if runs and most and runs <= most else None


def _read_config(entry: Mapping[str, Json]) -> dict[str, Scalar]:
    return {"threads": count_at(entry, "threads"), "label": as_text(entry.get("label"))}


def _find_failure(entry: Mapping[str, Json], at: int) -> Failure | None:
    for flag, message in (("error_occurred", "error_message"), ("skipped", "skip_message")):
        if entry.get(flag) not in (None, False, ""):
            said = as_text(entry.get(message))
            locator = pointer_locator("benchmarks", at, message if said else flag)
            return Failure(reason=said or "failed, no reason given", locator=locator)
    return None
