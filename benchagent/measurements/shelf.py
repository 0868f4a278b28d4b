"""Parts of segments in memory: what was just written or asked for, and no more than fits."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import pyarrow as pa

from benchagent.measurements.segments import GROUP_ROWS, read_group

MOST_BYTES: Final = 32 * 1024 * 1024


class _Group(NamedTuple):
    segment: Path
    table: str
    number: int


class Shelf:
    """Groups of rows of segments, the longest unused of which make room for others."""

    def __init__(self) -> None:
        """Empty."""
        self._groups: OrderedDict[_Group, pa.Table] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def put(self, segment: Path, tables: Mapping[str, pa.Table]) -> None:
        """Keep what was just written if there is room: whoever parses reads next."""
        size = sum(rows.nbytes for rows in tables.values())
        with self._lock:
            if self._bytes + size > MOST_BYTES:
                return
            for name, rows in tables.items():
                for number, start in enumerate(range(0, rows.num_rows, GROUP_ROWS)):
                    self._add(_Group(segment, name, number), rows.slice(start, GROUP_ROWS))

    def rows(self, segment: Path, table: str, number: int) -> pa.Table:
        """A group of rows of a segment's table."""
        group = _Group(segment, table, number)
        with self._lock:
            if group in self._groups:
                self._groups.move_to_end(group)
            else:
                self._add(group, read_group(segment, table, number))
            return self._groups[group]

    def _add(self, group: _Group, rows: pa.Table) -> None:
        while self._groups and self._bytes + rows.nbytes > MOST_BYTES:
            _, longest_unused = self._groups.popitem(last=False)
            self._bytes -= longest_unused.nbytes
        self._groups[group] = rows
        self._bytes += rows.nbytes
