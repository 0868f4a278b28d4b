"""What an object says of all results in it: settings that stand beside them, or in an object beside them.

`{"gpu": "L4", "workload": {"concurrency": 20}, "runs": […]}`. Without them, the runs of two such files
would be taken for runs of one setting.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.leaves import CARDS, OF_MODELS, OF_RUNS, find_leaves, names_settings
from benchagent.formats.tables.setting_columns import (
    find_named_setting,
    is_word,
    lists_providers,
    may_be_setting,
    tells_outcome,
    tells_time,
)
from benchagent.mappings.rows import holds_objects
from benchagent.measurements.json_trees import Json, as_object
from benchagent.quantities.names import join_words

_ERRORS: Final = frozenset(("error", "err", "exception"))
# What a machine has and what it was at, which is no result of a benchmark on it.
_OF_MACHINES: Final = frozenset(("memory", "vram", "temperature_c", "power"))
# What stands in the variables of a shell is nobody's business, but for the settings that we know.
_VARIABLES: Final = frozenset(("env", "environment"))
_MODEL: Final = "model"
# A vocabulary is no object of settings.
_MOST_SETTINGS: Final = 200


def tell_of_all(fields: Mapping[str, Json], without: Collection[str] = ()) -> dict[str, Json]:
    """The settings of all results in an object, by the names that its fields have as columns.

    Args:
        fields: of the object.
        without: the names that results stand under.
    """
    beside = {key: value for key, value in fields.items() if key not in without}
    within: dict[str, Json] = {}
    for key, value in beside.items():
        if not names_settings(key) and _holds_no_result(value):
            for name, told in _tell_within(key, as_object(value)):
                # two that say two things of one setting are told of none
                within[name] = told if within.get(name, told) == told else None
    own = {key: value for key, value in beside.items() if _tells_of_all(key, value)}
    return {key: value for key, value in within.items() if value is not None} | own


def _tells_of_all(key: str, value: Json) -> bool:
    """Whether a field is a setting of all that stands in the list beside it, and no sum over it."""
    if isinstance(value, dict):
        return names_settings(key)
    if isinstance(value, list):
        return lists_providers(key, value)
    if read_column(key) is not None:
        return False
    known = find_named_setting(key) is not None
    ended = tells_outcome(key) or not _ERRORS.isdisjoint(join_words(key).split("_"))
    return known or (is_word(value) and not ended and not tells_time(value))


def _holds_no_result(value: Json) -> bool:
    """Whether a value is an object in which neither results nor lists of them stand."""
    fields = as_object(value)
    leaves = [*islice(find_leaves(fields), _MOST_SETTINGS + 1)]
    if len(leaves) > _MOST_SETTINGS or any(map(holds_objects, fields.values())):
        return False
    meanings = [
        meaning
        for leaf in leaves
        for name in (leaf.path[-1], "_".join(leaf.path))
        if (meaning := read_column(name)) is not None
    ]
    return all(meaning.metric in _OF_MACHINES for meaning in meanings)


def _tell_within(above: str, fields: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The settings in an object that stands beside results, by the names of columns."""
    name = join_words(above)
    for key, value in fields.items():
        if isinstance(value, dict | list) and not lists_providers(key, value):
            continue
        if name in CARDS and key == "name":
            yield "gpu", value
        elif names_models(join_words(key)):
            yield from [(_MODEL, value)] if name in OF_MODELS else []
        elif find_named_setting(key) is not None:
            yield (key if name in OF_RUNS else f"{above}_{key}"), value
        elif name in OF_RUNS - _VARIABLES and is_word(value) and _may_be_setting(key, value):
            yield f"{above}_{key}", value


def _may_be_setting(key: str, value: Json) -> bool:
    return may_be_setting(key, [value], before_results=False)
