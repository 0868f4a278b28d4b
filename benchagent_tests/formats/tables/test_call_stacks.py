"""Files that are read together say what each of them says by itself."""

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.formats import are_calls
from benchagent.formats.tables.call_stacks import read_stacked_calls
from benchagent.formats.tables.plain_tables import find_plain_table, stack_tables
from benchagent.formats.tables.stacked_numbers import read_decimals
from benchagent.measurements.parsed import parsing
from benchagent.measurements.parsed.parsed_store import ParsedStore
from benchagent.measurements.parsed.parsing import parse_contents
from benchagent.measurements.parsed.segments import ContentKey
from benchagent_tests.paths import SAMPLES, SHARED

HEADER = (
    "timestamp,model,num_gpu,option_num_ctx,phase,repetition,sequence,digest,ttft_s,client_total_ms,"
    "tokens_s,load_ms,prompt_eval_s,eval_s,eval_count,note,success,status,error,response"
)
# A row of plain cells first, then the cells that make a row or a file special.
CELLS = (
    ("2025-10-02T19:18:24.204845+00:00", "2025-10-02T19:18:24", "1759432704", "", "soon"),
    ("gemma3:270m", "gemma3", "library/llama3.1:8b", "", "my model"),
    ("80", "0", "80.0", "", "auto"),
    ("4096", "512", "4096.00", ""),
    ("cold", "warm", "", "hot"),
    ("0", "1", "", "one", "99999999999"),
    ("0", "7", "", "1.5"),
    ("abc", "", "def"),
    ("0.2", "0.15", "0.30", "", "n/a", "NaN", " 0.2", "1e-400", "1,5"),
    ("200", "200.0", "", "0", "-1"),
    ("50", "50.00", "0.0", "", "5e1", "+50", "inf", ".5", "5.", "-", "1" * 120),
    ("100", "100.5", "", "0"),
    ("0.1", "0.05", "", "0", "0.0"),
    ("2", "2.04", "", "0"),
    ("100", "102", "", "0", "102.5"),
    ("", "said", '"quoted, cell"', "caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
    ("", "true", "false", "0", "1"),
    ("ok", "", "timeout", "Timed out", "503", "200", "0"),
    ("", "none", "-", "CUDA out of memory", "  "),
    ("Paris", "", "Error: connection refused", "error bars are wide"),
)


def _loaded(
    contents: Sequence[bytes], folder: Path, fewest_rows: int, monkeypatch: pytest.MonkeyPatch
) -> list[list[dict[str, object]]]:
    """All that a store gives back of these contents, in their order."""
    monkeypatch.setattr(parsing, "_FEWEST_ROWS", fewest_rows)
    known = {hashlib.sha256(data).hexdigest(): data for data in contents}
    keys = [ContentKey(sha256, ".csv") for sha256 in known]
    store = ParsedStore(folder)
    parse_contents(keys, known.__getitem__, store)
    assert not store.find_unknown(keys)
    tables: list[list[dict[str, object]]] = []
    for key in keys:
        loaded = store.find([key]).load(np.zeros(1, np.int64))
        tables += [_plain(table).to_pylist() for table in loaded]
    return tables


def _plain(table: pa.Table) -> pa.Table:
    columns = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _say_the_same(contents: Sequence[bytes], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = _loaded(contents, folder / "together", 0, monkeypatch)
    alone = _loaded(contents, folder / "alone", 10**9, monkeypatch)
    assert together == alone


def _calls(chance: random.Random, n_rows: int, oddness: float) -> bytes:
    def cell(choices: Sequence[str]) -> str:
        return choices[0] if chance.random() > oddness else chance.choice(choices)

    rows = [",".join(map(cell, CELLS)) for _ in range(n_rows)]
    return "\n".join([HEADER, *rows, *[""] * chance.randrange(3)]).encode()


@settings(max_examples=12, derandomize=True)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.02, 0.2, 0.7]))
def test_made_up_calls_are_the_same_together_as_alone(seed: int, oddness: float) -> None:
    chance = random.Random(seed)
    contents = [_calls(chance, chance.randrange(1, 8), oddness) for _ in range(5)]
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        _say_the_same(contents, Path(folder), patch)


@given(
    st.lists(st.from_regex(r"-?(?:[0-9]{1,7}(?:\.[0-9]{0,6})?|\.[0-9]{1,13})", fullmatch=True)),
    st.integers(-7, 7),
)
def test_a_decimal_in_another_unit_is_the_nearest_float_to_what_is_written(
    texts: list[str], exponent: int
) -> None:
    read = read_decimals(pa.array([*texts, None], pa.string()), exponent)
    assert read is not None
    assert read[:-1].tolist() == [float(f"{text}e{exponent}") for text in texts]
    assert np.isnan(read[-1])


@pytest.mark.parametrize("text", ["1e5", "nan", "inf", "1.2.3", "1-2", "-", ".", " 1", "1" * 16])
def test_what_is_no_short_decimal_is_read_another_way(text: str) -> None:
    assert read_decimals(pa.array(["1.5", text]), 3) is None


def test_more_rows_than_definitions_are_learnt_from_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    plain = _calls(chance, 230, 0.0).rstrip(b"\n").splitlines()
    # What a file's definitions are is found in its first 200 rows: this one comes after, that before.
    late = [*plain[:201], plain[1].replace(b",0.2,", b",0.9,"), b""]
    early = [plain[0], plain[1].replace(b",0.2,", b",0.9,"), *plain[1:], b""]
    _say_the_same([b"\n".join(late), b"\n".join(early)], tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("driver", ("r551", "r560")),
        ("name", ("kiwi:1b", "finch:1b")),
        ("tag", ("nightly", "q4_0")),
        ("output_valid", ("yes", "error")),
        ("concurrency", ("1", "4")),
        ("config_name", ("plain", "fused")),
        ("decode_tps", ("40", "31")),  # another rate than the one beside it
    ],
)
def test_calls_whose_cells_tell_what_a_column_is_are_the_same_together_as_alone(
    column: str, cells: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [
        f"run,ttft_ms,tokens_s,{column}\n1,{90 + at},40,{cell}\n2,95,40,{cells[0]}\n".encode()
        for at, cell in enumerate(cells)
    ]
    _say_the_same(contents, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("client_total_ms", "-1"),  # what a script writes for what it could not measure
        ("eval_count", "-1"),
        ("response", "Error: connection refused"),
    ],
)
def test_a_result_that_was_never_measured_is_refused_together_as_alone(
    column: str, cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [f"run,ttft_ms,tokens_s,{column}\n1,{at},40,{cell}\n".encode() for at in (90, 91)]
    _say_the_same(contents, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("timestamp", ["2026-03-01T10:05:00Z", *(f"2026-03-01T10:0{m}:00Z" for m in range(4, 9))]),
        ("client_total_ms", [str(900 * at) for at in range(1, 7)]),  # a time that runs on
        ("total_ms", ["812", "790", "805", "0.811", "0.798", "0.803"]),  # two units
        ("thinking_tokens", ["500"] * 6),
        ("eval_rate,prompt_eval_rate", [f"{at},{at}" for at in range(41, 47)]),  # copied
        ("total_s,eval_s", ["1,1.05", "1,7", "1.2,8", "2,9", "3,4", "1,9"]),  # a part that outlasts
        ("ttft_s", ["0.0", "0.09", "0", "", "0.1", "0.2"]),
    ],
)
def test_numbers_in_doubt_are_the_same_together_as_alone(
    column: str, cells: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calls(cells: Sequence[str]) -> bytes:
        rows = "".join(f"{at},{cell},{90 + at},40\n" for at, cell in enumerate(cells, 1))
        return f"run,{column},ttft_ms,tokens_s\n{rows}".encode()

    _say_the_same([calls(cells), calls(sorted(cells))], tmp_path, monkeypatch)


def _real_files() -> list[bytes]:
    folders = [SAMPLES, SHARED / "corpus", SHARED / "runs"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.[ct]sv"))]
    return [path.read_bytes() for path in paths]


def test_real_files_are_the_same_together_as_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say_the_same(_real_files(), tmp_path, monkeypatch)


def test_real_calls_are_read_together() -> None:
    """Or the test above would compare one way with itself."""
    tables = [table for data in _real_files() if (table := find_plain_table(data))]
    assert any(are_calls(table) for table in tables)
    table = find_plain_table(_calls(random.Random(1), 5, 0.0).rstrip())
    assert table
    assert are_calls(table)
    found = read_stacked_calls([table, table])
    assert found
    assert not found.odd
    assert len(found.readings["value"]) == 2 * 5 * 7


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,"2"\n',  # a quote may hold commas and newlines
        b"a,b\r\n1,2\r\n",
        b"a,b\n\n1,2\n",  # the csv module skips blank lines
        b"a,b\n1,2,3\n",
        b"a;b,c;d\n1;2,3;4\n",  # more semicolons than commas
        b"# made by a tool\na,b\n1,2\n",
        b"[1,2\n3,4\n",  # begins like JSON
        b"\xef\xbb\xbfa,b\n1,2\n",
        "a,b\n1,µ\n".encode(),
        b"a,b\n1,\0\n",
        b"a,b\n",
        b"",
        b"a,b\n1," + b"2" * 200_000 + b"\n",  # longer than the csv module takes
    ],
)
def test_a_file_that_is_not_plain_is_read_by_itself(data: bytes) -> None:
    assert find_plain_table(data) is None


def test_rows_of_uneven_width_are_not_stacked() -> None:
    """As many commas as a whole table has, in the wrong rows."""
    table = find_plain_table(b"a,b\n1,2,3\n4\n")
    assert table
    assert stack_tables([table]) is None


def test_flags_of_failure_and_sizes_below_zero_are_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "model,ttft_ms,eval_s,ram_gb,{}"
    rows = [
        "owl:3b,{at}1,2.1,0.4,false",
        "owl:3b,{at}2,2.2,0.3,true",
        "owl:3b,{at}3,2.0,-0.2,false",
    ]
    contents = [
        "\n".join([header.format(flag), *(row.format(at=at) for row in rows[:n])]).encode() + b"\n"
        for at, (flag, n) in enumerate(
            [("timed_out", 2), ("timed_out", 3), ("note", 2), ("note", 3)], start=1
        )
    ]
    _say_the_same(contents, tmp_path, monkeypatch)


def test_words_that_are_called_tokens_are_refused_together_as_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "model,ttft_s,tokens_s,output_tokens,response"
    answers = ["the river bends twice " * n for n in (2, 3, 5)]
    contents = [
        "\n".join(
            [
                header,
                *(
                    f"wren:2b,0.5,{at}.5,{len(said.split()) + more},{said.strip()}"
                    for at, said in enumerate(answers, start=10)
                ),
                "",
            ]
        ).encode()
        for more in (0, 3)
    ]
    _say_the_same(contents, tmp_path, monkeypatch)
    table, *_ = [table for each in contents if (table := find_plain_table(each))]
    found = read_stacked_calls([table, table])
    # each of them is read by itself
    assert found is None or found.odd == {0, 1}
