"""Objects in objects, and lists of them in each other, as rows with a column for each value.

A number is known by all names above it, unless those say nothing of it (`timings`, `results`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import (
    OPTION_PREFIX,
    find_setting,
    names_models,
    plan_columns,
)
from benchagent.formats.tables.call_failures import failure_cells
from benchagent.formats.tables.columns import find_statistic, read_column
from benchagent.formats.tables.setting_columns import is_knob, is_word, tells_outcome
from benchagent.mappings.cell_units import find_units_in_cells
from benchagent.mappings.rows import (
    Row,
    Rows,
    find_entries,
    find_rows,
    holds_objects,
    key_of,
    read_field,
)
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.artifact_text import (
    Json,
    Numeral,
    as_list,
    as_object,
    as_text,
    label_columns,
)
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.model_names import names_model
from benchagent.measurements.readings import Refusal
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_number

# Objects that say nothing of the numbers in them, and those whose numbers are settings.
_CONTAINERS: Final = frozenset(
    "timing timings time times usage metric metrics result results performance perf stats "
    "statistics summary measurement measurements speed speeds latency latencies throughput rates "
    "benchmark bench data values memory tokens".split()
)
_SETTINGS: Final = frozenset(
    "config configuration settings params parameters args arguments setup flags knobs".split()
)
_ERRORS: Final = frozenset(("error", "err", "exception"))
# This one is read as it stands.
_OPTIONS: Final = "options"
_DEEPEST: Final = 4
_MOST_FIELDS: Final = 200


def find_deep_rows(artifact: Artifact) -> Iterator[Rows]:
    """The rows that objects may be: those in the lists of others first, before what sums them up."""
    entries = find_entries(artifact)
    quantities = all(read_column(key_of(entry) or "") for entry in entries)
    if entries and (quantities or entries[0].place[:1] == _find_list(artifact)):
        entries = artifact.entries
    unfolded = [pair for entry in entries for pair in _unfold(entry, {})]
    if len(unfolded) != len(entries) or any(told for _, told in unfolded):
        inner = [Entry(each.place, {**told, **as_object(each.value)}) for each, told in unfolded]
        rows = rows_in_depth(inner, artifact)
        left_out = tuple(refused for entry in entries for refused in _refuse_sums(entry))
        yield rows._replace(refusals=(*rows.refusals, *left_out))
    plain = rows_in_depth(entries, artifact) if any(map(has_depth, entries)) else None
    plain = plain or find_rows(artifact)
    yield from [plain] if plain else []


def _find_list(artifact: Artifact) -> Place | None:
    """The place of the only list of objects in the one object of a file."""
    lists = [key for key, value in as_object(artifact.tree).items() if holds_objects(value)]
    return (lists[0],) if len(lists) == 1 else None


def rows_in_depth(entries: Sequence[Entry], artifact: Artifact) -> Rows:
    """Objects as rows, a column for each value in them, however deep it lies."""
    values = [dict(_leaves(as_object(entry.value))) for entry in entries]
    first: dict[tuple[str, ...], Place] = {}
    for entry, leaves in zip(entries, values, strict=True):
        for path in leaves:
            first.setdefault(path, entry.place)
    paths, others = [*first][:_MOST_FIELDS], [*first.items()][_MOST_FIELDS:]
    labels = dict(zip(paths, label_columns([_name_leaf(path) for path in paths]), strict=True))
    rows = [
        Row(
            entry.place,
            [read_field(leaves, path) for path in paths],
            key_of(entry),
            {labels[path]: pointer_locator(*entry.place, *path) for path in paths},
        )
        for entry, leaves in zip(entries, values, strict=True)
    ]
    units = find_units_in_cells(list(labels.values()), [row.cells for row in rows])
    model = as_text(as_object(artifact.tree).get("model")) if rows[0].place != () else None
    refusals = [*artifact.broken_lines]
    for path, place in others[:1]:
        said = f"this and {len(others) - 1} more fields are not read: {_MOST_FIELDS} are the most"
        refusals.append(Refusal(locator=pointer_locator(*place, *path), reason=said))
    return Rows("", list(labels.values()), rows, tuple(refusals), model, units)


def _unfold(entry: Entry, above: Mapping[str, Json]) -> Iterator[tuple[Entry, Mapping[str, Json]]]:
    """The objects of the lists in an object, each with the settings that stand above it."""
    fields = as_object(entry.value)
    lists = [(key, as_list(value)) for key, value in fields.items() if holds_objects(value)]
    if len(lists) != 1:
        by_name = list(_unfold_names(entry, above))
        yield from by_name or [(entry, above)]
        return
    [(inner, values)] = lists
    told = {key: value for key, value in fields.items() if _tells_of_all(key, value)}
    outcome = _find_outcome(fields)
    if outcome and all(map(_went_well, map(as_object, values))):
        # of the runs in its list none failed, so that it is one more
        yield Entry(entry.place, outcome), {**above, **told}
    for at, value in enumerate(values):
        yield from _unfold(Entry((*entry.place, inner, at), value), {**above, **told})


def _unfold_names(
    entry: Entry, above: Mapping[str, Json]
) -> Iterator[tuple[Entry, Mapping[str, Json]]]:
    """The objects in lists that stand under the names of models or variants, alone in an object."""
    fields = as_object(entry.value)
    inside = {(): fields, **{(key,): as_object(value) for key, value in fields.items()}}
    named = {
        place: lists
        for place, lists in inside.items()
        if lists and all(map(holds_objects, lists.values()))
    }
    if len(named) != 1:
        return
    [(place, lists)] = named.items()
    told = {key: value for key, value in fields.items() if place and _tells_of_all(key, value)}
    for name, values in lists.items():
        of = {"model" if names_model(name) else "variant": name}
        for at, value in enumerate(as_list(values)):
            inner = Entry((*entry.place, *place, name, at), value)
            yield from _unfold(inner, {**above, **told, **of})


def _find_outcome(fields: Mapping[str, Json]) -> dict[str, Json]:
    """The fields in which an object says that it failed; none where another says how it ended."""
    columns = plan_columns([*fields])
    values = list(fields.values())
    told = {at: tells(values[at]) for at, tells in failure_cells(columns)}
    well = any(not told[at] for at in (columns.success, columns.status) if at in told)
    failed = [at for at, tells in told.items() if tells and not well]
    return {
        columns.labels[at]: values[at] for at in failed if not isinstance(values[at], dict | list)
    }


def _went_well(fields: Mapping[str, Json]) -> bool:
    """Whether an object says of no failure, and has some number that is not 0."""
    numbers = [value for _, value in _leaves(fields) if isinstance(value, Numeral)]
    return not _find_outcome(fields) and any(map(parse_number, numbers))


def _refuse_sums(entry: Entry) -> Iterator[Refusal]:
    """The results that stand above a list of results."""
    fields = as_object(entry.value)
    for key, value in fields.items():
        if read_column(key) is not None and not isinstance(value, dict | list | None):
            locator = pointer_locator(*entry.place, key)
            yield Refusal(locator=locator, reason="it stands above the results that are read")


def _tells_of_all(key: str, value: Json) -> bool:
    """Whether a field is a setting of all that stands in the list beside it, and no sum over it."""
    if isinstance(value, dict):
        return join_words(key) in _SETTINGS
    if isinstance(value, list) or read_column(key) is not None:
        return False
    known = find_setting(join_words(key)) is not None or is_knob(key)
    ended = tells_outcome(key) or not _ERRORS.isdisjoint(join_words(key).split("_"))
    return known or (is_word(value) and not ended)


def has_depth(entry: Entry) -> bool:
    """Whether a value of an object is an object that is taken apart."""
    fields = as_object(entry.value)
    return any(as_object(value) and key != _OPTIONS for key, value in fields.items())


def _leaves(
    values: Mapping[str, Json], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Json]]:
    for key, value in values.items():
        inner = as_object(value) if key != _OPTIONS and len(above) < _DEEPEST else {}
        if inner:
            yield from _leaves(inner, (*above, key))
        else:
            yield (*above, key), value


def _name_leaf(path: tuple[str, ...]) -> str:
    """The name by which a value is understood: with all that stands above it, if that says it."""
    *above, leaf = path
    whole = "_".join(path)
    while above and join_words(above[0]) in _CONTAINERS and not read_column(whole):
        above = above[1:]
        whole = "_".join((*above, leaf))
    if not above or read_column(whole) or find_statistic(leaf):
        return whole
    if any(join_words(name) in _SETTINGS for name in above):
        name = join_words(leaf)
        return leaf if find_setting(name) or names_models(name) else OPTION_PREFIX + leaf
    return leaf if all(join_words(name) in _CONTAINERS for name in above) else whole
