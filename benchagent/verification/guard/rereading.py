"""Every cited fact once more, from the stored files: the cell read again, the sum done again.

Nothing of how a number first got into the table is used here. The bytes come from the blob store,
the text from the locator, and the value from that text; then the fact is computed from those
values. What does not come out the same is not printed.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from benchagent.facts.estimates import summarise
from benchagent.facts.fact import Fact, name_of
from benchagent.facts.recomputing import IrreproducibleError, recompute
from benchagent.markdown_text import cell as table_cell
from benchagent.markdown_text import code
from benchagent.measurements.locators import LocatorError, Places, read_value
from benchagent.measurements.named_columns import read_rows
from benchagent.store import StoreError

# Sums in another order differ in the last bits; a figure shows three digits.
TOLERANCE = 1e-9
SUMMARIES = ("median", "mean", "minimum", "maximum", "value")


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


def cells_behind(
    cited: Iterable[str], facts: Mapping[str, Fact], measurements: pa.Table
) -> Mapping[int, Cell]:
    """The cells that the cited facts rest on, through the facts between, by measurement id."""
    wanted = places_behind(cited, facts)
    chosen = measurements.select(_OF_CELL).filter(pc.field("id").isin(sorted(wanted)))
    return {cell.id: cell for cell in map(Cell._make, read_rows(chosen, _OF_CELL))}


def places_behind(cited: Iterable[str], facts: Mapping[str, Fact]) -> set[int]:
    """The ids of the measurements that facts rest on, through the facts between."""
    wanted: set[int] = set()
    for id in _closure(cited, facts):
        wanted.update(facts[id].measurements)
    return wanted


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
    cells: Mapping[int, Cell],
    read_blob: Callable[[str], bytes],
    modified_at: Mapping[str, float],
) -> Mapping[str, str | None]:
    """For each cited fact, None where it comes out the same again, else the reason.

    Args:
        cited: ids of the facts that a report is about to print.
        facts: all facts by id.
        cells: what `cells_behind` gave for them.
        read_blob: the stored bytes of a content hash.
        modified_at: modification times by path, in seconds since the epoch.
    """
    values, broken = _read_cells(cells, read_blob)
    known: dict[str, float] = {}
    checks: dict[str, str | None] = {}
    for id in cited:
        behind = sorted(_closure([id], facts))
        lost = [broken[n] for fact in behind for n in facts[fact].measurements if n in broken]
        changed = [
            f"{fact} is not what was derived" for fact in behind if not _is_whole(facts[fact])
        ]
        found = [*lost, *changed] or [_differs(facts[id], values, facts, modified_at, known)]
        checks[id] = found[0]
    return checks


def _is_whole(fact: Fact) -> bool:
    """Whether it still rests on what it was named after."""
    return name_of(fact) == fact.id


def _differs(
    fact: Fact,
    values: Mapping[int, float],
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


def _parts_again(fact: Fact, values: Mapping[int, float]) -> dict[str, float | None]:
    """What comes with a statistic of a sample: n, spread and interval, computed again."""
    if fact.statistic != "value" or fact.method not in SUMMARIES or not fact.measurements:
        return {}
    found = summarise([values[id] for id in fact.measurements], fact.method)
    low, high = found.interval or (None, None)
    return {"n": found.n, "spread": found.spread, "ci_low": low, "ci_high": high}


def _read_cells(
    cells: Mapping[int, Cell], read_blob: Callable[[str], bytes]
) -> tuple[dict[int, float], dict[int, str]]:
    """The values as the files give them now, and why the others could not be had."""
    by_file: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells.values():
        by_file[cell.sha256].append(cell)
    values: dict[int, float] = {}
    broken: dict[int, str] = {}
    for sha256, inside in by_file.items():
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
                values[cell.id] = found
    return values, broken


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


def describe_places(fact: Fact, cells: Sequence[Cell], most: int = 3) -> str:
    """Where a fact comes from, as Markdown for one cell of a table: the first places, by name."""
    if cells:
        named = [f"{code(cell.path)} at {code(cell.locator)}" for cell in cells[:most]]
        more = len(cells) - most
    elif fact.sources:
        named = [code(source) for source in fact.sources[:most]]
        more = len(fact.sources) - most
    else:
        return "the listing of the snapshot"
    return table_cell("; ".join(named) + (f"; {more} more" if more > 0 else ""))
