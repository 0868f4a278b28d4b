"""The detail log of MLPerf's LoadGen: a `:::MLLOG` line per setting and result.

It says what the summary beside it prints, with more digits, and when the test was run. Of its
token rates only the completed tokens per second are read: `result_token_throughput` says 4.6e-07
where 220 tokens were made in a second.
"""

import re
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_settings
from benchagent.formats.serving.loadgen_summary import QUANTITIES, RATES, name_statistic
from benchagent.formats.settings import read_time
from benchagent.formats.text_readings import read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.json_trees import Json, as_object, as_text, read_json
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "loadgen-detail"

_MARK: Final = ":::MLLOG "
_FIRST: Final = 4000
_LONGEST_LINE: Final = 2000
_RESULT: Final = re.compile(
    r':::MLLOG \{"key": "result_([\w.]{1,80})", "value": ([^\s",]{1,60}), .{0,1000}'
)
_STATISTIC: Final = r"(min|max|mean|[0-9]{1,2}(?:\.[0-9]{1,2})?_percentile)"
_LATENCY: Final = re.compile(rf"(first_token_)?{_STATISTIC}_((?:per_)?query_)?latency_ns")
_TOKEN_TIME: Final = re.compile(rf"time_(?:per|to)_output_token_{_STATISTIC}(?:_ns)?")
_RATE_KEYS: Final = {
    "samples_per_second": "samples per second",
    "completed_samples_per_sec": "completed samples per second",
    "completed_tokens_per_second": "completed tokens per second",
    "qps_with_loadgen_overhead": "qps w/ loadgen overhead",
    "qps_without_loadgen_overhead": "qps w/o loadgen overhead",
    "scheduled_samples_per_sec": "scheduled samples per second",
}
_RATE_METRICS: Final = frozenset(field.metric for field in RATES.values())
# by what the summary calls the same settings
_SETTINGS: Final = {
    "effective_scenario": "scenario",
    "effective_test_mode": "mode",
    "result_validity": "result",
    "effective_target_qps": "target_qps",
    "effective_target_latency_ns": "target_latency (ns)",
    "effective_samples_per_query": "samples_per_query",
    "effective_max_async_queries": "max_async_queries",
}
_OTHER_KEYS: Final = frozenset(
    ("loadgen_version", "test_datetime", "sut_name", "result_query_count", "num_errors")
)


def detect(artifact: Artifact) -> bool:
    """Whether lines begin with `:::MLLOG` and the first ones name `loadgen_version`."""
    text = artifact.text
    return isinstance(text, str) and text.startswith(_MARK) and '"loadgen_version"' in text[:_FIRST]


def parse(artifact: Artifact) -> Parsed:
    """One record for the run."""
    lines = split_lines(str(artifact.text))
    said = _read_values(lines)
    one_by_one = count_at(said, "effective_samples_per_query") == 1
    n = count_at(said, "result_query_count") if one_by_one else None
    refusals: list[Refusal] = []
    readings = _read_results(lines, n, refusals)
    record = Record(
        name=line_locator(1),
        sequence=0,
        benchmark="serving",
        readings=tuple(readings),
        subject=as_text(said.get("sut_name")),
        config=_read_config(said),
        environment=read_settings({"loadgen_version": said.get("loadgen_version")}),
        measured_at=read_time(said.get("test_datetime")),
    )
    errors = count_at(said, "num_errors")
    return Parsed(
        format=NAME,
        records=(record,) if readings else (),
        refusals=tuple(refusals),
        reason=f"LoadGen counted {errors} errors" if errors else None,
    )


def _read_values(lines: list[str]) -> dict[str, Json]:
    """The values of the keys that tell of the run."""
    values: dict[str, Json] = {}
    for line in lines:
        if len(line) > _LONGEST_LINE or not line.startswith(_MARK):
            continue
        entry = read_json(line.removeprefix(_MARK))
        found = {} if isinstance(entry, Unreadable) else as_object(entry)
        key = as_text(found.get("key"))
        if key in _SETTINGS or key in _OTHER_KEYS:
            values[key] = found.get("value")
    return values


def _read_results(lines: list[str], n: int | None, refusals: list[Refusal]) -> list[Reading]:
    found: dict[tuple[str, str], Reading] = {}
    for number, line in enumerate(lines, start=1):
        match = _RESULT.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        field = _find_field(match[1]) if match else None
        if not match or not field:
            continue
        of = None if field.metric in _RATE_METRICS else n
        if reading := read_match(number, match, field, refusals, group=2, n=of):
            found.setdefault((reading.metric, reading.statistic), reading)
    return list(found.values())


def _find_field(key: str) -> Field | None:
    if rate := _RATE_KEYS.get(key):
        return RATES[rate]
    if match := _LATENCY.fullmatch(key):
        quantity = "query latency" if match[3] else "latency"
        quantity = "first token latency" if match[1] else quantity
        statistic = match[2]
    elif match := _TOKEN_TIME.fullmatch(key):
        quantity, statistic = "time to output token", match[1]
    else:
        return None
    return QUANTITIES[quantity]._replace(statistic=name_statistic(statistic.replace("_", " ")))


def _read_config(said: dict[str, Json]) -> dict[str, Scalar]:
    return read_settings({name: said.get(key) for key, name in _SETTINGS.items()})
