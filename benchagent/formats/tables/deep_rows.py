"""Objects in objects, and lists of them in each other, as rows with a column for each value.

A number is known by all names above it, unless those say nothing of it (`timings`, `results`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from benchagent.formats.tables.bare_rates import names_stage
from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.call_failures import failure_cells
from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.leaves import (
    Leaf,
    find_leaves,
    has_depth,
    join_leaves,
)
from benchagent.formats.tables.levels import find_levels
from benchagent.formats.tables.lists_within import find_list_of_runs
from benchagent.formats.tables.replies import Path, holds_reply
from benchagent.formats.tables.settings_beside import tell_of_all
from benchagent.formats.tables.unmeasured_names import names_unmeasured
from benchagent.mappings.cell_units import find_units_in_cells
from benchagent.mappings.rows import (
    Row,
    Rows,
    find_entries,
    find_rows,
    holds_objects,
    key_of,
    label_fields,
    read_field,
)
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.grids import label_columns
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.model_names import names_model
from benchagent.measurements.readings import Refusal
from benchagent.quantities.numbers import parse_number

_MOST_FIELDS: Final = 200


def find_deep_rows(artifact: Artifact) -> Iterator[Rows]:
    """The rows that objects may be: those in the lists of others first, before what sums them up."""
    if len(artifact.entries) == 1 and (levels := find_levels(artifact.entries[0])):
        fields = as_object(artifact.entries[0].value)
        above = tell_of_all(fields, {str(of.place[0]) for of, _ in levels if of.place})
        inner = [Entry(of.place, {**above, **told, **as_object(of.value)}) for of, told in levels]
        rows = rows_in_depth(inner, artifact)
        # the names that they stand under are told as their levels: no other layout says as much
        yield rows._replace(rows=[row._replace(key=None) for row in rows.rows])
        return
    entries = find_entries(artifact)
    if len(artifact.entries) == 1 and holds_reply(as_object(artifact.entries[0].value)):
        entries = artifact.entries
    names = [key_of(entry) or "" for entry in entries]
    quantities = all(map(read_column, names)) or any(map(names_stage, names))
    if entries and (quantities or entries[0].place[:1] == _find_list(artifact)):
        entries = artifact.entries
    measured = [entry for entry in entries if not names_unmeasured(key_of(entry) or "")]
    if entries and not measured:
        return
    sure, entries = len(measured) < len(entries), measured
    unfolded = [
        (each, told if each is entry else {**_tell_name(entry, told), **told})
        for entry in entries
        for each, told in _unfold(entry, {})
    ]
    within = [each.place for each, _ in unfolded] != [entry.place for entry in entries]
    if within or any(told for _, told in unfolded):
        inner = [Entry(each.place, {**told, **as_object(each.value)}) for each, told in unfolded]
        rows = rows_in_depth(inner, artifact)
        left_out = tuple(refused for entry in entries for refused in _refuse_sums(entry))
        yield rows._replace(refusals=(*rows.refusals, *left_out))
    told = _tell_beside(entries, artifact)
    # of one field alone nothing tells that the names are of what was measured
    sure = sure or (told != entries and len(label_fields(entries)) > 1)
    deep = sure or any(map(has_depth, entries))
    plain = rows_in_depth(told, artifact) if deep else None
    plain = plain or find_rows(artifact)
    yield from [plain] if plain else []


def _tell_beside(entries: Sequence[Entry], artifact: Artifact) -> list[Entry]:
    """Objects under names, each with the settings that stand beside all of them."""
    if not entries or key_of(entries[0]) is None:
        return [*entries]
    told = tell_of_all(as_object(artifact.tree), {str(entries[0].place[0])})
    return [Entry(entry.place, {**told, **as_object(entry.value)}) for entry in entries]


def _find_list(artifact: Artifact) -> Place | None:
    """The place of the only list of objects in the one object of a file."""
    lists = [key for key, value in as_object(artifact.tree).items() if holds_objects(value)]
    return (lists[0],) if len(lists) == 1 else None


def rows_in_depth(entries: Sequence[Entry], artifact: Artifact) -> Rows:
    """Objects as rows, a column for each value in them, however deep it lies."""
    leaves = [list(find_leaves(as_object(entry.value))) for entry in entries]
    names: dict[Path, str | None] = {}
    first: dict[Path, Place] = {}
    for entry, found in zip(entries, leaves, strict=True):
        for leaf in found:
            names[leaf.path] = names.get(leaf.path) or leaf.name
            first.setdefault(leaf.path, entry.place)
    read = [[leaf for leaf in found if not _is_doubtful(leaf, names)] for found in leaves]
    values = [{leaf.path: leaf.value for leaf in found} for found in read]
    kept, others = [*first][:_MOST_FIELDS], [*first.items()][_MOST_FIELDS:]
    columns = join_leaves({path: names[path] for path in kept}, values)
    labels = label_columns([name for name, _ in columns])
    rows = [
        _read_row(entry, found, labels, [paths for _, paths in columns])
        for entry, found in zip(entries, values, strict=True)
    ]
    units = find_units_in_cells(labels, [row.cells for row in rows])
    model = as_text(as_object(artifact.tree).get("model")) if rows[0].place != () else None
    refusals = [*artifact.broken_lines]
    for entry, found in zip(entries, leaves, strict=True):
        refusals += [_refuse(entry, leaf) for leaf in found if _is_doubtful(leaf, names)]
    for path, place in others[:1]:
        said = f"this and {len(others) - 1} more fields are not read: {_MOST_FIELDS} are the most"
        refusals.append(Refusal(locator=pointer_locator(*place, *path), reason=said))
    return Rows("", labels, rows, tuple(refusals), model, units)


def _read_row(
    entry: Entry,
    found: Mapping[Path, Json],
    labels: Sequence[str],
    columns: Sequence[Sequence[Path]],
) -> Row:
    told = [
        next((path for path in paths if found.get(path) is not None), paths[0]) for paths in columns
    ]
    places = {
        label: pointer_locator(*entry.place, *path)
        for label, path in zip(labels, told, strict=True)
    }
    return Row(entry.place, [read_field(found, path) for path in told], key_of(entry), places)


def _is_doubtful(leaf: Leaf, names: Mapping[Path, str | None]) -> bool:
    """Whether a number is none of a server's, where those of other objects at its place are."""
    strange = leaf.name is None and names[leaf.path] is not None
    return leaf.untimed or (strange and isinstance(leaf.value, Numeral))


def _refuse(entry: Entry, leaf: Leaf) -> Refusal:
    locator = pointer_locator(*entry.place, *leaf.path)
    said = "stands where nothing was timed" if leaf.untimed else "is written as no such server does"
    return Refusal(locator=locator, reason=f"{leaf.value!r} {said}")


def _unfold(entry: Entry, above: Mapping[str, Json]) -> Iterator[tuple[Entry, Mapping[str, Json]]]:
    """The objects of the lists in an object, each with the settings that stand above it."""
    fields = as_object(entry.value)
    if holds_reply(fields):  # the lists in it are those of one call: its messages, its choices
        yield entry, above
        return
    found = find_list_of_runs(fields)
    if found is None:
        by_name = list(_unfold_names(entry, above))
        yield from by_name or [(entry, above)]
        return
    inner, values = found
    told = tell_of_all(fields)
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
    told = tell_of_all(fields, place) if place else {}
    for name, values in lists.items():
        of = _of_name(name)
        for at, value in enumerate(as_list(values)):
            inner = Entry((*entry.place, *place, name, at), value)
            yield from _unfold(inner, {**above, **told, **of})


def _tell_name(entry: Entry, told: Mapping[str, Json]) -> dict[str, Json]:
    """What is told by the name that an object stands under, if a setting in it does not say it too."""
    name = key_of(entry)
    return {} if name is None or name in told.values() else _of_name(name)


def _of_name(name: str) -> dict[str, Json]:
    return {"model" if names_model(name) else "variant": name}


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
    numbers = [leaf.value for leaf in find_leaves(fields) if isinstance(leaf.value, Numeral)]
    return not _find_outcome(fields) and any(map(parse_number, numbers))


def _refuse_sums(entry: Entry) -> Iterator[Refusal]:
    """The results that stand above a list of results."""
    fields = as_object(entry.value)
    for key, value in fields.items():
        if read_column(key) is not None and not isinstance(value, dict | list | None):
            locator = pointer_locator(*entry.place, key)
            yield Refusal(locator=locator, reason="it stands above the results that are read")
