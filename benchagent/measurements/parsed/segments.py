"""The form in which parsed contents are kept: a segment, which is three tables.

Contents, records, readings, each in the order of the one before. A locator is stored as its
record's place and the rest, which repeats.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa

from benchagent.formats.settings import write_settings
from benchagent.measurements.named_columns import read_rows
from benchagent.measurements.parsed.tallies import TALLIES
from benchagent.measurements.readings import Parsed, Reading, Record, Unparsed

_NAME: Final = pa.dictionary(pa.int32(), pa.string())

SCHEMAS: Final = {
    "contents": pa.schema(
        [
            ("sha256", pa.string()),
            ("suffix", pa.string()),
            ("mapping", pa.string()),
            ("shape", pa.string()),
            ("format", _NAME),
            ("reason_code", _NAME),
            ("reason", pa.string()),
            ("refused", pa.int32()),
            ("first_refusal", pa.string()),
        ]
    ),
    "records": pa.schema(
        [
            ("content", pa.int32()),
            ("name", pa.string()),
            ("sequence", pa.int32()),
            ("repetition", pa.int32()),
            ("benchmark", _NAME),
            ("subject", _NAME),
            ("config", _NAME),
            ("environment", _NAME),
            ("measured_at", pa.string()),
            ("time_basis", _NAME),
            ("recorded_phase", _NAME),
            ("failure", pa.string()),
            ("failure_locator", pa.string()),
            ("failure_kind", pa.string()),
            ("recorded_as", _NAME),
        ]
    ),
    "readings": pa.schema(
        [
            ("record", pa.int32()),
            ("place", _NAME),
            ("elsewhere", pa.bool_()),
            ("metric", _NAME),
            ("statistic", _NAME),
            ("definition", _NAME),
            ("value", pa.float64()),
            ("unit", _NAME),
            ("n", pa.int64()),
            ("raw_value", pa.string()),
            ("raw_unit", _NAME),
            ("population", _NAME),
            ("kind", _NAME),
        ]
    ),
}

# As they are kept: what formats gave, and what was counted of it.
KEPT_SCHEMAS: Final = {
    name: pa.schema([*schema, *TALLIES[name]]) for name, schema in SCHEMAS.items()
}
# What a file says in its own words; the others are names that formats choose, and places.
TEXTS: Final = {
    "contents": ("reason", "first_refusal"),
    "records": ("subject", "config", "environment", "failure"),
}


class ContentKey(NamedTuple):
    """What decides how bytes are parsed: themselves, and the ending of the file's name.

    Attributes:
        mapping: by which a script's own columns are read; empty where there is none.
    """

    sha256: str
    suffix: str
    mapping: str = ""


class ParsedContents(NamedTuple):
    """Contents as tables: `records.content` and `readings.record` are row numbers."""

    contents: pa.Table
    records: pa.Table
    readings: pa.Table


class Segment:
    """Parsed contents, collected until they make a segment."""

    def __init__(self) -> None:
        """Empty."""
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in SCHEMAS}
        self.n_contents = 0
        self.n_records = 0
        self.n_readings = 0

    def add(self, key: ContentKey, outcome: Parsed | Unparsed) -> None:
        """Take what a format made of one content."""
        refusals = outcome.refusals if isinstance(outcome, Parsed) else ()
        first = f"{refusals[0].locator}: {refusals[0].reason}" if refusals else None
        unparsed = outcome if isinstance(outcome, Unparsed) else None
        self._rows["contents"].append(
            (
                *key,
                outcome.shape,
                outcome.format,
                unparsed.code if unparsed else None,
                outcome.reason,
                len(refusals),
                first,
            ),
        )
        for record in outcome.records if isinstance(outcome, Parsed) else ():
            self._add_record(record)
        self.n_contents += 1

    def _add_record(self, record: Record) -> None:
        failure = record.failure
        self._rows["records"].append(
            (
                self.n_contents,
                record.name,
                record.sequence,
                record.repetition,
                record.benchmark,
                record.subject,
                write_settings(record.config),
                write_settings(record.environment),
                *(record.measured_at or (None, None)),
                record.phase,
                failure.reason if failure else None,
                failure.locator if failure else None,
                failure.kind if failure else None,
                failure.recorded_as if failure else None,
            ),
        )
        for reading in record.readings:
            self._add_reading(reading, record.name)
        self.n_records += 1

    def _add_reading(self, reading: Reading, record_name: str) -> None:
        elsewhere = not reading.locator.startswith(record_name)
        self._rows["readings"].append(
            (
                self.n_records,
                reading.locator if elsewhere else reading.locator[len(record_name) :],
                elsewhere,
                reading.metric,
                reading.statistic,
                reading.definition,
                reading.value,
                reading.unit,
                reading.n,
                reading.raw_value,
                reading.raw_unit,
                reading.population,
                reading.kind,
            ),
        )
        self.n_readings += 1

    def tables(self) -> dict[str, pa.Table]:
        """The three tables of the segment."""
        return {name: _as_table(self._rows[name], schema) for name, schema in SCHEMAS.items()}


def _as_table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [_as_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _as_array(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(type):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, type)


def keys_of(contents: pa.Table) -> list[ContentKey]:
    """The keys of these contents, in order."""
    return list(map(ContentKey._make, read_rows(contents, ContentKey._fields)))
