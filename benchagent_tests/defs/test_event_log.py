"""What is stored of Dagster's events, beside what Dagster's own storage makes of the same ones."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from benchagent.defs.event_log import OpenEvents
from benchagent.defs.home import open_instance
from benchagent_tests.builders import a_project
from benchagent_tests.running import own_environment

SNAPSHOTS = dg.DynamicPartitionsDefinition(name="snapshots")
TABLES = ("event_logs", "asset_keys", "asset_check_executions", "asset_event_tags")


@dg.asset(
    partitions_def=SNAPSHOTS,
    check_specs=[
        dg.AssetCheckSpec("full", asset="facts"),
        dg.AssetCheckSpec("true", asset="facts"),
    ],
)
def facts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={"text": dg.MetadataValue.md('a `quote`, "two" and an é'), "rows": 7},
        data_version=dg.DataVersion(f"of {context.partition_key}"),
        check_results=[
            dg.AssetCheckResult(check_name="full", passed=True, metadata={"share": 0.5}),
            dg.AssetCheckResult(check_name="true", passed=context.partition_key != "two"),
        ],
    )


@dg.asset(partitions_def=SNAPSHOTS, deps=[facts])
def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    if context.partition_key == "three":
        raise dg.Failure("no report")
    return dg.MaterializeResult(data_version=dg.DataVersion("same"))


@dg.asset
def alone(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    context.log_event(dg.AssetObservation(asset_key="alone", metadata={"seen": 1}))
    return dg.MaterializeResult()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with own_environment(), open_instance(a_project(tmp_path, {})) as instance:
        yield instance


def events_of(instance: dg.DagsterInstance) -> OpenEvents:
    assert isinstance(instance.event_log_storage, OpenEvents)
    return instance.event_log_storage


def execute_all(instance: dg.DagsterInstance) -> list[str]:
    """Runs that end well, with a failed check, with a failed asset, and again."""
    keys = ("one", "two", "three", "one")
    instance.add_dynamic_partitions("snapshots", [*{*keys}])
    runs = [
        dg.materialize([facts, report], instance=instance, partition_key=key, raise_on_error=False)
        for key in keys
    ]
    runs.append(dg.materialize([alone], instance=instance))
    assert [run.success for run in runs] == [True, True, False, True, True]
    return [run.run_id for run in runs]


def rows_of(path: Path, table: str) -> Sequence[dict[str, object]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608
    return [{k: v for k, v in row.items() if k != "create_timestamp"} for row in rows]


def test_every_row_is_what_dagsters_own_storage_makes_of_the_same_events(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    runs = execute_all(instance)

    theirs = SqliteEventLogStorage(str(tmp_path / "theirs"))
    for run in runs:
        for event in instance.all_logs(run):
            theirs.store_event(event)

    [ours] = tmp_path.rglob("history/runs")
    for table in TABLES:
        rows = rows_of(ours / "index.db", table)
        assert rows == rows_of(tmp_path / "theirs" / "index.db", table)
        assert rows, table
    for run in runs:
        name = f"{run}.db"
        assert rows_of(ours / name, "event_logs") == rows_of(
            tmp_path / "theirs" / name, "event_logs"
        )


def test_every_answer_is_that_of_dagsters_own_storage(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    execute_all(instance)
    ours = events_of(instance)
    [folder] = tmp_path.rglob("history/runs")
    theirs = SqliteEventLogStorage(str(folder))
    keys, made = [facts.key, report.key, alone.key], dg.DagsterEventType.ASSET_MATERIALIZATION

    def compare() -> None:
        assert ours.get_asset_records(keys) == theirs.get_asset_records(keys)
        for key in ("one", "two", "three", "nowhere"):
            there = ours.has_dynamic_partition("snapshots", key)
            assert there == theirs.has_dynamic_partition("snapshots", key)
            for asset in keys:
                asked = (asset, made, ["dagster/data_version"], [key])
                tags = ours.get_latest_tags_by_partition(*asked)
                assert tags == theirs.get_latest_tags_by_partition(*asked)
                wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[key])
                found = ours.fetch_materializations(wanted, limit=1)
                assert found == theirs.fetch_materializations(wanted, limit=1)

    compare()
    assert ours.get_asset_records([facts.key])
    instance.wipe_assets([facts.key])
    instance.delete_dynamic_partition("snapshots", "two")
    compare()
    assert not ours.get_asset_records([facts.key])
    dg.materialize([facts], instance=instance, partition_key="one")
    compare()


def test_what_was_just_made_is_given_to_its_checks_as_it_was_stored(
    instance: dg.DagsterInstance,
) -> None:
    execute_all(instance)

    for check in facts.check_keys:
        [latest] = events_of(instance).get_asset_check_execution_history(check, limit=1)
        evaluation = latest.event.asset_check_evaluation if latest.event else None
        target = evaluation.target_materialization_data if evaluation else None
        assert target is not None
        wanted = dg.AssetRecordsFilter(asset_key=facts.key, asset_partitions=["one"])
        [made] = instance.fetch_materializations(wanted, limit=1).records
        assert (target.storage_id, target.run_id) == (made.storage_id, made.run_id)
