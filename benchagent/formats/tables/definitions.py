"""How a source computed what tools define differently, found out from its own numbers.

A definition is only named if it holds in every row that was looked at. Of one file that is asked
row by row, which is faster for the few rows that most have, and of a stack of files all at once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Ints, Mask
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.plain_tables import Stack
from benchagent.measurements.json_trees import Json
from benchagent.quantities.numbers import parse_cell

TYPE_CHECKING = False  # who reads files one by one needs no pyarrow.compute, slow to import
if TYPE_CHECKING:
    from benchagent.formats.tables.stacked_numbers import StackedNumbers

# So many rows of a file are looked at.
LEARNT_FROM: Final = 200
_TTFT: Final = "ttft.load+prompt_eval"
# How many tokens each definition of a decode rate leaves out.
_SKIPPED_TOKENS: Final = {"decode.eval_count/eval": 0, "decode.(n-1)/eval": 1}
# A script's own rounding: four decimals of a second, two of a rate.
_TTFT_TOLERANCE_MS: Final = 0.2
_RATE_TOLERANCE: Final = 0.005


def learn_definitions(columns: Columns, rows: Iterable[Sequence[Json]]) -> Columns:
    """The columns of one file, with the definitions that its rows show."""
    values = [_row_values(columns, row) for row in rows]
    definitions = dict(columns.definitions)
    if "ttft" not in definitions and _are_all_close(
        [(row.get("ttft"), _sum(row, "load_time", "prompt_eval_time")) for row in values],
        absolute=_TTFT_TOLERANCE_MS,
    ):
        definitions["ttft"] = _TTFT
    fits = {
        name: _find_worst_misfit([(row.get("decode_rate"), _rate(row, skipped)) for row in values])
        for name, skipped in _SKIPPED_TOKENS.items()
    }
    best = min(fits, key=lambda name: fits[name])
    if fits[best] < _RATE_TOLERANCE:
        definitions["decode_rate"] = best
    return replace(columns, definitions=definitions)


def _row_values(columns: Columns, row: Sequence[Json]) -> dict[str, float]:
    values: dict[str, float] = {}
    for at, meaning in columns.readings:
        number = parse_cell(row[at], unit=meaning.unit)
        if number:
            values.setdefault(meaning.metric, number)
    return values


def _sum(row: dict[str, float], *metrics: str) -> float | None:
    return sum(row[metric] for metric in metrics) if all(m in row for m in metrics) else None


def _rate(row: dict[str, float], skipped: int) -> float | None:
    if "output_tokens" not in row or "eval_time" not in row:
        return None
    return (row["output_tokens"] - skipped) / row["eval_time"] * 1000


def _are_all_close(pairs: list[tuple[float | None, float | None]], *, absolute: float) -> bool:
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(known) and all(math.isclose(a, b, rel_tol=1e-4, abs_tol=absolute) for a, b in known)


def _find_worst_misfit(pairs: list[tuple[float | None, float | None]]) -> float:
    misfits = [abs(a - b) / a for a, b in pairs if a and b is not None]
    return max(misfits) if misfits else math.inf


class Learnt(NamedTuple):
    """Which of these definitions each file shows, -1 for none."""

    codes: Ints
    names: tuple[str, ...]


def learn_stacked_definitions(
    columns: Columns, stack: Stack, numbers: "StackedNumbers"
) -> dict[str, Learnt]:
    """For each file of a stack, the definition of a metric that its rows show."""
    first = stack.row_in_file < LEARNT_FROM
    file = stack.file_of_row[first]
    metrics = {meaning.metric for _, meaning in columns.readings}
    row = {metric: _first_known(columns, numbers, metric, first) for metric in metrics}
    nothing = np.full(len(file), np.nan)
    ttft = row.get("ttft", nothing)
    load, prompt = (row.get(metric, nothing) for metric in ("load_time", "prompt_eval_time"))
    rate, tokens, spent = (
        row.get(metric, nothing) for metric in ("decode_rate", "output_tokens", "eval_time")
    )
    is_sum = _close_files(ttft, load + prompt, file, len(stack.starts))
    fits = [
        _worst_misfits(rate, (tokens - skipped) / spent * 1000, file, len(stack.starts))
        for skipped in _SKIPPED_TOKENS.values()
    ]
    best = np.where(fits[0] <= fits[1], 0, 1)
    known = np.minimum(*fits) < _RATE_TOLERANCE
    return {
        "ttft": Learnt(np.where(is_sum, 0, -1), (_TTFT,)),
        "decode_rate": Learnt(np.where(known, best, -1), tuple(_SKIPPED_TOKENS)),
    }


def _first_known(columns: Columns, numbers: "StackedNumbers", metric: str, rows: Mask) -> Floats:
    """The metric of each row out of the first column that has one which is not zero."""
    found = np.full(int(rows.sum()), np.nan)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.metric == metric:
            here = numbers.values[rows, place]
            found = np.where(np.isnan(found) & (here != 0), here, found)
    return found


def _close_files(one: Floats, other: Floats, file: Ints, n_files: int) -> Mask:
    known = ~(np.isnan(one) | np.isnan(other))
    near = np.maximum(1e-4 * np.maximum(np.abs(one), np.abs(other)), _TTFT_TOLERANCE_MS)
    with np.errstate(invalid="ignore"):
        apart = known & ~(np.abs(one - other) <= near)
    n_known = np.bincount(file[known], minlength=n_files)
    return (n_known > 0) & (np.bincount(file[apart], minlength=n_files) == 0)


def _worst_misfits(one: Floats, other: Floats, file: Ints, n_files: int) -> Floats:
    worst = np.full(n_files, -np.inf)
    known = ~(np.isnan(one) | np.isnan(other))
    misfit = np.abs(one[known] - other[known]) / one[known]
    np.maximum.at(worst, file[known], misfit)
    return np.where(np.isneginf(worst), np.inf, worst)
