# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Calls of a language model out of many plain CSV files at once, a column at a time.

It says what `llm_calls_csv` says of each file, or names the file as odd: one with a failed call, a
cell that should be a number and is none, or anything else that wants a closer look. Odd files are
read one by one, so the rules for them stand in one place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.arrays import Ints, Mask
from benchagent.formats.impossible_numbers import may_be_impossible
from benchagent.formats.settings import read_time, write_settings
from benchagent.formats.tables.call_columns import (
    OLLAMA_OPTIONS,
    OPTION_PREFIX,
    Columns,
    plan_columns,
)
from benchagent.formats.tables.call_failures import failure_cells, tells_clock
from benchagent.formats.tables.call_records import (
    find_config,
    find_environment,
    find_phase,
    find_subject,
    read_index,
)
from benchagent.formats.tables.definitions import Learnt, learn_stacked_definitions
from benchagent.formats.tables.error_answers import reads_as_error
from benchagent.formats.tables.plain_tables import PlainTable, Stack, read_labels, stack_tables
from benchagent.formats.tables.row_columns import leaves_open
from benchagent.formats.tables.row_records import say_unread
from benchagent.formats.tables.stacked_doubts import find_doubtful_files
from benchagent.formats.tables.stacked_numbers import StackedNumbers, map_cells, read_numbers
from benchagent.formats.tables.word_counts import count_words, find_texts
from benchagent.mappings.rows import shape_of_table
from benchagent.measurements.named_columns import codes_of, name_codes, shed


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedCalls:
    """Calls as columns; `content` is the place of their file among those that are not odd.

    Attributes:
        odd: places of the files that are to be read one by one; no row is theirs.
        reason: what of each file was not read, in words.
        shape: of all files.
        records: columns of the table of records, by name.
        readings: columns of the table of readings, by name.
    """

    odd: frozenset[int]
    reason: str | None
    shape: str | None
    records: dict[str, pa.Array]
    readings: dict[str, pa.Array]


def read_stacked_calls(tables: Sequence[PlainTable]) -> StackedCalls | None:
    """The calls of files with one header; None where they cannot be read together."""
    columns = plan_columns(read_labels(tables[0].header))
    stack = stack_tables(tables)
    if stack is None or not columns.holds_calls or leaves_open(columns, stack.different):
        return None
    numbers = read_numbers(columns, stack)
    odd = frozenset(np.unique(stack.file_of_row[_odd_rows(columns, stack, numbers)]).tolist())
    if odd:
        kept = [table for at, table in enumerate(tables) if at not in odd]
        stack = stack_tables(kept) if kept else None
        if stack is None:
            return None
        numbers = read_numbers(columns, stack)
    definitions = learn_stacked_definitions(columns, stack, numbers)
    return StackedCalls(
        odd=odd,
        reason=say_unread(columns),
        shape=shape_of_table(columns.labels),
        records=_records(columns, stack),
        readings=_readings(columns, stack, numbers, definitions),
    )


def _odd_rows(columns: Columns, stack: Stack, numbers: StackedNumbers) -> Mask:
    """Rows that a closer look is due: failed calls, and cells that are no results."""
    blank = np.isnan(numbers.values)
    odd = numbers.refused.any(axis=1) | (blank | (numbers.values == 0)).all(axis=1)
    odd |= (numbers.values < 0).any(axis=1) | may_be_impossible(columns, numbers.values)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.metric == "output_tokens":
            odd |= numbers.values[:, place] == 0
    odd |= find_doubtful_files(columns, stack, numbers)[stack.file_of_row]
    clocked = np.array(
        [m.unit is not None and tells_clock(m.unit.canonical) for _, m in columns.readings]
    )
    odd |= blank[:, clocked].all(axis=1) if clocked.any() else False
    for at, tells in failure_cells(columns):
        odd |= map_cells(stack.encoded(at), tells, np.bool_)
    if columns.answer is not None:
        odd |= map_cells(stack.encoded(columns.answer), reads_as_error, np.bool_)
    return odd | _count_words(columns, stack, numbers)[stack.file_of_row]


def _count_words(columns: Columns, stack: Stack, numbers: StackedNumbers) -> Mask:
    """Files in which a count of tokens may be that of the words of the answer in every row."""
    found = np.zeros(len(stack.starts), dtype=np.bool_)
    counts = [p for p, (_, m) in enumerate(columns.readings) if m.metric == "output_tokens"]
    for at in find_texts(columns) if counts else ():
        words = map_cells(stack.encoded(at), count_words, np.float64)
        for place in counts:
            told = numbers.values[:, place]
            same = (words == told) | (words == 0) | np.isnan(told)
            found |= np.logical_and.reduceat(same, stack.starts)
    return found


def _look_up(texts: Sequence[str | None], places: Ints) -> pa.DictionaryArray:
    """The texts at these places, each different one kept once."""
    names = [name for name in dict.fromkeys(texts) if name is not None]
    numbers = {name: number for number, name in enumerate(names)}
    codes = np.array([-1 if text is None else numbers[text] for text in texts], dtype=np.int32)
    return name_codes(codes[places], pa.array(names, pa.string()))


def _records(columns: Columns, stack: Stack) -> dict[str, pa.Array]:
    n, rows = stack.n_rows, stack.row_in_file
    moments = [columns.time] if columns.time is not None else []
    config = [at for at, _ in columns.settings]
    config += [columns.options] if columns.options is not None else []
    number = pa.array(rows + 1).cast(pa.string())
    return {
        "content": pa.array(stack.file_of_row, pa.int32()),
        "name": pc.binary_join_element_wise("row=", number, ""),
        "sequence": _indexes(columns.sequence, stack, rows),
        "repetition": _indexes(columns.repetition, stack, None),
        "benchmark": name_codes(
            _sweeps(columns, stack)[stack.file_of_row], pa.array(["llm-call", "llm-sweep"])
        ),
        "subject": _by_cells([columns.model], stack, lambda row: find_subject(columns, row)),
        "config": _by_cells(config, stack, lambda row: write_settings(find_config(columns, row))),
        "environment": _by_cells(
            [at for at, _ in columns.environment],
            stack,
            lambda row: write_settings(find_environment(columns, row)),
        ),
        "measured_at": _moments(moments, stack, "text").cast(pa.string()),
        "time_basis": _moments(moments, stack, "basis"),
        "recorded_phase": _by_cells([columns.phase], stack, lambda row: find_phase(columns, row)),
        **{
            name: pa.nulls(n, pa.string())
            for name in ("failure", "failure_locator", "failure_kind")
        },
        "recorded_as": pa.nulls(n, pa.string()).dictionary_encode(),
    }


def _by_cells(
    places: Sequence[int | None], stack: Stack, function: Callable[[list[str | None]], str | None]
) -> pa.DictionaryArray:
    """A function of a few cells of each row, called once for each combination of them."""
    codes = np.zeros(stack.n_rows, dtype=np.int64)
    used = [at for at in places if at is not None]
    for at in used:
        encoded = stack.encoded(at)
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        codes = pa.array(codes).dictionary_encode().indices.to_numpy().astype(np.int64)
    example = np.empty(int(codes.max(initial=-1)) + 1, np.int64)
    example[codes] = np.arange(len(codes))
    texts: list[str | None] = []
    for row in example.tolist():
        cells: list[str | None] = [None] * len(stack.cells)
        for at in used:
            cells[at] = stack.cells[at][row].as_py()
        texts.append(function(cells))
    return _look_up(texts, codes)


def _moments(places: Sequence[int], stack: Stack, part: str) -> pa.DictionaryArray:
    def read(row: list[str | None]) -> str | None:
        moment = read_time(row[places[0]]) if places else None
        return getattr(moment, part) if moment else None

    return _by_cells(places, stack, read)


def _indexes(at: int | None, stack: Stack, default: Ints | None) -> pa.Array:
    if at is None:
        return (
            pa.nulls(stack.n_rows, pa.int32()) if default is None else pa.array(default, pa.int32())
        )
    found = map_cells(
        stack.encoded(at),
        lambda cell: np.nan if (n := read_index([cell], 0, default=None)) is None else n,
        np.float64,
    )
    missing = np.isnan(found)
    if default is not None:
        return pa.array(np.where(missing, default, found).astype(np.int64), pa.int32())
    return pa.array(np.where(missing, 0, found).astype(np.int64), pa.int32(), mask=missing)


def _sweeps(columns: Columns, stack: Stack) -> Ints:
    """1 for each file in which an option takes several values, else 0."""
    sweeps = np.zeros(len(stack.starts), dtype=np.int64)
    for at, label in enumerate(columns.labels):
        if label in OLLAMA_OPTIONS or label.startswith(OPTION_PREFIX):
            codes = stack.encoded(at).indices.to_numpy()
            least = np.minimum.reduceat(codes, stack.starts)
            sweeps |= least != np.maximum.reduceat(codes, stack.starts)
    return sweeps


def _readings(
    columns: Columns, stack: Stack, numbers: StackedNumbers, definitions: Mapping[str, Learnt]
) -> dict[str, pa.Array]:
    present = ~np.isnan(numbers.values)
    row, place = np.nonzero(present)
    meanings = [meaning for _, meaning in columns.readings]
    raw = pa.concat_arrays([stack.cells[at] for at, _ in columns.readings])

    def per_column(texts: Sequence[str | None]) -> pa.DictionaryArray:
        return _look_up(texts, place)

    return {
        "record": pa.array(row, pa.int32()),
        "place": per_column([f",column={columns.labels[at]}" for at, _ in columns.readings]),
        "elsewhere": pa.array(np.zeros(len(row), np.bool_)),
        "metric": per_column([meaning.metric for meaning in meanings]),
        "statistic": per_column([meaning.statistic for meaning in meanings]),
        "definition": _definition_column(meanings, stack.file_of_row[row], place, definitions),
        "value": pa.array(numbers.values[present]),
        "unit": per_column([m.unit.canonical if m.unit else None for m in meanings]),
        "n": pa.nulls(len(row), pa.int64()),
        "raw_value": raw.take(pa.array(place * stack.n_rows + row)),
        "raw_unit": per_column([meaning.raw_unit for meaning in meanings]),
        "population": name_codes(np.zeros(len(row), np.int32), pa.array(["all"])),
        "kind": name_codes(np.zeros(len(row), np.int32), pa.array(["measured"])),
    }


def _definition_column(
    meanings: Sequence[Any], file: Ints, place: Ints, definitions: Mapping[str, Learnt]
) -> pa.DictionaryArray:
    names: list[str] = []
    codes = np.full(len(place), -1, dtype=np.int32)
    for metric, learnt in definitions.items():
        of_file = shed(name_codes(learnt.codes, pa.array(learnt.names)))
        of_metric = np.array([meaning.metric == metric for meaning in meanings])
        known = np.where(codes_of(of_file) < 0, -1, codes_of(of_file) + len(names))
        here = np.flatnonzero(of_metric[place])
        codes[here] = known[file[here]]
        names += of_file.dictionary.to_pylist()
    return name_codes(codes, pa.array(names, pa.string()))
