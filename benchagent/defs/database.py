"""Dagster's SQLite files, opened once by a process and not again for each statement.

Dagster's own storage opens a database anew for every statement: with it goes SQLAlchemy's cache of
compiled statements, and whoever closes it last writes its whole log back. A run of a snapshot takes
about a thousand statements. For each file it also reads all its migration scripts, to compare with
them one row that says whether the file has been set up, and twice to set one up: each run has its
own. What is stored, and where, is the same either way, so a folder can be read with the one and the
other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from dagster import AssetKey, AssetRecordsFilter, EventRecordsResult
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, SqliteStorageConfig
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

_LATEST = text(
    "SELECT max(id) FROM event_logs WHERE asset_key = :asset AND partition = :partition"
    " AND dagster_event_type = 'ASSET_MATERIALIZATION'"
)
# A daemon looks into the events of many runs, each a file of its own.
RUNS_KEPT_OPEN = 8


def open_database(address: str) -> Engine:
    """A database that stays open."""
    engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _sync_seldom)
    return engine


def _sync_seldom(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """A killed process loses nothing; a power cut may take what was recorded in the last moment.

    The partition files are what counts: what the record lacks of them is found, not made again.
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def is_set_up(engine: Engine, *tables: str) -> bool:
    """Whether Dagster has written down at which of its migrations a database stands.

    Args:
        engine: the database.
        tables: what is made only afterwards, so that a killed process may have left it out.
    """
    try:
        with engine.connect() as connection:
            if not {"alembic_version", *tables} <= {*inspect(connection).get_table_names()}:
                return False
            return connection.execute(text("SELECT 1 FROM alembic_version")).first() is not None
    except OperationalError:  # somebody sets it up right now, for whom Dagster waits
        return False


@dataclass(frozen=True, slots=True)
class _Layout:
    """How Dagster sets up a file: its tables, and the migration at which they stand."""

    statements: tuple[str, ...]
    revision: str

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """That of a file which Dagster has set up."""
        with engine.connect() as connection:
            made = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
            revision = connection.execute(text("SELECT version_num FROM alembic_version"))
            return cls(tuple(made.scalars()), revision.scalar_one())

    def write(self, engine: Engine) -> None:
        """Sets up a new file alike, whole or not at all."""
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for statement in self.statements:
                connection.exec_driver_sql(statement)
            connection.execute(
                text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": self.revision}
            )
            connection.commit()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection, connection.begin():
        yield connection


class OpenEvents(SqliteEventLogStorage):
    """Keeps the index of all runs open, and the events of those that were asked for last."""

    def __init__(self, base_dir: str) -> None:
        """As the class that it takes the place of."""
        self._engines: dict[str, Engine] = {}
        self._there: set[tuple[str, str]] = set()
        self._layout: _Layout | None = None
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
        self._layout = _Layout.of(engine)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, _transaction(self._engine(shard)) as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Asked again and again, in the middle of transactions, of tables that are never dropped."""
        return self._is_there("table", table_name, super().has_table)

    def has_secondary_index(self, name: str) -> bool:
        """Asked with each question about an asset, of what a migration has left for good."""
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
        """Each check asks twice for what it checks, and is given it with a whole report."""
        latest = self._latest_of(records_filter) if limit == 1 and not cursor else None
        if latest is None or latest not in self._last:
            found = super().fetch_materializations(records_filter, limit, cursor, ascending)
            self._last = {found.records[0].storage_id: found} if latest and found.records else {}
            return found
        return self._last[latest]

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

    def _engine(self, shard: str) -> Engine:
        known = shard in self._initialized_dbs
        engine = self._engines.pop(shard, None) if known else None
        if engine is None:
            engine = open_database(self.conn_string_for_shard(shard))
            self._close_the_oldest()
        if not known:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        return engine

    def _close_the_oldest(self) -> None:
        runs = [shard for shard in self._engines if shard != INDEX_SHARD_NAME]
        for shard in runs[: -(RUNS_KEPT_OPEN - 1)]:
            self._engines.pop(shard).dispose()

    def dispose(self) -> None:
        """Closes all files."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


class _KeptOpen:
    """One file for everything of its kind."""

    _conn_string: str

    @cached_property
    def _engine(self) -> Engine:
        return open_database(self._conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with _transaction(self._engine) as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


class OpenRuns(_KeptOpen, SqliteRunStorage):
    """The runs, their tags, the daemons' heartbeats."""


class OpenSchedules(_KeptOpen, SqliteScheduleStorage):
    """The ticks of sensors and schedules."""


Kind = TypeVar("Kind", SqliteRunStorage, SqliteScheduleStorage)


def _open(kind: type[Kind], folder: Path, name: str, *tables: str) -> Kind:
    address = create_db_conn_string(str(folder), name)
    if (folder / f"{name}.db").exists():
        engine = open_database(address)
        known = is_set_up(engine, *tables)
        engine.dispose()
        if known:
            return kind(address)
    return kind.from_local(str(folder))


class OpenSqliteStorage(DagsterSqliteStorage):
    """What dagster.yaml names as this project's storage; laid out as Dagster's own."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """As the class that it takes the place of, whose own would open everything twice."""
        super(DagsterSqliteStorage, self).__init__()
        self.base_dir = base_dir
        self._inst_data = inst_data
        history = Path(base_dir) / "history"
        self._run_storage = _open(OpenRuns, history, "runs", "instance_info")
        self._event_log_storage = OpenEvents(str(history / "runs"))
        self._schedule_storage = _open(OpenSchedules, Path(base_dir) / "schedules", "schedules")

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: SqliteStorageConfig
    ) -> "OpenSqliteStorage":
        """What Dagster makes of the settings."""
        return cls.from_local(inst_data=inst_data, **config_value)
