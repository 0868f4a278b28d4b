"""Files that end within a number, as where a disk was full or a copy was not over.

`49.9` is read as well as `49.92`. What ends every line with a newline would have ended the last one
too, so that a number at the end of a file without one may be the first digits of another.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.readings import Parsed, Reading, Refusal, Unparsed

CUT: Final = (
    "the file ends here without the newline that ends all other lines: the number may be cut off"
)

_ENDS_IN_NUMBER: Final = re.compile(r"[0-9]\.?$")
_PLACE: Final = re.compile(
    r"(row|line)=([0-9]+)(?:,chars=[0-9]+-([0-9]+)|,column=(.*))?", re.DOTALL
)
_NUMBER: Final = re.compile(r"[0-9.]+")


def refuse_cut(
    outcome: Parsed | Unparsed, artifact: Artifact, *, of_tool: bool
) -> Parsed | Unparsed:
    """What was read of a file, without a number that may be cut off at its end.

    Args:
        outcome: of reading it.
        artifact: the file.
        of_tool: whether a tool wrote it, and not a script or a person, who may leave the newline
            out. Of their tables, only a number that is shorter than all above it is likely cut.
    """
    text = artifact.text
    if isinstance(outcome, Unparsed) or isinstance(text, Unreadable):
        return outcome
    if artifact.shape in ("json", "yaml") or not _ENDS_IN_NUMBER.search(text[-2:]):
        return outcome
    if artifact.shape == "grid" and not of_tool and not _is_shorter(artifact):
        return outcome
    cut = set(_find_last(outcome, artifact, text))
    records = tuple(
        replace(record, readings=tuple(r for r in record.readings if r.locator not in cut))
        for record in outcome.records
    )
    refused = tuple(Refusal(locator=locator, reason=CUT) for locator in sorted(cut))
    return replace(outcome, records=records, refusals=(*outcome.refusals, *refused))


def _find_last(outcome: Parsed, artifact: Artifact, text: str) -> Iterator[str]:
    """The locators of the numbers with which the text ends."""
    lines = split_lines(text)
    readings = [reading for record in outcome.records for reading in record.readings]
    rows = [int(match[2]) for r in readings if (match := _PLACE.fullmatch(r.locator))]
    grid = artifact.grid if artifact.shape == "grid" else None
    n_rows = (
        max(rows, default=0) if grid is None or isinstance(grid, Unreadable) else len(grid.rows)
    )
    last = {"line": len(lines), "row": n_rows}
    for reading in readings:
        match = _PLACE.fullmatch(reading.locator)
        if match is None or int(match[2]) != last[match[1]]:
            continue
        at_end = int(match[3]) == len(lines[-1]) if match[3] else _ends(lines[-1], reading)
        if at_end:
            yield reading.locator


def _ends(line: str, reading: Reading) -> bool:
    """Whether a line ends with the number of a cell."""
    number = reading.raw_value.strip()
    before = line.removesuffix(number)
    return before != line and not before[-1:].isdecimal() and before[-1:] != "."


def _is_shorter(artifact: Artifact) -> bool:
    """Whether the last cell of a table has fewer digits, or decimals, than each above it."""
    if isinstance(artifact.grid, Unreadable):
        return False
    cells = [row[-1].strip() for row in artifact.grid.rows if len(row) == len(artifact.grid.labels)]
    *above, last = cells or [""]
    if last.endswith("."):
        return True
    others = [cell for cell in above if _NUMBER.fullmatch(cell)]
    return bool(others) and _digits(last) < min(map(_digits, others))


def _digits(number: str) -> tuple[int, int]:
    """How many decimals a number has, and how many digits before them where there are none."""
    whole, _, decimals = number.partition(".")
    return len(decimals), 0 if decimals else len(whole)
