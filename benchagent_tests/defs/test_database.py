"""Dagster's SQLite files, kept open."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from benchagent.defs.database import OpenSqliteStorage
from benchagent.defs.event_log import RUNS_KEPT_OPEN, OpenEvents
from benchagent.defs.home import open_instance
from benchagent.defs.sqlite_files import is_set_up, open_database
from benchagent_tests.builders import a_project
from benchagent_tests.running import own_environment


@dg.asset
def seen() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 7})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with own_environment(), open_instance(a_project(tmp_path, {})) as instance:
        yield instance


def open_shards(instance: dg.DagsterInstance) -> set[str]:
    events = instance.event_log_storage
    assert isinstance(events, OpenEvents)
    return set(events._connections)  # pyright: ignore[reportPrivateUsage]


def test_what_is_kept_open_can_be_read_by_dagsters_own_storage(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = dg.materialize([seen], instance=instance).run_id

    storages = [*tmp_path.rglob("history")]
    assert len(storages) == 1
    theirs = DagsterSqliteStorage(str(storages[0].parent))
    assert [run.run_id for run in theirs.run_storage.get_runs()] == [run]
    [record] = theirs.event_log_storage.get_asset_records([seen.key])
    assert record.asset_entry.last_materialization is not None
    assert len(theirs.event_log_storage.get_logs_for_run(run)) == len(instance.all_logs(run))


def test_the_files_of_a_few_runs_stay_open_and_of_all_others_none(
    instance: dg.DagsterInstance,
) -> None:
    runs = [str(uuid.uuid4()) for _ in range(RUNS_KEPT_OPEN + 2)]
    for run in runs:
        instance.report_engine_event("begun", job_name="any", run_id=run)

    assert open_shards(instance) >= set(runs[2:])
    assert not open_shards(instance) & set(runs[:2])
    assert len(instance.all_logs(runs[0])) == 1, "a file that was closed is opened again"
    assert open_shards(instance) & set(runs) == {*runs[3:], runs[0]}


def test_a_statement_that_fails_is_undone_and_the_next_one_works(
    instance: dg.DagsterInstance,
) -> None:
    instance.add_dynamic_partitions("snapshot", ["kept"])
    events = instance.event_log_storage
    assert isinstance(events, OpenEvents)

    def empty_in_vain() -> None:
        with events.index_connection() as connection:
            connection.execute(text("DELETE FROM dynamic_partitions"))
            connection.execute(text("DELETE FROM nowhere"))

    with pytest.raises(OperationalError):
        empty_in_vain()

    assert list(instance.get_dynamic_partitions("snapshot")) == ["kept"]


def test_a_record_that_is_set_up_is_opened_without_its_migrations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, first = str(uuid.uuid4()), OpenSqliteStorage(str(tmp_path))
    first.event_log_storage.get_logs_for_run(run)
    first.dispose()

    def read_scripts(config: object) -> None:
        raise AssertionError("Dagster reads its migration scripts")

    monkeypatch.setattr("alembic.script.ScriptDirectory.from_config", read_scripts)

    again = OpenSqliteStorage(str(tmp_path))
    assert again.event_log_storage.get_logs_for_run(run) == []
    assert [*again.run_storage.get_runs()] == []
    again.dispose()
    with pytest.raises(AssertionError, match="migration scripts"):
        OpenSqliteStorage(str(tmp_path / "new"))


def test_what_was_made_last_of_a_partition_is_found_however_often_it_was_asked_for(
    instance: dg.DagsterInstance,
) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["one", "two"]))
    def told() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    def latest(partition: str) -> str | None:
        wanted = dg.AssetRecordsFilter(asset_key=told.key, asset_partitions=[partition])
        found = [instance.fetch_materializations(wanted, limit=1).records for _ in range(3)]
        assert found[0] == found[1] == found[2]
        return found[0][0].run_id if found[0] else None

    assert latest("one") is None
    first = dg.materialize([told], instance=instance, partition_key="one").run_id
    other = dg.materialize([told], instance=instance, partition_key="two").run_id
    assert (latest("one"), latest("two")) == (first, other)
    again = dg.materialize([told], instance=instance, partition_key="one").run_id
    assert (latest("two"), latest("one")) == (other, again)
    one = dg.AssetRecordsFilter(asset_key=told.key, asset_partitions=["one"])
    [oldest] = instance.fetch_materializations(one, limit=1, ascending=True).records
    assert oldest.run_id == first
    everything = dg.AssetRecordsFilter(asset_key=told.key, asset_partitions=["one", "two"])
    assert instance.fetch_materializations(everything, limit=1).records[0].run_id == again
    instance.wipe_assets([told.key])
    assert (latest("one"), latest("two")) == (None, None)


def layout_of(path: Path) -> set[tuple[str | None, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        revisions = connection.execute("SELECT * FROM alembic_version").fetchall()
        return {*made, *revisions, *connection.execute("PRAGMA journal_mode").fetchall()}


def test_the_file_of_every_run_is_laid_out_as_dagster_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = OpenEvents(str(tmp_path))

    def read_scripts(config: object) -> None:
        raise AssertionError("Dagster reads its migration scripts")

    monkeypatch.setattr("alembic.script.ScriptDirectory.from_config", read_scripts)
    run = str(uuid.uuid4())
    assert events.get_logs_for_run(run) == []
    events.dispose()

    theirs = layout_of(tmp_path / "index.db")
    assert ("wal",) in theirs
    assert layout_of(tmp_path / f"{run}.db") == theirs


def test_a_file_that_another_process_sets_up_meanwhile_keeps_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = str(uuid.uuid4())
    ours, theirs = OpenEvents(str(tmp_path)), OpenEvents(str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        event = instance.report_engine_event("begun", job_name="any", run_id=run)
        [entry] = [found for found in instance.all_logs(run) if found.dagster_event == event]
    theirs.store_event(entry)

    # As it looked before they were done.
    monkeypatch.setattr("benchagent.defs.event_log.is_set_up", lambda engine: False)
    assert len(ours.get_logs_for_run(run)) == 1

    ours.dispose()
    theirs.dispose()


def test_what_a_killed_process_left_out_of_a_record_is_made_when_it_is_opened(
    tmp_path: Path,
) -> None:
    OpenSqliteStorage(str(tmp_path)).dispose()
    [path] = tmp_path.rglob("runs.db")
    engine = open_database(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE instance_info"))

    OpenSqliteStorage(str(tmp_path)).dispose()

    assert is_set_up(engine, "instance_info")
    engine.dispose()


def test_what_was_forgotten_on_disk_is_made_again(tmp_path: Path) -> None:
    storage = OpenSqliteStorage(str(tmp_path))
    with dg.DagsterInstance.ephemeral() as empty:
        storage.event_log_storage.register_instance(empty)
        assert storage.event_log_storage.get_logs_for_run(str(uuid.uuid4())) == []
        storage.event_log_storage.wipe()
        assert storage.event_log_storage.get_logs_for_run(str(uuid.uuid4())) == []
    storage.dispose()
