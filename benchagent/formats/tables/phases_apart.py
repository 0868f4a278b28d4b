"""Cold and warm runs side by side in a row: `cold_latency_ms`, `warm_latency_ms`; each is a run."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from benchagent.formats.tables.columns import names_quantity, read_column
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import Json

_PHASED: Final = re.compile(r"(cold|warm)[_ ](.+)", re.IGNORECASE)
_PHASE: Final = "phase"


def part_phases(layouts: Iterable[Rows]) -> Iterator[Rows]:
    """Rows of both phases as two rows each, where all results of a row tell their phase."""
    for rows in layouts:
        parted = {at: match for at, name in enumerate(rows.labels) if (match := _read(name))}
        phases = sorted({match[1].lower() for match in parted.values()})
        others = [at for at in range(len(rows.labels)) if at not in parted]
        plain = [rows.labels[at] for at in others]
        if phases != ["cold", "warm"] or _PHASE in plain or any(map(read_column, plain)):
            continue
        names = list(dict.fromkeys(match[2] for match in parted.values()))
        labels = [_PHASE, *plain, *names]
        if len(set(labels)) == len(labels):
            found = [_of_phase(rows, row, phase, labels) for row in rows.rows for phase in phases]
            yield rows._replace(shape="", labels=labels, rows=found, units={})


def _of_phase(rows: Rows, row: Row, phase: str, labels: Iterable[str]) -> Row:
    """The cells of a row that are of a phase, and those of neither."""
    cells: dict[str, Json] = {_PHASE: phase}
    places: dict[str, str] = {}
    for at, label in enumerate(rows.labels):
        match = _read(label)
        if match is None or match[1].lower() == phase:
            name = label if match is None else match[2]
            cells[name], places[name] = row.cells[at], row.locate(label)
    # called by the place of its first number, since two runs stand in one row
    numbers = {name: place for name, place in places.items() if read_column(name)}
    return Row(0, [cells.get(name) for name in labels], row.key, {**numbers, **places})


def _read(label: str) -> re.Match[str] | None:
    match = _PHASED.fullmatch(label)
    known = match and read_column(label) is None and names_quantity(match[2])
    return match if known else None
