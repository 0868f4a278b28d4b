"""Numbers out of a text that a tool printed for people, each with the characters that it is."""

import re

from benchagent.formats.json_fields import Field, refuse_number
from benchagent.measurements.locators import chars_locator, read_value
from benchagent.measurements.readings import Kind, Reading, Refusal
from benchagent.quantities.numbers import parse_duration
from benchagent.quantities.units import find_unit


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
