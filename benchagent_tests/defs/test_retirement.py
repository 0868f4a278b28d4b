"""Old snapshots that go every night, where somebody has set how many to keep."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from benchagent.definitions import define
from benchagent.defs.automation import KEEP_SNAPSHOTS, AutomationError
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.defs.retirement import retire
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.project import Project
from benchagent_tests.builders import a_project
from benchagent_tests.folders import take


@dg.job
def waiting() -> None:
    pass


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return a_project(tmp_path, files={"reports/notes.md": "# Notes\n"})


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as opened:
        yield opened


def take_snapshots(project: Project, count: int) -> list[str]:
    keys: list[str] = []
    for number in range(count):
        notes = Path(project.data[0]) / "reports" / "notes.md"
        notes.write_text(f"# Notes {number}\n", encoding="utf-8")
        keys.append(take(Path(project.data[0]), project.out).key)
    return keys


def test_no_snapshot_goes_by_itself_where_nobody_said_so(project: Project) -> None:
    defs = define(project)

    assert [schedule.name for schedule in defs.schedules or ()] == ["nightly"]
    assert "retirement" not in {job.name for job in defs.jobs or ()}


def test_a_night_leaves_as_many_as_were_set_and_those_in_use(
    project: Project, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEEP_SNAPSHOTS, "2")
    defs = define(project)
    keys = take_snapshots(project, 4)
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", keys)
    instance.create_run_for_job(waiting, tags={"dagster/partition": keys[0]})
    schedule = defs.resolve_schedule_def("nightly_retirement")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    with dg.build_schedule_context(instance=instance) as context:
        [asked] = schedule.evaluate_tick(context).run_requests or []

    done = defs.resolve_job_def("retirement").execute_in_process(
        instance=instance, run_config=asked.run_config
    )

    assert done.success
    left = [keys[0], keys[2], keys[3]]
    assert sorted(list_snapshots(project.out)) == sorted(left)
    assert sorted(instance.get_dynamic_partitions(SNAPSHOTS.name or "")) == sorted(left)


@pytest.mark.parametrize("text", ["0", "-1", "some"])
def test_what_is_no_number_of_snapshots_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(KEEP_SNAPSHOTS, text)

    with pytest.raises(AutomationError, match=f"{KEEP_SNAPSHOTS} is '{text}', expected a whole"):
        define(project)


def test_a_retirement_that_was_killed_half_way_is_brought_to_its_end_by_the_next(
    project: Project, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = take_snapshots(project, 3)
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", keys)
    with monkeypatch.context() as killed:
        killed.setattr("benchagent.inventory.pruning.remove_folder", _die)
        with pytest.raises(KeyboardInterrupt):
            retire(project, instance, keep=2)
    with monkeypatch.context() as killed:
        killed.setattr("benchagent.inventory.pruning._retire", _die)
        with pytest.raises(KeyboardInterrupt):
            retire(project, instance, keep=1)

    retire(project, instance, keep=1)

    assert list(list_snapshots(project.out)) == keys[2:]
    assert list(instance.get_dynamic_partitions(SNAPSHOTS.name or "")) == keys[2:]


def _die(*_: object) -> None:
    raise KeyboardInterrupt
