"""Tables that put several numbers of one quantity side by side: its repetitions, or a setting's values.

Such a heading says more than the quantity: `ttft_ms_run2`, `decode tok/s @ bs=8`. Each row becomes as
many as it has such numbers; one that says that it failed is one failed run, of which number nothing tells.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import find_setting, plan_columns
from benchagent.formats.tables.call_failures import failure_cells
from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.setting_columns import is_knob
from benchagent.mappings.rows import Row, Rows, part_rows
from benchagent.measurements.artifact_text import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Refusal
from benchagent.quantities.names import join_words

# `tok/s @ bs=8`, `tok/s (threads=4)`
_SET: Final = re.compile(
    r"(?P<before>[^@=]{1,80}?)[ _]*(?:@|[(\[,;])[ ]*(?P<name>[A-Za-z][\w -]{0,40}?) ?= ?"
    r"(?P<value>[\w.+-]{1,40})[)\]]?(?P<after>)"
)
_RUN: Final = re.compile(
    r"(?P<before>.{0,80}?)[ _#-]*(?<![A-Za-z])(?P<name>run|rep|repeat|repetition|trial|iter|iteration|pass)[ _#-]*"
    r"(?P<value>[0-9]{1,3})(?![0-9])[ _:-]*(?P<after>.{0,80})",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"(?P<before>.{1,80}?)[ _#-](?P<name>)(?P<value>[0-9]{1,3})(?P<after>(?: ?[(\[][^()\[\]]{1,20}[)\]])?)"
)
_REPETITION: Final = "repetition"
# Two numbers without a word may be of two of anything.
_FEWEST_NUMBERED: Final = 3
_OF_NO_RUN: Final = (
    "it stands beside columns that are read one by one: of which it is, nothing tells"
)
_BLANK: Final = "blank: a run that failed, or was not wanted"


class _Heading(NamedTuple):
    """A heading taken apart: the column that it would be alone, and what it is of."""

    label: str
    setting: str
    value: str


def part_headings(grid: Grid) -> Iterator[Rows]:
    """The rows of a table whose headings say more than quantities, each parted by what they say."""
    for pattern in (_SET, _RUN, _NUMBERED):
        headings = {
            at: heading
            for at, label in enumerate(grid.labels)
            if (heading := _part(pattern, label)) is not None
        }
        if _are_side_by_side(pattern, list(headings.values())):
            yield _part_rows(grid, headings)
            return


def _part(pattern: re.Pattern[str], label: str) -> _Heading | None:
    match = pattern.fullmatch(label.strip())
    if match is None:
        return None
    alone = f"{match['before']} {match['after']}".strip(" _-:")
    setting = _REPETITION if pattern is not _SET else _find_setting(match["name"])
    meaning = read_column(alone)
    if setting is None or meaning is None or meaning.unit is None:
        return None
    return _Heading(alone, setting, match["value"])


def _find_setting(name: str) -> str | None:
    known = find_setting(join_words(name))
    return known or (join_words(name) if is_knob(name) else None)


def _are_side_by_side(pattern: re.Pattern[str], headings: Sequence[_Heading]) -> bool:
    """Whether some quantity stands there more than once, with numbers that count where it has only these."""
    values: dict[str, list[str]] = {}
    for heading in headings:
        values.setdefault(heading.label, []).append(heading.value)
    if not values or any(len(set(of)) < len(of) for of in values.values()):
        return False
    if pattern is _SET:
        return True
    fewest = _FEWEST_NUMBERED if pattern is _NUMBERED else 2
    return all(len(of) >= fewest and _count_up(of) for of in values.values())


def _count_up(values: Sequence[str]) -> bool:
    numbers = sorted(map(int, values))
    return numbers[0] in (0, 1) and numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def _part_rows(grid: Grid, headings: dict[int, _Heading]) -> Rows:
    whole, refusals = part_rows(grid)
    columns = plan_columns(grid.labels)
    others = [at for at in range(len(grid.labels)) if at not in headings and at != columns.n]
    results = [at for at in others if read_column(grid.labels[at]) is not None]
    told = [at for at in others if at not in results]
    for at in results if whole else ():
        locator = row_locator(whole[0][0], grid.labels[at])
        refusals.append(Refusal(locator=locator, reason=_OF_NO_RUN))
    kinds = list(dict.fromkeys((each.setting, each.value) for each in headings.values()))
    names = list(dict.fromkeys(name for name, _ in kinds))
    stems = list(dict.fromkeys(each.label for each in headings.values()))
    labels = [*(grid.labels[at] for at in told), *names, *stems]
    outcomes = failure_cells(columns)
    rows: list[Row] = []
    for number, row in whole:
        at_told = {grid.labels[at]: row_locator(number, grid.labels[at]) for at in told}
        if any(tells(row[at]) for at, tells in outcomes):
            blank = [""] * (len(labels) - len(told))
            rows.append(Row(0, [*(row[at] for at in told), *blank], None, at_told))
            continue
        for kind in kinds:
            places = {each.label: at for at, each in headings.items() if each[1:] == kind}
            if not any(row[at].strip() for at in places.values()):
                first = next(iter(places.values()))
                locator = row_locator(number, grid.labels[first])
                refusals.append(Refusal(locator=locator, reason=_BLANK))
                continue
            cells = [
                *(row[at] for at in told),
                *(kind[1] if name == kind[0] else "" for name in names),
                *(row[places[stem]] if stem in places else "" for stem in stems),
            ]
            at_label = {stem: row_locator(number, grid.labels[at]) for stem, at in places.items()}
            rows.append(Row(0, cells, None, at_label | at_told))
    return Rows("", labels, rows, tuple(refusals))
