"""SQLite files of Dagster's, opened to stay open and set up without its migration scripts.

For each file that it opens Dagster reads all its migration scripts, to compare with them one row
that says whether the file has been set up, and twice to set one up: each run has its own.
"""

from dataclasses import dataclass
from typing import Self

from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry


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
class Layout:
    """How Dagster sets up a file: its tables, and the migration at which they stand."""

    statements: tuple[str, ...]
    revision: str

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """The layout of a file that Dagster has set up."""
        with engine.connect() as connection:
            made = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
            revision = connection.execute(text("SELECT version_num FROM alembic_version"))
            return cls(tuple(made.scalars()), revision.scalar_one())

    def write(self, engine: Engine) -> None:
        """Set up a new file in the same way, whole or not at all."""
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for statement in self.statements:
                connection.exec_driver_sql(statement)
            connection.execute(
                text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": self.revision}
            )
            connection.commit()
