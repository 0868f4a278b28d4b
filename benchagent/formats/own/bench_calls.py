"""benchagent's own bench artifacts: `bench_calls.csv`, one row per call, written by `bench`.

The columns are fixed here, so that who writes and who reads cannot drift apart. Every option that
was set or swept has a column of its own, `option_<name>`, after `config_name`. The columns of the
graphics processor came later: a file without them is read as before.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.own.llm_calls_csv import find_benchmark
from benchagent.formats.tables.call_columns import OPTION_PREFIX, Columns, plan_columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.definitions import learn_definitions
from benchagent.formats.tables.row_records import first_cells, parse_rows
from benchagent.mappings.rows import Rows, rows_of_grid
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed
from benchagent.quantities.units import Unit, find_unit

NAME: Final = "bench-calls-csv"

CALLS_FILE: Final = "bench_calls.csv"
SUMMARY_FILE: Final = "bench_summary.json"
REPORT_FILE: Final = "bench_report.md"
SUMMARY_VERSION: Final = 1

IDENTITY_COLUMNS: Final = (
    "started_at",
    "model",
    "digest",
    "quantization",
    "server_version",
    "host_kind",
    "machine",
    "config_name",
)
CALL_COLUMNS: Final = (
    "prompt_index",
    "prompt_text",
    "nonce",
    "repetition",
    "sequence",
    "seed",
    "phase",
    "ttft_ms",
    "client_total_ms",
    "total_ms",
    "load_ms",
    "prompt_eval_ms",
    "eval_ms",
    "prompt_tokens",
    "output_tokens",
    "decode_tokens_per_s",
    "done_reason",
    "error",
)
GPU_NAME: Final = "gpu_name"
# The busiest reading of nvidia-smi beside the call; empty where there was none.
GPU_READINGS: Final = {
    "gpu_utilisation_percent": Meaning("gpu_utilization", "value", Unit("ratio", -2), "%"),
    "gpu_memory_used_mib": Meaning("vram", "value", find_unit("MiB"), "MiB"),
    "gpu_power_w": Meaning("power", "value", find_unit("W"), "W"),
    "gpu_sm_clock_mhz": Meaning("clock_rate", "value", find_unit("MHz"), "MHz"),
    "gpu_temperature_c": Meaning("temperature_c", "value", find_unit("°C"), "°C"),
}
GPU_COLUMNS: Final = (GPU_NAME, *GPU_READINGS)


# How an answer ended is an outcome; the machine is told beside the settings.
_NO_SETTINGS: Final = frozenset(("done_reason", "machine", GPU_NAME))


def bench_columns(options: list[str]) -> tuple[str, ...]:
    """The header of `bench_calls.csv` for these options, in the order that they are given."""
    named = (OPTION_PREFIX + option for option in options)
    return (*IDENTITY_COLUMNS, *named, *CALL_COLUMNS, *GPU_COLUMNS)


def detect(artifact: Artifact) -> bool:
    """Whether the columns are the ones that `bench` writes, with any options between them."""
    fixed = [*IDENTITY_COLUMNS, *CALL_COLUMNS]
    found = [
        name for name in artifact.labels if name in fixed or not name.startswith(OPTION_PREFIX)
    ]
    return found in (fixed, [*fixed, *GPU_COLUMNS])


def parse(artifact: Artifact) -> Parsed:
    """One record per call; TTFT is the client's, the other times are the server's."""
    rows = rows_of_grid(artifact.expect_grid())
    columns = learn_definitions(_plan(rows), first_cells(rows))
    benchmark = find_benchmark(rows)
    return parse_rows(rows, columns, format=NAME, benchmark=benchmark, only_runs=True)


def _plan(rows: Rows) -> Columns:
    """The columns, without what is no setting: it would part calls of one configuration.

    The nonce tells calls apart and nothing else.
    """
    columns = plan_columns(rows.labels)
    at = {label: place for place, label in enumerate(rows.labels)}
    gpu = tuple((at[name], meaning) for name, meaning in GPU_READINGS.items() if name in at)
    machine = [(at["machine"], "machine")]
    if GPU_NAME in at and any(cells[at[GPU_NAME]] for cells in first_cells(rows)):
        machine.append((at[GPU_NAME], "gpu"))
    return replace(
        columns,
        readings=(*columns.readings, *gpu),
        settings=tuple((at, name) for at, name in columns.settings if name not in _NO_SETTINGS),
        environment=(*columns.environment, *machine),
        unknown=(),
        definitions={"ttft": "ttft.client"},
    )
