"""What `trtllm-bench` prints at the end of a run, saved with the rest of the terminal.

Sections with a title between rulers, and in them a number to a line. Up to version 0.16 the overview
is all there is of results; later ones tell times to the first token and between tokens, and how they are
distributed. Rates per user and per GPU are quotients of others, and are not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import is_printed, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "trtllm-bench"

_TITLE: Final = "= PERFORMANCE OVERVIEW"
_LINE: Final = re.compile(
    r"(?P<name>[A-Z][\w ()/,\[\]-]{2,60}?|\[\w{3,8}\] [A-Z0-9]{3,8}) {0,4}:\s{1,40}(?P<value>\S.{0,200}?)\s*"
)
_THROUGHPUT: Final = Field("throughput", "tokens/s", definition="throughput.run")
_LATENCY: Final = Field("latency", "ms", definition="latency.client")
_TTFT: Final = Field("ttft", "ms", definition="ttft.client")
_TPOT: Final = Field("tpot", "ms", definition="tpot.excluding_first")
_STATISTICS: Final = {"MINIMUM": "min", "MAXIMUM": "max", "AVERAGE": "mean", "P50": "median"} | {
    f"P{at}": f"p{at}" for at in (90, 95, 99)
}
_FIELDS: Final = {
    "Request Throughput (req/sec)": Field("request_rate", "req/s"),
    "Token Throughput (tokens/sec)": _THROUGHPUT,
    "Total Output Throughput (tokens/sec)": _THROUGHPUT,
    "Total Latency (ms)": Field("duration", "ms"),
    "Average request latency (ms)": _LATENCY._replace(statistic="mean"),
    "Average time-to-first-token [TTFT] (ms)": _TTFT._replace(statistic="mean"),
    "Average time-per-output-token [TPOT] (ms)": _TPOT._replace(statistic="mean"),
    **{
        f"[{of}] {said}": quantity._replace(statistic=statistic)
        for of, quantity in (("Latency", _LATENCY), ("TTFT", _TTFT), ("TPOT", _TPOT))
        for said, statistic in _STATISTICS.items()
    },
}
_REQUESTS: Final = "Number of requests"
_SETTINGS: Final = {
    "Dtype": "dtype",
    "KV Cache Dtype": "kv_cache_dtype",
    "Quantization": "quantization",
    "TP Size": "tensor_parallel_size",
    "PP Size": "pp_size",
    "EP Size": "ep_size",
    "Max Runtime Batch Size": "max_batch_size",
    "Max Runtime Tokens": "max_num_tokens",
    "Scheduling Policy": "scheduling_policy",
    _REQUESTS: "num_requests",
    "Average Input Length (tokens)": "input_len",
    "Average Output Length (tokens)": "output_len",
}


@dataclass(slots=True)
class _Run:
    """The lines of one run by what they name, and the line of its overview's title."""

    title: int = 0
    lines: dict[str, tuple[int, re.Match[str]]] = field(
        default_factory=dict[str, tuple[int, re.Match[str]]]
    )


def detect(artifact: Artifact) -> bool:
    """Whether a line is `= PERFORMANCE OVERVIEW`, and one below it tells a `Request Throughput (req/sec)`."""
    text = str(artifact.text) if is_printed(artifact) else ""
    return _TITLE in text and next(_find_runs(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per run."""
    refusals: list[Refusal] = []
    records = [
        _read_run(run, at, refusals) for at, run in enumerate(_find_runs(str(artifact.text)))
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_runs(text: str) -> Iterator[_Run]:
    run = _Run()
    for number, line in number_lines(text):
        match = _LINE.fullmatch(line)
        if line.rstrip() == _TITLE and not run.title:
            run.title = number
        elif line.rstrip() == _TITLE or (match and match["name"] == "Model" and run.title):
            # the next run begins, with its model or without
            yield from _whole(run)
            run = _Run(title=0 if match else number)
        if match:
            run.lines.setdefault(match["name"], (number, match))
    yield from _whole(run)


def _whole(run: _Run) -> Iterator[_Run]:
    if run.title and "Request Throughput (req/sec)" in run.lines:
        yield run


def _read_run(run: _Run, sequence: int, refusals: list[Refusal]) -> Record:
    said = {name: match["value"] for name, (_, match) in run.lines.items()}
    config: dict[str, Scalar] = {
        name: read_setting(said[label]) for label, name in _SETTINGS.items() if label in said
    }
    return Record(
        name=line_locator(run.title),
        sequence=sequence,
        benchmark="serving",
        readings=tuple(_read_numbers(run, config, refusals)),
        subject=said.get("Model"),
        config=config,
        environment={"tensorrt_llm_version": said.get("TensorRT-LLM Version")},
    )


def _read_numbers(
    run: _Run, config: dict[str, Scalar], refusals: list[Refusal]
) -> Iterator[Reading]:
    requests = config.get("num_requests")
    read: set[Field] = set()
    for label, (number, match) in run.lines.items():
        meaning = _FIELDS.get(label)
        # a mean stands in the overview, and again where the distribution is told
        if meaning is None or meaning in read:
            continue
        read.add(meaning)
        n = requests if isinstance(requests, int) and meaning.statistic != "value" else None
        if reading := read_match(number, match, meaning, refusals, group="value", n=n):
            yield reading
