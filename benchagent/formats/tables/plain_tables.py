"""Many delimited files of one header, read as one table of texts.

Sweeps leave thousands of small files with the same columns. Where they are plain (printable ASCII,
commas, no quotes, no blank line, one row of header with as many cells as each other has) their rows can be
put one under the other and read a column at a time, a hundred times as fast as cell by cell. A
file that is not plain in any way is read by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchagent.arrays import Ints
from benchagent.measurements.grids import label_columns
from benchagent.measurements.header_groups import join_groups
from benchagent.measurements.header_rows import join_header

_PLAIN: Final = bytes(sorted({*range(32, 127), *b"\t\n"} - {*b'"'}))
# The csv module refuses longer cells; a line as long may hold one.
_LONGEST_LINE: Final = 131_072
_MOST_COLUMNS: Final = 1000


class PlainTable(NamedTuple):
    """One file's header, and its rows as they stand, each with its newline."""

    header: str
    rows: bytes
    n_rows: int


def find_plain_table(data: bytes) -> PlainTable | None:
    """A file's header and rows, if it is plain."""
    begins_with_a_name = data[:1].isalpha() or data[:1] == b"_"
    if not begins_with_a_name or data.translate(None, _PLAIN):
        return None
    header, _, rows = data.partition(b"\n")
    if rows and not rows.endswith(b"\n"):
        # a number there may be cut off
        if rows[-1:].isdigit() or rows.endswith(b"."):
            return None
        rows += b"\n"
    n_rows, n_commas = rows.count(b"\n"), header.count(b",")
    rectangular = n_rows and 0 < n_commas < _MOST_COLUMNS and rows.count(b",") == n_rows * n_commas
    if not rectangular or n_commas < max(map(header.count, (b";", b"\t", b"|"))):
        return None
    names, below = (line.decode("ascii").split(",") for line in (header, rows.partition(b"\n")[0]))
    if join_groups(names, below) or not join_header([name.strip() for name in names], [below]).rows:
        return None
    if len(data) >= _LONGEST_LINE and max(map(len, data.split(b"\n"))) >= _LONGEST_LINE:
        return None
    return PlainTable(header.decode("ascii"), rows, n_rows)


def read_labels(header: str) -> list[str]:
    """The columns of a plain table, named as `read_grid` names them."""
    return label_columns([name.strip() for name in header.split(",")])


@dataclass(frozen=True, slots=True)
class Stack:
    """The rows of several files one under the other.

    Attributes:
        cells: one column of texts per label.
        file_of_row: which of the files each row is from, ascending.
        row_in_file: its 0-based place there.
        starts: the first row of each file.
    """

    cells: list[pa.StringArray]
    file_of_row: Ints
    row_in_file: Ints
    starts: Ints
    _encoded: dict[int, pa.DictionaryArray] = field(
        default_factory=dict[int, pa.DictionaryArray], init=False
    )

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.file_of_row)

    def encoded(self, at: int) -> pa.DictionaryArray:
        """A column as numbers into the list of its different cells."""
        if at not in self._encoded:
            self._encoded[at] = self.cells[at].dictionary_encode()
        return self._encoded[at]

    def different(self, at: int) -> list[str]:
        """The different cells of a column."""
        return self.encoded(at).dictionary.to_pylist()


def stack_tables(tables: Sequence[PlainTable]) -> Stack | None:
    """The rows of tables with one header; None where a row has not as many cells as it."""
    names = [str(at) for at in range(tables[0].header.count(",") + 1)]
    body = pa.py_buffer(b"".join(table.rows for table in tables))
    try:
        read = pa_csv.read_csv(
            pa.BufferReader(body),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=4 * 1024 * 1024),
            parse_options=pa_csv.ParseOptions(
                delimiter=",", quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    counts = np.array([table.n_rows for table in tables], dtype=np.int64)
    if read.num_rows != counts.sum():
        return None
    starts = np.cumsum(counts) - counts
    file_of_row = np.repeat(np.arange(len(tables)), counts)
    return Stack(
        cells=[_one_chunk(read.column(at)) for at in range(len(names))],
        file_of_row=file_of_row,
        row_in_file=np.arange(len(file_of_row)) - starts[file_of_row],
        starts=starts,
    )


def _one_chunk(column: pa.ChunkedArray) -> pa.StringArray:
    return pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
