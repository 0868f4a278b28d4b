"""What llama.cpp's programs print of their timings: a block per answer, in a log of anything else.

Of an answer of n tokens the command line counts n - 1 (`runs`), as the first comes with the prompt;
the server counts all, though its time begins after the first, and divides all of them by it, in
versions of 2026 all but the first: the numbers tell which. What was read at once, an embedding for
instance, has no time of decoding, and neither has an answer of one token.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_model, read_setting
from benchagent.formats.tables.call_columns import find_setting
from benchagent.formats.tables.labelled_lines import read_line
from benchagent.formats.text_readings import is_printed, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_number

NAME: Final = "llama-log"

_NUMBER: Final = r"([0-9]{1,12}(?:\.[0-9]{1,9})?|-?nan|-?inf)"
# before it a name may stand, and before that a time: `0.00.060.461 I llama_perf_context_print:`
_LINE: Final = re.compile(
    r"(?:[^=]{0,200}[:|] {1,20}| {0,20})(?P<what>load|prompt eval|eval|total) time = {1,20}" + _NUMBER
    + r" ms(?: / {1,20}" + _NUMBER + r" (?P<counted>tokens|runs))?"
    + r"(?: {1,20}\( {0,20}" + _NUMBER + r" ms per token, {1,20}" + _NUMBER + r" tokens per second\))?\s*"
)  # fmt: skip
_BEGINS_HEADING: Final = re.compile(r"(?:[=#~]|--|\*\*) *[=#~*-]* *[A-Za-z]|[=#~-]{2,} ")
_RUN: Final = "run"
_TIMES: Final = {
    "load": "load_time", "prompt eval": "prompt_eval_time", "eval": "eval_time", "total": "total_time"
}  # fmt: skip
_COUNTS: Final = {"prompt eval": "prompt_tokens", "eval": "output_tokens"}
_PREFILL: Final = Field("prefill_rate", "tok/s")
_BY_COUNT: Final = {0: "decode.eval_count/eval", 1: "decode.(n-1)/eval"}
_MODEL: Final = re.compile(
    r"loaded meta data (?:with .{1,80} )?from (.{1,300}?) \(version|llama\.cpp: loading model from (.{1,300})"
    r"|: loading model '(.{1,300}?)'"
)
_SETTINGS: Final = {
    "num_ctx": re.compile(r"llama_(?:context|new_context_with_model|init_from_model): n_ctx {1,20}= {1,5}([0-9]{1,9})$"),
    "offloaded_layers": re.compile(r"offloaded ([0-9]{1,5})/[0-9]{1,5} layers to GPU"),
    "num_thread": re.compile(r"system_info: n_threads = ([0-9]{1,5})\b"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Block:
    """The timings of one answer, by what they are of, and what the log said before of how it ran."""

    line: int
    model: str | None
    config: dict[str, Scalar]
    lines: dict[str, tuple[int, re.Match[str]]] = field(default_factory=dict)


class _Heading(NamedTuple):
    """What a script wrote above a run."""

    model: str | None
    config: dict[str, Scalar]


_NO_HEADING: Final = _Heading(None, {})


def name_rate(n_tokens: float, ms: float, rate: float, *, rounding: float = 0.0) -> Field:
    """The decode rate of a server's answer, by how many of its tokens were divided by the time.

    Args:
        n_tokens: tokens of the answer.
        ms: the time of its decoding.
        rate: in tokens per second.
        rounding: how far time and rate may be from what was computed; where that is too far to tell
            one token from none, the rate has no definition.
    """
    left_out = n_tokens - rate * ms / 1000
    told = n_tokens * (rounding / ms + rounding / rate) < 0.5 and abs(left_out) < 2
    definition = _BY_COUNT.get(round(left_out)) if told else None
    return Field("decode_rate", "tok/s", definition=definition)


def find_model(line: str) -> str | None:
    """The file of weights that a line says to be loaded."""
    found = _MODEL.search(line)
    return found[found.lastindex or 0] if found else None


def find_heading(line: str) -> _Heading | None:
    """The model and settings that a script wrote above a run (`=== lark-3b.gguf ngl=20 ===`), if a line is that.

    One that names no model, or several, has neither, and takes back what stood above.
    """
    read = read_line(line) if _BEGINS_HEADING.match(line) else None
    if read is None or read.form != "heading":
        return None
    told = {join_words(pair.label): pair.value for pair in read.pairs}
    model = told.pop("model", None)
    named = {find_setting(name) or name: read_setting(value) for name, value in told.items()}
    return _Heading(model, {name: value for name, value in named.items() if name != _RUN})


def detect(artifact: Artifact) -> bool:
    """Whether a line says `prompt eval time =`, and one `eval time =`, with milliseconds."""
    text = str(artifact.text) if is_printed(artifact) else ""
    return "prompt eval time =" in text and next(_find_blocks(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per block of timings."""
    refusals: list[Refusal] = []
    blocks = list(_find_blocks(str(artifact.text)))
    records = [_read_block(block, at, refusals) for at, block in enumerate(blocks)]
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings),
        refusals=tuple(refusals),
    )


def _find_blocks(text: str) -> Iterator[_Block]:
    block, model, config = None, None, {}
    above = _NO_HEADING
    for number, line in number_lines(text):
        if heading := find_heading(line):
            above = heading
            if block:
                yield from _whole(block)
                block = None
            if heading.model:
                model, config = None, {}
        if loaded := find_model(line):
            model, config = loaded, {}
        for name, pattern in _SETTINGS.items():
            if said := pattern.search(line.rstrip()):
                config = {**config, name: read_setting(said[1])}
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        if block is None or match["what"] in ("load", *block.lines):
            if block:
                yield from _whole(block)
            block = _Block(number, model or above.model, {**above.config, **config})
        block.lines[match["what"]] = (number, match)
    if block:
        yield from _whole(block)


def _whole(block: _Block) -> Iterator[_Block]:
    if {"prompt eval", "eval"} <= block.lines.keys():
        yield block


def _read_block(block: _Block, sequence: int, refusals: list[Refusal]) -> Record:
    readings = [
        reading
        for what, (number, match) in block.lines.items()
        for reading in _read_line(what, number, match, refusals)
    ]
    return Record(
        name=line_locator(block.line),
        sequence=sequence,
        benchmark="llm-call",
        readings=tuple(readings),
        subject=read_model(block.model) if block.model else None,
        config=block.config,
    )


def _read_line(
    what: str, number: int, match: re.Match[str], refusals: list[Refusal]
) -> Iterator[Reading]:
    if not match[2].strip("0."):
        return  # it took no time that a clock can tell
    counted = match["counted"]
    untimed = what == "eval" and counted == "tokens" and match[3] == "1"
    fields = {
        2: None if untimed else Field(_TIMES[what], "ms"),
        3: Field(_COUNTS[what], "tokens") if counted == "tokens" and what in _COUNTS else None,
        6: _name_rate(what, match) if match[6] and not untimed else None,
    }
    for group, meaning in fields.items():
        reading = read_match(number, match, meaning, refusals, group=group) if meaning else None
        if reading:
            yield reading


def _name_rate(what: str, match: re.Match[str]) -> Field | None:
    if what == "prompt eval" and match["counted"] == "tokens":
        return _PREFILL
    if what != "eval":
        return None
    if match["counted"] == "runs":
        return Field("decode_rate", "tok/s", definition=_BY_COUNT[1])
    n_tokens, ms, rate = (parse_number(match[group]) for group in (3, 2, 6))
    return name_rate(n_tokens, ms, rate, rounding=0.005) if n_tokens and ms and rate else None
