"""What the index of all runs is told of assets and checks, by statements that are made once.

Dagster writes the event out anew for each row that holds it, and first tries to add the row of an
asset, which is there but for the first time. Whatever is unusual is left to Dagster.
"""

from collections.abc import Mapping
from typing import Any

from dagster import DagsterEventType, EventLogEntry
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, AssetKeyTable
from sqlalchemy import Connection, bindparam

_ASSET = AssetKeyTable.update().where(AssetKeyTable.c.asset_key == bindparam("of_asset"))
_PLANNED = AssetCheckExecutionsTable.insert()
_EVALUATED = AssetCheckExecutionsTable.update().where(
    AssetCheckExecutionsTable.c.asset_key == bindparam("of_asset"),
    AssetCheckExecutionsTable.c.check_name == bindparam("of_check"),
    AssetCheckExecutionsTable.c.run_id == bindparam("of_run"),
    AssetCheckExecutionsTable.c.partition.is_not_distinct_from(bindparam("of_partition")),
)


def index_asset(index: Connection, row: Mapping[str, Any], number: int) -> bool:
    """Keeps with an asset what became of it last; False where that is left to Dagster.

    Args:
        index: the file, in a transaction.
        row: the event as it is stored.
        number: its number in this file.
    """
    seen = {"last_run_id": row["run_id"], "last_materialization_timestamp": row["timestamp"]}
    if row["dagster_event_type"] == DagsterEventType.ASSET_MATERIALIZATION.value:
        # An EventLogRecord as `serialize_value` writes it, around the event that it has written.
        seen["last_materialization"] = (
            f'{{"__class__": "EventLogRecord", "event_log_entry": {row["event"]}, '
            f'"storage_id": {number}}}'
        )
    elif row["dagster_event_type"] != DagsterEventType.ASSET_MATERIALIZATION_PLANNED.value:
        return False
    return index.execute(_ASSET, {"of_asset": row["asset_key"], **seen}).rowcount == 1


def index_check(
    index: Connection, row: Mapping[str, Any], event: EventLogEntry, number: int
) -> bool:
    """Keeps what a run plans to check, and what it then finds; False where that is left to Dagster.

    Args:
        index: the file, in a transaction.
        row: the event as it is stored.
        event: the same.
        number: its number in this file.
    """
    said = event.get_dagster_event().event_specific_data
    seen = {
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": number,
    }
    if not row["run_id"]:
        return False
    if isinstance(said, AssetCheckEvaluationPlanned) and said.partitions_subset is None:
        planned = {
            "asset_key": said.asset_key.to_string(),
            "check_name": said.check_name,
            "run_id": row["run_id"],
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
        }
        return index.execute(_PLANNED, {**planned, **seen}).rowcount == 1
    if isinstance(said, AssetCheckEvaluation):
        found = {**_as_planned(said, row["run_id"]), **_outcome(said), **seen}
        return index.execute(_EVALUATED, found).rowcount == 1
    return False


def _as_planned(said: AssetCheckEvaluation, run: str) -> Mapping[str, str | None]:
    return {
        "of_asset": said.asset_key.to_string(),
        "of_check": said.check_name,
        "of_run": run,
        "of_partition": said.partition,
    }


def _outcome(said: AssetCheckEvaluation) -> Mapping[str, str | int | None]:
    status, target = AssetCheckExecutionRecordStatus, said.target_materialization_data
    return {
        "execution_status": (status.SUCCEEDED if said.passed else status.FAILED).value,
        "materialization_event_storage_id": target.storage_id if target else None,
    }
