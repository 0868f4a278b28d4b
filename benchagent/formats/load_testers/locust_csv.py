"""What locust sums up of the requests to a server: one row per request's name, times in milliseconds.

Its times are of all requests, those that failed among them, so that they are read only where none
did. Its percentiles, the median too, are rounded to two digits. The row `Aggregated` is over the
others.
"""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import Field, count_at
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_numeral
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "locust-csv"

_FIELDS: Final = {
    "Average Response Time": Field("latency", "ms", "mean", "latency.client"),
    "Min Response Time": Field("latency", "ms", "min", "latency.client"),
    "Max Response Time": Field("latency", "ms", "max", "latency.client"),
}
_RATE: Final = {"Requests/s": Field("request_rate", "req/s")}


def detect(artifact: Artifact) -> bool:
    """Whether the columns have `Request Count`, `Failure Count` and `Average Response Time`."""
    wanted = {"Name", "Request Count", "Failure Count", "Average Response Time", "Requests/s"}
    return wanted.issubset(artifact.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per name of requests of which none failed."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, cells in read_whole_rows(artifact.expect_grid(), refusals):
        if reason := _refuse_row(cells):
            refusals.append(Refusal(locator=f"row={at}", reason=reason))
            continue
        n = _count(cells, "Request Count")
        readings = read_cells(cells, at, _FIELDS, refusals, n=n)
        readings += read_cells(cells, at, _RATE, refusals)
        asked = f"{cells.get('Type', '')} {cells['Name']}".strip()
        records.append(
            Record(
                name=f"row={at}",
                sequence=len(records),
                benchmark="serving",
                readings=tuple(readings),
                # other requests are another task, not a rival
                config={"workload": asked},
            )
        )
    said = "percentiles and the median are rounded to two digits, and not read"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _refuse_row(cells: dict[str, str]) -> str | None:
    if cells["Name"] == "Aggregated":
        return "it sums up other rows"
    failed = _count(cells, "Failure Count")
    if failed is None:
        return f"{cells['Failure Count'][:80]!r} does not tell how many requests failed"
    if failed:
        return f"{failed} requests failed, whose times are among the others"
    return None if _count(cells, "Request Count") else "no request was made"


def _count(cells: dict[str, str], label: str) -> int | None:
    return count_at({label: as_numeral(cells[label])}, label)
