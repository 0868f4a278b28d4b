"""Every number of a snapshot, and what became of each of its files."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from benchagent.formats import formats_version
from benchagent.inventory.blobs import read_blob
from benchagent.inventory.listing import SourceFile, Unread
from benchagent.inventory.snapshots import Snapshot
from benchagent.mappings.kept import accepted_mappings
from benchagent.measurements.file_status import FileStatus
from benchagent.measurements.measuring import measure
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import (
    code_version,
    version_of,
    write_table,
)
from benchagent.pipeline.stages.step import Step, step_once

MEASURED = ("measurements", "failed_runs", "files")
# The rooms whose code decides the result: a change of any makes the step's version new.
MEASURING = ("formats", "mappings", "measurements", "privacy.py")

FILES_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("root", pa.string()),
        ("kind", pa.string()),
        ("content", pa.string()),
        ("size", pa.int64()),
        ("sha256", pa.string()),
        ("modified_at", pa.string()),
        ("retained", pa.bool_()),
        ("format", pa.string()),
        ("n_measurements", pa.int64()),
        ("n_failed", pa.int64()),
        ("duplicate_of", pa.string()),
        ("why", pa.string()),
        ("reason_code", pa.string()),
        ("reason", pa.string()),
        ("shape", pa.string()),
    ]
)


def make_measurements(partition: Partition) -> Step:
    """`measurements`, `failed_runs`, `files`: every number of the snapshot's files."""
    snapshot, out = partition.snapshot, partition.project.out
    accepted = sorted(partition.project.accepted_formats)
    mappings = accepted_mappings(out, accepted)

    def make(path: Path) -> None:
        found = measure(
            snapshot.files,
            lambda sha256: read_blob(out, sha256),
            out,
            accepted_formats=accepted,
            mappings=mappings,
        )
        write_table(path.with_name("failed_runs.parquet"), found.failed_runs)
        write_table(path.with_name("files.parquet"), list_files(snapshot, found.files))
        write_table(path, found.measurements)

    by = sorted(mapping.name for mapping in mappings)
    read_with = [formats_version(), *accepted, *by, code_version(*MEASURING)]
    version = version_of(snapshot.sha256, *map(str, read_with))
    return step_once(partition.folder / "measurements.parquet", version, make)


def list_files(snapshot: Snapshot, statuses: Iterable[FileStatus]) -> pa.Table:
    """Every entry of the snapshot (`FILES_SCHEMA`): what became of it, or why it was not read."""
    became = {status.path: status for status in statuses}
    rows = [_read_row(file, became[file.path]) for file in snapshot.files]
    rows += [_unread_row(entry) for entry in snapshot.unread]
    return pa.Table.from_pylist(rows, schema=FILES_SCHEMA)


_OF_FILES = ("path", "root", "kind", "content", "size", "sha256", "modified_at", "retained")
_OF_STATUSES = (
    "format", "n_measurements", "n_failed", "duplicate_of", "reason_code", "reason", "shape",
)  # fmt: skip


def _read_row(file: SourceFile, status: FileStatus) -> dict[str, object]:
    listed = {name: getattr(file, name) for name in _OF_FILES}
    return listed | {name: getattr(status, name) for name in _OF_STATUSES}


def _unread_row(entry: Unread) -> dict[str, object]:
    return {"path": entry.path, "root": entry.root, "why": entry.why, "reason": entry.reason}
