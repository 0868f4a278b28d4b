"""Contents of the store: what is told of each as a whole, and their rows when they are asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.arrays import Ints
from benchagent.measurements.parsed.segment_files import GROUP_ROWS
from benchagent.measurements.parsed.segments import (
    KEPT_SCHEMAS,
    ContentKey,
    ParsedContents,
    keys_of,
)
from benchagent.measurements.parsed.shelf import Shelf
from benchagent.measurements.parsed.spans import ranges, take_rows

# Of thousands of contents most are told the same, so what is told is a number into a list of texts.
_NAME: Final = pa.dictionary(pa.int32(), pa.string())
_TOLD: Final = pa.schema(
    [
        (field.name, _NAME if pa.types.is_string(field.type) else field.type)
        for field in KEPT_SCHEMAS["contents"]
        if field.name not in ContentKey._fields
    ]
)
_NOTHING: Final = _TOLD.empty_table().append_column("place", pa.array([], pa.int64()))


class RecordsOfSegment(NamedTuple):
    """Some columns of the records of one segment, and the place of each record's content."""

    place: Ints
    records: pa.Table


class KeptContents:
    """Contents in a fixed order; they are asked for by their places in it.

    Attributes:
        told: a row for each: format, reasons, and the columns of `TALLIES`.
    """

    def __init__(self, keys: Sequence[ContentKey], segments: Sequence[Path], shelf: Shelf) -> None:
        """Find each key's content in the first of the segments that has it.

        Raises:
            KeyError: one of them is in none.
        """
        self._segments = segments
        self._shelf = shelf
        self._segment = np.full(len(keys), -1, np.int32)
        self._first = {name: np.zeros(len(keys), np.int64) for name in ("records", "readings")}
        wanted = {key: place for place, key in enumerate(keys)}
        told = [self._look_up(number, wanted) for number in range(len(segments))]
        if missing := np.flatnonzero(self._segment < 0).tolist():
            raise KeyError(f"never parsed: {[keys[place] for place in missing[:3]]}")
        whole = pa.concat_tables([_NOTHING, *told]).unify_dictionaries().combine_chunks()
        self.told = whole.sort_by("place").drop_columns("place")

    def _look_up(self, number: int, wanted: dict[ContentKey, int]) -> pa.Table:
        """Note where this segment holds any of the keys; gives what it tells of them."""
        columns = KEPT_SCHEMAS["contents"].names
        contents = self._shelf.columns(self._segments[number], "contents", columns)
        place = np.array([wanted.get(key, -1) for key in keys_of(contents)], np.int64)
        here = np.flatnonzero(place >= 0)
        here = here[self._segment[place[here]] < 0]
        self._segment[place[here]] = number
        for name, first in self._first.items():
            counts = contents[f"n_{name}"].to_numpy()
            first[place[here]] = (np.cumsum(counts) - counts)[here]
        told = contents.select(_TOLD.names).take(pa.array(here)).cast(_TOLD)
        return told.append_column("place", pa.array(place[here]))

    def count(self, name: str) -> Ints:
        """How many `n_records`, `n_readings` or `n_failed` each has."""
        return self.told[name].to_numpy()

    def records(self, *columns: str) -> Iterator[RecordsOfSegment]:
        """Some columns of all records, a segment at a time."""
        n_records = self.count("n_records")
        for number, segment in enumerate(self._segments):
            places = np.flatnonzero((self._segment == number) & (n_records > 0))
            if not len(places):
                continue
            places = places[np.argsort(self._first["records"][places])]
            rows = ranges(self._first["records"][places], n_records[places])
            records = take_rows(self._shelf.columns(segment, "records", columns), rows)
            yield RecordsOfSegment(np.repeat(places, n_records[places]), records)

    def load(self, places: Ints) -> ParsedContents:
        """All rows of the contents at these places, which are its contents 0, 1, 2 and so on."""
        records: list[pa.Table] = []
        readings: list[pa.Table] = []
        n_before = 0
        # in the order in which they are wanted, so that rows need not be moved again
        numbers, first = np.unique(self._segment[places], return_index=True)
        for number in numbers[np.argsort(first)].tolist():
            at = np.flatnonzero(self._segment[places] == number)
            at = at[np.argsort(self._first["records"][places[at]], kind="stable")]
            rows = self._rows("records", places[at])
            found = self._take(number, "records", rows)
            lengths = self.count("n_records")[places[at]]
            records.append(_put(found, "content", np.repeat(at, lengths)))
            found = self._take(number, "readings", self._rows("readings", places[at]))
            if len(rows):
                place = np.zeros(rows[-1] - rows[0] + 1, np.int64)
                place[rows - rows[0]] = np.arange(n_before, n_before + len(rows))
                found = _put(found, "record", place[found["record"].to_numpy() - rows[0]])
            readings.append(found)
            n_before += len(rows)
        return ParsedContents(
            self.told.take(pa.array(places)),
            _concat(records, "records"),
            _concat(readings, "readings"),
        )

    def _rows(self, table: str, places: Ints) -> Ints:
        return ranges(self._first[table][places], self.count(f"n_{table}")[places])

    def _take(self, number: int, table: str, rows: Ints) -> pa.Table:
        """Rows of a segment's table, ascending, from those groups alone that have them."""
        taken = [KEPT_SCHEMAS[table].empty_table()]
        groups = range(rows[0] // GROUP_ROWS, rows[-1] // GROUP_ROWS + 1) if len(rows) else ()
        for group in groups:
            first = group * GROUP_ROWS
            start, stop = np.searchsorted(rows, (first, first + GROUP_ROWS))
            if start < stop:
                found = self._shelf.rows(self._segments[number], table, group)
                taken.append(take_rows(found, rows[start:stop] - first))
        return pa.concat_tables(taken)


def _put(table: pa.Table, name: str, numbers: Ints) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.field(place), pa.array(numbers, pa.int32()))


def _concat(tables: Sequence[pa.Table], name: str) -> pa.Table:
    return pa.concat_tables([KEPT_SCHEMAS[name].empty_table(), *tables]).unify_dictionaries()
