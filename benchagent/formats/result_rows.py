"""Results in rows of anybody's making: sweeps of quantisations, comparisons of engines and GPUs.

The columns are a script's own, so only a name that says quantity and unit is read (`tg_tok_s`,
`TTFT (ms)`); the others are listed. What a text column says is a setting of its row.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.call_records import NO_RUN, is_no_run
from benchagent.formats.row_columns import plan_rows, read_rows
from benchagent.formats.settings import read_model
from benchagent.mappings.rows import Row, Rows, find_rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.model_names import names_model, names_quantization
from benchagent.measurements.readings import Parsed, Record, Refusal
from benchagent.quantities.numbers import parse_number

NAME: Final = "result-rows"

# What a benchmark of a language model measures; sizes and counts alone are a list of files.
_RESULTS: Final = frozenset(
    "ttft tpot itl decode_rate prefill_rate load_time prompt_eval_time eval_time total_time latency "
    "compile_time perplexity throughput".split()
)


def detect(artifact: Artifact) -> bool:
    """Whether the rows of a table, list or object of objects have columns of a result and its unit."""
    rows = find_rows(artifact)
    return rows is not None and _holds_results(rows)


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    rows = find_rows(artifact)
    if rows is None:
        raise TypeError("no rows here; detect should have said so")
    columns = plan_rows(rows)
    records: list[Record] = []
    refusals: list[Refusal] = [*rows.refusals]
    for row, read, refused in read_rows(rows, columns, benchmark="llm-results"):
        record = _name_by_key(read, row)
        if is_no_run(record, columns):
            refusals.append(Refusal(locator=row.name, reason=NO_RUN))
            continue
        records.append(record)
        refusals.extend(refused)
    unread = f"columns not understood: {', '.join(columns.unknown)}" if columns.unknown else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=unread)


def _holds_results(rows: Rows) -> bool:
    """Whether any number stands in a column of a result and its unit."""
    return any(
        isinstance(cell := row.cells[at], str) and parse_number(cell, unit=meaning.unit) is not None
        for at, meaning in plan_rows(rows).readings
        if meaning.metric in _RESULTS and meaning.unit
        for row in rows.rows
    )


def _name_by_key(record: Record, row: Row) -> Record:
    """What stands under a name of its own is that model, or that variant of what the file is about."""
    key = row.place[-1] if isinstance(row.place, tuple) and row.place else None
    if not isinstance(key, str):
        return record
    if record.subject is None and names_model(key):
        return replace(record, subject=read_model(key))
    setting = "quantization" if names_quantization(key) else "variant"
    return replace(record, config={**record.config, setting: key})
