"""What the verifier knows of a snapshot, loaded once for all reports that a process writes on it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.fact import Fact
from benchagent.inventory.blobs import read_blob
from benchagent.measurements.named_columns import shed
from benchagent.pipeline.partition import Partition
from benchagent.store import StoreError
from benchagent.stored_table import AnyTable, pieces_of
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import DatumIndex
from benchagent.verification.evidence.derived import datums_of_facts
from benchagent.verification.evidence.loading import COLUMNS, load_corpus
from benchagent.verification.question import Knowledge
from benchagent.verification.verify import know

# Beyond these, single numbers and contents take more time than a report is worth; the facts know
# all of them.
MOST_ROWS = 40_000
MOST_BYTES = 2 * 1024 * 1024
_ALIKE = ["subject", "metric", "statistic", "unit", "source_path", "benchmark", "phase", "kind"]


def read_corpus(partition: Partition) -> Corpus:
    """All that the data of a snapshot say; its measurements and facts have been made.

    Raises:
        StoreError: a file's stored content is lost or damaged.
    """
    return load_corpus(
        partition.table("files"),
        partition.measurements.select(COLUMNS),
        partition.table("failed_runs"),
        partition.facts.values(),
        lambda sha256: read_blob(partition.project.out, sha256),
        partition.snapshot.missing_roots,
    )


@lru_cache(maxsize=1)
def know_snapshot(partition: Partition, evidence: str) -> Knowledge:
    """The evidence for our own reports, of a large snapshot a part of its numbers.

    Another `evidence` version is loaded anew.
    """
    files = partition.table("files")
    out = partition.project.out
    corpus = load_corpus(
        _the_smallest(files),
        _thin_out(partition.measurements),
        partition.table("failed_runs"),
        partition.facts.values(),
        lambda sha256: _read(out, sha256),
        partition.snapshot.missing_roots,
    )
    return know(corpus)


def know_more(knowledge: Knowledge, facts: Sequence[Fact]) -> Knowledge:
    """The evidence of a snapshot with facts that an agent asked for."""
    return replace(knowledge, values=DatumIndex.of(datums_of_facts(facts))) if facts else knowledge


def _read(out: Path, sha256: str) -> bytes:
    """The stored content; of one that is lost or damaged, every figure is withheld anyway."""
    try:
        return read_blob(out, sha256)
    except StoreError:
        return b""


def _thin_out(measurements: AnyTable) -> pa.Table:
    """All rows, or the first of each kind where there are too many."""
    if measurements.num_rows <= MOST_ROWS:
        return measurements.select(COLUMNS)
    chosen = np.zeros(measurements.num_rows, np.bool_)
    chosen[Frame.of(measurements, _ALIKE).first_of_each(_ALIKE)[:MOST_ROWS]] = True
    return pa.concat_tables(map(_without_unused, pieces_of(measurements, COLUMNS, chosen)))


def _without_unused(rows: pa.Table) -> pa.Table:
    """The same rows; a column of names has those alone that they use."""
    columns = [
        shed(column) if pa.types.is_dictionary(column.type) else column for column in rows.columns
    ]
    return pa.table(columns, rows.column_names)


def _the_smallest(files: pa.Table) -> pa.Table:
    """The listing, files that would take too long marked as not kept, so that none is opened."""
    sizes = files["size"].fill_null(0).to_numpy()
    order = np.argsort(sizes, kind="stable")
    few = np.empty(len(sizes), np.bool_)
    few[order] = np.cumsum(sizes[order]) <= MOST_BYTES
    few &= files["retained"].fill_null(False).to_numpy()
    return files.set_column(files.schema.get_field_index("retained"), "retained", pa.array(few))
