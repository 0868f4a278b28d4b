"""Dagster's SQLite files, opened once by a process and not again for each statement.

Dagster's own storage opens a database anew for every statement: with it goes SQLAlchemy's cache of
compiled statements, and whoever closes it last writes its whole log back. A run of a snapshot takes
about a thousand statements. What is stored, and where, is the same either way, so a folder can be
read with the one and the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, SqliteStorageConfig
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine

from benchagent.defs.event_log import OpenEvents
from benchagent.defs.sqlite_files import is_set_up, open_database


class _KeptOpen:
    """A storage of Dagster's that keeps its one file open."""

    _conn_string: str

    @cached_property
    def _engine(self) -> Engine:
        return open_database(self._conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


class OpenRuns(_KeptOpen, SqliteRunStorage):
    """Dagster's run storage, kept open: runs, their tags, the daemons' heartbeats."""


class OpenSchedules(_KeptOpen, SqliteScheduleStorage):
    """Dagster's schedule storage, kept open: the ticks of sensors and schedules."""


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
        """Takes what Dagster's own class takes, which would open each file a second time."""
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
