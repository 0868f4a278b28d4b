"""The text of the data's files, read once: names of fields, words, numbers that no format knows."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from benchagent.formats.tables.columns import names_statistic, split_statistic
from benchagent.measurements.artifact_text import Unreadable, decode_text, split_lines
from benchagent.measurements.grids import read_grid
from benchagent.measurements.json_trees import Json, Numeral, read_json, write_pointer
from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import find_unit
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, one_of, words_of
from benchagent.verification.evidence.own_columns import OwnColumn, read_own_column

_LARGEST_READ: Final = 2_000_000
_MOST_LEAVES: Final = 400_000
_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:\.[0-9]+)?[a-z0-9]*", re.IGNORECASE)
_LEVEL: Final = re.compile(r"\d{1,6}|(?=[^a-zA-Z]*[a-zA-Z])[\w][\w .:@/+()=-]{0,47}")
# of what, its object's name does not tell
_COUNT: Final = re.compile(r"n|(?:.*_)?(?:counts?|samples|runs|errors|failures|total)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")

_Place = tuple[str, str]
# What stands beside or above a number, by name: the texts and whole numbers of its row; or the
# texts of the objects that it lies in and what these are called, outermost first.
Levels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Contents:
    """What the reading of the files' text gives.

    Attributes:
        records: whose the numbers of a row or object are, as far as a format tells.
        known: the files that a format reads.
        levels: what stands beside and above the numbers of a row or object.
    """

    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    leaves: list[Datum] = field(default_factory=list[Datum])
    rows: dict[str, int] = field(default_factory=dict[str, int])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    records: Mapping[_Place, str] = field(default_factory=dict[_Place, str])
    known: frozenset[str] = frozenset()
    levels: dict[_Place, Levels] = field(default_factory=dict[_Place, Levels])


def read_contents(
    files: pa.Table,
    read_bytes: Callable[[str], bytes],
    records: Mapping[_Place, str],
    known: frozenset[str] = frozenset(),
) -> Contents:
    """What stands in the files.

    Args:
        files: as `load_corpus` has them.
        read_bytes: the bytes of a SHA-256.
        records: whose the numbers of a row or object are (`find_records`).
        known: the files that a format reads.
    """
    contents = Contents(records=records, known=known)
    for row in files.to_pylist():
        if row["sha256"] and row["retained"] and row["size"] <= _LARGEST_READ:
            text = decode_text(read_bytes(row["sha256"]))
            if not isinstance(text, Unreadable):
                _read_content(row["path"], row["kind"], text, contents)
    return contents


def _read_content(path: str, kind: str, text: str, contents: Contents) -> None:
    for word in {match[0].lower() for match in _WORD.finditer(text)}:
        contents.words[word].add(path)
    contents.lines[path] = len(text.splitlines())
    if kind == "csv":
        grid = read_grid(text)
        if not isinstance(grid, Unreadable):
            for label in grid.labels:
                contents.fields[label.lower()].add(path)
            contents.rows[path] = len(grid.rows)
            _read_rows(path, grid.labels, grid.rows, contents)
    elif kind == "json":
        for line, tree in _read_trees(text):
            _read_tree(path, tree, (), contents, line=line)


def _read_trees(text: str) -> Iterator[tuple[str, Json]]:
    """The tree of a JSON text, or those of its lines, each with the place of its line."""
    whole = read_json(text)
    if not isinstance(whole, Unreadable):
        yield "", whole
        return
    for number, line in enumerate(split_lines(text), start=1):
        tree = read_json(line)
        if isinstance(tree, dict):
            yield f"line={number}", tree


def _read_rows(path: str, labels: list[str], rows: list[list[str]], contents: Contents) -> None:
    for number, row in enumerate(rows, start=1):
        contents.levels[path, f"row={number}"] = tuple(
            (label.strip().lower(), cell.strip())
            for label, cell in zip(labels, row, strict=False)
            if _may_be_level(cell.strip())
        )
        for label, cell in zip(labels, row, strict=False):
            _add_leaf(path, label, cell, f"row={number},column={label}", contents)


def _read_tree(
    path: str,
    tree: Json,
    at: tuple[str | int, ...],
    contents: Contents,
    above: Levels = (),
    line: str = "",
) -> None:
    place = line + write_pointer(at)
    if isinstance(tree, dict):
        own = (*above, *_levels_in(tree))
        contents.levels[path, place] = own
        # where a format reads the file, it knows what the keys are
        alike = frozenset[str]() if path in contents.known else _find_alike(tree)
        for key, value in tree.items():
            contents.fields[key.lower()].add(path)
            named = (_name_of_keys(at), key) if key in alike else None
            _read_tree(path, value, (*at, key), contents, (*own, named) if named else own, line)
    elif isinstance(tree, list):
        contents.levels[path, place] = above
        for number, value in enumerate(tree):
            _read_tree(path, value, (*at, number), contents, above, line)
    elif isinstance(tree, Numeral):
        named = {level for _, level in above}
        keys = [part for part in at if isinstance(part, str) and part not in named]
        _add_leaf(path, ".".join(keys[-2:]), tree, place, contents)


def _levels_in(tree: Mapping[str, Json]) -> Levels:
    return tuple(
        (key.lower(), str(value))
        for key, value in tree.items()
        if isinstance(value, str) and _may_be_level(value)
    )


def _find_alike(tree: Mapping[str, Json]) -> frozenset[str]:
    """The keys whose objects have the same keys: names of what was measured, and of no quantity."""
    shapes: dict[frozenset[str], list[str]] = defaultdict(list)
    for key, value in tree.items():
        if isinstance(value, dict) and value and not all(map(names_statistic, value)):
            shapes[frozenset(value)].append(key)
    return frozenset(key for keys in shapes.values() if len(keys) > 1 for key in keys)


def _name_of_keys(at: tuple[str | int, ...]) -> str:
    """What the keys of an object are names of: `engines`, or how deep they lie."""
    return f"{at[-1]}" if at and isinstance(at[-1], str) else f"level {len(at)}"


def _may_be_level(text: str) -> bool:
    """Whether a cell may be a name or a level, and no measured number."""
    return bool(_LEVEL.fullmatch(text)) and not _DATE.match(text)


def find_records(subjects: Mapping[_Place, str | None]) -> Mapping[_Place, str]:
    """The subject of each row of a table or object of a tree in which one alone was measured."""
    found: dict[_Place, set[str]] = defaultdict(set)
    for (path, locator), subject in subjects.items():
        if subject:
            found[path, record_of(locator)].add(subject.lower())
    return {place: min(names) for place, names in found.items() if len(names) == 1}


def record_of(locator: str) -> str:
    """`row=3` of `row=3,column=ttft_s` or of an item there, `/runs/3` of `/runs/3/ttft_s`, `line=3`."""
    row, comma, _ = locator.partition(",column=")
    return row.partition("/")[0] if comma else locator.rpartition("/")[0]


def _read_name(name: str) -> OwnColumn | None:
    """What a number is called: `p99_ms` in `ttft` is one of the times to the first token."""
    outer, _, column = name.rpartition(".")
    quantity = read_own_column(outer) if outer else None
    if quantity is None:
        return read_own_column(column)
    for statistic, unit_text in split_statistic(column.lower()):
        unit = find_unit(unit_text) if unit_text else quantity.unit
        if statistic != "value" and (unit or not unit_text):
            return quantity._replace(statistic=statistic, unit=unit)
    return (_read_inside(outer, column) if quantity.unit else read_own_column(column)) or quantity


def _read_inside(outer: str, column: str) -> OwnColumn | None:
    """One quantity of two names: the `idle` of `rss_mb` is `rss_idle_mb`."""
    own = read_own_column(column)
    before, _, unit = outer.rpartition("_")
    if own is None or own.unit or own.metric in METRICS or not before or _COUNT.fullmatch(column):
        return own
    return read_own_column(f"{before}_{column}_{unit}")


def _add_leaf(path: str, name: str, text: str, locator: str, contents: Contents) -> None:
    if len(contents.leaves) >= _MOST_LEAVES:
        return
    try:
        value = float(text)
    except ValueError:
        return
    if value != value or value in (float("inf"), float("-inf")):
        return
    meaning = _read_name(name)
    unit = meaning.unit if meaning else None
    contents.leaves.append(
        Datum(
            value=value * unit.factor * 10.0**unit.exponent if unit else value,
            unit=unit.canonical if unit else None,
            metric=meaning.metric if meaning else None,
            statistics=one_of(meaning.statistic if meaning else "value"),
            subject=contents.records.get((path, record_of(locator))),
            words=words_of(name),
            paths=one_of(path),
            source=Source(path=path, locator=locator),
            origin="leaf",
            label=name,
        )
    )
