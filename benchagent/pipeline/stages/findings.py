"""What is worth telling of a snapshot."""

from pathlib import Path

from benchagent.findings.rules import find
from benchagent.pipeline.partition import FINDINGS, Partition
from benchagent.pipeline.partition_files import code_version, digest_of, version_of, write_value
from benchagent.pipeline.stages.step import Step, step_once

# The rooms whose code decides the result: a change of any makes the step's version new.
FINDING = ("findings", "wording.py")


def make_findings(partition: Partition) -> Step:
    """`findings`, from the facts."""

    def make(path: Path) -> None:
        found = find(partition.facts.values())
        write_value(path, found, FINDINGS)

    derived = digest_of(partition.folder / "facts.parquet")
    version = version_of(derived, code_version(*FINDING))
    return step_once(partition.folder / "findings.json", version, make)
