"""Every cited fact once more, from the stored files: the cell read again, the sum done again.

Nothing of how a number first got into the table is used here. The bytes come from the blob store,
the text from the locator, and the value from that text; then the fact is computed from those
values. What does not come out the same is not printed. A fact may rest on all that millions of
rows hold, so the cells stream by, file by file, and their values alone are kept.
"""

import math
from array import array
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.estimates import summarise
from benchagent.facts.fact import Fact, name_of
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import IrreproducibleError, recompute
from benchagent.markdown_text import cell as table_cell
from benchagent.markdown_text import code
from benchagent.measurements.locators import LocatorError, Places, read_value
from benchagent.measurements.named_columns import read_rows
from benchagent.store import StoreError
from benchagent.stored_table import AnyTable, pieces_of

# Sums in another order differ in the last bits; a figure shows three digits.
TOLERANCE = 1e-9
# Of the places of a fact, as many are named.
MOST_NAMED: Final = 3
SUMMARIES = ("median", "mean", "share", "minimum", "maximum", "value")


class Cell(NamedTuple):
    """The place that a measurement came from, and what was found there then."""

    id: int
    path: str
    sha256: str
    locator: str
    raw_value: str
    raw_unit: str | None
    value: float


_OF_CELL: Final = (
    "id", "source_path", "source_sha256", "locator", "raw_value", "raw_unit", "value",
)  # fmt: skip


class MeasuredCells:
    """The cells of a table of measurements, read when they are asked for."""

    def __init__(self, measurements: AnyTable) -> None:
        """Of `MEASUREMENT_SCHEMA`."""
        self._measurements = measurements
        self._ids = measurements.select(["id"])["id"].to_numpy()
        self._known = np.zeros(int(self._ids.max(initial=-1)) + 1, dtype=np.bool_)
        self._known[self._ids] = True

    def behind(self, cited: Iterable[str], facts: Mapping[str, Fact]) -> Ints:
        """The ids of those that the cited facts rest on, through the facts between, in order."""
        wanted = np.zeros(len(self._known), dtype=np.bool_)
        for id in _closure(cited, facts):
            ids = np.asarray(facts[id].measurements)
            wanted[ids[(ids >= 0) & (ids < len(wanted))]] = True
        return np.flatnonzero(wanted & self._known)

    def read(self, ids: Ints) -> Iterator[Cell]:
        """Those of these ids, in the order of the table."""
        wanted = np.zeros(len(self._known), dtype=np.bool_)
        wanted[ids] = True
        for piece in pieces_of(self._measurements, _OF_CELL, wanted[self._ids]):
            yield from map(Cell._make, read_rows(piece, _OF_CELL))


def _closure(cited: Iterable[str], facts: Mapping[str, Fact]) -> set[str]:
    found: set[str] = set()
    waiting = list(cited)
    while waiting:
        id = waiting.pop()
        if id not in found and id in facts:
            found.add(id)
            waiting += facts[id].facts
    return found


def reread(
    cited: Iterable[str],
    facts: Mapping[str, Fact],
    cells: Iterable[Cell],
    read_blob: Callable[[str], bytes],
    modified_at: Mapping[str, float],
) -> Mapping[str, str | None]:
    """For each cited fact, None where it comes out the same again, else the reason.

    Args:
        cited: ids of the facts that a report is about to print.
        facts: all facts by id.
        cells: those behind them (`MeasuredCells`); those of one file come one after the other.
        read_blob: the stored bytes of a content hash.
        modified_at: modification times by path, in seconds since the epoch.
    """
    values, broken = _read_cells(cells, read_blob)
    known: dict[str, float] = {}
    checks: dict[str, str | None] = {}
    for id in cited:
        behind = sorted(_closure([id], facts))
        lost = [broken[n] for fact in behind for n in _among(facts[fact], broken)]
        changed = [
            f"{fact} is not what was derived" for fact in behind if not _is_whole(facts[fact])
        ]
        found = [*lost, *changed] or [_differs(facts[id], values, facts, modified_at, known)]
        checks[id] = found[0]
    return checks


def _among(fact: Fact, ids: Collection[int]) -> list[int]:
    """Those of a fact's measurements that have one of these ids."""
    own = np.asarray(fact.measurements)
    return own[np.isin(own, list(ids))].tolist() if ids else []


def _is_whole(fact: Fact) -> bool:
    """Whether it still rests on what it was named after."""
    return name_of(fact) == fact.id


def _differs(
    fact: Fact,
    values: Values,
    facts: Mapping[str, Fact],
    modified_at: Mapping[str, float],
    known: MutableMapping[str, float],
) -> str | None:
    """What comes out otherwise, or cannot be computed at all."""
    try:
        again = recompute(fact, values, facts, modified_at=modified_at, known=known)
        parts = _parts_again(fact, values)
    except (IrreproducibleError, ValueError, ArithmeticError, LookupError) as error:
        return str(error)
    for name, now in {"value": again, **parts}.items():
        said: float | None = getattr(fact, name)
        if said is not None and (now is None or not _same(now, said)):
            what = "fact" if name == "value" else f"fact's {name}"
            return f"the files give {now!r}, the {what} is {said!r}"
    return None


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _parts_again(fact: Fact, values: Values) -> dict[str, float | None]:
    """What comes with a statistic of a sample: n, spread and interval, computed again."""
    if fact.statistic != "value" or fact.method not in SUMMARIES or not fact.measurements:
        return {}
    found = summarise(values.at(fact.measurements), fact.method)
    low, high = found.interval or (None, None)
    return {"n": found.n, "spread": found.spread, "ci_low": low, "ci_high": high}


def _read_cells(
    cells: Iterable[Cell], read_blob: Callable[[str], bytes]
) -> tuple[Values, dict[int, str]]:
    """The values as the files give them now, and why the others could not be had."""
    ids, values = array("q"), array("d")
    broken: dict[int, str] = {}
    for sha256, inside in groupby(cells, key=attrgetter("sha256")):
        try:
            places = Places(read_blob(sha256))
        except StoreError as error:
            broken.update({cell.id: f"{cell.path}: {error}" for cell in inside})
            continue
        for cell in inside:
            found = _read_cell(cell, places)
            if isinstance(found, str):
                broken[cell.id] = found
            else:
                ids.append(cell.id)
                values.append(found)
    return Values(ids, values), broken


def _read_cell(cell: Cell, places: Places) -> float | str:
    try:
        text = places.read(cell.locator)
    except LocatorError as error:
        return f"{cell.path}: {error}"
    if text != cell.raw_value:
        return f"{cell.path} at {cell.locator}: found {text!r}, expected {cell.raw_value!r}"
    value = read_value(text, cell.raw_unit)
    if value is None or not math.isclose(value, cell.value, rel_tol=TOLERANCE, abs_tol=0.0):
        return f"{cell.path} at {cell.locator}: {text!r} reads as {value!r}, not {cell.value!r}"
    return value


def describe_places(fact: Fact, cells: Sequence[Cell], n: int) -> str:
    """Where a fact comes from, as Markdown for one cell of a table: the first places, by name.

    Args:
        fact: the fact.
        cells: the first of those that it rests on.
        n: how many there are.
    """
    if cells:
        named = [f"{code(cell.path)} at {code(cell.locator)}" for cell in cells]
        more = n - len(cells)
    elif fact.sources:
        named = [code(source) for source in fact.sources[:MOST_NAMED]]
        more = len(fact.sources) - len(named)
    else:
        return "the listing of the snapshot"
    return table_cell("; ".join(named) + (f"; {more} more" if more > 0 else ""))
