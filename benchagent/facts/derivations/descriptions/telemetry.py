"""What the files do not say of their measurements: machine, version, time, model."""

import json
from collections.abc import Iterator
from typing import Final

from benchagent.arrays import Mask
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.rows.frame import Frame, measured_once
from benchagent.facts.fact import Evidence, Fact

# By the words that a key of `environment` or `config` holds.
_MACHINE: Final = ("gpu", "cpu", "device", "host", "machine", "platform", "hardware", "backend")
_VERSION: Final = ("version", "commit", "build", "digest")
_COLUMNS: Final = [
    "source_path", "environment", "config", "time_basis", "subject", "subject_from",
]  # fmt: skip


def count_gaps(evidence: Evidence) -> Iterator[Fact]:
    """Counts of files with measurements that leave out what a comparison needs to know."""
    rows = Frame.of(
        evidence.measurements, _COLUMNS, texts=["measured_at"], rows=measured_once(evidence)
    )

    def files(which: Mask) -> set[str]:
        return set(rows.used("source_path", which))

    everything = set(rows.used("source_path"))
    timed = rows.texts("measured_at").is_valid().to_numpy(zero_copy_only=False)
    named_by_path = rows.known("subject") & rows.has("subject_from", "file-name", "folder")
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
        "files-without-time": ("files with measurements without a time", everything - files(timed)),
        "files-with-naive-time": (
            "files with times that do not say their zone",
            files(rows.has("time_basis", "naive")),
        ),
        "files-naming-subject-by-path": (
            "files that name what was measured only in their path",
            files(named_by_path),
        ),
        "files-without-subject": (
            "files with measurements that do not say what was measured",
            files(~rows.known("subject")),
        ),
    }
    for what, (label, paths) in gaps.items():
        yield count_of(what, "files", label, paths, about="telemetry")


def _naming(rows: Frame, words: tuple[str, ...], beside: str = "") -> set[str]:
    """Files with a recorded setting whose key holds one of the words and is not `beside`."""

    def is_named(text: str) -> bool:
        return any(any(word in key for word in words) for key in _keys(text) if key != beside)

    return {
        path
        for column in ("environment", "config")
        for path in rows.used("source_path", rows.has(column, *filter(is_named, rows.used(column))))
    }


def _keys(text: str) -> list[str]:
    return [key.lower() for key in json.loads(text)]
