"""Parts of segments in memory: what was just written or asked for, and no more than fits."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import pyarrow as pa

from benchagent.measurements.parsed.segment_files import GROUP_ROWS, read_columns, read_group

# What was just written stays until something is read: of a small folder nothing has to be then.
_MOST_WRITTEN: Final = 48 * 1024 * 1024
_MOST_READ: Final = 24 * 1024 * 1024


class _Group(NamedTuple):
    segment: Path
    table: str
    number: int


class Shelf:
    """Groups of rows of segments, the longest unused of which make room for others."""

    def __init__(self) -> None:
        """Empty."""
        self._groups: OrderedDict[_Group, pa.Table] = OrderedDict()
        self._written: dict[Path, Mapping[str, pa.Table]] = {}
        self._bytes = 0
        self._lock = Lock()

    def put(self, segment: Path, tables: Mapping[str, pa.Table]) -> None:
        """Keep what was just written if there is room: whoever parses reads next."""
        size = sum(rows.nbytes for rows in tables.values())
        with self._lock:
            if self._bytes + size > _MOST_WRITTEN:
                return
            for name, rows in tables.items():
                for number, start in enumerate(range(0, rows.num_rows, GROUP_ROWS)):
                    self._groups[_Group(segment, name, number)] = rows.slice(start, GROUP_ROWS)
            self._written[segment] = tables
            self._bytes += size

    def columns(self, segment: Path, table: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of a segment's whole table, which are not kept."""
        with self._lock:
            if segment in self._written:
                return self._written[segment][table].select(columns)
        return read_columns(segment, table, columns)

    def rows(self, segment: Path, table: str, number: int) -> pa.Table:
        """A group of rows of a segment's table."""
        group = _Group(segment, table, number)
        with self._lock:
            if group in self._groups:
                self._groups.move_to_end(group)
                return self._groups[group]
            rows = read_group(segment, table, number)
            while self._groups and self._bytes + rows.nbytes > _MOST_READ:
                _, longest_unused = self._groups.popitem(last=False)
                self._written.clear()  # what stands there takes no room beside the groups of it
                self._bytes -= longest_unused.nbytes
            self._groups[group] = rows
            self._bytes += rows.nbytes
            return rows
