"""Tables of a write-up with a row for each quantity: `Metric | Value`, `Metric | Mean | P95`."""

import re
from collections.abc import Iterator
from typing import Final

from benchagent.formats.own.markdown_cells import find_metric, holds_numbers, read_cell, scale_cell
from benchagent.formats.settings import read_model
from benchagent.formats.tables.statistic_columns import (
    OF_OTHERS,
    UNITS,
    read_statistic,
    with_unit,
)
from benchagent.measurements.locators import line_locator
from benchagent.measurements.markdown_tables import MarkdownTable, strip_markup
from benchagent.measurements.readings import Phase, Reading, Record, Refusal

_MODEL_TAG: Final = re.compile(r"[A-Za-z][\w.-]*:[\w.-]+")

_CHANGES: Final = ("delta", "\N{GREEK SMALL LETTER DELTA}")


def read_metric_rows(
    table: MarkdownTable, refusals: list[Refusal], unread: dict[str, None]
) -> Iterator[Record]:
    """A record for each number, of the quantity that its row names; others are named in `unread`."""
    unit = next((at for at, label in enumerate(table.labels) if label.lower() in UNITS), None)
    values = [at for at in range(1, len(table.labels)) if at != unit]
    statistics = {at: told for at in values if (told := read_statistic(table.labels[at]))}
    for line, row in table.rows:
        name = strip_markup(row[0])
        name = with_unit(name, strip_markup(row[unit])) if unit else name
        if find_metric(name, name) is None and holds_numbers(name, row[1:]):
            unread[name] = None
        for at in values:
            label = table.labels[at]
            cell = find_metric(_name_statistic(name, statistics.get(at)), label)
            if not cell or any(word in label.lower() for word in _CHANGES):
                continue
            if at in statistics and len(statistics) < len(values):
                refusals.append(Refusal(locator=line_locator(line, label), reason=OF_OTHERS))
                continue
            beside = [row[at] for at in values]
            if reading := read_cell(line, row[at], scale_cell(cell, beside), refusals):
                yield _record_number(line, label, reading, cell.phase, alone=at in statistics)


def _name_statistic(name: str, told: tuple[str, str] | None) -> str:
    """What a number is of which the row names the quantity and the column the statistic, if one."""
    return with_unit(f"{told[0]} {name}", told[1]) if told else name


def _record_number(
    line: int, label: str, reading: Reading, phase: Phase | None, *, alone: bool
) -> Record:
    tag = _MODEL_TAG.fullmatch(label)
    return Record(
        name=line_locator(line, label),
        sequence=0,
        benchmark="llm-call",
        readings=(reading,),
        subject=read_model(label.lower()) if tag else None,
        config={} if tag or alone or label.lower() == "value" else {"column": label},
        phase=phase,
    )
