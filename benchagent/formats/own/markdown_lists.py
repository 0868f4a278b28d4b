"""Lists of a write-up that name their numbers: `- q8_0: mean_latency_ms=46.57 tokens_per_s=2.0`.

Generated digests write so. What an entry is called is kept as its label: whether it is a model, a
backend or a cell that slipped out of its column, only the files that it was made from can tell.
"""

import re
from collections.abc import Iterator
from typing import Final

from benchagent.formats.tables.columns import read_column
from benchagent.measurements.locators import chars_locator
from benchagent.measurements.readings import Reading, Record
from benchagent.quantities.numbers import parse_number

LABEL: Final = "label"

_NUMBER: Final = r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_NAME: Final = r"[a-z]\w{1,40}"
_PAIR: Final = re.compile(rf"({_NAME})=({_NUMBER})(?=\s|$)")
_ENTRY: Final = re.compile(
    r"(?P<label>`?[A-Za-z0-9][\w.:+-]{0,80}`?):\s+"
    rf"(?P<pairs>{_NAME}={_NUMBER}(?:\s+{_NAME}={_NUMBER})*)(?=\s|$)"
)
_ITEM: Final = re.compile(r"\s*[-*+]\s")
_LONGEST_LINE: Final = 20_000


def read_lists(lines: list[str]) -> Iterator[Record]:
    """One record per entry with a number of a known metric and unit, all of them claims."""
    for number, line in enumerate(lines, start=1):
        if "=" in line and len(line) <= _LONGEST_LINE and _ITEM.match(line):
            for entry in _ENTRY.finditer(line):
                readings = list(_read_pairs(number, line, entry))
                if readings:
                    yield _record(entry["label"].strip("`"), readings)


def _read_pairs(number: int, line: str, entry: re.Match[str]) -> Iterator[Reading]:
    for pair in _PAIR.finditer(line, *entry.span("pairs")):
        if reading := _read_pair(number, pair):
            yield reading


def _read_pair(number: int, pair: re.Match[str]) -> Reading | None:
    meaning = read_column(pair[1])
    if meaning is None or meaning.unit is None:
        return None
    value = parse_number(pair[2], unit=meaning.unit)
    if value is None:
        return None
    return Reading(
        metric=meaning.metric,
        value=value,
        locator=chars_locator(number, *pair.span(2)),
        raw_value=pair[2],
        statistic=meaning.statistic,
        unit=meaning.unit.canonical,
        raw_unit=meaning.raw_unit,
        kind="claimed",
    )


def _record(label: str, readings: list[Reading]) -> Record:
    return Record(
        name=readings[0].locator,
        sequence=0,
        benchmark="llm-call",
        readings=tuple(readings),
        config={LABEL: label},
    )
