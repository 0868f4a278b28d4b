# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Calls of a language model out of many plain CSV files at once, a column at a time.

It says what `llm_calls_csv` says of each file, or names the file as odd: one with a failed call, a
cell that should be a number and is none, or anything else that wants a closer look. Odd files are
read one by one, so the rules for them stand in one place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.formats.call_columns import (
    OLLAMA_OPTIONS,
    OPTION_PREFIX,
    RATE_TOLERANCE,
    TTFT_TOLERANCE_MS,
    Columns,
    plan_columns,
)
from benchagent.formats.call_records import (
    failure_cells,
    find_config,
    find_environment,
    find_phase,
    find_subject,
    read_index,
    tells_clock,
)
from benchagent.formats.plain_tables import Ints, PlainTable, Stack, read_labels, stack_tables
from benchagent.formats.row_columns import leaves_open, may_be_setting
from benchagent.formats.settings import read_time, write_settings
from benchagent.quantities.units import Unit

_LEARNT_FROM: Final = 200
# No float overflows or vanishes that is written with so few characters and no exponent.
_LONGEST_NUMBER: Final = 100
_NUMBER: Final = r"^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"

Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedCalls:
    """Calls as columns; `content` is the place of their file among those that are not odd.

    Attributes:
        odd: places of the files that are to be read one by one; no row is theirs.
        reason: what of each file was not read, in words.
        records: columns of the table of records, by name.
        readings: columns of the table of readings, by name.
    """

    odd: frozenset[int]
    reason: str | None
    records: dict[str, pa.Array]
    readings: dict[str, pa.Array]


def read_stacked_calls(tables: Sequence[PlainTable]) -> StackedCalls | None:
    """The calls of files with one header; None where they cannot be read together."""
    columns = plan_columns(read_labels(tables[0].header))
    stack = stack_tables(tables)
    if stack is None or not columns.holds_calls or _wants_cells(columns, stack):
        return None
    numbers = _read_numbers(columns, stack)
    odd = frozenset(np.unique(stack.file_of_row[_odd_rows(columns, stack, numbers)]).tolist())
    if odd:
        kept = [table for at, table in enumerate(tables) if at not in odd]
        stack = stack_tables(kept) if kept else None
        if stack is None:
            return None
        numbers = _read_numbers(columns, stack)
    definitions = _learn_definitions(columns, stack, numbers)
    unknown = ", ".join(columns.unknown)
    return StackedCalls(
        odd=odd,
        reason=f"columns not understood: {unknown}" if unknown else None,
        records=_records(columns, stack),
        readings=_readings(columns, stack, numbers, definitions),
    )


def _wants_cells(columns: Columns, stack: Stack) -> bool:
    """Whether what a column means is for its cells to tell, or two claim to be one quantity."""
    said = [(meaning.metric, meaning.statistic) for _, meaning in columns.readings]
    if len(set(said)) < len(said) or leaves_open(columns):
        return True
    unknown = (at for at, label in enumerate(columns.labels) if label in columns.unknown)
    return any(
        may_be_setting(columns.labels[at], stack.cells[at].unique().to_pylist()) for at in unknown
    )


class _Numbers(NamedTuple):
    """The cells of the columns that hold readings: a row for each, NaN where blank."""

    values: Floats
    refused: Flags


def _read_numbers(columns: Columns, stack: Stack) -> _Numbers:
    shape = (stack.n_rows, len(columns.readings))
    values, refused = np.empty(shape), np.zeros(shape, np.bool_)
    for place, (at, meaning) in enumerate(columns.readings):
        values[:, place], refused[:, place] = _read_column(stack.cells[at], meaning.unit)
    return _Numbers(values, refused)


def _read_column(cells: pa.StringArray, unit: Unit | None) -> tuple[Floats, Flags]:
    """The numbers of a column in their canonical unit, and which cells hold something else."""
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    texts = pc.if_else(pa.array(lengths > 0), cells, pa.scalar(None, pa.string()))
    refused = lengths > _LONGEST_NUMBER
    # An exponent of its own makes the text no number, as everything does that is none.
    suffix = f"e{unit.exponent if unit else 0}"
    try:
        if refused.any():
            raise pa.ArrowInvalid("too long")
        read = pc.cast(pc.binary_join_element_wise(texts, suffix, ""), pa.float64())
    except pa.ArrowInvalid:
        plain = pc.match_substring_regex(texts, _NUMBER).fill_null(True)
        refused |= ~plain.to_numpy(zero_copy_only=False)
        texts = pc.if_else(pa.array(refused), pa.scalar(None, pa.string()), texts)
        read = pc.cast(pc.binary_join_element_wise(texts, suffix, ""), pa.float64())
    values = read.to_numpy(zero_copy_only=False)
    return values * (unit.factor if unit else 1), refused


def _odd_rows(columns: Columns, stack: Stack, numbers: _Numbers) -> Flags:
    """Rows that a closer look is due: failed calls, and cells that are no numbers."""
    blank = np.isnan(numbers.values)
    odd = numbers.refused.any(axis=1) | (blank | (numbers.values == 0)).all(axis=1)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.metric == "output_tokens":
            odd |= numbers.values[:, place] == 0
    clocked = np.array(
        [m.unit is not None and tells_clock(m.unit.canonical) for _, m in columns.readings]
    )
    odd |= blank[:, clocked].all(axis=1) if clocked.any() else False
    for at, tells in failure_cells(columns):
        odd |= _map_cells(stack.cells[at], tells, np.bool_)
    return odd


def _map_cells(
    cells: pa.StringArray, function: Callable[[str], object], type: type[np.generic]
) -> np.ndarray[Any, Any]:
    """A function of the cells of a column, called once for each that is different."""
    encoded = cells.dictionary_encode()
    found = np.array([function(cell) for cell in encoded.dictionary.to_pylist()], dtype=type)
    return found[encoded.indices.to_numpy()]


def _learn_definitions(columns: Columns, stack: Stack, numbers: _Numbers) -> dict[str, pa.Array]:
    """What each file's own numbers say of its TTFT and decode rate, as `learn_definitions` does."""
    first = stack.row_in_file < _LEARNT_FROM
    file = stack.file_of_row[first]
    metrics = {meaning.metric for _, meaning in columns.readings}
    row = {metric: _first_known(columns, numbers, metric, first) for metric in metrics}
    nothing = np.full(len(file), np.nan)
    ttft = row.get("ttft", nothing)
    load, prompt = (row.get(metric, nothing) for metric in ("load_time", "prompt_eval_time"))
    rate, tokens, spent = (
        row.get(metric, nothing) for metric in ("decode_rate", "output_tokens", "eval_time")
    )
    is_sum = _all_close(ttft, load + prompt, file, len(stack.starts))
    fits = [_worst_misfit(rate, (tokens - less) / spent * 1000, file, stack) for less in (0, 1)]
    best = np.where(fits[0] <= fits[1], 0, 1)
    known = np.minimum(*fits) < RATE_TOLERANCE
    rates = ("decode.eval_count/eval", "decode.(n-1)/eval")
    return {
        "ttft": _name(np.where(is_sum, 0, -1), ("ttft.load+prompt_eval",)),
        "decode_rate": _name(np.where(known, best, -1), rates),
    }


def _name(codes: Ints, names: Sequence[str]) -> pa.DictionaryArray:
    missing = codes < 0
    indices = pa.array(codes.astype(np.int32), mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _look_up(texts: Sequence[str | None], places: Ints) -> pa.DictionaryArray:
    """The texts at these places, each different one kept once."""
    names = [name for name in dict.fromkeys(texts) if name is not None]
    numbers = {name: number for number, name in enumerate(names)}
    codes = np.array([-1 if text is None else numbers[text] for text in texts], dtype=np.int64)
    return _name(codes[places], names)


def _first_known(columns: Columns, numbers: _Numbers, metric: str, rows: Flags) -> Floats:
    """The metric of each row out of the first column that has one which is not zero."""
    found = np.full(int(rows.sum()), np.nan)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.metric == metric:
            here = numbers.values[rows, place]
            found = np.where(np.isnan(found) & (here != 0), here, found)
    return found


def _all_close(one: Floats, other: Floats, file: Ints, n_files: int) -> Flags:
    known = ~(np.isnan(one) | np.isnan(other))
    near = np.maximum(1e-4 * np.maximum(np.abs(one), np.abs(other)), TTFT_TOLERANCE_MS)
    with np.errstate(invalid="ignore"):
        apart = known & ~(np.abs(one - other) <= near)
    n_known = np.bincount(file[known], minlength=n_files)
    return (n_known > 0) & (np.bincount(file[apart], minlength=n_files) == 0)


def _worst_misfit(one: Floats, other: Floats, file: Ints, stack: Stack) -> Floats:
    worst = np.full(len(stack.starts), -np.inf)
    known = ~(np.isnan(one) | np.isnan(other))
    misfit = np.abs(one[known] - other[known]) / one[known]
    np.maximum.at(worst, file[known], misfit)
    return np.where(np.isneginf(worst), np.inf, worst)


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
        "benchmark": _name(_sweeps(columns, stack)[stack.file_of_row], ("llm-call", "llm-sweep")),
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
        encoded = stack.cells[at].dictionary_encode()
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        _, codes = np.unique(codes, return_inverse=True)
    _, example, codes = np.unique(codes, return_index=True, return_inverse=True)
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
    found = _map_cells(
        stack.cells[at],
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
            codes = stack.cells[at].dictionary_encode().indices.to_numpy()
            least = np.minimum.reduceat(codes, stack.starts)
            sweeps |= least != np.maximum.reduceat(codes, stack.starts)
    return sweeps


def _readings(
    columns: Columns, stack: Stack, numbers: _Numbers, definitions: dict[str, pa.Array]
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
        "population": _name(np.zeros(len(row), np.int64), ("all",)),
        "kind": _name(np.zeros(len(row), np.int64), ("measured",)),
    }


def _definition_column(
    meanings: Sequence[Any], file: Ints, place: Ints, definitions: dict[str, pa.Array]
) -> pa.DictionaryArray:
    names: list[str] = []
    codes = np.full(len(place), -1, dtype=np.int64)
    for metric, of_file in definitions.items():
        known = of_file.indices.fill_null(-1).to_numpy()[file]
        here = np.isin(place, [at for at, m in enumerate(meanings) if m.metric == metric])
        codes = np.where(here & (known >= 0), known + len(names), codes)
        names += of_file.dictionary.to_pylist()
    return _name(codes, names)
