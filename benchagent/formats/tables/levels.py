"""Objects under the levels of a setting: `{"concurrency": {"1": {…}, "4": {…}}}`, `{"ctx_2048": {…}}`.

The names in such an object are values: models, quantisations, numbers of the setting that the object
is called by, or a setting and its number. Under each stand its results, or further levels.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import find_setting
from benchagent.formats.tables.columns import find_statistic, read_column
from benchagent.formats.tables.leaves import find_leaves
from benchagent.formats.tables.other_quantities import is_share
from benchagent.formats.tables.setting_columns import find_named_setting
from benchagent.mappings.rows import holds_objects
from benchagent.measurements.artifact import Entry
from benchagent.measurements.json_trees import Json, as_list, as_object
from benchagent.measurements.model_names import is_model, names_quantization
from benchagent.quantities.names import join_words

Told = Mapping[str, Json]

_BY: Final = re.compile(r"^(?:by|per|for)_")
_NUMBER: Final = re.compile(r"[0-9]{1,9}[kK]?")
_NUMBERED: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z_ -]{0,40}?)[_ =:-]?(?P<value>[0-9]{1,9}[kK]?)"
)
_RUNS: Final = frozenset("run rep repeat repetition trial iteration".split())
_RUN: Final = "run"
_MODEL: Final = "model"
_QUANTIZATION: Final = "quantization"
_TASK: Final = "task"
# Objects under one of these alone are found by their names without this.
_FOUND_BY_NAME: Final = frozenset((_MODEL, _QUANTIZATION))


class _Levels(NamedTuple):
    """What the names in an object are values of, and each of them by its name."""

    setting: str
    values: dict[str, str]


def find_levels(entry: Entry) -> list[tuple[Entry, Told]]:
    """The objects under levels in an object, each with all levels that it stands under.

    None where no name is a level, or where models or quantisations are all that there is.
    """
    found = [*_unfold(entry, {})]
    settings = {name for _, told in found for name in told}
    alike = len({tuple(told) for _, told in found}) == 1
    return found if alike and (len(settings) > 1 or settings - _FOUND_BY_NAME) else []


def _unfold(entry: Entry, above: Told) -> Iterator[tuple[Entry, Told]]:
    fields = as_object(entry.value)
    if not above:  # beside the levels stands what is told of all
        fields = {key: value for key, value in fields.items() if isinstance(value, dict | list)}
    places = {(): fields, **{(key,): as_object(value) for key, value in fields.items()}}
    levels = {
        place: found
        for place, values in places.items()
        if (found := _read_levels(place[-1] if place else "", values, above))
    }
    place = () if () in levels else next(iter(levels), ())
    if place not in levels or (place and len(levels) > 1):
        yield entry, above
        return
    setting, named = levels[place]
    for key, value in named.items():
        told = {**above, setting: value}
        inner = places[place][key]
        for at, item in enumerate(as_list(inner)):
            yield Entry((*entry.place, *place, key, at), item), told
        if not isinstance(inner, list):
            yield from _unfold(Entry((*entry.place, *place, key), inner), told)


def _read_levels(name: str, values: Mapping[str, Json], above: Told) -> _Levels | None:
    """What the names of objects are values of; None where they are no levels."""
    keys = [*values]
    if not keys or not all(as_object(value) or holds_objects(value) for value in values.values()):
        return None
    if all(map(is_model, keys)):
        return _Levels(_MODEL, {key: key for key in keys})
    if all(map(names_quantization, keys)):
        return _Levels(_QUANTIZATION, {key: key for key in keys})
    if all(map(_NUMBER.fullmatch, keys)):
        setting = _find_setting(_BY.sub("", join_words(name)))
        return _Levels(setting, {key: key for key in keys}) if setting else None
    numbered = {key: match for key in keys if (match := _NUMBERED.fullmatch(key))}
    names = {_find_setting(join_words(match["name"])) for match in numbered.values()}
    if len(numbered) == len(keys) and len(names) == 1 and (setting := names.pop()):
        return _Levels(setting, {key: match["value"] for key, match in numbered.items()})
    if _MODEL in above and _are_tasks(keys, [as_object(value) for value in values.values()]):
        return _Levels(_TASK, {key: key for key in keys})
    return None


def _find_setting(name: str) -> str | None:
    """The setting of which a name in joined words is, in the plural too."""
    one = name.removesuffix("s")
    if one in _RUNS:
        return _RUN
    return find_setting(name) or find_setting(one) or find_named_setting(name)


def _are_tasks(keys: Sequence[str], values: Sequence[Mapping[str, Json]]) -> bool:
    """Whether objects of a model's are of the tasks on which it was graded: shares and counts."""
    if any(find_statistic(key) or read_column(key) for key in keys):
        return False
    meanings = [
        {read_column(leaf.path[-1]) for leaf in find_leaves(of) if len(leaf.path) == 1}
        for of in values
    ]
    return all(
        any(each) and all(meaning is None or is_share(meaning.metric) for meaning in each)
        for each in meanings
    )
