"""One row per call: what `bench_calls.csv` says of it, as it is written and read back.

Times are kept to the microsecond and rates to a thousandth, once: the summary is computed from the
numbers as they stand in the file, so that anybody can compute it again.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from benchagent.bench.errors import BenchError
from benchagent.bench.plan import PlannedCall
from benchagent.bench.subjects import Subject
from benchagent.bench.sweeps import write_value
from benchagent.calls.model_call import ModelCall
from benchagent.formats.own.bench_calls import GPU_READINGS, bench_columns
from benchagent.formats.tables.call_columns import OPTION_PREFIX

# A limit that was reached, or words over and over to that limit, are as fast as any others.
_MEASURED: Final = frozenset({"ok", "length", "repetition"})
_DECIMALS: Final = 3
_LONGEST_ERROR: Final = 400
_WHOLE: Final = frozenset(
    ("prompt_index", "repetition", "sequence", "seed", "prompt_tokens", "output_tokens")
)
_REAL: Final = frozenset(
    (
        "ttft_ms",
        "client_total_ms",
        "total_ms",
        "load_ms",
        "prompt_eval_ms",
        "eval_ms",
        "decode_tokens_per_s",
        *GPU_READINGS,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """One call, in the columns of `bench_calls.csv`; a failed one has no numbers, only its error.

    Attributes:
        options: the option columns as text.
        machine: where the server ran; None where it is not this machine.
        phase: `cold`, `warm`, or `reload` where the server loaded again unasked.
        gpu_name, gpu_…: the busiest moment of the graphics processors; None where no tool told.
    """

    started_at: str
    model: str
    digest: str | None
    quantization: str | None
    server_version: str | None
    host_kind: str
    machine: str | None
    config_name: str
    options: Mapping[str, str]
    prompt_index: int
    prompt_text: str
    nonce: str
    repetition: int
    sequence: int
    seed: int
    phase: str | None = None
    ttft_ms: float | None = None
    client_total_ms: float | None = None
    total_ms: float | None = None
    load_ms: float | None = None
    prompt_eval_ms: float | None = None
    eval_ms: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    decode_tokens_per_s: float | None = None
    done_reason: str | None = None
    error: str | None = None
    gpu_name: str | None = None
    gpu_utilisation_percent: float | None = None
    gpu_memory_used_mib: float | None = None
    gpu_power_w: float | None = None
    gpu_sm_clock_mhz: float | None = None
    gpu_temperature_c: float | None = None


_OWN: Final = tuple(field.name for field in fields(BenchRow) if field.name != "options")


def row_of(
    call: ModelCall, planned: PlannedCall, subject: Subject, *, prompt: str, nonce: str
) -> BenchRow:
    """The row of a call that was made for a plan."""
    options = planned.option_set.options
    asked, timings = call.asked, call.timings
    row = BenchRow(
        started_at=call.started_at,
        model=planned.model,
        digest=asked.manifest_digest,
        quantization=asked.quantisation,
        server_version=asked.server_version,
        host_kind=subject.host_kind,
        machine=subject.machine,
        config_name=planned.option_set.name,
        options={name: write_value(value) for name, value in options.items()},
        prompt_index=planned.prompt_index,
        prompt_text=prompt,
        nonce=nonce,
        repetition=planned.repetition,
        sequence=planned.sequence,
        seed=asked.seed,
        error=_say_failure(call),
    )
    if row.error is not None:
        return row
    measured: dict[str, float | None] = {
        "ttft_ms": timings.ttft_ms,
        "client_total_ms": timings.wall_ms,
        "total_ms": timings.total_ms,
        "load_ms": timings.load_ms,
        "prompt_eval_ms": timings.prompt_eval_ms,
        "eval_ms": timings.eval_ms,
        "decode_tokens_per_s": timings.decode_rate,
        **{name: getattr(call.gpu, name) for name in GPU_READINGS},
    }
    rounded = {name: _rounded(value) for name, value in measured.items()}
    return replace(
        row,
        phase=call.runner.phase,
        prompt_tokens=timings.prompt_tokens,
        output_tokens=timings.output_tokens,
        done_reason=call.ending.done_reason,
        gpu_name=call.gpu.gpu_name,
        **rounded,
    )


def write_line(row: BenchRow, option_names: Sequence[str]) -> str:
    """A row as one line of CSV, without the line's end."""
    cells = {field.name: getattr(row, field.name) for field in fields(row)}
    for name in option_names:
        cells[OPTION_PREFIX + name] = row.options.get(name)
    return write_cells(_write_cell(cells[column]) for column in bench_columns(list(option_names)))


def write_header(option_names: Sequence[str]) -> str:
    """The first line of the file, without its end."""
    return write_cells(bench_columns(list(option_names)))


def write_cells(cells: Iterable[str]) -> str:
    """Cells as one line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
    return line.getvalue()


def read_rows(text: str, option_names: Sequence[str]) -> list[BenchRow]:
    """The whole rows of a file that may have been cut off anywhere by a crash.

    Raises:
        BenchError: the columns are not the ones of these options.
    """
    header, *lines = text.rpartition("\n")[0].split("\n")
    if header != write_header(option_names):
        raise BenchError(f"the columns are {header[:80]!r}, expected those of this benchmark")
    columns = bench_columns(list(option_names))
    cells = csv.reader(lines)
    whole = (row for row in cells if len(row) == len(columns))
    return [_read_row(dict(zip(columns, row, strict=True))) for row in whole]


def _read_row(cells: Mapping[str, str]) -> BenchRow:
    own = {name: _read_cell(name, cells[name]) for name in _OWN}
    options = {
        column.removeprefix(OPTION_PREFIX): text
        for column, text in cells.items()
        if column.startswith(OPTION_PREFIX) and text
    }
    return BenchRow(options=options, **own)


def _read_cell(name: str, text: str) -> Any:
    if not text:
        return None
    if name in _WHOLE:
        return int(text)
    return float(text) if name in _REAL else text


def _write_cell(value: str | float | None) -> str:
    return "" if value is None else str(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def _say_failure(call: ModelCall) -> str | None:
    """Why a call was not measured, None if it was."""
    ending = call.ending
    if ending.outcome in _MEASURED and ending.done_reason is not None:
        return None
    said = f"{ending.outcome}: {ending.detail}" if ending.detail else ending.outcome
    return " ".join(said.split())[:_LONGEST_ERROR].encode(errors="replace").decode()
