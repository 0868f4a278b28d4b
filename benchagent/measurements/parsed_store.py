# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""What formats made of contents, kept by content, so that no bytes are ever parsed twice.

A segment is a folder with three Parquet files: contents, records, readings. It is written under a
temporary name and renamed, never changed; a segment that cannot be read is passed over and its
contents are parsed again. A locator is stored as its record's place and the rest, which repeats.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchagent.formats.settings import write_settings
from benchagent.measurements.readings import Parsed, Reading, Record, Unparsed
from benchagent.privacy import hide_homes_in

_NAME: Final = pa.dictionary(pa.int32(), pa.string())
_MOST_READINGS: Final = 500_000
_MOST_KEPT: Final = 512 * 1024 * 1024
_ONE: Final = pa.scalar(1, pa.int32())

_SCHEMAS: Final = {
    "contents": pa.schema(
        [
            ("sha256", pa.string()),
            ("suffix", pa.string()),
            ("mapping", pa.string()),
            ("shape", pa.string()),
            ("format", pa.string()),
            ("reason_code", pa.string()),
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

# What a file says in its own words; the others are names that formats choose, and places.
_TEXTS: Final = {
    "contents": ("reason", "first_refusal"),
    "records": ("subject", "config", "environment", "failure"),
}
# Texts that hardly repeat are written faster without looking for those that do.
_REPEATING: Final = {
    name: [field.name for field in schema if field.type == _NAME]
    for name, schema in _SCHEMAS.items()
}


class ContentKey(NamedTuple):
    """What decides how bytes are parsed: themselves, and the ending of the file's name.

    Attributes:
        mapping: by which the columns of no known format are read; empty where none is accepted.
    """

    sha256: str
    suffix: str
    mapping: str = ""


class ParsedContents(NamedTuple):
    """Contents as tables: `records.content` and `readings.record` are row numbers."""

    contents: pa.Table
    records: pa.Table
    readings: pa.Table


class ParsedStore:
    """The parsed contents under one folder, for one version of the formats."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when something is added."""
        self._folder = folder
        self._just_written: dict[Path, ParsedContents] = {}
        self._kept_bytes = 0

    def add(self, parsed: Iterable[tuple[ContentKey, Parsed | Unparsed]]) -> None:
        """Keep what formats made of these contents, a segment at a time."""
        segment = _Segment()
        for key, outcome in parsed:
            segment.add(key, outcome)
            if segment.n_readings >= _MOST_READINGS:
                self._write(segment.tables())
                segment = _Segment()
        if segment.n_contents:
            self._write(segment.tables())

    def add_columns(
        self,
        keys: Sequence[ContentKey],
        format: str,
        reason: str | None,
        records: Mapping[str, pa.Array],
        readings: Mapping[str, pa.Array],
    ) -> None:
        """Keep what a format made of many contents at once, as the columns of a segment.

        `records.content` is the place of a content's key in `keys`.
        """
        contents = {
            "sha256": [key.sha256 for key in keys],
            "suffix": [key.suffix for key in keys],
            "mapping": [key.mapping for key in keys],
            "shape": [None] * len(keys),
            "format": [format] * len(keys),
            "reason_code": [None] * len(keys),
            "reason": [reason] * len(keys),
            "refused": [0] * len(keys),
            "first_refusal": [None] * len(keys),
        }
        parts = {"contents": contents, "records": records, "readings": readings}
        self._write({name: pa.table(parts[name], schema=_SCHEMAS[name]) for name in _SCHEMAS})

    def find_unknown(self, keys: Iterable[ContentKey]) -> list[ContentKey]:
        """Those of the keys whose contents were never parsed, each once."""
        known = {key for segment in self._segments() for key in _read_keys(segment)}
        return [key for key in dict.fromkeys(keys) if key not in known]

    def find_shapes(self, keys: Iterable[ContentKey]) -> dict[ContentKey, str]:
        """The shapes of those of the keys whose contents are of no known format."""
        wanted = set(keys)
        return {
            key: shape
            for segment in self._segments()
            for key, shape in zip(_read_keys(segment), _read_shapes(segment), strict=True)
            if shape is not None and key in wanted
        }

    def load(self, keys: Sequence[ContentKey]) -> ParsedContents:
        """The contents of these keys, in their order.

        Raises:
            KeyError: one of them was never parsed.
        """
        wanted = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        missing = set(wanted)
        parts: list[ParsedContents] = []
        for segment in self._segments():
            here = [key if key in missing else None for key in _read_keys(segment)]
            missing.difference_update(key for key in here if key)
            if any(here):
                whole = self._just_written.pop(segment, None) or _read_segment(segment)
                places = [wanted.get(key, -1) if key else -1 for key in here]
                parts.append(_pick(whole, places))
        if missing:
            raise KeyError(f"never parsed: {sorted(missing)[:3]}")
        return _join_parts(parts, len(wanted))

    def _segments(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        found = sorted(path for path in self._folder.iterdir() if path.suffix == ".segment")
        return [path for path in found if _is_whole(path)]

    def _write(self, tables: Mapping[str, pa.Table]) -> None:
        tables = {name: hide_homes_in(rows, *_TEXTS.get(name, ())) for name, rows in tables.items()}
        name = uuid.uuid4().hex
        unfinished = self._folder / f"{name}.unfinished"
        unfinished.mkdir(parents=True)
        for table, rows in tables.items():
            pq.write_table(
                rows,
                unfinished / f"{table}.parquet",
                compression="zstd",
                write_statistics=False,  # half of the time, and nothing asks for them
                use_dictionary=_REPEATING[table],  # pyright: ignore[reportArgumentType] - stub
            )
        segment = unfinished.rename(self._folder / f"{name}.segment")
        # Whoever parses loads next, and need not read again what was just written.
        self._kept_bytes += sum(rows.nbytes for rows in tables.values())
        if self._kept_bytes < _MOST_KEPT:
            self._just_written[segment] = ParsedContents(**tables)


def _is_whole(segment: Path) -> bool:
    try:
        for table in _SCHEMAS:
            pq.read_metadata(segment / f"{table}.parquet")
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _read_keys(segment: Path) -> list[ContentKey]:
    table = pq.read_table(segment / "contents.parquet", columns=list(ContentKey._fields))
    fields = (table[name].to_pylist() for name in ContentKey._fields)
    return [ContentKey(*key) for key in zip(*fields, strict=True)]


def _read_shapes(segment: Path) -> list[str | None]:
    return pq.read_table(segment / "contents.parquet", columns=["shape"])["shape"].to_pylist()


def _read_segment(segment: Path) -> ParsedContents:
    return ParsedContents(*(pq.read_table(segment / f"{name}.parquet") for name in _SCHEMAS))


def _pick(segment: ParsedContents, places: list[int]) -> ParsedContents:
    """The wanted contents of a segment, with `place` the row that each has in the whole."""
    contents, records, readings = segment
    place = pa.array(places, pa.int32())
    if min(places) >= 0:
        in_whole = place.take(records["content"].combine_chunks())
        return ParsedContents(
            contents.append_column("place", place),
            records.set_column(0, "content", in_whole),
            readings,
        )
    kept_records = pc.greater_equal(place.take(records["content"].combine_chunks()), 0)
    numbers = pc.subtract(pc.cumulative_sum(pc.cast(kept_records, pa.int32())), _ONE)
    of_reading = readings["record"].combine_chunks()
    kept_readings = kept_records.take(of_reading)
    records = records.set_column(0, "content", place.take(records["content"].combine_chunks()))
    readings = readings.set_column(0, "record", numbers.take(of_reading))
    return ParsedContents(
        contents.append_column("place", place).filter(pc.greater_equal(place, 0)),
        records.filter(kept_records),
        readings.filter(kept_readings),
    )


def _join_parts(parts: list[ParsedContents], n_contents: int) -> ParsedContents:
    # in the order of the whole, most rows stay where they are when files are joined with them
    parts = sorted(parts, key=lambda part: pc.min(part.contents["place"]).as_py())
    contents = [part.contents for part in parts]
    records, readings, offset = [], [], 0
    for part in parts:
        records.append(part.records)
        shifted = pc.add(part.readings["record"], pa.scalar(offset, pa.int32()))
        readings.append(part.readings.set_column(0, "record", shifted))
        offset += part.records.num_rows
    if not parts:
        schema = _SCHEMAS["contents"].append(pa.field("place", pa.int32()))
        contents = [schema.empty_table()]
    joined = pa.concat_tables(contents).sort_by("place")
    if joined.num_rows != n_contents:
        raise KeyError(f"{joined.num_rows} contents found, {n_contents} expected")
    return ParsedContents(
        joined.drop_columns("place"),
        _concat(records, "records"),
        _concat(readings, "readings"),
    )


def _concat(tables: list[pa.Table], name: str) -> pa.Table:
    whole = pa.concat_tables(tables) if tables else _SCHEMAS[name].empty_table()
    return whole.unify_dictionaries()


class _Segment:
    """Parsed contents on their way to a segment."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _SCHEMAS}
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
                unparsed.shape if unparsed else None,
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
                record.measured_at,
                record.time_basis,
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
        return {name: _as_table(self._rows[name], schema) for name, schema in _SCHEMAS.items()}


def _as_table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [_as_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _as_array(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(type):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, type)
