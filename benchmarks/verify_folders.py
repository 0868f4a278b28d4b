"""A folder taken in for a benchmark: scanned without waiting, measured, its facts made."""

from pathlib import Path

from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import Scan, scan
from benchagent.pipeline.knowledge import read_corpus
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.facts import make_facts
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.verification.question import Knowledge
from benchagent.verification.verify import know


def take_in(root: Path, out: Path) -> Partition:
    """Its snapshot with measurements and facts.

    Raises:
        SystemExit: nothing could be scanned.
    """
    found = scan(resolve_roots(str(root)), out, options=ScanOptions(settle_s=0))
    if not isinstance(found, Scan):
        raise SystemExit(found.reason)
    partition = Partition(project=Project.of(data=(str(root),), out=out), key=found.key)
    make_measurements(partition)
    make_facts(partition)
    return partition


def load_folder(root: Path, out: Path) -> Knowledge:
    """All that it says, as evidence."""
    return know(read_corpus(take_in(root, out)))
