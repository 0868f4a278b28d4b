"""What Google Benchmark writes as JSON: real and CPU time per iteration, repetitions, aggregates.

The times are in the entry's own `time_unit`, except those of a coefficient of variation, which is
a ratio in spite of it. An entry that failed has zeros and an error message. Before version 1.5 only
its name, `BM_Sum_mean`, told an aggregate from a run; in its CSV it still does. Up to version 1.9.0
the time of several threads is that of an iteration, divided by their number.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_located
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Kind, Parsed, Record, Refusal, Scalar

NAME: Final = "google-benchmark"

_AGGREGATES: Final = {"mean": "mean", "median": "median", "stddev": "stddev"}
_NAMED: Final = frozenset({*_AGGREGATES, "cv"})
# of the runs of several sizes together: how the time grows, and how far that is from the truth
_OF_FAMILY: Final = frozenset({"BigO", "RMS"})
_THREADS: Final = re.compile(r"/threads:([0-9]{1,6})")
_VERSION: Final = re.compile(r"v?([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})")
# from this version on the time of several threads is that on the wall
_UNDIVIDED: Final = [1, 9, 1]
_SHARED: Final = "google-benchmark:real_time"
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


class Entry(NamedTuple):
    """One run or aggregate: its place in the file, its fields, and where each of them stands."""

    name: str
    fields: Mapping[str, Json]
    locate: Callable[[str], str]


def parse(artifact: Artifact) -> Parsed:
    """One record per repetition, and one per aggregate."""
    top = as_object(artifact.tree)
    entries = [
        Entry(
            name=pointer_locator("benchmarks", at),
            fields=as_object(entry),
            locate=partial(pointer_locator, "benchmarks", at),
        )
        for at, entry in enumerate(as_list(top.get("benchmarks")))
    ]
    return read_entries(NAME, entries, as_object(top.get("context")))


def number_repetitions(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a table, which tells of repetitions by their order alone."""
    runs = Counter(entry.fields.get("name") for entry in entries)
    seen: Counter[Json] = Counter()
    numbered: list[Entry] = []
    for entry in entries:
        name = as_text(entry.fields.get("name")) or ""
        counts = {
            "repetition_index": Numeral(seen[name]),
            "repetitions": Numeral(runs[name.rpartition("_")[0]]),
        }
        seen[name] += 1
        numbered.append(entry._replace(fields={**counts, **entry.fields}))
    return numbered


def read_entries(
    format: str,
    entries: Sequence[Entry],
    context: Mapping[str, Json],
    *,
    rounded: bool = False,
) -> Parsed:
    """The records of a file, and in words what of it is not read.

    Args:
        format: the name of the format.
        entries: its runs and aggregates.
        context: what the file says of the machine.
        rounded: whether its numbers are those of another file, rounded for reading.
    """
    told = _tell_aggregates(entries)
    measured = {_run_of(entry) for entry in told if not _is_aggregate(entry)}
    refusals: list[Refusal] = []
    records = [
        _read_entry(context, entry, at, refusals, rounded, _run_of(entry) in measured)
        for at, entry in enumerate(told)
        if not _is_aggregate(entry) or _aggregate_of(entry) in _AGGREGATES
    ]
    said = "; ".join(_say_unread(told)) or None
    return Parsed(format=format, records=tuple(records), refusals=tuple(refusals), reason=said)


def _say_unread(entries: Sequence[Entry]) -> Iterator[str]:
    aggregates = {_aggregate_of(entry) for entry in entries if _is_aggregate(entry)}
    if others := sorted(aggregates - {*_AGGREGATES, ""}):
        yield f"aggregates that are not read: {', '.join(others)[:200]}"
    if counters := sorted({key for entry in entries for key in entry.fields} - _KNOWN):
        yield f"counters of unknown unit: {', '.join(counters)[:500]}"


def _is_aggregate(entry: Entry) -> bool:
    return entry.fields.get("run_type") == "aggregate"


def _aggregate_of(entry: Entry) -> str:
    return as_text(entry.fields.get("aggregate_name")) or ""


def _tell_aggregates(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, with what old versions say by a name alone said as newer ones say it."""
    names = {as_text(entry.fields.get("name")) or "" for entry in entries}
    return [
        entry._replace(fields={**_split_name(entry.fields, names), **entry.fields})
        for entry in entries
    ]


def _split_name(entry: Mapping[str, Json], names: Collection[str]) -> dict[str, Json]:
    name = as_text(entry.get("name")) or ""
    if "run_type" in entry or f"{name}_mean" in names:
        return {}
    for underscore in re.finditer("_", name):
        run, aggregate = name[: underscore.start()], name[underscore.end() :]
        if aggregate and _stands_beside_runs(run, aggregate, names):
            return {"run_type": "aggregate", "run_name": run, "aggregate_name": aggregate}
    return {}


def _stands_beside_runs(run: str, aggregate: str, names: Collection[str]) -> bool:
    """Whether the end of a name is an aggregate's: a function may be called so."""
    if aggregate in _OF_FAMILY:
        return {f"{run}_{other}" for other in _OF_FAMILY} <= {*names}
    if run in names and aggregate in _NAMED:
        return True
    # beside a mean and its deviation stand the aggregates that the benchmark defines itself
    return f"{run}_mean" in names and f"{run}_stddev" in names


def _run_of(entry: Entry) -> str | None:
    return as_text(entry.fields.get("run_name")) or as_text(entry.fields.get("name"))


def _fields(entry: Entry, statistic: str, context: Mapping[str, Json]) -> dict[str, Field]:
    unit = as_text(entry.fields.get("time_unit"))
    timed = unit if unit in _UNITS else None
    shared = _divides_by_threads(entry, context)
    return {
        "real_time": Field(_SHARED if shared else "latency", timed, statistic),
        "cpu_time": Field("google-benchmark:cpu_time", timed, statistic),
        "items_per_second": Field("google-benchmark:items_rate", "items/s", statistic),
        "bytes_per_second": Field("google-benchmark:bytes_rate", "bytes/s", statistic),
    }


def _divides_by_threads(entry: Entry, context: Mapping[str, Json]) -> bool:
    """Whether a time is one of several threads, and may be that of an iteration over their number."""
    named = _THREADS.search(_run_of(entry) or "")
    threads = count_at(entry.fields, "threads") or (int(named[1]) if named else 1)
    version = _VERSION.match(as_text(context.get("library_version")) or "")
    told = [int(part) for part in version.groups()] if version else []
    return threads > 1 and told < _UNDIVIDED


def _read_entry(
    context: Mapping[str, Json],
    entry: Entry,
    at: int,
    refusals: list[Refusal],
    rounded: bool,
    repeated: bool,
) -> Record:
    fields, aggregate = entry.fields, _aggregate_of(entry)
    kind: Kind = "derived" if rounded or (aggregate and repeated) else "measured"
    readings = read_located(
        fields,
        entry.locate,
        _fields(entry, _AGGREGATES.get(aggregate, "value"), context),
        refusals,
        n=_count_runs(fields) if aggregate else None,
        kind=kind,
    )
    if rounded:
        readings = list(drop_untimed(readings, refusals))
    failure = _find_failure(entry, "derived" if rounded else "measured")
    run = _run_of(entry)
    subject = _HOW_OFTEN.sub("", run) if run else None
    return Record(
        name=entry.name,
        sequence=at,
        benchmark="microbenchmark",
        readings=() if failure else tuple(readings),
        subject=subject,
        repetition=None if aggregate else count_at(fields, "repetition_index"),
        # another function is another task, not a rival
        config={**_read_config(fields), "workload": subject},
        environment={
            "host": as_text(context.get("host_name")),
            "num_cpus": count_at(context, "num_cpus"),
            "mhz_per_cpu": count_at(context, "mhz_per_cpu"),
            "library_build_type": as_text(context.get("library_build_type")),
        },
        measured_at=read_time(context.get("date")),
        failure=failure,
    )


def _count_runs(entry: Mapping[str, Json]) -> int | None:
    """The runs that an aggregate is over; where it says the iterations of one, they are more."""
    runs, most = count_at(entry, "iterations"), count_at(entry, "repetitions")
    return runs if runs and most and runs <= most else None


def _read_config(entry: Mapping[str, Json]) -> dict[str, Scalar]:
    return {"threads": count_at(entry, "threads"), "label": as_text(entry.get("label"))}


def _find_failure(entry: Entry, kind: Kind) -> Failure | None:
    for flag, message in (("error_occurred", "error_message"), ("skipped", "skip_message")):
        if entry.fields.get(flag) not in (None, False, ""):
            said = as_text(entry.fields.get(message))
            locator = entry.locate(message if said else flag)
            return Failure(reason=said or "failed, no reason given", locator=locator, kind=kind)
    return None
