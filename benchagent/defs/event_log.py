"""The events of all runs: in Dagster's files and tables, by statements that are made once.

Dagster makes each statement anew, which takes SQLAlchemy longer than SQLite takes to execute it, and
writes out an event for each place where it is kept. For the hundred events of a snapshot that was a
tenth of its time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from dagster import (
    AssetKey,
    AssetRecordsFilter,
    DagsterEventType,
    EventLogEntry,
    EventLogRecord,
    EventRecordsResult,
)
from dagster._core.event_api import EventLogCursor
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._serdes import deserialize_value
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from benchagent.defs.event_index import index_asset, index_check
from benchagent.defs.sqlite_files import Layout, is_set_up, open_database

_INDEXED = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}
_STORE = SqlEventLogStorageTable.insert()
_LATEST = text(
    "SELECT max(id) FROM event_logs WHERE asset_key = :asset AND partition = :partition"
    " AND dagster_event_type = 'ASSET_MATERIALIZATION'"
)
_TAGS = text("SELECT key, value FROM asset_event_tags WHERE event_id = :number")
_PARTITION = text(
    "SELECT 1 FROM dynamic_partitions WHERE partitions_def_name = :definition"
    " AND partition = :partition"
)
# A daemon looks into the events of many runs, each a file of its own.
RUNS_KEPT_OPEN = 8


class OpenEvents(SqliteEventLogStorage):
    """Keeps the index of all runs open, and the events of those that were asked for last."""

    def __init__(self, base_dir: str) -> None:
        """Takes what Dagster's own class takes."""
        self._connections: dict[str, Connection] = {}
        self._there: set[tuple[str, str]] = set()
        self._layout: Layout | None = None
        self._last: dict[int, EventRecordsResult] = {}
        super().__init__(base_dir)

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        if is_set_up(engine):
            return
        if self._layout is not None:
            # Where another process sets the same file up, or was killed at it, Dagster finds out.
            with suppress(OperationalError):
                self._layout.write(engine)
                return
        super()._initdb(engine, for_index_shard)
        self._layout = Layout.of(engine)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            connection = self._open(shard)
            with connection.begin():
                yield connection

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event in the file of its run, and in the index what is asked across runs."""
        row, kind = self._event_to_row(event), event.dagster_event_type
        with self.run_connection(event.run_id) as run:
            run.execute(_STORE, row)
        if kind not in _INDEXED:
            return
        with self.index_connection() as index:
            number = index.execute(_STORE, row).lastrowid
            if kind in ASSET_EVENTS:
                self._store_asset_event_tags(index, [event], [number])
                if not index_asset(index, row, number):
                    self._store_asset_event(index, event, number)
            known = kind in ASSET_CHECK_EVENTS and index_check(index, row, event, number)
        if kind in ASSET_CHECK_EVENTS and not known:
            self.store_asset_check_event(event, number)
        if kind is DagsterEventType.ASSET_MATERIALIZATION:
            cursor = EventLogCursor.from_storage_id(number).to_string()
            self._last = {
                number: EventRecordsResult([EventLogRecord(number, event)], cursor, has_more=True)
            }

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there, remembered: Dagster asks often, and none is ever dropped."""
        return self._is_there("table", table_name, super().has_table)

    def has_secondary_index(self, name: str) -> bool:
        """Whether a migration was made, remembered: Dagster asks it of each asset anew."""
        return self._is_there("index", name, super().has_secondary_index)

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        there = super()._has_asset_key_col_on_connection
        return self._is_there("column", column_name, lambda name: there(conn, name))

    def _is_there(self, kind: str, name: str, look: Callable[[str], bool]) -> bool:
        if (kind, name) not in self._there and look(name):
            self._there.add((kind, name))
        return (kind, name) in self._there

    def fetch_materializations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """Those of an asset; the last one found is kept, since each check asks for it twice."""
        alone = limit == 1 and not cursor and not ascending
        latest = self._latest_of(records_filter) if alone else None
        if latest is None or latest not in self._last:
            found = super().fetch_materializations(records_filter, limit, cursor, ascending)
            self._last = {found.records[0].storage_id: found} if latest and found.records else {}
            return found
        return self._last[latest]

    def get_latest_tags_by_partition(
        self,
        asset_key: AssetKey,
        event_type: DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """The latest tags by partition; Dagster asks for one partition of each input."""
        latest = None
        if event_type is DagsterEventType.ASSET_MATERIALIZATION:
            wanted = AssetRecordsFilter(
                asset_key=asset_key,
                asset_partitions=asset_partitions,
                before_storage_id=before_cursor,
                after_storage_id=after_cursor,
            )
            latest = self._latest_of(wanted)
        if latest is None or not asset_partitions:
            return super().get_latest_tags_by_partition(
                asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
            )
        with self.index_connection() as connection:
            tags = connection.execute(_TAGS, {"number": latest}).all()
        found = {key: value for key, value in tags if key in tag_keys}
        return {asset_partitions[0]: found} if found else {}

    def _get_latest_materialization_records(
        self, raw_asset_rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[AssetKey, EventLogRecord | None]:
        """Dagster looks elsewhere too, for what was wiped or is older; mostly there is nothing."""
        if any(row["asset_details"] or not row["last_materialization"] for row in raw_asset_rows):
            return super()._get_latest_materialization_records(raw_asset_rows)
        return {
            key: deserialize_value(row["last_materialization"], EventLogRecord)
            for row in raw_asset_rows
            if (key := AssetKey.from_db_string(row["asset_key"]))
        }

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a partition is there; Dagster asks twice for each asset and each input."""
        values = {"definition": partitions_def_name, "partition": partition_key}
        with self.index_connection() as connection:
            return connection.execute(_PARTITION, values).first() is not None

    def _latest_of(self, wanted: AssetKey | AssetRecordsFilter) -> int | None:
        """The number of the record that was written last about one partition of an asset."""
        if not isinstance(wanted, AssetRecordsFilter) or not wanted.asset_partitions:
            return None
        asset, partitions = wanted.asset_key, wanted.asset_partitions
        if wanted != AssetRecordsFilter(asset_key=asset, asset_partitions=partitions[:1]):
            return None
        with self.index_connection() as connection:
            values = {"asset": asset.to_string(), "partition": partitions[0]}
            return connection.execute(_LATEST, values).scalar_one()

    def _open(self, shard: str) -> Connection:
        known, connection = shard in self._initialized_dbs, self._connections.pop(shard, None)
        # One that is in a transaction was left there by who was interrupted.
        if connection and (connection.in_transaction() or not known):
            _close(connection)
            connection = None
        if connection is None:
            engine = open_database(self.conn_string_for_shard(shard))
            if not known:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._close_the_oldest()
            connection = engine.connect()
        self._connections[shard] = connection
        return connection

    def _close_the_oldest(self) -> None:
        runs = [shard for shard in self._connections if shard != INDEX_SHARD_NAME]
        for shard in runs[: -(RUNS_KEPT_OPEN - 1)]:
            _close(self._connections.pop(shard))

    def dispose(self) -> None:
        """Closes all files."""
        super().dispose()
        for connection in self._connections.values():
            _close(connection)
        self._connections.clear()


def _close(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()
