"""Tables as people lay them out, whose numbers were known before they were read."""

import pytest

from benchagent.measurements.locators import Places, read_value
from benchagent_tests.artifacts import parse_text
from benchagent_tests.formats.own.layouts import TABLES, Row, Table
from benchagent_tests.formats.own.layouts_of_objects import OBJECTS

LAYOUTS = (*TABLES, *OBJECTS)


@pytest.mark.parametrize("table", LAYOUTS, ids=[table.name for table in LAYOUTS])
def test_a_table_says_what_its_writer_meant(table: Table) -> None:
    records = parse_text(table.text, table.name).records
    found = [
        Row(record.subject, dict(record.config), {r.metric: r.value for r in record.readings})
        for record in records
    ]
    assert found == table.rows
    assert {r.statistic for record in records for r in record.readings} == {table.statistic}
    assert [record.failure for record in records] == [None] * len(records)


@pytest.mark.parametrize("table", LAYOUTS, ids=[table.name for table in LAYOUTS])
def test_its_numbers_stand_where_they_are_said_to(table: Table) -> None:
    places = Places(table.text.encode())
    for record in parse_text(table.text, table.name).records:
        for reading in record.readings:
            text = places.read(reading.locator)
            assert text == reading.raw_value
            assert read_value(text, reading.raw_unit) == reading.value
