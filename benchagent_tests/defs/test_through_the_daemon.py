"""A project as its user drives it: the real daemon, web server and run workers, and GraphQL.

One story is lived through once, since every backfill waits for a tick of 30 s; each test then
tells one thing of it.
"""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchagent.calls.log import read_calls
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import read_value
from benchagent.pipeline.project import Project
from benchagent.reporting.comparison import COMPARISON
from benchagent_tests.builders import ROSTER, a_project
from benchagent_tests.defs.screenshots import WITHOUT, find_browser, read_page, take_picture
from benchagent_tests.defs.ui_questions import (
    OVER,
    Night,
    Run,
    Staleness,
    backfill_status,
    cancel_backfill,
    launch_backfill,
    launch_run,
    made_partitions,
    plan_night,
    reload_definitions,
    rerun_from_failure,
    resume_backfill,
    runs,
    said_by_sensor,
    shown,
    snapshots,
    staleness,
    told_by,
)
from benchagent_tests.patience import eventually
from benchagent_tests.running import ModelServer, Ui, running_ui

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]

ELSEWHERE = '  - {{slug: elsewhere, label: E, persona: insight, tier: select, host: "{url}"}}\n'
NEWCOMERS = """\
  - {{slug: late, label: Late, persona: insight, tier: select, options: {{top_k: 7}}}}
  - {{slug: slow, label: Slow, persona: insight, tier: select, options: {{top_k: 8}}, host: "{url}"}}
"""
COMPLETE = frozenset(["COMPLETED_SUCCESS", "COMPLETED_FAILED", "CANCELED"])


@dataclass(slots=True)
class Story:
    """What happened, in this order."""

    project: Project
    ui: Ui
    server: ModelServer
    first: str = ""
    second: str = ""
    first_run: Run | None = None
    compared: list[str] | None = None
    night_before: Night | None = None
    night_after: Night | None = None
    rerun: Run | None = None
    burst_snapshots: int = 0
    unasked: set[str] | None = None
    runs_before_backfills: int = 0
    cost: dict[str, Any] | None = None
    asked_by_cost: int = 0
    late_calls: int = 0
    newcomer: Staleness | None = None
    changed: Staleness | None = None
    unchanged: Staleness | None = None
    canceled: tuple[str, tuple[Run, ...]] | None = None
    backfills: dict[str, str] | None = None
    late: str = ""
    asked: list[str] | None = None
    settled: Staleness | None = None


def roster_with(url: str, more: str = "", temperature: float = 0.5) -> str:
    agents, scenarios = ROSTER.split("scenarios:")
    agents = agents.replace("temperature: 0.5", f"temperature: {temperature}")
    return agents + (ELSEWHERE + more).format(url=url) + "scenarios:" + scenarios


def ended(ui: Ui, id: str) -> Run:
    def look() -> list[Run]:
        return [run for run in runs(ui) if run.id == id and run.status in OVER]

    return eventually(look, f"end of run {id}")[0]


def calls_of(project: Project) -> list[dict[str, Any]]:
    """The calls that reached a model, whatever became of them."""
    return [row for row in read_calls(project.out) if not row["replayed"]]


def of_snapshot(ui: Ui, snapshot: str) -> list[Run]:
    return [run for run in runs(ui) if run.snapshot == snapshot]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("daemon")
    other = ModelServer(folder=folder / "other")
    other.folder.mkdir()
    project = a_project(folder, roster=roster_with(other.url))
    server = ModelServer(folder=folder)
    try:
        with running_ui(project, server, BENCHAGENT_SENSOR_SECONDS="2") as ui:
            lived = Story(project, ui, server)
            _first_report_fails_half_way(lived, other)
            _a_burst_of_files_arrives(lived)
            _agents_come_and_change(lived, other)
            _backfills_run(lived, other)
            yield lived
    finally:
        other.kill()


def _first_report_fails_half_way(story: Story, other: ModelServer) -> None:
    ui = story.ui
    [story.first] = eventually(lambda: snapshots(ui), "snapshot by the sensor")
    [run] = eventually(lambda: of_snapshot(ui, story.first), "run of the first snapshot")
    story.first_run = ended(ui, run.id)
    eventually(lambda: story.first in made_partitions(ui, "warehouse"), "warehouse of the others")
    comparison = story.project.snapshot(story.first) / "comparison.json"
    story.compared = [row.agent for row in read_value(comparison, COMPARISON).rows]
    story.night_before = plan_night(ui, time.time())
    other.start()
    story.rerun = ended(ui, rerun_from_failure(ui, run.id))
    story.night_after = plan_night(ui, time.time())


def _a_burst_of_files_arrives(story: Story) -> None:
    folder = Path(story.project.data[0]) / "reports" / "burst"
    folder.mkdir()
    for number in range(100):
        (folder / f"notes{number}.md").write_text(f"# Notes {number}\n", encoding="utf-8")
        time.sleep(0.02)

    def second() -> list[str]:
        return [key for key in snapshots(story.ui) if key != story.first]

    [story.second] = eventually(second, "second snapshot")
    [run] = eventually(lambda: of_snapshot(story.ui, story.second), "run of the second snapshot")
    ended(story.ui, run.id)
    story.burst_snapshots = len(snapshots(story.ui)) - 1


def _agents_come_and_change(story: Story, other: ModelServer) -> None:
    ui = story.ui
    text = roster_with(other.url, NEWCOMERS, temperature=0.9)
    story.project.agents.write_text(text, encoding="utf-8")
    reload_definitions(ui)
    story.newcomer = staleness(ui, "report/late", story.first)
    story.changed = staleness(ui, "analysis/insight", story.first)
    story.unchanged = staleness(ui, "analysis/collector", story.first)
    story.unasked = made_partitions(ui, "report/late")
    story.runs_before_backfills = len(runs(ui))
    before = calls_of(story.project)
    ended(ui, launch_run(ui, "cost", {"agents": ["late"]}))
    story.cost = told_by(ui, "cost")
    story.asked_by_cost = len(calls_of(story.project)) - len(before)


def _backfills_run(story: Story, other: ModelServer) -> None:
    ui, both = story.ui, [story.first, story.second]
    before = {row["call_id"] for row in calls_of(story.project)}
    other.kill()
    other.reply_s = 120.0
    other.start()
    asked_before = len(other.busy())
    late = launch_backfill(ui, ["analysis/late", "report/late"], both)
    story.late = late
    everything = launch_backfill(ui, ALL_BUT_NEWCOMERS, [story.first])
    slow = launch_backfill(ui, ["analysis/slow", "report/slow"], both)
    eventually(lambda: len(other.busy()) > asked_before, "call of the slow agent")
    cancel_backfill(ui, slow)
    eventually(lambda: backfill_status(ui, slow) == "CANCELED", "end of the cancelled backfill")
    cut = tuple(runs(ui, **{"dagster/backfill": slow}))
    story.canceled = (backfill_status(ui, slow), cut)
    other.kill()
    other.reply_s = 0.2
    other.start()
    again = resume_backfill(ui, slow)
    story.backfills = {}
    for name, id in (("late", late), ("everything", everything), ("again", again)):
        eventually(lambda id=id: backfill_status(ui, id) in COMPLETE, f"end of backfill {name}")
        story.backfills[name] = backfill_status(ui, id)
    since = [row for row in calls_of(story.project) if row["call_id"] not in before]
    story.late_calls = sum(row["agent"] == "late" for row in since)
    story.asked = sorted(
        f"{row['agent']} {row['stage']}" for row in since if row["snapshot"] == story.first
    )
    story.settled = staleness(ui, "analysis/insight", story.first)


ALL_BUT_NEWCOMERS = [
    *("inventory", "measurements", "facts", "findings"),
    *(f"analysis/{slug}" for slug in ("null", "collector", "insight", "elsewhere")),
    *(f"report/{slug}" for slug in ("null", "collector", "insight", "elsewhere")),
]


def test_a_new_file_becomes_a_snapshot_and_its_reports_by_itself(story: Story) -> None:
    assert story.first_run is not None
    assert story.first_run.tags["dagster/sensor_name"] == "new_files"
    for slug in ("null", "collector", "insight"):
        assert Partition(project=story.project, key=story.first).report_path(slug).exists()


def test_the_sensor_says_why_it_did_nothing(story: Story) -> None:
    said = said_by_sensor(story.ui)

    assert any("has not settled" in each for each in said)
    assert said[0] == f"nothing new: the files are those of snapshot {story.second}"


def test_a_hundred_files_in_a_burst_make_one_snapshot(story: Story) -> None:
    assert story.burst_snapshots == 1
    files = Partition(project=story.project, key=story.second).snapshot.files
    assert sum("burst" in file.path for file in files) == 100


def test_one_server_that_is_not_there_stops_its_own_agent_alone(story: Story) -> None:
    assert story.first_run is not None
    # all but the agent's two assets, the comparison and the warehouse
    assert (story.first_run.status, story.first_run.steps_succeeded) == ("FAILURE", 10)


def test_the_others_are_compared_without_the_agent_that_failed(story: Story) -> None:
    assert story.compared == ["null", "collector", "insight"]


def test_a_failed_run_goes_on_from_its_failure(story: Story) -> None:
    assert story.rerun is not None
    assert (story.rerun.status, story.rerun.steps_succeeded) == ("SUCCESS", 4)


def test_the_night_asks_for_what_is_missing_and_for_nothing_else(story: Story) -> None:
    assert story.night_before == Night(None, (story.first,))
    assert story.night_after == Night(f"nothing is missing for snapshot {story.first}", ())


def test_a_new_agent_requests_no_old_snapshot_by_itself(story: Story) -> None:
    assert story.newcomer == Staleness("MISSING", ())
    assert story.unasked == set()
    # two for new files, one to compare the others, and the one that a person asked for again
    assert story.runs_before_backfills == 4


def test_a_new_agent_is_backfilled_over_all_past_snapshots(story: Story) -> None:
    assert (story.backfills or {})["late"] == "COMPLETED_SUCCESS"
    assert made_partitions(story.ui, "report/late") == {story.first, story.second}
    for key in (story.first, story.second):
        assert Partition(project=story.project, key=key).report_path("late").exists()


def test_the_ui_says_what_a_backfill_will_cost_before_a_model_is_asked(story: Story) -> None:
    assert story.cost is not None
    said = "1 agent on 2 snapshots, 2 cells: 0 accounts made already, 0 replies stored, "
    assert re.fullmatch(
        said + r"2 model calls at most, (about|less than) \d+\.\d min", story.cost["cost"]
    )
    # Where both snapshots have the same findings, the second question is the first one again.
    assert 0 < story.late_calls <= story.cost["model_calls"] == 2
    assert story.asked_by_cost == 0


def test_the_ui_shows_which_agent_is_stale_and_why(story: Story) -> None:
    assert story.changed == Staleness("STALE", ("CODE: has a new code version",))
    assert story.unchanged == Staleness("FRESH", ())
    assert story.settled == Staleness("FRESH", ())


def test_a_changed_agent_asks_again_and_nobody_else_does(story: Story) -> None:
    assert (story.backfills or {})["everything"] == "COMPLETED_SUCCESS"
    # the newcomers, and the one whose options changed
    agents = {question.partition(" ")[0] for question in story.asked or ()}
    assert agents == {"insight", "late", "slow"}


def test_a_cancelled_backfill_ends_its_runs_and_goes_on_when_asked(story: Story) -> None:
    assert story.canceled is not None
    status, cut = story.canceled
    assert status == "CANCELED"
    assert cut
    assert all(run.status in ("CANCELED", "FAILURE") for run in cut)
    assert (story.backfills or {})["again"] == "COMPLETED_SUCCESS"
    assert made_partitions(story.ui, "report/slow") == {story.first, story.second}


def test_no_two_calls_reach_a_host_at_once(story: Story) -> None:
    assert max(story.server.busy()) == 1


def test_a_partition_shows_its_report_its_facts_and_numbers_to_plot(story: Story) -> None:
    report = shown(story.ui, "report/insight", story.first)
    analysis = shown(story.ui, "analysis/insight", story.first)
    facts = shown(story.ui, "facts", story.first)

    assert report.metadata["report"] == "MarkdownMetadataEntry"
    assert report.metadata["cited_facts"] == "TableMetadataEntry"
    assert report.metadata["claims"] == "IntMetadataEntry"
    assert analysis.metadata["decode_rate"] == "FloatMetadataEntry"
    assert facts.metadata["dagster/column_lineage"] == "TableColumnLineageMetadataEntry"
    assert facts.metadata["dagster/column_schema"] == "TableSchemaMetadataEntry"
    assert (report.owners, report.kinds, report.group) == (
        ("benchagent",),
        ("markdown",),
        "reports",
    )
    assert "Insight" in report.description


def test_every_check_was_made_and_a_wrong_report_blocks(story: Story) -> None:
    report = shown(story.ui, "report/insight", story.first)
    analysis = shown(story.ui, "analysis/insight", story.first)

    assert report.checks["grounded"] == "SUCCEEDED"
    assert set(report.checks) == {"grounded", "contract"}
    assert report.blocking == ("grounded",)
    made = dict.fromkeys(("steady", "usable", "whole"), "SUCCEEDED")
    assert analysis.checks == made
    assert shown(story.ui, "measurements", story.first).checks == {"read": "FAILED"}


# What Dagster itself warns of: a new home, and a backfill that somebody cancelled.
ITS_OWN = ("No cursor for event type", "All runs have completed, but not all requested partitions")


def test_no_warning_in_the_log_is_ours(story: Story) -> None:
    lines = story.ui.log.read_text("utf-8").splitlines()
    warnings = [
        line
        for line in lines
        if re.search(r"WARNING|\w+Warning\b", line) and not any(own in line for own in ITS_OWN)
    ]
    assert warnings == []


def test_pictures_of_the_ui_show_what_the_first_run_page_tells_of(
    story: Story, tmp_path: Path
) -> None:
    browser = find_browser()
    if browser is None:
        pytest.skip(WITHOUT)
    folder = Path(os.environ.get("BENCHAGENT_PICTURES") or tmp_path)
    report = "/assets/report/insight"
    for name, address in {
        "graph": "/assets/comparison?view=lineage&lineageScope=upstream&lineageDepth=10",
        "report": f"{report}?view=partitions&partition={story.first}",
        "checks": f"{report}?view=checks",
        "cost": "/assets/cost?view=overview",
        "backfill": f"/runs/b/{story.late}",
    }.items():
        take_picture(browser, story.ui.url + address, folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 25_000, "the page stayed empty"

    page = read_page(browser, f"{story.ui.url}{report}?view=partitions&partition={story.first}")
    assert "cited_facts" in page
    assert story.first in page
