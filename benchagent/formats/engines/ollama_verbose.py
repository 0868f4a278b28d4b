"""What `ollama run --verbose` prints under each answer, saved from a terminal, or in Markdown.

Its durations are Go's (`1m2.5s`, `355.055µs`). The text does not name the model unless the command
was saved with it.
"""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_ollama_model
from benchagent.formats.text_readings import read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.model_names import names_model
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "ollama-verbose"

# what a terminal was told about its cursor is saved with the text
_ESCAPES: Final = r"(?:\x1b\[[0-9;?]{0,12}[A-Za-z]){0,20}"
_LINE: Final = re.compile(
    _ESCAPES
    + r"(total duration|load duration|prompt eval count|prompt eval duration|prompt eval rate"
    r"|eval count|eval duration|eval rate): {1,20}(\S{1,60})(?: token\(s\)| tokens/s)?\s{0,20}"
)
_COMMAND: Final = re.compile(
    r"\bollama run (?:--(?:keepalive|format|dimensions)[ =]\S{1,100} |--[\w-]{1,40}(?:=\S{1,40})? )*"
    r"(\w[\w.:/-]{0,199})"
    # which llm_benchmark writes above the answers of a model
    r"|^model_name = {4}(\S{1,200})$"
)
_MODEL: Final = re.compile(r"\bmodel ?[=:] ?[\"'`]?([\w.:/-]{1,200})", re.IGNORECASE)
_RULED: Final = re.compile(r"\s*(?:[#=*~>-]{2,}|\[)")
_LONGEST_TITLE: Final = 200
# a field without unit is a Go duration
_FIELDS: Final[Mapping[str, Field]] = {
    "total duration": Field("total_time", None),
    "load duration": Field("load_time", None),
    "prompt eval count": Field("prompt_tokens", "tokens"),
    "prompt eval duration": Field("prompt_eval_time", None),
    "prompt eval rate": Field("prefill_rate", "tokens/s"),
    "eval count": Field("output_tokens", "tokens"),
    "eval duration": Field("eval_time", None),
    "eval rate": Field("decode_rate", "tokens/s", definition="decode.eval_count/eval"),
}


def detect(artifact: Artifact) -> bool:
    """Whether lines begin with `total duration:` and with `eval rate:` or `eval count:`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape == "grid":
        return False
    return bool(
        re.search(rf"^{_ESCAPES}total duration: {{1,20}}\S", text, re.MULTILINE)
        and re.search(r"^eval (?:rate|count): ", text, re.MULTILINE)
        and not _tells_more(artifact)
    )


def _tells_more(artifact: Artifact) -> bool:
    """Whether it is a write-up with tables of its own around what was pasted."""
    return artifact.shape == "markdown" and artifact.tables != []


def parse(artifact: Artifact) -> Parsed:
    """One record per block of timings."""
    refusals: list[Refusal] = []
    blocks: list[tuple[int, str | None, list[Reading]]] = []
    model = None
    titles: list[str | None] = [None]
    inside = False
    for number, line in enumerate(split_lines(str(artifact.text)), start=1):
        command = _COMMAND.search(line[:1000])
        model = command[1] or command[2] if command else model
        titles[-1] = titles[-1] or _find_title(line)
        match = _LINE.fullmatch(line) if len(line) < 200 else None
        if match and match[1] == "total duration":
            blocks.append((number, model, []))
            titles.append(None)
            inside = True
        # an answer may quote such a line: timings stand together under `total duration`
        inside = inside and match is not None
        if match and inside:
            reading = read_match(number, match, _FIELDS[match[1]], refusals, group=2)
            blocks[-1][2].extend([reading] if reading else [])
    if model is None and all(titles[:-1]):
        # the first line after the block before, since an answer may speak of models too
        blocks = [(at, title, read) for (at, _, read), title in zip(blocks, titles, strict=False)]
    records = [_record(at, *block) for at, block in enumerate(blocks)]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_title(line: str) -> str | None:
    """The model that a line names which a script printed above an answer: `=== gemma3:1b run 2 ===`."""
    if len(line) > _LONGEST_TITLE:
        return None
    named = _MODEL.search(line)
    words = [named[1]] if named else line.split() if _RULED.match(line) else []
    return next((word for word in words if ":" in word and names_model(word)), None)


def _record(sequence: int, line: int, model: str | None, readings: list[Reading]) -> Record:
    answered = any(r.metric == "output_tokens" and r.value > 0 for r in readings)
    return Record(
        name=f"line={line}",
        sequence=sequence,
        benchmark="llm-call",
        readings=tuple(readings) if answered else (),
        subject=read_ollama_model(model) if model else None,
        failure=None
        if answered
        else Failure(reason="no token was generated", locator=f"line={line}"),
    )
