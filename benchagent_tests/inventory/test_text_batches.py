import tracemalloc
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from benchagent.inventory import text_batches
from benchagent.inventory.text_batches import read_objects

_ROWS = '{"at": 1, "path": "a, {b]\\u00e9"}, {"at": 22}, {"at": 3}],\n"unread": []}\n'


def _at(row: dict[str, Any]) -> int:
    return row["at"]


@pytest.mark.parametrize("chunk", range(1, len(_ROWS) + 2))
def test_an_array_is_read_the_same_wherever_its_file_is_cut(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_batches, "_CHUNK", chunk)
    assert read_objects(StringIO(_ROWS), _at) == ([1, 22, 3], '],\n"unread": []}\n')


@pytest.mark.parametrize(
    ("text", "made", "rest"),
    [
        ("]}", [], "]}"),
        ("", [], ""),
        ('{"at": 1}, {"at": 2', [1], ', {"at": 2'),  # its end is missing
        ('{"at": 1}, {at: 2}, {"at": 3}]', [1], ', {at: 2}, {"at": 3}]'),
    ],
)
def test_what_is_no_object_stays_in_the_rest(text: str, made: list[int], rest: str) -> None:
    assert read_objects(StringIO(text), _at) == (made, rest)


def test_the_text_of_a_long_array_never_stands_whole_in_memory(tmp_path: Path) -> None:
    path, n = tmp_path / "rows.json", 20_000
    path.write_text(", ".join(f'{{"at": {at}, "sha256": "{at:064}"}}' for at in range(n)) + "]")
    tracemalloc.start()
    with path.open(encoding="utf-8") as file:
        assert read_objects(file, lambda _: None) == ([None] * n, "]")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < path.stat().st_size / 3
