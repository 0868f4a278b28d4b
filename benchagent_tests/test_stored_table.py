"""A table on disk, of which the columns asked for are read."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchagent.facts.derivations.rows.frame import Frame
from benchagent.pipeline.partition_files import SMALL, PartitionMissing, open_table, write_table
from benchagent.stored_table import StoredTable, pieces_of

ROWS = 50_000


def a_table(rows: int = ROWS) -> pa.Table:
    """Numbers, and names of which each part of the rows has others."""
    names = [f"name {at // 1000}" if at % 7 else None for at in range(rows)]
    random = np.random.default_rng(1).random(rows)
    return pa.table(
        {
            "id": np.arange(rows),
            "value": random,
            "unit": pa.array(names, pa.string()).dictionary_encode(),
            "raw_value": [f"{value:.3f}" for value in random],
        }
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of such a table, in five parts."""
    pq.write_table(a_table(), tmp_path / "t.parquet", row_group_size=ROWS // 5)
    return tmp_path / "t.parquet"


def test_the_columns_asked_for_are_there_in_the_order_asked_for(path: Path) -> None:
    table = StoredTable(path)

    assert table.num_rows == ROWS
    assert table.select(["unit", "id"]).to_pydict() == a_table().select(["unit", "id"]).to_pydict()


def test_a_column_that_nobody_asks_for_is_not_read(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for group in range(5):
        column = pq.read_metadata(path).row_group(group).column(1)
        at = column.dictionary_page_offset or column.data_page_offset
        content[at : at + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(content)

    table = StoredTable(path)

    assert table.select(["id", "unit"]).num_rows == ROWS
    with pytest.raises((OSError, pa.ArrowException)):
        table.select(["value"])


def test_rows_of_a_mask_come_a_part_of_the_file_after_the_other(path: Path) -> None:
    chosen = np.isin(np.arange(ROWS), [5, ROWS - 2, ROWS - 1])

    parts = list(pieces_of(StoredTable(path), ["id", "unit"], chosen))

    assert [part["id"].to_pylist() for part in parts] == [[5], [ROWS - 2, ROWS - 1]]
    [whole] = pieces_of(a_table(), ["id", "unit"], chosen)
    assert pa.concat_tables(parts).to_pydict() == whole.to_pydict()


def test_it_is_read_as_it_stood_when_it_was_opened(path: Path) -> None:
    table = StoredTable(path)
    write_table(path, a_table(3))

    assert table.num_rows == ROWS
    assert table.select(["id"])["id"].to_pylist() == list(range(ROWS))


def test_a_frame_of_it_has_the_rows_and_names_that_one_of_the_whole_table_has(path: Path) -> None:
    chosen = np.arange(ROWS) % 3 == 0
    columns = ["id", "value", "unit"]

    frames = [
        Frame.of(table, columns, texts=["raw_value"], rows=chosen)
        for table in (StoredTable(path), a_table())
    ]
    whole = Frame.of(a_table(), columns, texts=["raw_value"]).take(chosen)

    for frame in frames:
        assert frame.ids.tolist() == whole.ids.tolist() == list(range(0, ROWS, 3))
        assert frame.values.tolist() == whole.values.tolist()
        assert frame.cells("unit") == whole.cells("unit")
        assert frame.texts("raw_value").equals(whole.texts("raw_value"))


def test_a_small_table_is_read_at_once_and_a_large_one_when_it_is_asked(path: Path) -> None:
    small = path.with_name("small.parquet")
    write_table(small, a_table(3))

    assert path.stat().st_size > SMALL
    assert isinstance(open_table(path), StoredTable)
    assert isinstance(open_table(small), pa.Table)
    assert open_table(small).select(["id"]).num_rows == open_table(small).num_rows == 3


@pytest.mark.parametrize("size", [10, SMALL + 1])
def test_a_file_that_is_missing_or_damaged_says_what_to_do(tmp_path: Path, size: int) -> None:
    with pytest.raises(PartitionMissing, match="it is not there"):
        open_table(tmp_path / "none.parquet")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1" + bytes(size))
    with pytest.raises(PartitionMissing, match=r"torn.parquet: damaged .* materialise the asset"):
        open_table(tmp_path / "torn.parquet")
