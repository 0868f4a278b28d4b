"""The artifact formats that we read, in the order in which they are asked.

A format is a module with `NAME`, `detect` (is this file mine?) and `parse` (what does it say?),
both pure functions of the file's bytes. To add one: one file here, one row in `FORMATS`.
"""

from typing import Final

from benchagent.formats import (
    agent_runs,
    bench_calls,
    compile_bench,
    generation_tests,
    generation_tests_csv,
    kernel_bench,
    latency_baseline,
    llm_calls_csv,
    llm_calls_json,
    llm_summary_csv,
    llm_summary_json,
    markdown,
    ncu_csv,
    quantization,
    telemetry,
)
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Grid, Unreadable, as_object
from benchagent.measurements.readings import Parsed, Unparsed

# Raise it when any format reads the same bytes differently: what was parsed before is then parsed
# again.
FORMATS_VERSION: Final = 2

FORMATS: Final = (
    bench_calls,
    generation_tests_csv,
    llm_calls_csv,
    llm_summary_csv,
    ncu_csv,
    generation_tests,
    agent_runs,
    llm_calls_json,
    llm_summary_json,
    compile_bench,
    latency_baseline,
    telemetry,
    quantization,
    kernel_bench,
    markdown,
)

_MOST_NAMES: Final = 12


def parse_bytes(name_hint: str, data: bytes) -> Parsed | Unparsed:
    """What a file says, or why it says nothing; of its name only the ending counts."""
    artifact = Artifact(data, name_hint=name_hint)
    for format in FORMATS:
        if format.detect(artifact):
            parsed = format.parse(artifact)
            if parsed.records:
                return parsed
            return Unparsed(format=parsed.format, reason=_say_empty(parsed))
    return _say_unknown(artifact)


def _say_empty(parsed: Parsed) -> str:
    refused = [f"{refusal.locator}: {refusal.reason}" for refusal in parsed.refusals[:1]]
    said = [text for text in (parsed.reason, *refused) if text]
    return "; ".join(said) or "no records"


def _say_unknown(artifact: Artifact) -> Unparsed:
    if isinstance(artifact.text, Unreadable):
        return Unparsed(reason=artifact.text.reason)
    if not artifact.text.strip():
        return Unparsed(reason="empty file")
    if artifact.shape == "grid":
        return _say_unknown_grid(artifact.grid)
    if artifact.shape == "json":
        return _say_unknown_json(artifact)
    begins = artifact.text.split(maxsplit=8)[:8]
    said = f"text of no known format, beginning {' '.join(begins)[:80]!r}"
    return Unparsed(reason=f"{said}; numbers in prose are no measurements")


def _say_unknown_grid(grid: Grid | Unreadable) -> Unparsed:
    if isinstance(grid, Unreadable):
        return Unparsed(reason=grid.reason)
    return Unparsed(
        reason=f"delimited table of no known format: {len(grid.rows)} rows, "
        f"columns {_name_some(grid.labels)}"
    )


def _say_unknown_json(artifact: Artifact) -> Unparsed:
    if isinstance(artifact.document, Unreadable):
        return Unparsed(reason=artifact.document.reason)
    if isinstance(artifact.document, list):
        return Unparsed(reason=f"JSON list of no known format: {len(artifact.document)} entries")
    keys = list(as_object(artifact.document))
    return Unparsed(reason=f"JSON object of no known format: keys {_name_some(keys)}")


def _name_some(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown or "none"
