"""The result that vLLM's and SGLang's serving benchmarks print, saved with the rest of the terminal.

It rounds what the JSON of the same run says. The model stands in the arguments above it, if they
were saved too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field
from benchagent.formats.serving.vllm_serve import QUANTITIES, RATES, STATISTICS
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import is_printed, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "serving-result"

_TITLE: Final = "Serving Benchmark Result"
_TITLE_LINE: Final = re.compile(rf"=+ {_TITLE} =+\s*")
_LONGEST_LINE: Final = 400
_LINE: Final = re.compile(r"([A-Z][\w .():/-]{2,60}?): {1,60}(\S.{0,60}?)\s*")
_STATISTIC: Final = re.compile(
    r"(Mean|Median|Max|P[0-9]{1,2}) (TTFT|TPOT|ITL|E2EL|E2E Latency) \(ms\)"
)
_RATE_NAMES: Final = {
    "Benchmark duration (s)": RATES["duration"],
    "Request throughput (req/s)": RATES["request_throughput"],
    "Request goodput (req/s)": RATES["request_goodput"],
    "Output token throughput (tok/s)": RATES["output_throughput"],
}
_SETTINGS: Final = {
    "Backend": "backend",
    "Traffic request rate": "request_rate",
    "Request rate configured (RPS)": "request_rate",
    "Max request concurrency": "max_concurrency",
    "Maximum request concurrency": "max_concurrency",
}
_COMPLETED: Final = "Successful requests"
_MODEL: Final = re.compile(r"\bmodel='([^']{1,200})'|--model[ =]([\w./:-]{1,200})")


@dataclass(slots=True)
class _Block:
    """One result: the line of its title, the model named above it, and its lines by name."""

    line: int
    model: str | None
    lines: dict[str, tuple[int, re.Match[str]]] = field(
        default_factory=dict[str, tuple[int, re.Match[str]]]
    )


def detect(artifact: Artifact) -> bool:
    """Whether `Serving Benchmark Result` stands between signs of equality."""
    text = str(artifact.text) if is_printed(artifact) else ""
    return _TITLE in text and bool(_find_blocks(split_lines(text)))


def parse(artifact: Artifact) -> Parsed:
    """One record per result."""
    refusals: list[Refusal] = []
    blocks = _find_blocks(split_lines(str(artifact.text)))
    records = [_read_block(block, at, refusals) for at, block in enumerate(blocks)]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_blocks(lines: Sequence[str]) -> list[_Block]:
    blocks: list[_Block] = []
    inside, model = False, None
    for number, line in enumerate(lines, start=1):
        if (found := _MODEL.search(line[:4000])) and not inside:
            model = found[1] or found[2]
        if len(line) > _LONGEST_LINE:
            continue
        if _TITLE_LINE.fullmatch(line):
            blocks.append(_Block(number, model))
            inside = True
        elif inside and re.fullmatch(r"={20,}\s*", line):
            inside = False
        elif inside and (match := _LINE.fullmatch(line)):
            blocks[-1].lines.setdefault(match[1], (number, match))
    return [block for block in blocks if _COMPLETED in block.lines]


def _read_block(block: _Block, sequence: int, refusals: list[Refusal]) -> Record:
    number, completed = block.lines[_COMPLETED]
    n = int(completed[2]) if re.fullmatch(r"[0-9]{1,9}", completed[2]) else 0
    failure = Failure(reason="no request completed", locator=line_locator(number), kind="derived")
    config: dict[str, Scalar] = {
        name: read_setting(block.lines[said][1][2])
        for said, name in _SETTINGS.items()
        if said in block.lines
    }
    return Record(
        name=line_locator(block.line),
        sequence=sequence,
        benchmark="serving",
        readings=tuple(_read_numbers(block, n, refusals)) if n else (),
        subject=block.model,
        config=config,
        failure=None if n else failure,
    )


def _read_numbers(block: _Block, n: int, refusals: list[Refusal]) -> Iterator[Reading]:
    read: set[Field] = set()
    for name, (number, match) in block.lines.items():
        meaning = _find_field(name)
        # the median is printed again as P50 where that was asked for
        if meaning is None or meaning in read:
            continue
        read.add(meaning)
        # gaps are more than requests, and nobody counted them
        of = n if meaning.unit == "ms" and meaning.metric != "itl" else None
        reading = read_match(number, match, meaning, refusals, group=2, n=of, kind="derived")
        if reading and reading.value > 0:
            yield reading
        elif reading:
            said = f"{reading.raw_value!r} is no time of a token: nothing was streamed"
            refusals.append(Refusal(locator=reading.locator, reason=said))


def _find_field(name: str) -> Field | None:
    match = _STATISTIC.fullmatch(name)
    if not match:
        return _RATE_NAMES.get(name)
    statistic = STATISTICS.get(match[1].lower(), match[1].lower())
    return QUANTITIES[match[2].lower().replace(" ", "_")]._replace(statistic=statistic)
