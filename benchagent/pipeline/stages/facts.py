"""What the numbers of a snapshot say."""

from pathlib import Path

from benchagent.facts.derivations import Progress, derive_facts, unseen
from benchagent.facts.table import facts_table
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import code_version, digest_of, version_of, write_table
from benchagent.pipeline.stages.measurements import MEASURED
from benchagent.pipeline.stages.step import Step, step_once

# The rooms whose code decides the result: a change of any makes the step's version new.
DERIVING = ("facts", "quantities", "wording.py")


def make_facts(partition: Partition, progress: Progress = unseen) -> Step:
    """`facts`, from the measurements; `progress` is told how far they are."""

    def make(path: Path) -> None:
        write_table(path, facts_table(derive_facts(partition.evidence(), progress)))

    measured = [digest_of(partition.folder / f"{name}.parquet") for name in MEASURED]
    version = version_of(*measured, code_version(*DERIVING))
    return step_once(partition.folder / "facts.parquet", version, make)
