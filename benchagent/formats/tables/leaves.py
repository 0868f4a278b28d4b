"""The values in objects of objects, each with the name by which it is understood.

A number is known by all names above it, unless those say nothing of it (`timings`, `results`); what
stands in a server's reply, by what that server means by it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from benchagent.formats.settings import read_ollama_model
from benchagent.formats.tables.call_columns import (
    OPTION_PREFIX,
    find_setting,
    names_models,
    names_times,
)
from benchagent.formats.tables.columns import find_statistic, read_column, unit_at_end
from benchagent.formats.tables.replies import Path, read_reply
from benchagent.formats.tables.unmeasured_names import names_unmeasured
from benchagent.measurements.artifact import Entry
from benchagent.measurements.json_trees import Json, as_object
from benchagent.quantities.names import join_words
from benchagent.quantities.units import find_unit

# Objects that say nothing of the numbers in them, and those whose numbers are settings.
_CONTAINERS: Final = frozenset(
    "timing timings time times usage metric metrics result results performance perf stats "
    "statistics summary measurement measurements speed speeds latency latencies throughput rates "
    "benchmark bench data values memory tokens run".split()
)
_SETTINGS: Final = frozenset(
    "config configuration settings params parameters args arguments setup flags knobs request "
    "req payload opts".split()
)
# This one is read as it stands, and of a request so are its messages: they are its prompt.
_OPTIONS: Final = "options"
_MESSAGES: Final = "messages"
# A reply that is none says so: `{"response": {"error": …}}`.
_REPLIES: Final = frozenset(("response", "resp", "reply", "result", "answer", "output"))
_ERROR: Final = "error"
# Objects of the run: the settings in them are its own. A judge and a draft have settings too.
OF_RUNS: Final = frozenset(
    "meta metadata info experiment benchmark bench run cell workload load scenario test hardware system "
    "machine env environment host gpu gpu_info device server".split()
)
# Of these, the model in one is that which was measured; a machine and a judge have models too.
OF_MODELS: Final = frozenset("meta metadata info experiment benchmark bench run cell".split())
CARDS: Final = frozenset(("gpu", "gpu_info"))
# An object of a number and its unit, or of statistics and theirs.
_VALUE: Final = "value"
_UNIT: Final = "unit"
_SUMMED_UP: Final = re.compile(r"_(?:summary|stats|statistics)$")
# What a reply says that it is of, where another name stands beside it.
_SERVED: Final = "served_model"
_DEEPEST: Final = 4


class Leaf(NamedTuple):
    """A value in an object, and its place there.

    Attributes:
        name: what it is called where it stands in a server's reply.
        untimed: whether it is a zero of that reply which stands where nothing was timed.
    """

    path: Path
    value: Json
    name: str | None = None
    untimed: bool = False


def has_depth(entry: Entry) -> bool:
    """Whether an object has to be taken apart: an object is in it, or it is a server's reply."""
    fields = as_object(entry.value)
    inside = any(as_object(value) and key != _OPTIONS for key, value in fields.items())
    return inside or read_reply(fields) is not None


def names_settings(key: str) -> bool:
    """Whether what stands in an object of this name are settings."""
    return join_words(key) in _SETTINGS


def find_leaves(values: Mapping[str, Json], above: Path = ()) -> Iterator[Leaf]:
    """The values in an object, however deep they lie."""
    reply = read_reply(values)
    if reply is not None:
        for path, name in reply.names.items():
            yield Leaf((*above, *path), _value_at(values, path), name)
        for path in reply.untimed:
            yield Leaf((*above, *path), _value_at(values, path), untimed=True)
        values = {key: value for key, value in values.items() if key not in reply.keys}
    unit = values.get(_UNIT)
    for key, value in values.items():
        if isinstance(unit, str) and (name := _name_with_unit(above, key, unit)):
            yield from [Leaf((*above, key), value, name)] if key != _UNIT else []
            continue
        inner = as_object(value) if key != _OPTIONS and len(above) < _DEEPEST else {}
        if inner:
            yield from find_leaves(inner, (*above, key))
        else:
            yield Leaf((*above, key), value)


def _name_with_unit(above: Path, key: str, unit: str) -> str | None:
    """What a number in an object is called that tells its unit; the unit is told with it.

    None where the object is of no quantity that has a unit.
    """
    statistic = "" if key in (_VALUE, _UNIT) else f"{key}_"
    if not above or (statistic and find_statistic(key) is None):
        return None
    quantity = name_leaf(above)
    own = unit_at_end(quantity)
    alike = own is not None and own[1] == find_unit(unit)
    name = f"{statistic}{quantity}" if alike else f"{statistic}{quantity} ({unit})"
    told = read_column(name) or read_column(quantity)
    return name if told is not None else None


def _value_at(values: Mapping[str, Json], path: Path) -> Json:
    *above, last = path
    for key in above:
        values = as_object(values.get(key))
    return values.get(last)


def join_leaves(
    names: Mapping[Path, str | None], rows: Sequence[Mapping[Path, Json]]
) -> list[tuple[str, list[Path]]]:
    """The columns that values make: what each is called, and the places of its values.

    Two places of one name are one column where no object says two things there.

    Args:
        names: the places, and what each is called in a server's reply.
        rows: the values.
    """
    columns: list[tuple[str, list[Path]]] = []
    for path, known in names.items():
        name = known or name_leaf(path)
        alike = next((paths for called, paths in columns if called == name), None)
        if alike is not None and all(_say_one_thing(name, row, [*alike, path]) for row in rows):
            alike.append(path)
        elif alike is not None and known is not None and names_models(name):
            columns.append((_SERVED, [path]))
        else:
            columns.append((name, [path]))
    return columns


def _say_one_thing(name: str, row: Mapping[Path, Json], paths: Sequence[Path]) -> bool:
    told = [value for path in paths if (value := row.get(path)) is not None]
    if names_models(name):
        return len({read_ollama_model(str(value)) for value in told}) < 2
    return all(value == told[0] for value in told)


def name_leaf(path: Path) -> str:
    """The name by which a value is understood; one that is no quantity's if it was not measured."""
    name = _name_with_above(path)
    unmeasured = any(map(names_unmeasured, path[:-1])) and read_column(name) is not None
    return "/".join(path) if unmeasured else name


def _name_with_above(path: Path) -> str:
    """The name by which a value is understood: with all that stands above it, if that says it."""
    path = tuple(_SUMMED_UP.sub("", name) for name in path)
    *above, leaf = path
    if leaf == _VALUE and above and read_column(name_leaf((*above,))) is not None:
        return name_leaf((*above,))
    if above and (own := _name_of_run([join_words(name) for name in above], leaf)):
        return own
    if _ERROR in path[-2:] and (not above or join_words(above[0]) in {*_REPLIES, _ERROR}):
        return _ERROR if leaf in (_ERROR, "message") else "_".join(path[-2:])
    whole = "_".join(path)
    while above and join_words(above[0]) in _CONTAINERS and not read_column(whole):
        above = above[1:]
        whole = "_".join((*above, leaf))
    if not above or read_column(whole) or find_statistic(leaf):
        return whole
    if any(map(names_settings, above)):
        return name_parameter(leaf)
    return leaf if all(join_words(name) in _CONTAINERS for name in above) else whole


def _name_of_run(above: Sequence[str], leaf: str) -> str | None:
    """What a value in objects of a run is called if it is a setting, the model or the time of that."""
    if not OF_RUNS.issuperset(above):
        return None
    if above[-1] in CARDS and leaf == "name":
        return "gpu"
    name = join_words(leaf)
    of_model = names_models(name) and OF_MODELS.issuperset(above)
    return leaf if of_model or find_setting(name) is not None or names_times(name) else None


def name_parameter(name: str) -> str:
    """What a column is called that holds a parameter of this name, which is no result whatever it is."""
    joined = join_words(name)
    if joined == _MESSAGES:
        return "prompt"
    known = find_setting(joined) or names_models(joined) or joined == _OPTIONS
    return name if known else OPTION_PREFIX + name
