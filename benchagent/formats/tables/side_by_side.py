"""Tables that put several numbers of one quantity side by side: of repetitions, models, or a setting.

Such a heading says more than the quantity: `ttft_ms_run2`, `decode tok/s @ bs=8`, `gemma3:1b TTFT (ms)`.
Each row becomes as many as it has such numbers; one that says that it failed is one failed run, of
which number nothing tells.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.call_failures import failure_cells
from benchagent.formats.tables.columns import names_quantity, read_column
from benchagent.formats.tables.setting_columns import find_named_setting
from benchagent.mappings.rows import Row, Rows, part_rows
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.model_names import is_model
from benchagent.measurements.readings import Refusal

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
# In `gemma3:1b tok/s`, `ttft_ms_qwen3-4b` and `tok/s (llama3.2:3b)` a model stands at one end.
_SIGNS: Final = " _:|/,@-"
_PARTING: Final = re.compile(r"[ _:|/,@()\[\]-]+")
_MODEL: Final = "model"
_LONGEST_HEADING: Final = 120
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


_Part = Callable[[str], _Heading | None]
# Whether numbers side by side are what these headings say, by the values of each quantity.
_Accept = Callable[[Sequence[Sequence[str]]], bool]


def part_headings(grid: Grid) -> Iterator[Rows]:
    """The rows of a table whose headings say more than quantities, each parted by what they say."""
    ways: tuple[tuple[_Part, _Accept], ...] = (
        (partial(_part, _SET), lambda _: True),
        (partial(_part, _RUN), partial(_count_up, fewest=2)),
        (partial(_part, _NUMBERED), partial(_count_up, fewest=_FEWEST_NUMBERED)),
        (_part_model, lambda values: any(len(of) > 1 for of in values)),
    )
    for part, accept in ways:
        headings = {
            at: heading
            for at, label in enumerate(grid.labels)
            if (heading := part(label)) is not None
        }
        values: dict[str, list[str]] = {}
        for heading in headings.values():
            values.setdefault(heading.label, []).append(heading.value)
        once = all(len(set(of)) == len(of) for of in values.values())
        if values and once and accept([*values.values()]):
            yield _part_rows(grid, headings)
            return


def _part(pattern: re.Pattern[str], label: str) -> _Heading | None:
    match = pattern.fullmatch(label.strip())
    if match is None:
        return None
    alone = f"{match['before']} {match['after']}".strip(" _-:")
    setting = _REPETITION if pattern is not _SET else find_named_setting(match["name"])
    if setting is None or not names_quantity(alone):
        return None
    return _Heading(alone, setting, match["value"])


def _part_model(label: str) -> _Heading | None:
    """A heading that begins or ends with a model, the shortest name of one that leaves a quantity."""
    label = label.strip()
    if len(label) > _LONGEST_HEADING:
        return None
    for at in _PARTING.finditer(label):
        before, after = label[: at.start()], label[at.start() :].lstrip(_SIGNS + ")]")
        if names_quantity(after) and is_model(before):
            return _Heading(after, _MODEL, before)
    for at in _PARTING.finditer(label):
        before, after = label[: at.end()].rstrip(_SIGNS + "(["), label[at.end() :].rstrip(")]")
        if names_quantity(before) and is_model(after):
            return _Heading(before, _MODEL, after)
    return None


def _count_up(values: Sequence[Sequence[str]], *, fewest: int) -> bool:
    """Whether each quantity has so many numbers, which count from 0 or 1."""
    return all(len(of) >= fewest and _counts(sorted(map(int, of))) for of in values)


def _counts(numbers: Sequence[int]) -> bool:
    return numbers[0] in (0, 1) and [*numbers] == [*range(numbers[0], numbers[0] + len(numbers))]


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
