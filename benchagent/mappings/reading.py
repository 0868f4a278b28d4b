"""A file of a shape that somebody has accepted a mapping for, read by it.

Acceptance is for the shape; each file still has to keep the identities, and each row too. A number
that no identity of its row bears out is refused at its place.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from benchagent.arrays import Mask
from benchagent.formats.impossible_numbers import refuse_impossible
from benchagent.formats.tables.call_columns import Columns, plan_columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.row_records import read_rows, say_unread
from benchagent.mappings.identities import BY_NAME, Numbers, Tried, try_identity
from benchagent.mappings.mapping import ColumnMapping
from benchagent.mappings.rows import Rows, find_rows
from benchagent.mappings.trial import tell_success
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Unparsed
from benchagent.quantities.units import find_unit


def read_mapped(name_hint: str, data: bytes, mapping: ColumnMapping) -> Parsed | Unparsed:
    """What a file says by a mapping, or that it does not keep what the mapping promises.

    Raises:
        ValueError: the file is of another shape; its columns mean nothing by this mapping.
    """
    rows = find_rows(Artifact(data, name_hint=name_hint))
    if rows is None or rows.shape != mapping.shape:
        raise ValueError(f"{mapping.name} is for files of shape {mapping.shape}, this is none")
    plan = plan_columns(rows.labels)
    tries = _try_identities(rows, plan, mapping)
    broken = [name for name, tried in tries.items() if not tried.holds]
    if broken:
        said = f"{mapping.name} does not hold here: it is not so that {broken[0]}"
        return Unparsed(reason=said, code="unknown-format", shape=rows.shape)
    columns = _plan_mapped(rows, plan, mapping)
    borne = _find_borne(mapping, tries)
    records: list[Record] = []
    refusals = list(rows.refusals)
    read = read_rows(rows, columns, benchmark="llm-call")
    for at, (_, record, refused) in enumerate(read):
        kept = [each for each in record.readings if each.metric in borne]
        true = tuple(each for each in kept if borne[each.metric][at])
        refusals += refused
        refusals += [_refuse(each) for each in kept if each not in true]
        records.append(replace(record, readings=true))
    parsed = Parsed(
        format=mapping.name,
        records=tuple(each for each in records if each.readings or each.failure),
        refusals=tuple(refusals),
        reason=say_unread(columns),
    )
    return refuse_impossible(parsed)


def _try_identities(rows: Rows, plan: Columns, mapping: ColumnMapping) -> dict[str, Tried]:
    numbers: dict[str, Numbers] = {}
    for column in mapping.columns:
        at, unit = rows.labels.index(column.column), find_unit(column.unit)
        cells = [row.cells[at] if tell_success(plan, row.cells) else None for row in rows.rows]
        if unit is not None:
            numbers[column.metric] = Numbers.of(cells).read_in(unit)
    return {name: try_identity(BY_NAME[name], numbers) for name in mapping.identities}


def _find_borne(mapping: ColumnMapping, tries: Mapping[str, Tried]) -> dict[str, Mask]:
    """For each metric that counts, the rows in which an identity bears its number out."""
    return {
        column.metric: np.any(
            [tried.kept for name, tried in tries.items() if column.metric in BY_NAME[name].metrics],
            axis=0,
        )
        for column in mapping.columns
        if column.counts
    }


def _plan_mapped(rows: Rows, plan: Columns, mapping: ColumnMapping) -> Columns:
    """What each column holds: numbers by the mapping alone, all else as in known files."""
    at = {label: place for place, label in enumerate(rows.labels)}
    used = {*mapping.settings, mapping.subject, *(each.column for each in mapping.columns)}
    named = {rows.labels[place] for place, _ in plan.readings} | {*plan.unknown}
    return replace(
        plan,
        readings=tuple(
            (at[each.column], Meaning(each.metric, "value", find_unit(each.unit), each.unit))
            for each in mapping.columns
        ),
        settings=(
            *(setting for setting in plan.settings if rows.labels[setting[0]] not in used),
            *((at[name], name) for name in mapping.settings),
        ),
        model=at[mapping.subject] if mapping.subject else plan.model,
        unknown=tuple(label for label in rows.labels if label in named - used),
        definitions={each.metric: each.definition for each in mapping.columns if each.definition},
    )


def _refuse(reading: Reading) -> Refusal:
    return Refusal(
        locator=reading.locator,
        reason=f"{reading.raw_value!r} does not go with the rest of its row",
    )
