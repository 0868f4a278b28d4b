"""Results in objects under names of nobody's making: `{"model": …, "steady_state": {…}, "spiky": {…}}`.

Each is told as a variant, or as cold and warm. Only what answers alone have is read so: a latency
under `retrieval` is that of a part of the answer, and one under `slo` was asked for.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from benchagent.formats.tables.bare_rates import names_stage
from benchagent.formats.tables.call_records import read_phase
from benchagent.formats.tables.columns import find_statistic, read_column
from benchagent.formats.tables.deep_rows import rows_in_depth
from benchagent.formats.tables.leaves import find_leaves, name_leaf, names_settings
from benchagent.formats.tables.settings_beside import tell_of_all
from benchagent.formats.tables.unmeasured_names import names_unmeasured
from benchagent.mappings.rows import Rows
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_object

_OF_ANSWERS: Final = frozenset("ttft tpot itl decode_rate prefill_rate perplexity".split())
_PHASE: Final = "phase"
_MOST_NAMES: Final = 200


def find_groups(artifact: Artifact) -> Iterator[Rows]:
    """The objects with results of answers in the one object of a file, each under its name."""
    document = as_object(artifact.tree)
    if len(document) > _MOST_NAMES:
        return
    groups = {key: fields for key, fields in document.items() if _holds_answers(key, fields)}
    if not groups:
        return
    told = tell_of_all(document, groups)
    phases = all(map(read_phase, groups))
    entries = [
        Entry((key,), {**told, **({_PHASE: key} if phases else {}), **as_object(fields)})
        for key, fields in groups.items()
    ]
    rows = rows_in_depth(entries, artifact)
    yield rows._replace(rows=[row._replace(key=None) for row in rows.rows]) if phases else rows


def _holds_answers(name: str, fields: Json) -> bool:
    """Whether an object under a name that is no quantity, statistic or goal has what answers have."""
    taken = read_column(name) is not None or find_statistic(name) is not None
    if taken or names_stage(name) or names_settings(name) or names_unmeasured(name):
        return False
    return any(map(_is_of_answers, _name_leaves(as_object(fields))))


def _name_leaves(fields: Mapping[str, Json]) -> Iterator[str]:
    for leaf in islice(find_leaves(fields), _MOST_NAMES):
        if not isinstance(leaf.value, dict | list | None):
            yield leaf.name or name_leaf(leaf.path)


def _is_of_answers(name: str) -> bool:
    meaning = read_column(name)
    return meaning is not None and meaning.metric in _OF_ANSWERS and meaning.unit is not None
