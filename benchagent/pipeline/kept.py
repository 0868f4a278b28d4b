"""What agents made of a snapshot, as it is kept: their accounts and their reports."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from benchagent.agents.account import Analysis
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import read_value
from benchagent.reporting.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisFile:
    """An account as it is kept: with the calls that it took.

    Attributes:
        evidence: version of the facts and measurements that it tells of. Its sentences refer to
            facts by names that do not change with their values.
    """

    analysis: Analysis
    evidence: str
    calls: tuple[dict[str, Any], ...]


ANALYSIS = TypeAdapter(AnalysisFile)
REPORT = TypeAdapter(Report)


def read_analysis(partition: Partition, agent: str) -> AnalysisFile:
    """An agent's account.

    Raises:
        PartitionMissing: it has not been made.
    """
    return read_value(partition.analysis_path(agent), ANALYSIS)


def read_report(partition: Partition, agent: str) -> Report:
    """What is known of an agent's report.

    Raises:
        PartitionMissing: it has not been made.
    """
    return read_value(partition.report_record(agent), REPORT)
