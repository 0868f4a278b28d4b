# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""What formats made of contents, kept by content, so that no bytes are ever parsed twice.

A segment that cannot be read is passed over, and its contents are parsed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.readings import Parsed, Unparsed
from benchagent.measurements.segments import (
    SCHEMAS,
    TEXTS,
    ContentKey,
    ParsedContents,
    Segment,
    find_segments,
    read_keys,
    read_segment,
    read_shapes,
    write_segment,
)
from benchagent.privacy import hide_homes_in

_MOST_READINGS: Final = 500_000
_MOST_KEPT: Final = 512 * 1024 * 1024
_ONE: Final = pa.scalar(1, pa.int32())


class ParsedStore:
    """The parsed contents under one folder, for one version of the formats."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when something is added."""
        self._folder = folder
        self._just_written: dict[Path, ParsedContents] = {}
        self._kept_bytes = 0

    def add(self, parsed: Iterable[tuple[ContentKey, Parsed | Unparsed]]) -> None:
        """Keep what formats made of these contents, a segment at a time."""
        segment = Segment()
        for key, outcome in parsed:
            segment.add(key, outcome)
            if segment.n_readings >= _MOST_READINGS:
                self._write(segment.tables())
                segment = Segment()
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
        self._write({name: pa.table(parts[name], schema=SCHEMAS[name]) for name in SCHEMAS})

    def find_unknown(self, keys: Iterable[ContentKey]) -> list[ContentKey]:
        """Those of the keys whose contents were never parsed, each once."""
        known = {key for segment in find_segments(self._folder) for key in read_keys(segment)}
        return [key for key in dict.fromkeys(keys) if key not in known]

    def find_shapes(self, keys: Iterable[ContentKey]) -> dict[ContentKey, str]:
        """The shapes of those of the keys whose contents are of no known format."""
        wanted = set(keys)
        return {
            key: shape
            for segment in find_segments(self._folder)
            for key, shape in zip(read_keys(segment), read_shapes(segment), strict=True)
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
        for segment in find_segments(self._folder):
            here = [key if key in missing else None for key in read_keys(segment)]
            missing.difference_update(key for key in here if key)
            if any(here):
                whole = self._just_written.pop(segment, None) or read_segment(segment)
                places = [wanted.get(key, -1) if key else -1 for key in here]
                parts.append(_pick(whole, places))
        if missing:
            raise KeyError(f"never parsed: {sorted(missing)[:3]}")
        return _join_parts(parts, len(wanted))

    def _write(self, tables: Mapping[str, pa.Table]) -> None:
        tables = {name: hide_homes_in(rows, *TEXTS.get(name, ())) for name, rows in tables.items()}
        segment = write_segment(self._folder, tables)
        # Whoever parses loads next, and need not read again what was just written.
        self._kept_bytes += sum(rows.nbytes for rows in tables.values())
        if self._kept_bytes < _MOST_KEPT:
            self._just_written[segment] = ParsedContents(**tables)


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
        schema = SCHEMAS["contents"].append(pa.field("place", pa.int32()))
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
    whole = pa.concat_tables(tables) if tables else SCHEMAS[name].empty_table()
    return whole.unify_dictionaries()
