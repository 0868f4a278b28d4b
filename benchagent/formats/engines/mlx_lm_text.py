"""What MLX LM prints: the trials of `mlx_lm.benchmark`, and the statistics below `mlx_lm.generate`.

Its rate of the prompt is over the time to the first token, that of the answer counts all tokens over
the time after the first one. Of several prompts at once (`--batch-size`) both are of all together,
over the time of the steps that were of prompts and of answers. The text does not name the model
unless the command was saved with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_model, read_setting
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "mlx-lm-text"

_NUMBER: Final = r"([0-9]{1,12}\.[0-9]{3}|inf|nan)"
_COMMAND: Final = re.compile(
    r"\bmlx_lm[. ](?:benchmark|generate)\b(?:.{0,500}? --model[ =][\"']?([^\s\"']{1,300}))?"
)
_TIMING: Final = re.compile(
    r"Timing with prompt_tokens=([0-9]{1,9}), generation_tokens=([0-9]{1,9}), batch_size=([0-9]{1,6})\."
)
_RATES: Final = rf"prompt_tps={_NUMBER}, generation_tps={_NUMBER}, peak_memory={_NUMBER}"
_TRIAL: Final = re.compile(rf"Trial [0-9]{{1,6}}:  {_RATES}, total_time={_NUMBER}")
_AVERAGES: Final = re.compile(rf"Averages: {_RATES}")
_COUNT: Final = r"([0-9]{1,9}) tokens, "
_ANSWER: Final = {
    "prompt": re.compile(rf"Prompt: {_COUNT}{_NUMBER} tokens-per-sec"),
    "answer": re.compile(rf"Generation: {_COUNT}{_NUMBER} tokens-per-sec"),
    "memory": re.compile(rf"Peak memory: {_NUMBER} GB"),
}
_PREFILL: Final = Field("prefill_rate", "tok/s", definition="prefill.prompt/first_token")
_DECODE: Final = Field("decode_rate", "tok/s", definition="decode.n/after_first")
_MEMORY: Final = Field("mlx-lm:peak_memory", "GB")
_NO_TIME: Final = "of an answer of one token there is no time after the first"


@dataclass(frozen=True, slots=True)
class _Run:
    """What one command printed: its lines by what they are, and under which settings."""

    line: int
    model: str | None
    config: dict[str, Scalar]
    lines: list[tuple[int, re.Match[str]]] = field(default_factory=list)


def detect(artifact: Artifact) -> bool:
    """Whether a line begins with `Trial 1:  prompt_tps=`, or one `Prompt: … tokens-per-sec` and the next `Generation:`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text":
        return False
    if "generation_tps=" not in text and " tokens-per-sec" not in text:
        return False
    return next(_find_runs(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per trial, one for their averages, and one per answer of `mlx_lm.generate`."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for run in _find_runs(str(artifact.text)):
        found = _read_trials(run, refusals) if run.config else _read_answer(run, refusals)
        records.extend(found)
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_runs(text: str) -> Iterator[_Run]:
    """The runs that have numbers; an answer's are in lines that follow one another."""
    model: str | None = None
    run: _Run | None = None
    for number, line in number_lines(text):
        if command := _COMMAND.search(line):
            model = command[1]
        if begins := _TIMING.fullmatch(line):
            yield from _end(run)
            run = _Run(number, model, _read_config(begins))
        elif begins := _ANSWER["prompt"].fullmatch(line):
            yield from _end(run)
            run = _Run(number, model, {}, [(number, begins)])
        elif run:
            patterns = (_TRIAL, _AVERAGES) if run.config else tuple(_ANSWER.values())[1:]
            found = next((match for each in patterns if (match := each.fullmatch(line))), None)
            if found:
                run.lines.append((number, found))
            elif not run.config:
                yield from _end(run)
                run = None
    yield from _end(run)


def _end(run: _Run | None) -> Iterator[_Run]:
    if run and len(run.lines) > (0 if run.config else 1):
        yield run


def _read_config(timing: re.Match[str]) -> dict[str, Scalar]:
    names = ("n_prompt", "n_gen", "batch_size")
    return {name: read_setting(timing[at]) for at, name in enumerate(names, start=1)}


def _read_trials(run: _Run, refusals: list[Refusal]) -> Iterator[Record]:
    trials = [number for number, match in run.lines if match.re is _TRIAL]
    for number, match in run.lines:
        is_trial = match.re is _TRIAL
        fields = _name_rates(run)
        if not is_trial:
            fields = [each and each._replace(statistic="mean") for each in fields[:3]]
        n, kind = (None, "measured") if is_trial else (len(trials), "derived")
        readings = _read_line(number, match, fields, refusals, n=n, kind=kind)
        repetition = trials.index(number) if is_trial else None
        yield _record(run, number, readings, repetition)


def _name_rates(run: _Run) -> list[Field | None]:
    """What the numbers of a trial are, in their order."""
    alone = run.config["batch_size"] == 1
    prefill = _PREFILL if alone else _PREFILL._replace(definition=None)
    decode = _DECODE if alone else _DECODE._replace(definition=None)
    long_enough = run.config["n_gen"] != 1
    return [prefill, decode if long_enough else None, _MEMORY, Field("total_time", "s")]


def _read_answer(run: _Run, refusals: list[Refusal]) -> Iterator[Record]:
    readings: list[Reading] = []
    for number, match in run.lines:
        if match.re is _ANSWER["prompt"]:
            fields = [Field("prompt_tokens", "tokens"), _PREFILL]
        elif match.re is _ANSWER["answer"]:
            fields = [Field("output_tokens", "tokens"), _DECODE if match[1] != "1" else None]
        else:
            fields = [_MEMORY]
        readings += _read_line(number, match, fields, refusals)
    yield _record(run, run.line, readings, None)


def _read_line(
    number: int,
    match: re.Match[str],
    fields: Sequence[Field | None],
    refusals: list[Refusal],
    *,
    n: int | None = None,
    kind: Kind = "measured",
) -> list[Reading]:
    """The numbers of a line, of which a field that is None tells that it has no meaning."""
    if None in fields:
        refusals.append(Refusal(locator=line_locator(number), reason=_NO_TIME))
    found = [
        read_match(number, match, meaning, refusals, group=group, n=n, kind=kind)
        for group, meaning in enumerate(fields, start=1)
        if meaning
    ]
    return [reading for reading in found if reading]


def _record(run: _Run, number: int, readings: Sequence[Reading], repetition: int | None) -> Record:
    return Record(
        name=line_locator(number),
        sequence=number,
        benchmark="llm-bench" if run.config else "llm-call",
        readings=tuple(readings),
        subject=read_model(run.model) if run.model else None,
        repetition=repetition,
        config=run.config,
    )
