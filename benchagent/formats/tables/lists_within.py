"""Which of the lists in an object holds its runs: not its prompts, nor what sums the runs up.

`{"prompts": […], "summaries": […], "runs": […]}`. Where two may, none does: the one may repeat the other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.formats.tables.leaves import find_leaves, name_leaf
from benchagent.formats.tables.summing_rows import tells_warm_up
from benchagent.mappings.rows import holds_objects
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object
from benchagent.quantities.metrics import is_of_calls
from benchagent.quantities.names import join_words

_SUMS: Final = re.compile(
    r"(?:.*_)?(?:summary|summaries|aggregates?|aggregated|averages?|stats|statistics|totals?"
    r"|ranking|rankings|leaderboard|best|top)(?:_.*)?"
)
# Sizes are told of machines and files as well.
_SIZES: Final = frozenset(("bytes", "tokens"))
_LOOKED_AT: Final = 20


def find_list_of_runs(fields: Mapping[str, Json]) -> tuple[str, list[Json]] | None:
    """The list of objects in an object that holds runs, and its name; None where two may."""
    lists = {key: as_list(value) for key, value in fields.items() if holds_objects(value)}
    if len(lists) > 1:
        lists = {key: values for key, values in lists.items() if _holds_results(values)}
    if len(lists) > 1:
        lists = {key: values for key, values in lists.items() if not _sums_up(key, values)}
    return next(iter(lists.items())) if len(lists) == 1 else None


def _holds_results(values: Sequence[Json]) -> bool:
    units = [meaning.unit for meaning in _read_meanings(values) if meaning.unit is not None]
    return any(unit.canonical not in _SIZES for unit in units)


def _sums_up(key: str, values: Sequence[Json]) -> bool:
    if tells_warm_up(key) or _SUMS.fullmatch(join_words(key)):
        return True
    return any(is_of_calls(meaning.metric, meaning.statistic) for meaning in _read_meanings(values))


def _read_meanings(values: Sequence[Json]) -> Iterator[Meaning]:
    """What the numbers of the first objects are of, where their names tell."""
    for value in values[:_LOOKED_AT]:
        for leaf in find_leaves(as_object(value)):
            name = leaf.name or name_leaf(leaf.path)
            if isinstance(leaf.value, Numeral) and (meaning := read_column(name)):
                yield meaning
