"""A model that became slower is told from one that is slow now and then."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchagent.agents.account import tell_without_model
from benchagent.calls.model_call import Ending, ModelCall, call_row
from benchagent.defs.checks import check_pace
from benchagent.inventory.snapshots import manifest_path
from benchagent.pipeline.kept import ANALYSIS, AnalysisFile
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.reporting.pace import FEWEST_BEFORE, Pace, PaceTest, compare_paces, pace_of
from benchagent_tests.builders import a_call, a_project, an_agent

STEADY = [50.0, 51.0, 49.5, 50.5, 49.0, 51.5, 50.2, 49.8, 50.9]
SLOW = [40.0, 41.0, 40.5]


def paces(rates: Sequence[float], ran_as: str = "m") -> list[Pace]:
    return [
        Pace(started_at=f"2026-01-{day:02}", ran_as=("host", ran_as), decode_rate=rate)
        for day, rate in enumerate(rates, 1)
    ]


def judged(rates: Sequence[float]) -> PaceTest:
    *before, now = paces(rates)
    return compare_paces(now, before)


def test_three_slow_reports_after_nine_faster_ones_are_told() -> None:
    test = judged([*STEADY, *SLOW])

    assert test.is_slower
    assert (test.before, test.latest, test.n_before) == (50.2, 40.5, FEWEST_BEFORE)
    assert test.p == pytest.approx(2 / 220)


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param([*STEADY, 40.0, 50.1, 50.3], id="one slow report"),
        pytest.param([*STEADY[1:], *SLOW], id="too few to tell"),
        pytest.param([*STEADY, 48.0, 48.1, 48.2], id="slower by less than a tenth"),
        pytest.param([*SLOW, *STEADY], id="faster"),
        pytest.param([50.0] * 12, id="never changed"),
        pytest.param([30.0, 60.0] * 4 + [60.0, 30.0, 35.0, 31.0], id="as unsteady as before"),
    ],
)
def test_what_chance_or_nothing_explains_is_not_told(rates: Sequence[float]) -> None:
    assert not judged(rates).is_slower


def test_only_reports_that_ran_alike_and_came_before_count() -> None:
    *before, now = paces([*STEADY, *SLOW])
    others = paces([90.0] * 9, ran_as="another model")
    later = [replace(each, started_at="2027") for each in paces([90.0] * 9)]

    assert compare_paces(now, [*later, *others, *before]) == compare_paces(now, before)
    assert compare_paces(now, [*later, *others]).n_before == 0


def answered(rate: float, day: int, *, replayed: bool = False) -> ModelCall:
    call = a_call()
    return replace(
        call,
        started_at=f"2026-01-{day:02}T00:00:00.000000+00:00",
        replayed=replayed,
        asked=replace(call.asked, manifest_digest="d"),
        ending=replace(call.ending, outcome="ok", done_reason="stop"),
        timings=replace(call.timings, decode_rate=rate),
    )


def kept(*calls: ModelCall) -> AnalysisFile:
    return AnalysisFile(
        analysis=tell_without_model(an_agent(), "s", []),
        evidence="e",
        calls=tuple(call_row(call) for call in calls),
    )


def test_replays_and_failures_are_no_measurement() -> None:
    failed = replace(answered(1.0, 1), ending=Ending(outcome="dropped"))

    assert pace_of(kept(answered(1.0, 1, replayed=True))) is None
    assert pace_of(kept(failed)) is None
    found = pace_of(kept(answered(1.0, 1, replayed=True), answered(9.0, 2), failed))
    assert found is not None
    assert (found.decode_rate, found.started_at[:10]) == (9.0, "2026-01-02")


def test_the_check_reads_the_reports_of_other_snapshots(tmp_path: Path) -> None:
    project = a_project(tmp_path, {})
    rates = [*STEADY, *SLOW]
    made = [place_report(project, day, rate) for day, rate in enumerate(rates, 1)]
    damaged = place_report(project, 20, 90.0)
    damaged.analysis_path("teller").write_text("{", encoding="utf-8")

    first, last = check_pace(made[0], "teller"), check_pace(made[-1], "teller")

    assert first.passed
    assert first.metadata["n_before"].value == 0
    assert not last.passed
    assert last.metadata["before"].value == 50.2
    assert last.metadata["n_before"].value == FEWEST_BEFORE


def place_report(project: Project, day: int, rate: float) -> Partition:
    key = f"202601{day:02}T000000Z-{day:012x}"
    partition = Partition(project=project, key=key)
    path = partition.analysis_path("teller")
    path.parent.mkdir(parents=True)
    manifest_path(project.out, key).write_text("{}", encoding="utf-8")
    path.write_bytes(ANALYSIS.dump_json(kept(answered(rate, day))))
    return partition
