"""Whether a model answers its agent more slowly than it did: the latest reports against earlier ones.

The reports are compared and not their calls, since the calls of one report share whatever the
machine was doing then. No cause is named: a busy machine and a changed driver look alike here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchagent.calls.model_call import call_from_row
from benchagent.calls.settings import setting_of
from benchagent.facts.rank_tests import rank_test
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.kept import AnalysisFile, read_analysis
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import PartitionMissing

LATEST: Final = 3
# Older reports say little of today's machine.
MOST: Final = 40
# Each report tests anew, so less than the usual 0.05.
ALPHA: Final = 0.01
# With fewer, no order of the reports is as rare as that.
FEWEST_BEFORE: Final = 9
# A smaller loss is no reason to look into anything.
LEAST_LOSS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a model answered for one report.

    Attributes:
        started_at: of the first request that was really made, UTC, ISO 8601.
        ran_as: host, model and effective options; other ones are not compared.
        decode_rate: median over the requests, tok/s.
    """

    started_at: str
    ran_as: tuple[str, str]
    decode_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceTest:
    """The latest reports against the earlier ones that ran alike.

    Attributes:
        n_before: earlier reports.
        latest, before: median decode rate, tok/s; None where there are too few reports to tell.
        p: two-sided, of a rank test over reports; None as above.
    """

    n_before: int
    latest: float | None = None
    before: float | None = None
    p: float | None = None

    @property
    def is_slower(self) -> bool:
        """Whether a person should look why."""
        if self.p is None or self.latest is None or self.before is None:
            return False
        return self.p <= ALPHA and self.latest <= (1 - LEAST_LOSS) * self.before


def pace_of(kept: AnalysisFile) -> Pace | None:
    """How fast the model answered; None where nothing was asked, or it is not known of what."""
    calls = [call_from_row(row) for row in kept.calls if not row["replayed"]]
    rates = [call.timings.decode_rate for call in calls if call.outcome == "ok"]
    measured = [rate for rate in rates if rate is not None]
    setting = setting_of(calls[0]) if calls else None
    if setting is None or not measured:
        return None
    return Pace(
        started_at=calls[0].started_at,
        ran_as=(calls[0].asked.host, setting),
        decode_rate=median(measured),
    )


def compare_paces(now: Pace, others: Sequence[Pace]) -> PaceTest:
    """Whether the reports up to this one became slower.

    Args:
        now: of the report in question.
        others: of the same agent's other reports, in any order; later ones do not count.
    """
    alike = sorted(
        (each for each in others if each.ran_as == now.ran_as and each.started_at < now.started_at),
        key=lambda each: each.started_at,
    )
    rates = [each.decode_rate for each in [*alike, now]][-MOST:]
    before, latest = rates[:-LATEST], rates[-LATEST:]
    if len(before) < FEWEST_BEFORE:
        return PaceTest(n_before=len(before))
    test = rank_test(rates, [0] * len(before) + [1] * len(latest), [0] * len(rates))
    return PaceTest(
        n_before=len(before),
        latest=median(latest),
        before=median(before),
        p=test.p if test else None,
    )


def paces_elsewhere(partition: Partition, agent: str) -> list[Pace]:
    """How fast the agent's model answered for its other reports, the latest of them."""
    project = partition.project
    keys = [key for key in list_snapshots(project.out) if key != partition.key]
    others = [Partition(project=project, key=key) for key in keys]
    made = [other for other in others if other.analysis_path(agent).exists()]
    made.sort(key=lambda other: other.analysis_path(agent).stat().st_mtime_ns)
    return [pace for other in made[-MOST:] if (pace := _pace_in(other, agent))]


def _pace_in(partition: Partition, agent: str) -> Pace | None:
    try:
        return pace_of(read_analysis(partition, agent))
    except PartitionMissing:
        return None  # of a version that wrote other fields, or damaged: it says so itself
