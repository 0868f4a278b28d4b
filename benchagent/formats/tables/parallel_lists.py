"""Lists of numbers in objects: `{"latencies_ms": [812, 790]}`, `{"batch": [1, 2], "tok_s": [51, 98]}`.

The numbers of a quantity that only a whole run has are of runs, one each; numbers beside a list of a
setting's values are under each of these. A list of any other name that is as long may say what each
is of, so that none of them is read then.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.setting_columns import find_named_setting
from benchagent.formats.tables.settings_beside import tell_of_all
from benchagent.mappings.rows import Row, Rows, find_entries, key_of
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.quantities.names import join_words

# What a run has one of; a rate may be of moments in it as well.
_OF_RUNS: Final = frozenset(("ttft", "latency", "total_time"))
_RATES: Final = frozenset(("decode_rate", "prefill_rate", "throughput", "request_rate"))
_PLURAL: Final = {"latencies": "latency", "ttfts": "ttft"}
_PLURALS: Final = re.compile("|".join(_PLURAL))
_MOST: Final = 10_000


class _Lists(NamedTuple):
    """Lists that are as long as each other, by the names of their columns, and where each stands."""

    columns: dict[str, Sequence[Json]]
    keys: dict[str, str]
    length: int


def find_parallel_lists(artifact: Artifact) -> Iterator[Rows]:
    """The runs of which the objects of a file hold lists of numbers."""
    entries = find_entries(artifact)
    lists = [_find_lists(as_object(entry.value)) for entry in entries]
    if not entries or not all(lists):
        return
    told = [tell_of_all(as_object(entry.value)) for entry in entries]
    labels = list(
        dict.fromkeys(
            name
            for said, found in zip(told, lists, strict=True)
            for name in (*said, *(found.columns if found else ()))
        )
    )
    rows = [
        row
        for entry, said, found in zip(entries, told, lists, strict=True)
        if found is not None
        for row in _read_rows(entry, labels, said, found)
    ]
    if len(rows) <= _MOST:
        yield Rows("", labels, rows)


def _read_rows(
    entry: Entry, labels: Sequence[str], told: Mapping[str, Json], lists: _Lists
) -> Iterator[Row]:
    above = {name: pointer_locator(*entry.place, name) for name in labels if name in told}
    for at in range(lists.length):
        cells = {**told, **{name: values[at] for name, values in lists.columns.items()}}
        places = {name: pointer_locator(*entry.place, key, at) for name, key in lists.keys.items()}
        # the row is called by the place of its first number
        yield Row(0, [cells.get(name) for name in labels], key_of(entry), {**places, **above})


def _find_lists(fields: Mapping[str, Json]) -> _Lists | None:
    """The lists of runs in an object; None where it has none, or one more that may part them."""
    lists = {key: as_list(value) for key, value in fields.items() if _is_list(value)}
    named = {key: _name_one(key) for key in lists}
    metrics = {key: metric for key in lists if (metric := _find_metric(named[key]))}
    lengths = {len(lists[key]) for key in metrics}
    if len(lengths) != 1:
        return None
    [length] = lengths
    alike = [key for key, values in lists.items() if len(values) == length]
    settings = [key for key in alike if key not in metrics and _tells(key)]
    numbers = all(isinstance(value, Numeral) for key in metrics for value in lists[key])
    of_runs = bool(settings) or not _OF_RUNS.isdisjoint(metrics.values())
    if not numbers or not of_runs or len(metrics) + len(settings) < len(alike):
        return None
    names = {named[key]: key for key in alike}
    return _Lists({name: lists[key] for name, key in names.items()}, names, length)


def _is_list(value: Json) -> bool:
    values = as_list(value)
    return len(values) > 1 and not any(isinstance(each, dict | list) for each in values)


def _name_one(key: str) -> str:
    """What one number of a list is called: `latency_ms` of `latencies_ms`."""
    return _PLURALS.sub(lambda match: _PLURAL[match[0]], join_words(key))


def _find_metric(name: str) -> str | None:
    meaning = read_column(name)
    if meaning is None or meaning.unit is None or meaning.statistic != "value":
        return None
    return meaning.metric if meaning.metric in _OF_RUNS | _RATES else None


def _tells(key: str) -> bool:
    return find_named_setting(key) is not None or names_models(join_words(key))
