"""What the files do not say of their measurements: machine, version, time, model."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.fact import Evidence, Fact

# By the words that a key of `environment` or `config` holds.
_MACHINE: Final = ("gpu", "cpu", "device", "host", "machine", "platform", "hardware", "backend")
_VERSION: Final = ("version", "commit", "build", "digest")
_COLUMNS: Final = [
    "source_path", "duplicate_of", "environment", "config", "measured_at", "time_basis",
    "subject", "subject_from", "kind",
]  # fmt: skip


def count_gaps(evidence: Evidence) -> Iterator[Fact]:
    """Counts of files with measurements that leave out what a comparison needs to know."""
    table: pd.DataFrame = evidence.measurements.select(_COLUMNS).to_pandas()
    rows = table[(table["kind"] == "measured") & table["duplicate_of"].isna()]
    rows = rows.drop_duplicates().astype("object")
    everything = set(rows["source_path"])
    timed = set(rows.loc[rows["measured_at"].notna(), "source_path"])
    naive = set(rows.loc[rows["time_basis"] == "naive", "source_path"])
    named_by_path = rows["subject"].notna() & rows["subject_from"].isin(["file-name", "folder"])
    gaps = {
        "measured-files": ("files with measurements of their own", everything),
        "files-without-machine": (
            "files with measurements that do not name the machine",
            everything - _naming(rows, _MACHINE, beside="num_gpu"),
        ),
        "files-without-version": (
            "files with measurements that name no version of what ran",
            everything - _naming(rows, _VERSION),
        ),
        "files-without-time": ("files with measurements without a time", everything - timed),
        "files-with-naive-time": ("files with times that do not say their zone", naive),
        "files-naming-subject-by-path": (
            "files that name what was measured only in their path",
            set(rows.loc[named_by_path, "source_path"]),
        ),
        "files-without-subject": (
            "files with measurements that do not say what was measured",
            set(rows.loc[rows["subject"].isna(), "source_path"]),
        ),
    }
    for what, (label, paths) in gaps.items():
        yield count_of(what, "files", label, paths, about="telemetry")


def _naming(rows: pd.DataFrame, words: tuple[str, ...], beside: str = "") -> set[Any]:
    """Files with a recorded setting whose key holds one of the words and is not `beside`."""
    return {
        path
        for column in ("environment", "config")
        for text in rows[column].unique()
        if any(any(word in key for word in words) for key in _keys(text) if key != beside)
        for path in rows.loc[rows[column] == text, "source_path"].unique()
    }


def _keys(text: str) -> list[str]:
    return [key.lower() for key in json.loads(text)]
