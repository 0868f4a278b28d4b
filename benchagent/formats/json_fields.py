"""Numbers of whatever has keys, by a table of its fields: what each is called and what it means.

An object of a JSON file has keys, and so has a row of a table or a line that was taken apart.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from benchagent.formats.settings import read_setting
from benchagent.measurements.json_trees import Json, Numeral, as_object, number_of
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Kind, Reading, Refusal, Scalar
from benchagent.quantities.units import find_unit


class Field(NamedTuple):
    """What the number under one key means; without a unit it stays out of facts."""

    metric: str
    unit: str | None
    statistic: str = "value"
    definition: str | None = None


LATENCY_STATISTICS: Final = {
    "mean_time_ms": Field("latency", "ms", "mean"),
    "std_time_ms": Field("latency", "ms", "stddev"),
    "min_time_ms": Field("latency", "ms", "min"),
    "max_time_ms": Field("latency", "ms", "max"),
}


def read_fields(
    entry: Mapping[str, Json],
    place: Place,
    fields: Mapping[str, Field],
    refusals: list[Refusal],
    *,
    n: int | None = None,
    kind: Kind = "measured",
) -> list[Reading]:
    """The numbers of an object that the table names; null is no number, and no refusal."""
    locate = partial(pointer_locator, *place)
    return read_located(entry, locate, fields, refusals, n=n, kind=kind)


def read_located(
    entry: Mapping[str, Json],
    locate: Callable[[str], str],
    fields: Mapping[str, Field],
    refusals: list[Refusal],
    *,
    n: int | None = None,
    kind: Kind = "measured",
) -> list[Reading]:
    """The numbers that the table names, of whatever has keys: `locate` says where each stands."""
    readings: list[Reading] = []
    for key, field in fields.items():
        found = entry.get(key)
        if found is None:
            continue
        locator = locate(key)
        reading = read_number(found, locator, field, n=n, kind=kind)
        if reading:
            readings.append(reading)
        else:
            refusals.append(refuse_number(found, locator))
    return readings


def read_place(
    found: Json, place: Place, field: Field, *, n: int | None = None, kind: Kind = "measured"
) -> Reading | None:
    """The number at one place of a tree, or None if there is none."""
    return read_number(found, pointer_locator(*place), field, n=n, kind=kind)


def read_number(
    found: Json, locator: str, field: Field, *, n: int | None = None, kind: Kind = "measured"
) -> Reading | None:
    """The number that stands at a locator, or None if there is none."""
    unit = find_unit(field.unit) if field.unit else None
    value = number_of(found, unit=unit)
    if value is None or not isinstance(found, str):
        return None
    return Reading(
        metric=field.metric,
        value=value,
        locator=locator,
        raw_value=str(found),
        statistic=field.statistic,
        unit=unit.canonical if unit else None,
        definition=field.definition,
        n=n,
        raw_unit=field.unit,
        kind=kind,
    )


def drop_untimed(readings: Iterable[Reading], refusals: list[Refusal]) -> Iterator[Reading]:
    """The readings without times of 0, which stand where nothing was timed."""
    for reading in readings:
        if reading.unit != "ms" or reading.value > 0:
            yield reading
        else:
            said = f"{reading.raw_value!r} stands where nothing was timed, or nothing differed"
            refusals.append(Refusal(locator=reading.locator, reason=said))


def refuse_number(found: Json, locator: str) -> Refusal:
    """Say of what stands where a number should that it is none: `NaN`, `1e400`, a list."""
    if isinstance(found, str):
        shown = repr(found[:80])
    else:
        shown = {dict: "an object", list: "a list"}.get(type(found)) or repr(found)
    return Refusal(locator=locator, reason=f"{shown} is no finite number")


def read_settings(entry: Json, *, without: Sequence[str] = ()) -> dict[str, Scalar]:
    """The scalars of an object as settings; lists of short texts are joined, the rest left out."""
    settings: dict[str, Scalar] = {}
    for key, value in as_object(entry).items():
        if key in without or isinstance(value, dict):
            continue
        if isinstance(value, list):
            texts = [text for text in value if isinstance(text, str)]
            if len(texts) == len(value) and sum(map(len, texts)) <= 160:
                settings[key] = ",".join(texts)
        elif (setting := read_setting(value)) is not None:
            settings[key] = setting
    return settings


def count_at(entry: Mapping[str, Json], *names: str) -> int | None:
    """The first of these fields that is a count."""
    for name in names:
        number = entry.get(name)
        if isinstance(number, Numeral) and number.isdecimal() and len(number) < 10:
            return int(number)
    return None
