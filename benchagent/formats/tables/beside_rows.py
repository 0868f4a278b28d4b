"""Numbers of a JSON or YAML object that stand beside the rows that were read of it."""

from collections.abc import Collection, Iterator
from typing import Final

from benchagent.formats.tables.leaves import names_settings
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Refusal

_BESIDE: Final = "its numbers are not read: they stand beside the results that are"


def refuse_beside(artifact: Artifact, rows: Rows) -> Iterator[Refusal]:
    """A refusal for each object or list of numbers that is no row, nor in one, nor a setting of all."""
    if [entry.place for entry in artifact.entries] != [()]:
        return
    read = {place for row in rows.rows for place in _places(row)}
    above = {upper for place in read for upper in _above(place)}
    if "" not in read:
        yield from _refuse((), artifact.tree, read, above)


def _places(row: Row) -> Collection[str]:
    if isinstance(row.place, int):
        return [] if row.locators is None else row.locators.values()
    # what was put together from several entries lies in all of them
    return [pointer_locator(*row.place), *(row.locators or {}).values()]


def _above(place: str) -> Iterator[str]:
    while place:
        place = place.rpartition("/")[0]
        yield place


def _refuse(
    place: Place, value: Json, read: Collection[str], above: Collection[str]
) -> Iterator[Refusal]:
    locator = pointer_locator(*place)
    if locator in read:
        return
    if locator in above:
        inside = enumerate(value) if isinstance(value, list) else as_object(value).items()
        for key, inner in inside:
            yield from _refuse((*place, key), inner, read, above)
        return
    if not names_settings(str(place[-1])):
        yield from refuse_numbers(place, value)


def refuse_numbers(place: Place, value: Json) -> Iterator[Refusal]:
    """A refusal of an object or list that nobody reads, if a number is in it."""
    if isinstance(value, dict | list) and _holds_numbers(value):
        yield Refusal(locator=pointer_locator(*place), reason=_BESIDE)


def _holds_numbers(value: Json) -> bool:
    inside = as_object(value).values() if isinstance(value, dict) else as_list(value)
    return isinstance(value, Numeral) or any(map(_holds_numbers, inside))
