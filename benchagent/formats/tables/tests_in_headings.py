"""Rates whose column names their test (`pp512_tok_s`, `t/s (tg128)`): each is of that workload alone.

Without it, numbers of prompts of two lengths would be repetitions of one thing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.quantity_names import TEST, TOKEN_RATE
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.readings import Reading, Record
from benchagent.quantities.names import join_words

# What says of which test a row is: numbers of two are never pooled nor compared.
WORKLOAD: Final = "workload"
_TEST: Final = re.compile(rf"(?<![a-z0-9]){TEST}(?![a-z0-9.])")


def find_test(label: str, meaning: Meaning) -> str:
    """The test that the name of a column of rates says (`pp512`, `prefill_2048`), empty if none."""
    named = _TEST.search(join_words(label)) if meaning.unit == TOKEN_RATE else None
    if named is None:
        return ""
    return f"{named[1]}{named[2]}" if named[1] else f"{named[3]}_{named[4]}"


def part_by_test(records: Sequence[Record], rows: Rows, columns: Columns) -> list[Record]:
    """The records, the numbers of each test in one of its own, called by the place of the first.

    Args:
        records: one of each row.
        rows: of the file.
        columns: what they hold.
    """
    tests = {row.locate(label): test for row in rows.rows for label, test in _find_tests(columns)}
    return [part for record in records for part in _part(record, tests)] if tests else [*records]


def rows_by_name(rows: Rows, columns: Columns) -> dict[str, Row]:
    """The row of each record that comes of it, by the record's name."""
    tested = _find_tests(columns)
    of_parts = {row.locate(label): row for row in rows.rows for label, _ in tested}
    return of_parts | {row.name: row for row in rows.rows}


def _find_tests(columns: Columns) -> list[tuple[str, str]]:
    labels = [(columns.labels[at], meaning) for at, meaning in columns.readings]
    return [(label, test) for label, meaning in labels if (test := find_test(label, meaning))]


def _part(record: Record, tests: Mapping[str, str]) -> list[Record]:
    parts: dict[str, list[Reading]] = {}
    for reading in record.readings:
        parts.setdefault(tests.get(reading.locator, ""), []).append(reading)
    return [
        replace(
            record,
            name=readings[0].locator if test and len(parts) > 1 else record.name,
            readings=tuple(readings),
            config={**record.config, WORKLOAD: test} if test else record.config,
        )
        for test, readings in parts.items()
    ] or [record]
