"""What promptfoo exports as CSV: a test per row, and for each prompt its answer, status and score.

It has neither latencies nor tokens, so that the JSON of the same tests says more. The
columns left of the first prompt are the test's variables.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.formats.csv_rows import read_whole_rows
from benchagent.formats.json_fields import Field, read_number, refuse_number
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import header_of
from benchagent.measurements.json_trees import as_numeral
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal

NAME: Final = "promptfoo-csv"

_ANSWER: Final = re.compile(r"\[([^\[\]]{1,200})\] (.{1,10000})", re.DOTALL)
_SCORE: Final = Field("score", "1")


class _Prompt(NamedTuple):
    """A prompt and who was asked it, with the columns of its answer, status and score."""

    provider: str
    text: str
    answer: str
    status: str
    score: str


def detect(artifact: Artifact) -> bool:
    """Whether columns `Status` and `Score` stand behind one like `[openai:gpt-4o] Say {{word}}`."""
    return bool(_find_prompts(artifact.labels))


def parse(artifact: Artifact) -> Parsed:
    """One record per test and prompt."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    prompts = _find_prompts(grid.labels)
    variables = grid.labels[: grid.labels.index(prompts[0].answer)]
    records: list[Record] = []
    for at, cells in read_whole_rows(grid, refusals):
        asked = {name: read_setting(cells[name]) for name in variables if cells[name]}
        for prompt in prompts:
            config = {"prompt_template": read_setting(prompt.text), "prompt_index": at - 1, **asked}
            records.extend(_read_answer(prompt, cells, at, config, len(records), refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_prompts(labels: Sequence[str]) -> list[_Prompt]:
    plain = [header_of(label) for label in labels]
    return [
        _Prompt(match[1], match[2], labels[at], labels[at + 1], labels[at + 2])
        for at, name in enumerate(plain)
        if plain[at + 1 : at + 3] == ["Status", "Score"] and (match := _ANSWER.fullmatch(name))
    ]


def _read_answer(
    prompt: _Prompt,
    cells: dict[str, str],
    at: int,
    config: dict[str, str | int | float | bool | None],
    sequence: int,
    refusals: list[Refusal],
) -> Iterator[Record]:
    locator = row_locator(at, prompt.score)
    failure = None
    if cells[prompt.status] == "ERROR":
        said = cells[prompt.answer].strip()
        where = row_locator(at, prompt.answer if said else prompt.status)
        reason = said or "its status is ERROR, no reason given"
        failure = Failure(reason=reason, locator=where, kind="derived")
    reading = None
    if cells[prompt.score] and not failure:
        reading = read_number(as_numeral(cells[prompt.score]), locator, _SCORE, kind="derived")
        if reading is None:
            refusals.append(refuse_number(cells[prompt.score], locator))
    if reading or failure:
        yield Record(
            name=row_locator(at, prompt.answer),
            sequence=sequence,
            benchmark="llm-call",
            readings=(reading,) if reading else (),
            subject=prompt.provider,
            config=config,
            failure=failure,
        )
