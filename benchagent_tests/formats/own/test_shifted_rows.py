"""Rows out of which a script left a cell, so that all others stand below their neighbours' names."""

import pytest

from benchagent.formats.tables.misplaced_cells import SHIFTED
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import parse_text

LABELS = ("total duration", "load duration", "prompt eval rate", "eval rate")
WHOLE = ("7.9 s", "61 ms", "294 tokens/s", "104 tokens/s")
# the load is missing: what fits below `total duration` may be anything
SHIFTED_ROW = ("2.3 s", "886 tokens/s", "138 tokens/s", "31 ms")


def _table(name: str, *rows: tuple[str, ...]) -> str:
    if name.endswith(".csv"):
        return "\n".join(",".join(row) for row in rows) + "\n"
    dashes = ("---",) * len(rows[0])
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], dashes, *rows[1:])) + "\n"


def _parse(name: str, *rows: tuple[str, ...]) -> Parsed:
    return parse_text(_table(name, LABELS, *rows), name)


@pytest.mark.parametrize("name", ["a.md", "a.csv"])
def test_no_number_of_a_row_is_read_in_which_two_cells_tell_other_units(name: str) -> None:
    parsed = _parse(name, WHOLE, SHIFTED_ROW)
    read = [r.raw_value for record in parsed.records for r in record.readings]
    assert read == [*WHOLE]
    assert SHIFTED in {refusal.reason for refusal in parsed.refusals}


@pytest.mark.parametrize("name", ["a.md", "a.csv"])
def test_a_cell_in_a_unit_in_which_nobody_measures_its_quantity_is_refused(name: str) -> None:
    parsed = _parse(name, ("7.9 s", "61 ms", "294 tokens/s", "1.2 GB"))
    read = [r.raw_value for record in parsed.records for r in record.readings]
    assert read == [*WHOLE[:3]]
