"""What formats made of contents, kept by content, so that no bytes are ever parsed twice.

A segment that is not as it was written is passed over, and its contents are parsed again.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from benchagent.formats.tables.call_stacks import StackedCalls
from benchagent.measurements.parsed.kept_contents import KeptContents
from benchagent.measurements.parsed.segment_files import (
    find_segments,
    is_whole,
    read_columns,
    write_segment,
)
from benchagent.measurements.parsed.segments import SCHEMAS, TEXTS, ContentKey, Segment, keys_of
from benchagent.measurements.parsed.shelf import Shelf
from benchagent.measurements.parsed.tallies import tally
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent.privacy import hide_homes_in

_MOST_READINGS: Final = 100_000


class Shaped(NamedTuple):
    """A content whose columns are a script's own; `known` where a format reads it nevertheless."""

    shape: str
    known: bool


class ParsedStore:
    """The parsed contents under one folder, for one version of the formats."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when something is added."""
        self.folder = folder
        self._shelf = Shelf()
        self._whole: set[Path] = set()

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
        calls: StackedCalls,
    ) -> None:
        """Keep what a format made of many contents at once, as the columns of a segment.

        `calls.records["content"]` is the place of a content's key in `keys`.
        """
        contents = {
            "sha256": [key.sha256 for key in keys],
            "suffix": [key.suffix for key in keys],
            "mapping": [key.mapping for key in keys],
            "shape": [calls.shape] * len(keys),
            "format": [format] * len(keys),
            "reason_code": [None] * len(keys),
            "reason": [calls.reason] * len(keys),
            "refused": [0] * len(keys),
            "first_refusal": [None] * len(keys),
        }
        parts = {"contents": contents, "records": calls.records, "readings": calls.readings}
        self._write({name: pa.table(parts[name], schema=SCHEMAS[name]) for name in SCHEMAS})

    def find_unknown(self, keys: Iterable[ContentKey]) -> Set[ContentKey]:
        """Those of the keys whose contents were never parsed, in their order."""
        unknown = dict.fromkeys(keys)
        for segment in self._segments():
            for key in keys_of(read_columns(segment, "contents", ContentKey._fields)):
                unknown.pop(key, None)
        return unknown.keys()

    def find_shapes(self, keys: Iterable[ContentKey]) -> dict[ContentKey, Shaped]:
        """The shapes of those of the keys whose columns are a script's own."""
        wanted = set(keys)
        found: dict[ContentKey, Shaped] = {}
        for segment in self._segments():
            contents = read_columns(segment, "contents", (*ContentKey._fields, "shape", "format"))
            told = (contents[name].to_pylist() for name in ("shape", "format"))
            for key, shape, format in zip(keys_of(contents), *told, strict=True):
                if shape is not None and key in wanted:
                    found[key] = Shaped(shape, known=format is not None)
        return found

    def find(self, keys: Sequence[ContentKey]) -> KeptContents:
        """The contents of these keys, in their order.

        Raises:
            KeyError: one of them was never parsed.
        """
        return KeptContents(keys, self._segments(), self._shelf)

    def _segments(self) -> list[Path]:
        """Those that are whole; what others wrote is looked through once."""
        found = find_segments(self.folder)
        self._whole.update(new for new in found if new not in self._whole and is_whole(new))
        return [segment for segment in found if segment in self._whole]

    def _write(self, tables: Mapping[str, pa.Table]) -> None:
        hidden = {name: hide_homes_in(rows, *TEXTS.get(name, ())) for name, rows in tables.items()}
        tallied = tally(hidden)
        written = write_segment(self.folder, tallied)
        self._whole.add(written)
        self._shelf.put(written, tallied)
