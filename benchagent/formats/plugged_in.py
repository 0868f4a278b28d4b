"""Formats that other packages bring, through the entry point group `benchagent.formats`.

An entry point names a module with `NAME`, `detect` and `parse`. Nothing of it is trusted: it is
imported when the first file is read, asked after our own formats, and each of its numbers is read
again at its place; one that does not come out the same is refused. What it breaks is told, and
breaks nothing else.
"""

import hashlib
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, NamedTuple

from benchagent.formats.format import Format
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import LocatorError, Places, read_value
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Unparsed
from benchagent.quantities.units import CANONICAL_UNITS

GROUP: Final = "benchagent.formats"


class PluggedIn(NamedTuple):
    """The formats that other packages bring, and why some of them cannot be used."""

    formats: tuple[Format, ...]
    broken: tuple[str, ...]


@lru_cache(maxsize=1)
def find_points() -> tuple[EntryPoint, ...]:
    """What is installed under the group; to look through all packages takes 10 ms."""
    return tuple(entry_points(group=GROUP))


@lru_cache(maxsize=1)
def load_formats(taken: frozenset[str]) -> PluggedIn:
    """Import what is installed under the group; `taken` are the names of our own formats."""
    formats: list[Format] = []
    broken: list[str] = []
    for point in sorted(find_points(), key=lambda point: point.name):
        loaded = _load(point, taken | {format.name for format in formats})
        if isinstance(loaded, Format):
            formats.append(loaded)
        else:
            broken.append(loaded)
    return PluggedIn(tuple(formats), tuple(broken))


def _load(point: EntryPoint, taken: frozenset[str]) -> Format | str:
    where = f"the format {point.name!r} of {_package_of(point)}"
    try:
        module: Any = point.load()
        format = Format(
            name=module.NAME,
            detect=module.detect,
            parse=module.parse,
            known_from="documentation" if getattr(module, "EXPERIMENTAL", False) else "tool",
            package=_package_of(point),
        )
    except Exception as error:  # noqa: BLE001 - another package's code can raise anything
        return f"{where} cannot be loaded: {_say(error)}; update or remove that package"
    if not isinstance(format.name, str) or not format.name or format.name in taken:
        return f"{where} is called {format.name!r}, expected a name that no other format has"
    return format


def _package_of(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def fingerprint() -> str:
    """What is installed under the group, in eight hex digits; empty if nothing is."""
    points = sorted(f"{p.name}={p.value} {_package_of(p)}" for p in find_points())
    return hashlib.sha256("\n".join(points).encode()).hexdigest()[:8] if points else ""


def parse_with(format: Format, artifact: Artifact) -> Parsed | Unparsed | None:
    """What another package's format says of a file, every number checked; None if not its own."""
    try:
        if not format.detect(artifact):
            return None
        parsed = format.parse(artifact)
        records, refused = _check_records(parsed, artifact.data)
        refusals = (*parsed.refusals, *refused)
        return replace(parsed, format=format.name, records=records, refusals=refusals)
    except Exception as error:  # noqa: BLE001 - another package's code can raise anything
        said = f"the format {format.name!r} of {format.package} failed: {_say(error)}"
        return Unparsed(format=format.name, reason=f"{said}; tell its authors", code="unreadable")


def _check_records(parsed: Parsed, data: bytes) -> tuple[tuple[Record, ...], list[Refusal]]:
    places = Places(data)
    refused: list[Refusal] = []
    records: list[Record] = []
    for record in parsed.records:
        kept: list[Reading] = []
        for reading in record.readings:
            if reason := _find_fault(reading, places):
                refused.append(Refusal(locator=reading.locator, reason=reason))
            else:
                kept.append(reading)
        records.append(replace(record, readings=tuple(kept)))
    return tuple(records), refused


def _find_fault(reading: Reading, places: Places) -> str | None:
    if reading.unit is not None and reading.unit not in CANONICAL_UNITS:
        return f"unit {reading.unit!r}, expected a canonical one"
    try:
        found = places.read(reading.locator)
    except LocatorError as error:
        return str(error)
    if found != reading.raw_value:
        return f"{found[:80]!r} stands there, the format says {reading.raw_value[:80]!r}"
    if read_value(found, reading.raw_unit) != reading.value:
        return f"{found[:80]!r} in {reading.raw_unit!r} is not {reading.value!r}"
    return None
