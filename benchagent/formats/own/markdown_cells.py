"""The cells of a write-up's tables: what a name says that they hold, and the number in each."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchagent.formats.own.markdown_settings import find_setting
from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.formats.tables.misplaced_cells import tells_other_unit
from benchagent.formats.tables.shares import leaves_scale_open, read_numbers, scale_share
from benchagent.measurements.locators import line_locator
from benchagent.measurements.markdown_tables import read_cell_number, strip_markup
from benchagent.measurements.readings import Phase, Reading, Refusal
from benchagent.quantities.decimal_commas import DecimalComma
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import drop_spread

_BEGINS_NUMBER: Final = re.compile(r"[~<>≈]?\s*[+-]?[0-9]")
_PHASE: Final = re.compile(r"\s*\((warm|cold)\)", re.IGNORECASE)
_NOTHING: Final = frozenset({"", "-", "\N{EN DASH}", "\N{EM DASH}", "n/a", "none"})


class MetricCell(NamedTuple):
    """One cell that a metric was recognised for."""

    label: str
    meaning: Meaning
    phase: Phase | None


def find_metric(name: str, label: str, unit: str | None = None) -> MetricCell | None:
    """What a column holds; `unit` is that which its cells tell."""
    phase = _PHASE.search(name)
    plain = _PHASE.sub("", name)
    meaning = read_column(plain)
    if unit is not None and (meaning is None or meaning.unit is None):
        meaning = read_column(f"{plain} ({unit})")
    if meaning is None:
        return None
    named: Phase | None = None
    if phase:
        named = "warm" if phase[1].lower() == "warm" else "cold"
    return MetricCell(label, meaning, named)


def holds_numbers(label: str, cells: Sequence[str]) -> bool:
    """Whether any cell beside a name that is no setting's begins as a number does."""
    named = find_setting(label) is not None or names_models(join_words(label))
    return not named and any(_BEGINS_NUMBER.match(strip_markup(cell)) for cell in cells)


def scale_cell(cell: MetricCell, texts: Sequence[str]) -> MetricCell:
    """The cell with the unit that the numbers beside it tell, where it is of a share that tells none."""
    if not leaves_scale_open(cell.meaning):
        return cell
    numbers = read_numbers([strip_markup(text) for text in texts])
    return cell._replace(meaning=scale_share(cell.meaning, numbers))


def strip_cell(cell: str) -> str:
    """A cell without markup; one with a decimal comma has none."""
    return cell if isinstance(cell, DecimalComma) else strip_markup(cell)


def read_cell(line: int, text: str, cell: MetricCell, refusals: list[Refusal]) -> Reading | None:
    """The number of a cell as a claim; one that is none in a unit of its column is refused."""
    if text.lower() in _NOTHING:
        return None
    without_spread = drop_spread(strip_cell(text))
    number = read_cell_number(without_spread or text, cell.meaning.unit)
    locator = line_locator(line, cell.label)
    if number is None or tells_other_unit(without_spread or strip_cell(text), cell.meaning):
        said = f"{text[:80]!r} is not one number in a known unit"
        refusals.append(Refusal(locator=locator, reason=said))
        return None
    return Reading(
        metric=cell.meaning.metric,
        value=number.value,
        locator=locator,
        raw_value=text,
        statistic="mean"
        if without_spread and cell.meaning.statistic == "value"
        else cell.meaning.statistic,
        unit=number.unit,
        raw_unit=number.raw_unit or cell.meaning.raw_unit,
        kind="claimed",
    )
