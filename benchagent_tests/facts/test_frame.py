"""Rows held column by column: what is alike, what comes first, what has a name."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from benchagent.facts.derivations.rows.frame import Frame, first_of_each, split
from benchagent.facts.derivations.rows.names import Names

NAMES = st.one_of(st.none(), st.sampled_from(["a", "b", "cold", ""]))
ROWS = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30)


def a_frame(rows: list[tuple[str | None, str | None]]) -> Frame:
    """Rows with two names each, the first of them a dictionary in two pieces as files have it."""
    first = [name for name, _ in rows]
    half = len(rows) // 2
    pieces = [
        pa.array(part, pa.string()).dictionary_encode() for part in (first[:half], first[half:])
    ]
    table = pa.table(
        {
            "id": list(range(len(rows))),
            "value": [float(at) for at in range(len(rows))],
            "phase": pa.chunked_array(pieces),
            "unit": pa.array([name for _, name in rows], pa.string()),
        }
    )
    return Frame.of(table, table.column_names)


@given(ROWS)
def test_rows_of_equal_names_share_a_number_in_the_order_of_first_appearance(
    rows: list[tuple[str | None, str | None]],
) -> None:
    frame = a_frame(rows)
    known: dict[tuple[str | None, str | None], int] = {}
    expected = [known.setdefault(row, len(known)) for row in rows]

    numbers = frame.number(["phase", "unit"])

    assert numbers.tolist() == expected
    assert list(frame.records(["phase", "unit"], first_of_each(numbers))) == list(known)
    assert [rows[at] for part in split(numbers) for at in part] == [
        row for name in known for row in rows if row == name
    ]


@given(ROWS, st.data())
def test_a_part_of_the_rows_has_the_names_of_those_rows(
    rows: list[tuple[str | None, str | None]], data: st.DataObject
) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))

    part = a_frame(rows).take(np.array(mask, dtype=np.bool_))

    kept = [row for row, chosen in zip(rows, mask, strict=True) if chosen]
    assert list(part.records(["phase", "unit"])) == kept
    assert set(part.used("unit")) == {unit for _, unit in kept if unit is not None}


def test_a_row_without_a_name_has_none_of_those_asked_for() -> None:
    frame = a_frame([("cold", "ms"), (None, "ms"), ("warm", None)])

    assert frame.has("phase", "cold", "warm").tolist() == [True, False, True]
    assert frame.has("phase", "never seen").tolist() == [False, False, False]
    assert (~frame.has("phase", "cold")).tolist() == [False, True, True]
    assert frame.known("unit").tolist() == [True, True, False]


def test_so_many_names_that_their_combinations_would_overflow_are_still_told_apart() -> None:
    # With no name at all, 2**12 possibilities: after six columns the first is beyond 64 bits.
    n = 2**12 - 1
    texts = [f"n{at:04}" for at in range(n)]
    columns = {"c0": Names.of(texts, np.arange(n, dtype=np.int32))}
    columns |= {f"c{at}": Names.of(texts, np.zeros(n, dtype=np.int32)) for at in range(1, 6)}

    numbers = a_frame([("cold", "ms")] * n).with_names(**columns).number(list(columns))

    assert numbers.tolist() == list(range(n))


def test_equal_texts_of_further_columns_are_one_name() -> None:
    names = Names.of(["b", "a", "b"], np.array([0, 1, 2, 1]))

    assert names.words.texts[names.codes].tolist() == ["b", "a", "b", "a"]
    assert names.codes[0] == names.codes[2]


def test_a_column_of_numbers_that_no_row_has_takes_no_room_and_is_not_a_number() -> None:
    table = pa.table({"id": [1, 2, 3], "n": pa.array([None] * 3, pa.int64())})

    frame = Frame.of(table, ["id", "n"])

    assert np.isnan(frame.numbers("n")).tolist() == [True] * 3
    assert frame.numbers("n").strides == (0,)
    assert np.isnan(frame.take(np.array([2, 0])).numbers("n")).tolist() == [True] * 2


def test_names_of_more_runs_than_are_kept_are_those_of_the_rows_asked_for() -> None:
    names = [f"run {at}" for at in range(70_000)]
    frame = Frame.of(pa.table({"record": [*names, None]}), ["record"])

    assert frame.cells("record", np.array([69_999, 70_000, 0])) == ["run 69999", None, "run 0"]
    assert frame.used("record") == names
