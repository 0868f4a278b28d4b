"""Every number of a snapshot, and what became of each of its files."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from benchagent.formats import formats_version
from benchagent.inventory.blobs import read_blob
from benchagent.inventory.snapshots import Snapshot
from benchagent.mappings.kept import accepted_mappings
from benchagent.measurements.file_status import FileStatus
from benchagent.measurements.measurement import FAILED_RUN_SCHEMA, MEASUREMENT_SCHEMA
from benchagent.measurements.measuring import measure
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import code_version, version_of, write_table
from benchagent.pipeline.stages.step import Step, step_once
from benchagent.pipeline.table_files import growing_table

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
        write_table(path.with_name("files.parquet"), list_files(snapshot, found.files))
        with (
            growing_table(path, MEASUREMENT_SCHEMA) as measurements,
            growing_table(path.with_name("failed_runs.parquet"), FAILED_RUN_SCHEMA) as failed_runs,
        ):
            for part in found.parts():
                measurements.add(part.measurements)
                failed_runs.add(part.failed_runs)

    by = sorted(mapping.name for mapping in mappings)
    read_with = [formats_version(), *accepted, *by, code_version(*MEASURING)]
    version = version_of(snapshot.sha256, *map(str, read_with))
    return step_once(partition.folder / "measurements.parquet", version, make)


def list_files(snapshot: Snapshot, statuses: Iterable[FileStatus]) -> pa.Table:
    """Every entry of the snapshot (`FILES_SCHEMA`): what became of it, or why it was not read."""
    became = {status.path: status for status in statuses}
    files, unread = snapshot.files, snapshot.unread
    columns = {name: [None] * (len(files) + len(unread)) for name in FILES_SCHEMA.names}
    for name in _OF_FILES:
        columns[name][: len(files)] = [getattr(file, name) for file in files]
    for name in _OF_STATUSES:
        columns[name][: len(files)] = [getattr(became[file.path], name) for file in files]
    for name in _OF_UNREAD:
        columns[name][len(files) :] = [getattr(entry, name) for entry in unread]
    return pa.table(columns, schema=FILES_SCHEMA)


_OF_FILES = ("path", "root", "kind", "content", "size", "sha256", "modified_at", "retained")
_OF_STATUSES = (
    "format", "n_measurements", "n_failed", "duplicate_of", "reason_code", "reason", "shape",
)  # fmt: skip
_OF_UNREAD = ("path", "root", "why", "reason")
