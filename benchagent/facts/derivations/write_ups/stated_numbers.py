"""The numbers that summaries and write-ups state, none of them measured where it stands."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.counted_once.rounding import half_step
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.settings import find_item, split_config
from benchagent.facts.fact import Evidence

_NAMES: Final = [
    "source_path", "record", "subject", "config", "metric", "statistic", "definition", "unit", "kind", "derived_from",
]  # fmt: skip


class Statement(NamedTuple):
    """One number that a summary or a write-up states.

    Attributes:
        settings: how it was run, without the workload and the item, which are told as `split_config`
            writes them.
        asked: what names the item, under its own name.
    """

    id: int
    source_path: str
    record: str
    subject: str | None
    settings: dict[str, object]
    workload: str
    item: str
    asked: dict[str, object]
    metric: str
    statistic: str
    definition: str | None
    value: float
    unit: str
    rounding: float
    kind: str
    derived_from: str | None


def read_statements(evidence: Evidence) -> Iterator[Statement]:
    """Every one whose unit is known, each of two identical files read once."""
    table = Frame.of(evidence.measurements, ["kind", "unit", "population", "duplicate_of"])
    stated = table.has("kind", "derived", "claimed") & table.known("unit")
    # no single number is kept of requests that failed, so none bears out what sums them up
    stated &= ~table.has("population", "errored") & ~table.known("duplicate_of")
    columns = ["id", "value", *_NAMES]
    rows = Frame.of(evidence.measurements, columns, texts=["raw_value"], rows=stated)
    rows = rows.take(np.argsort(rows.ids, kind="stable"))
    written = rows.texts("raw_value").to_pylist()
    named = rows.records(_NAMES)
    numbers = zip(rows.ids.tolist(), rows.values.tolist(), written, strict=True)
    for (id, value, raw_value), cells in zip(numbers, named, strict=True):
        row = dict(zip(_NAMES, cells, strict=True))
        parts = split_config(row["config"], row["subject"])
        yield Statement(
            id=id,
            source_path=row["source_path"],
            record=row["record"],
            subject=row["subject"],
            settings=json.loads(parts.settings),
            workload=parts.workload,
            item=parts.item,
            asked=find_item(row["config"]) if parts.item else {},
            metric=row["metric"],
            statistic=row["statistic"],
            definition=row["definition"],
            value=value,
            unit=row["unit"],
            rounding=half_step(raw_value, value),
            kind=row["kind"],
            derived_from=row["derived_from"],
        )
