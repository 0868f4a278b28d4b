"""What KoboldCpp appends to the file of `--benchmark`: one row per benchmark.

Its speeds are one over the time per token that the engine tells; its times are that time per token
by the tokens that were asked for, whatever was processed, and so are no times that passed.
"""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting, read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "koboldcpp-bench"

_COLUMNS: Final = [
    "Timestamp", "Backend", "Layers", "Model", "MaxCtx", "GenAmount", "ProcessingTime",
    "ProcessingSpeed", "GenerationTime", "GenerationSpeed", "TotalTime",
]  # fmt: skip
_RATES: Final = {
    "ProcessingSpeed": Field("prefill_rate", "tokens/s"),
    "GenerationSpeed": Field("decode_rate", "tokens/s"),
}
_SETTINGS: Final = {
    "backend": "Backend",
    "offloaded_layers": "Layers",
    "num_ctx": "MaxCtx",
    "n_gen": "GenAmount",
    "flags": "Flags",
}


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `Timestamp,Backend,Layers,Model` and have `ProcessingSpeed`."""
    return artifact.labels[: len(_COLUMNS)] == _COLUMNS


def parse(artifact: Artifact) -> Parsed:
    """One record per row; its times were not measured."""
    refusals: list[Refusal] = []
    records = [
        _read_row(cells, at, refusals)
        for at, cells in read_whole_rows(artifact.expect_grid(), refusals)
    ]
    said = "times are not read: they are a time per token by the tokens that were asked for"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="llm-bench",
        readings=tuple(read_cells(cells, at, _RATES, refusals)),
        subject=cells["Model"] or None,
        config={name: read_setting(cells.get(label)) for name, label in _SETTINGS.items()},
        measured_at=read_time(cells["Timestamp"]),
    )
