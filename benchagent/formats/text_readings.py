"""Numbers out of a text that a tool printed for people, each with the characters that it is."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.json_fields import Field, refuse_number
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.locators import chars_locator, read_value
from benchagent.measurements.readings import Kind, Reading, Refusal
from benchagent.quantities.numbers import parse_duration
from benchagent.quantities.units import find_unit

# what a terminal was told about colours is saved with the text, and so are blanks
COLOUR_OR_BLANK: Final = r"(?:\x1b\[[0-9;]{0,12}m| )"
_LONGEST_LINE: Final = 4000


def number_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text from 1 on; one that is too long for a tool's is an empty one."""
    for number, line in enumerate(split_lines(text), start=1):
        yield number, line if len(line) <= _LONGEST_LINE else ""


def is_printed(artifact: Artifact) -> bool:
    """Whether a text may be what a tool printed: in a write-up's tables somebody tells of it."""
    if not isinstance(artifact.text, str):
        return False
    return artifact.shape == "text" or (artifact.shape == "markdown" and artifact.tables == [])


def has_other_tables(artifact: Artifact, ending: Sequence[str]) -> bool:
    """Whether a table's last columns are others: a write-up's claims, which are read elsewhere."""
    tables = [] if isinstance(artifact.tables, Unreadable) else artifact.tables
    return any(table.labels[-len(ending) :] != [*ending] for table in tables)


def read_match(
    line: int,
    match: re.Match[str],
    field: Field,
    refusals: list[Refusal],
    *,
    group: str | int = 1,
    n: int | None = None,
    kind: Kind = "measured",
) -> Reading | None:
    """The number that a group of a match on a line is; a field without unit is a Go duration.

    Args:
        line: 1-based line that the match was made on.
        match: made on the whole line, so that its offsets are the line's.
        field: what the number means.
        refusals: gets a group that is no finite number.
        group: the group of the match that is the number.
        n: how many samples it stands on.
        kind: whether it was measured or sums up others.
    """
    raw = match[group]
    locator = chars_locator(line, *match.span(group))
    unit = find_unit(field.unit) if field.unit else None
    value = read_value(raw, field.unit) if unit or parse_duration(raw) is not None else None
    if value is None:
        duration = Refusal(locator=locator, reason=f"{raw[:80]!r} is no duration")
        refusals.append(refuse_number(raw, locator) if unit else duration)
        return None
    return Reading(
        metric=field.metric,
        value=value,
        locator=locator,
        raw_value=raw,
        statistic=field.statistic,
        unit=unit.canonical if unit else "ms",
        definition=field.definition,
        n=n,
        raw_unit=field.unit,
        kind=kind,
    )
