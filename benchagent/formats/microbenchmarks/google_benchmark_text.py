"""What Google Benchmark prints on a terminal: a line per run or aggregate, told apart by its name.

It rounds what the JSON of the same runs says.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.formats.microbenchmarks.google_benchmark import (
    Entry,
    number_repetitions,
    read_entries,
)
from benchagent.formats.text_readings import COLOUR_OR_BLANK, number_lines
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.json_trees import Json, Numeral
from benchagent.measurements.locators import chars_locator, line_locator
from benchagent.measurements.readings import Parsed

NAME: Final = "google-benchmark-text"

_GAP: Final = rf"{COLOUR_OR_BLANK}{{1,400}}"
_TITLE: Final = re.compile(rf"(?:{_GAP})?Benchmark{_GAP}Time{_GAP}CPU{_GAP}Iterations\b")
_NUMBER: Final = r"[0-9]{1,18}(?:\.[0-9]{1,9})?(?:e[+-]?[0-9]{1,3})?"
_NAME: Final = rf"(?:{_GAP})?(?P<name>[^\s\x1b](?:.{{0,500}}?[^\s\x1b])??){_GAP}"
_LINE: Final = re.compile(
    rf"{_NAME}(?P<real_time>{_NUMBER}) (?P<time_unit>\S{{1,20}}){_GAP}"
    rf"(?P<cpu_time>{_NUMBER}) (?P=time_unit)(?:{_GAP})?"
    rf"(?:(?P<iterations>[0-9]{{1,18}})(?=$|{_GAP}))?"
)
_FAILED: Final = re.compile(rf"{_NAME}(?:ERROR OCCURRED|SKIPPED): '(?P<error_message>.{{0,2000}})'")
_TEXTS: Final = frozenset({"name", "time_unit", "error_message"})


def detect(artifact: Artifact) -> bool:
    """Whether lines stand below one with `Benchmark`, `Time`, `CPU` and `Iterations`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or "Iterations" not in text:
        return False
    return next(_find_entries(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per repetition, and one per aggregate."""
    text = str(artifact.text)
    entries = number_repetitions(list(_find_entries(text)))
    # above the title the date may stand
    return read_entries(NAME, entries, {"date": split_lines(text)[0]}, rounded=True)


def _find_entries(text: str) -> Iterator[Entry]:
    begun = False
    for number, line in number_lines(text):
        begun = begun or _TITLE.match(line) is not None
        if begun and (match := _FAILED.match(line) or _LINE.match(line)):
            yield _read_line(number, match)


def _read_line(number: int, match: re.Match[str]) -> Entry:
    fields: dict[str, Json] = {
        name: text if name in _TEXTS else Numeral(text)
        for name, text in match.groupdict().items()
        if text is not None
    }
    if "error_message" in fields:
        fields["error_occurred"] = True
    locate = partial(_locate, number, match)
    return Entry(name=line_locator(number), fields=fields, locate=locate)


def _locate(number: int, match: re.Match[str], field: str) -> str:
    # an error without a message is told by its line
    named = field in match.groupdict() and match[field]
    return chars_locator(number, *match.span(field)) if named else line_locator(number)
