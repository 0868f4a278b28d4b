"""What llama-bench writes as JSON or JSON Lines: a test per entry, with every repetition.

A test reads a prompt (`pp512`), generates (`tg128`), or does both in one (`pp512+tg128`); its rate
is of whichever tokens it is about. The mean and standard deviation sum up the samples beside them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from benchagent.formats.json_fields import (
    Field,
    count_at,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "llama-bench"

# Of the tests of one file only these differ; the rest says how they were run.
NO_SETTINGS: Final = (
    "build_commit", "build_number", "cpu_info", "gpu_info", "model_filename", "model_type",
    "model_size", "model_n_params", "test_time", "avg_ns", "stddev_ns", "avg_ts", "stddev_ts",
    "samples_ns", "samples_ts", "n_prompt", "n_gen", "n_depth",
)  # fmt: skip
MACHINE: Final = ("build_commit", "build_number", "cpu_info", "gpu_info")


# what conversion scripts call any model's file
_ANY_MODEL: Final = re.compile(r"(?:ggml-)?model(?:[-_.].*)?", re.IGNORECASE | re.DOTALL)


class LlamaTest(NamedTuple):
    """What a test measures: the rate of which tokens, and the time of what."""

    rate: Field
    time: Field


_PREFILL: Final = LlamaTest(
    Field("prefill_rate", "tokens/s", definition="prefill.prompt/time"),
    Field("prompt_eval_time", "ns"),
)
_DECODE: Final = LlamaTest(
    Field("decode_rate", "tokens/s", definition="decode.n/time"), Field("eval_time", "ns")
)
_BOTH: Final = LlamaTest(
    Field("llama-bench:rate_of_prompt_and_answer", "tokens/s"), Field("latency", "ns")
)


def name_test(n_prompt: int, n_gen: int) -> LlamaTest:
    """What a test with so many prompt and generated tokens measures."""
    if n_prompt and n_gen:
        return _BOTH
    return _PREFILL if n_prompt else _DECODE


def write_workload(n_prompt: int, n_gen: int, depth: int) -> str:
    """A test as llama-bench names it in its table: `pp512`, `tg128 @ d4096`, `pp512+tg128`."""
    parts = [f"{name}{n}" for name, n in (("pp", n_prompt), ("tg", n_gen)) if n]
    return "+".join(parts) + (f" @ d{depth}" if depth else "")


def name_model(filename: str | None, kind: str | None) -> str | None:
    """The model's file without folder and ending, else its architecture and quantisation."""
    bare = re.split(r"[/\\]", filename or "")[-1]
    name = re.sub(r"(-[0-9]{5}-of-[0-9]{5})?\.gguf$", "", bare)
    return (kind if _ANY_MODEL.fullmatch(name) else None) or name or kind


def detect(artifact: Artifact) -> bool:
    """Whether entries have `build_commit`, `n_prompt`, `n_gen` and `avg_ts`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return {"n_prompt", "n_gen", "avg_ts"} <= first.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record per test, and one per repetition."""
    refusals = artifact.broken_lines
    records = [
        record
        for at, entry in enumerate(artifact.entries)
        for record in _read_test(entry, at, refusals)
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_test(entry: Entry, at: int, refusals: list[Refusal]) -> Iterator[Record]:
    test = as_object(entry.value)
    if "avg_ts" not in test:
        return
    rate, time = name_test(count_at(test, "n_prompt") or 0, count_at(test, "n_gen") or 0)
    samples = {
        "samples_ts": (rate, as_list(test.get("samples_ts"))),
        "samples_ns": (time, as_list(test.get("samples_ns"))),
    }
    n = max(len(values) for _, values in samples.values())
    kind: Kind = "derived" if n else "measured"
    fields = {
        "avg_ts": rate._replace(statistic="mean"),
        "stddev_ts": rate._replace(statistic="stddev"),
        "avg_ns": time._replace(statistic="mean"),
        "stddev_ns": time._replace(statistic="stddev"),
    }
    readings = read_fields(test, entry.place, fields, refusals, n=n or None, kind=kind)
    yield _record(test, entry.place, at, readings, None)
    for number in range(n):
        place: Place = (*entry.place, "samples_ts", number)
        yield _record(
            test, place, at, _read_samples(entry.place, samples, number, refusals), number
        )


def _read_samples(
    place: Place,
    samples: Mapping[str, tuple[Field, list[Json]]],
    number: int,
    refusals: list[Refusal],
) -> list[Reading]:
    readings: list[Reading] = []
    for key, (field, values) in samples.items():
        if number >= len(values):
            continue
        here = (*place, key, number)
        if reading := read_place(values[number], here, field):
            readings.append(reading)
        else:
            refusals.append(refuse_number(values[number], pointer_locator(*here)))
    return readings


def _record(
    test: Mapping[str, Json],
    place: Place,
    sequence: int,
    readings: list[Reading],
    repetition: int | None,
) -> Record:
    return Record(
        name=pointer_locator(*place) if place else "",
        sequence=sequence,
        benchmark="llm-bench",
        readings=tuple(readings),
        subject=name_model(as_text(test.get("model_filename")), as_text(test.get("model_type"))),
        repetition=repetition,
        config=_read_config(test),
        environment=read_settings({key: test.get(key) for key in MACHINE}),
        measured_at=read_time(test.get("test_time")),
    )


def _read_config(test: Mapping[str, Json]) -> dict[str, Scalar]:
    settings = read_settings(dict(test), without=NO_SETTINGS)
    counts = (count_at(test, key) or 0 for key in ("n_prompt", "n_gen", "n_depth"))
    return {**settings, "workload": write_workload(*counts)}
