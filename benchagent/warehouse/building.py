"""The warehouse brought up to date: what changed in the files of a snapshot is replaced, no more.

One process writes at a time, in one transaction, into a file that nobody else opens. Readers are
given a copy of it, put in place by a rename, so that a notebook left open never stands in a
writer's way. A writer's file that was not left whole (a killed process, another version of
benchagent) is built again from nothing.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from benchagent.calls.log import call_paths, read_call
from benchagent.calls.table import CALL_SCHEMA
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import code_version, version_of
from benchagent.pipeline.project import Project
from benchagent.store import locked, make_folder, remove_folder, replacing, write_atomically
from benchagent.warehouse.sql import statement
from benchagent.warehouse.tables import SCHEMAS, Part, parts_of, rows_of

PART_SCHEMA = pa.schema([(name, pa.string()) for name in Part._fields])
Connection = duckdb.DuckDBPyConnection


def update(
    project: Project,
    connect: Callable[[Path], AbstractContextManager[Connection]] = duckdb.connect,
) -> Mapping[str, int]:
    """Takes in what changed since the last time, and gives the rows of each table."""
    with _writing(project) as writer:
        is_new = not writer.exists()
        # Dagster's resource closes what it opens only where nothing is raised.
        with connect(writer) as connection, closing(connection):
            return _fill(connection, project, is_new=is_new)


def rebuild(project: Project) -> Mapping[str, int]:
    """Builds the warehouse from nothing, and gives the rows of each table."""
    with _writing(project, anew=True) as writer, closing(duckdb.connect(writer)) as connection:
        return _fill(connection, project, is_new=True)


@contextmanager
def _writing(project: Project, *, anew: bool = False) -> Iterator[Path]:
    """The writer's file, for one process at a time; what it then holds is published."""
    folder = make_folder(project.out / "warehouse")
    with locked(folder / "writer.lock", doing="building the warehouse"):
        writer, seal = folder / "writer.duckdb", folder / "writer.whole"
        if anew or not seal.exists() or seal.read_text(encoding="utf-8") != _seal_of(writer):
            for old in folder.glob(f"{writer.name}*"):
                _remove_whole(old)
        seal.unlink(missing_ok=True)
        for left in project.out.glob(f".{project.warehouse.name}.*.tmp"):
            left.unlink()
        yield writer
        with replacing(project.warehouse) as temporary:
            shutil.copyfile(writer, temporary)
            # Of a reader that wrote into the last one: DuckDB would refuse the new one because of
            # it. What that reader has open goes on without it.
            project.warehouse.with_name(f"{project.warehouse.name}.wal").unlink(missing_ok=True)
        write_atomically(seal, _seal_of(writer))


def _remove_whole(old: Path) -> None:
    # A killed writer leaves a folder of what did not fit into its memory.
    if old.is_dir():
        remove_folder(old)
    else:
        old.unlink()


def _seal_of(writer: Path) -> str:
    """What a writer's file is known by when its writer came to its end; empty without a file."""
    if not writer.exists():
        return ""
    found = writer.stat()
    tables = version_of(*map(str, [*SCHEMAS.values(), CALL_SCHEMA]))
    code = code_version("warehouse", "sql", "reporting/second_reading.py")
    return f"{tables} {code} {found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _fill(connection: Connection, project: Project, *, is_new: bool) -> Mapping[str, int]:
    """Replaces the rows of all files that changed, in one transaction."""
    connection.execute(statement("sparing"))
    connection.begin()
    if is_new:
        _create_tables(connection)
    before = {Part(*row) for row in connection.execute(statement("parts")).fetchall()}
    keys = list_snapshots(project.out)
    partitions = {key: Partition(project=project, key=key) for key in keys}
    # The versions are looked up before the rows are read: a file that is replaced meanwhile
    # differs from its version, and the next writer takes it in.
    now = [part for partition in partitions.values() for part in parts_of(partition)]
    for part in before.difference(now):
        _remove(connection, part)
    new = [part for part in now if part not in before]
    for part in new:
        for name, rows in rows_of(partitions[part.snapshot], part):
            _insert(connection, "insert", rows, name, {"snapshot": part.snapshot})
    known = pa.Table.from_pylist([part._asdict() for part in new], schema=PART_SCHEMA)
    _insert(connection, "insert_parts", known)
    _take_in_calls(connection, project)
    connection.commit()
    connection.execute("CHECKPOINT")
    return {name: _count(connection, name) for name in (*SCHEMAS, "model_calls")}


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(statement("count", table=table)).fetchone()
    return int(row[0]) if row else 0


def _create_tables(connection: Connection) -> None:
    for name, schema in SCHEMAS.items():
        _create(connection, name, pa.schema([("snapshot", pa.string()), *schema]))
    _create(connection, "model_calls", CALL_SCHEMA)
    _create(connection, "parts", PART_SCHEMA)


def _create(connection: Connection, name: str, schema: pa.Schema) -> None:
    empty = pa.schema([pa.field(field.name, _plain(field.type)) for field in schema]).empty_table()
    connection.register("incoming", empty)
    connection.execute(statement("create", table=name))
    connection.unregister("incoming")


def _plain(kind: pa.DataType) -> pa.DataType:
    """DuckDB makes an enumeration of a dictionary, which a later value would not fit."""
    return kind.value_type if isinstance(kind, pa.DictionaryType) else kind


def _remove(connection: Connection, part: Part) -> None:
    for name in part.tables:
        connection.execute(statement("delete", table=name), {"snapshot": part.snapshot})
    connection.execute(statement("forget_part"), {"snapshot": part.snapshot, "name": part.name})


def _insert(
    connection: Connection,
    how: str,
    rows: pa.Table | pa.RecordBatchReader,
    table: str = "",
    values: Mapping[str, str] | None = None,
) -> None:
    connection.register("incoming", rows)
    connection.execute(statement(how, table=table), values)
    connection.unregister("incoming")


def _take_in_calls(connection: Connection, project: Project) -> None:
    """Calls never change: those that are new are added, those whose record is gone are removed."""
    paths = {path.stem: path for path in call_paths(project.out)}
    known = {str(id) for (id,) in connection.execute(statement("known_calls")).fetchall()}
    if gone := known - paths.keys():
        connection.execute(statement("delete_calls"), {"gone": sorted(gone)})
    if new := [read_call(path) for id, path in paths.items() if id not in known]:
        _insert(connection, "insert_calls", pa.Table.from_pylist(new, schema=CALL_SCHEMA))
