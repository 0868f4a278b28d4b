"""What llama-perplexity prints at its end: the perplexity over all chunks of a text, and its error.

With a base (`--kl-divergence`) also how far the model's probabilities are from those of the base. The
timings below are no call's: a text is read in batches that nothing waits for, so that the time of its
prompt ends long before the work does. Which text it was is not said; the number of chunks is.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.formats.engines.llama_bench import name_model
from benchagent.formats.engines.llama_log import find_heading, find_model
from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import is_printed, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "llama-perplexity"

_SCORES: Final = (
    "perplexity", "perplexity_v2", "hellaswag_score", "winogrande_score",
    "multiple_choice_score", "kl_divergence",
)  # fmt: skip
_PROGRAMS: Final = re.compile(
    rf"(?:^|[ I] )(?:{'|'.join(_SCORES)}) ?: (?:calculating|computing|tokenizing|loaded) "
)
_CHUNKS: Final = re.compile(
    r"(?:calculating perplexity|computing) over ([0-9]{1,9}) chunks, n_ctx=([0-9]{1,9})"
)
_NUMBER: Final = r"(-?[0-9]{1,12}\.[0-9]{1,9}|-?nan|-?inf)"
_PERPLEXITY: Final = Field("perplexity", "1", definition="perplexity.second_half")
# all that is left of a log where somebody searched it for the result
_FINAL: Final = re.compile(rf"(?:.{{0,40}} )?Final estimate: PPL = {_NUMBER} \+/- {_NUMBER}\s*")
# the number and its standard error, by what stands before them
_ENDS: Final = {
    _FINAL: _PERPLEXITY,
    re.compile(rf"Mean PPL\(Q\) {{1,30}}: {{1,20}}{_NUMBER} ± {{1,20}}{_NUMBER}\s*"): _PERPLEXITY,
    re.compile(rf"Mean {{1,8}}KLD: {{1,20}}{_NUMBER} ± {{1,20}}{_NUMBER}\s*"): Field(
        f"{NAME}:kl_divergence", "1", "mean"
    ),
    re.compile(rf"Same top p: {{1,20}}{_NUMBER} ± {{1,20}}{_NUMBER} %\s*"): Field(
        f"{NAME}:same_top_token", "%"
    ),
}


class _End(NamedTuple):
    """A number that a program printed at its end, and what it had said before of how it ran."""

    line: int
    match: re.Match[str]
    field: Field
    model: str | None
    config: dict[str, Scalar]


def detect(artifact: Artifact) -> bool:
    """Whether a line begins `perplexity: calculating` (or another score), or is a `Final estimate: PPL =`."""
    text = str(artifact.text) if is_printed(artifact) else ""
    if "Final estimate" not in text and not any(score in text for score in _SCORES):
        return False
    return any(_PROGRAMS.search(line) or _FINAL.fullmatch(line) for _, line in number_lines(text))


def parse(artifact: Artifact) -> Parsed:
    """One record per number at the end of a run."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for end in _find_ends(str(artifact.text)):
        readings: list[Reading] = []
        for group, statistic in ((1, end.field.statistic), (2, "stderr")):
            field = end.field._replace(statistic=statistic)
            if reading := read_match(end.line, end.match, field, refusals, group=group):
                readings.append(reading)
        records.append(
            Record(
                name=line_locator(end.line),
                sequence=len(records),
                benchmark="quality",
                readings=tuple(readings),
                subject=end.model,
                config=end.config,
            )
        )
    said = "its timings are no call's, and scores of tasks are not read"
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings),
        refusals=tuple(refusals),
        reason=said,
    )


def _find_ends(text: str) -> Iterator[_End]:
    model, config = None, {}
    for number, line in number_lines(text):
        if loaded := find_model(line):
            model, config = name_model(loaded, None), {}
        elif heading := find_heading(line):
            model, config = heading
        elif told := _CHUNKS.search(line):
            config = {"n_chunks": read_setting(told[1]), "num_ctx": read_setting(told[2])}
        else:
            for pattern, field in _ENDS.items():
                if match := pattern.fullmatch(line):
                    yield _End(number, match, field, model, config)
