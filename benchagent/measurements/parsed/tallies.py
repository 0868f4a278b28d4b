"""What is asked of a content as a whole, counted once when it is kept.

A folder of any size is then looked over by a few narrow columns, and its numbers need not be.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchagent.arrays import Mask
from benchagent.measurements.named_columns import find_word

# `derives`: something of it sums up others; `measures`: something of it was measured.
TALLIES: Final = {
    "contents": pa.schema(
        [
            ("n_records", pa.int64()),
            ("n_readings", pa.int64()),
            ("n_failed", pa.int64()),
            ("derives", pa.bool_()),
            ("measures", pa.bool_()),
        ]
    ),
    "records": pa.schema([("load_ms", pa.float64())]),
    "readings": pa.schema([]),
}


def tally(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The three tables of a segment with what `TALLIES` names beside their columns."""
    contents, records, readings = (tables[name] for name in TALLIES)
    content = records["content"].to_numpy()
    of_reading = content[readings["record"].to_numpy()]
    derived, failed = find_word(readings["kind"], "derived"), records["failure"].is_valid()
    summed_up = find_word(records["failure_kind"], "derived")
    measured = find_word(readings["kind"], "measured")
    n = contents.num_rows

    def count(contents: np.ndarray[Any, Any]) -> pa.Array:
        return pa.array(np.bincount(contents, minlength=n))

    def mark(*found: np.ndarray[Any, Any]) -> pa.Array:
        marks = np.zeros(n, np.bool_)
        marks[np.concatenate(found)] = True
        return pa.array(marks)

    return {
        "contents": _append(
            contents,
            n_records=count(content),
            n_readings=count(of_reading),
            n_failed=count(content[failed.to_numpy()]),
            derives=mark(of_reading[derived], content[summed_up]),
            measures=mark(of_reading[measured]),
        ),
        "records": _append(records, load_ms=_load_times(records, readings, measured)),
        "readings": readings,
    }


def _append(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _load_times(records: pa.Table, readings: pa.Table, measured: Mask) -> pa.Array:
    """The measured load time of each record in milliseconds, null where it has none."""
    wanted = (
        find_word(readings["metric"], "load_time")
        & find_word(readings["statistic"], "value")
        & measured
    )
    times = np.full(records.num_rows, np.nan)
    times[readings["record"].to_numpy()[wanted]] = readings["value"].to_numpy()[wanted]
    return pa.array(times, mask=np.isnan(times))
