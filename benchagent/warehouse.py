"""Everything that was made, in one DuckDB file for questions: `data/out/warehouse.duckdb`.

The truth is in the files of each snapshot; the warehouse is built from them, in one transaction
under a lock, and can be built again from nothing. Readers are given a file of their own, put in
place by a rename, so that a notebook left open never stands in a writer's way.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as pds

from benchagent.calls.log import read_calls
from benchagent.calls.model_call import CALL_SCHEMA
from benchagent.errors import ExplainedError
from benchagent.facts.fact import FACT_SCHEMA
from benchagent.inventory.snapshots import list_snapshots
from benchagent.measurements.table import FAILED_RUN_SCHEMA, MEASUREMENT_SCHEMA
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import PartitionMissing, stamp_of
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages import FILES_SCHEMA
from benchagent.reporting.second_reading import overrule
from benchagent.store import locked, make_folder, replacing

SQL = Path(__file__).parent / "sql"
MOST_ROWS = 100_000

FINDING_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("rank", pa.float64()),
        ("rule", pa.string()),
        ("topic", pa.string()),
        ("severity", pa.string()),
        ("headline", pa.string()),
        ("sentence", pa.string()),
        ("facts", pa.list_(pa.string())),
        ("next_step", pa.string()),
        ("command", pa.string()),
    ]
)
REPORT_SCHEMA = pa.schema(
    [
        ("agent", pa.string()),
        ("path", pa.string()),
        ("tier", pa.string()),
        ("findings_told", pa.int64()),
        ("sentences_by_model", pa.int64()),
        ("sentences_by_code", pa.int64()),
        ("sentences_rejected", pa.int64()),
        ("claims", pa.int64()),
        ("claims_withheld", pa.int64()),
        ("broken_promises", pa.list_(pa.string())),
        ("problem", pa.string()),
    ]
)
CLAIM_SCHEMA = pa.schema(
    [
        ("agent", pa.string()),
        ("line", pa.int64()),
        ("starts_at", pa.int64()),
        ("ends_at", pa.int64()),
        ("quote", pa.string()),
        ("fact", pa.string()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
    ]
)
SCHEMAS: Mapping[str, pa.Schema] = {
    "files": FILES_SCHEMA,
    "measurements": MEASUREMENT_SCHEMA,
    "failed_runs": FAILED_RUN_SCHEMA,
    "facts": FACT_SCHEMA,
    "findings": FINDING_SCHEMA,
    "reports": REPORT_SCHEMA,
    "claims": CLAIM_SCHEMA,
}
# A question may read the warehouse and nothing else: no file, no network, no setting.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "lock_configuration": True,
}
STORED = ("files", "measurements", "failed_runs", "facts")


class QuestionRefused(ExplainedError):
    """DuckDB cannot answer a question, or may not; it says why."""


class WarehouseMissing(ExplainedError):
    """There is no warehouse yet."""


class WarehouseBusy(ExplainedError):
    """Another program has it open for writing, and DuckDB then lets nobody else in."""


@contextmanager
def writing(project: Project) -> Iterator[Path]:
    """A new database file, for one process at a time; what it then holds is published."""
    folder = make_folder(project.out / "warehouse")
    with locked(folder / "writer.lock", doing="building the warehouse"):
        writer = folder / "writer.duckdb"
        for old in folder.glob(f"{writer.name}*"):
            old.unlink()
        for left in project.out.glob(f".{project.warehouse.name}.*.tmp"):
            left.unlink()
        yield writer
        with replacing(project.warehouse) as temporary:
            shutil.copyfile(writer, temporary)
            # Of a reader that wrote into the last one: DuckDB would refuse the new one because of
            # it. What that reader has open goes on without it.
            project.warehouse.with_name(f"{project.warehouse.name}.wal").unlink(missing_ok=True)


def rebuild(project: Project) -> Mapping[str, int]:
    """Builds the warehouse from nothing, and gives the rows of each table."""
    with writing(project) as writer, closing(duckdb.connect(writer)) as connection:
        return fill(connection, project)


def fill(connection: duckdb.DuckDBPyConnection, project: Project) -> Mapping[str, int]:
    """Makes every table anew from the files of all snapshots, in one transaction."""
    connection.begin()
    for name, schema in SCHEMAS.items():
        _create(connection, name, pa.schema([("snapshot", pa.string()), *schema]))
    for key in list_snapshots(project.out):
        partition = Partition(project=project, key=key)
        for name in STORED:
            _insert_stored(connection, name, key, partition.folder / f"{name}.parquet")
        for name, rows in _derived_rows(partition):
            _insert(connection, name, key, pa.Table.from_pylist(rows, schema=SCHEMAS[name]))
    _create(connection, "model_calls", CALL_SCHEMA)
    calls = pa.Table.from_pylist(list(read_calls(project.out)), schema=CALL_SCHEMA)
    connection.register("incoming", calls)
    connection.execute(_sql("insert_calls"))
    connection.unregister("incoming")
    connection.commit()
    connection.execute("CHECKPOINT")
    return {name: _count(connection, name) for name in (*SCHEMAS, "model_calls")}


def _create(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
    empty = pa.schema([pa.field(field.name, _plain(field.type)) for field in schema]).empty_table()
    connection.register("incoming", empty)
    connection.execute(_sql("create").replace("$table", name))
    connection.unregister("incoming")


def _plain(kind: pa.DataType) -> pa.DataType:
    """DuckDB makes an enumeration of a dictionary, which a later value would not fit."""
    return kind.value_type if isinstance(kind, pa.DictionaryType) else kind


def _insert_stored(connection: duckdb.DuckDBPyConnection, name: str, key: str, path: Path) -> None:
    if path.exists():
        _insert(connection, name, key, pds.dataset(path, schema=SCHEMAS[name]))


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, key: str, rows: pa.Table | pds.Dataset
) -> None:
    connection.register("incoming", rows)
    connection.execute(_sql("insert").replace("$table", name), {"snapshot": key})
    connection.unregister("incoming")


def _derived_rows(partition: Partition) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Rows of the tables whose truth is JSON."""
    if stamp_of(partition.folder / "findings.json"):
        yield (
            "findings",
            [
                {
                    "id": found.id,
                    "rank": found.rank,
                    "rule": found.rule,
                    "topic": found.topic,
                    "severity": found.severity,
                    "headline": found.headline,
                    "sentence": found.sentences[0],
                    "facts": list(found.facts),
                    "next_step": found.next_step.text,
                    "command": found.next_step.command,
                }
                for found in partition.findings.values()
            ],
        )
    for path in sorted((partition.folder / "reports").glob("*.json")):
        try:
            yield from _report_rows(partition, path.stem)
        except PartitionMissing:
            # A run that is writing it now adds its row when it is done.
            continue


def _report_rows(partition: Partition, agent: str) -> Iterator[tuple[str, list[dict[str, object]]]]:
    report = partition.report(agent)
    analysis = overrule(partition.analysis(agent).analysis, report.reading.overruled)
    by_model = sum(said.author == "model" for said in analysis.statements)
    yield (
        "reports",
        [
            {
                "agent": agent,
                "path": str(partition.report_path(agent).relative_to(partition.project.out)),
                "tier": analysis.tier,
                "findings_told": len(analysis.statements),
                "sentences_by_model": by_model,
                "sentences_by_code": len(analysis.statements) - by_model,
                "sentences_rejected": sum(
                    said.rejected is not None for said in analysis.statements
                ),
                "claims": len(report.citations),
                "claims_withheld": sum(cited.problem is not None for cited in report.citations),
                "broken_promises": list(report.broken_promises),
                "problem": analysis.problem,
            }
        ],
    )
    yield (
        "claims",
        [
            {
                "agent": agent,
                "line": cited.line,
                "starts_at": cited.start,
                "ends_at": cited.end,
                "quote": cited.figure,
                "fact": cited.fact,
                "verdict": "unsupported" if cited.problem else "supported",
                "reason": cited.problem,
            }
            for cited in report.citations
        ],
    )


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(_sql("count").replace("$table", name)).fetchone()
    return int(row[0]) if row else 0


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def query(project: Project, sql: str, parameters: Iterable[object] = ()) -> pa.Table:
    """The answer to any one question: read-only, without files, network or settings.

    Raises:
        WarehouseMissing: nothing has been run yet.
        WarehouseBusy: another program has the file open for writing.
        QuestionRefused: DuckDB's own words about the question.
    """
    if not project.warehouse.exists():
        raise WarehouseMissing(
            f"{project.warehouse}: there is no warehouse yet; `benchagent run` makes one, and "
            "`benchagent warehouse rebuild` makes it from what earlier runs wrote"
        )
    with closing(_open_to_read(project)) as connection:
        try:
            answer = connection.sql(sql, params=list(parameters))
        except duckdb.Error as error:
            raise QuestionRefused(str(error)) from error
        if answer is None:
            raise QuestionRefused(f"{sql!r} has no answer; ask with SELECT")
        return answer.to_arrow_table()


def _open_to_read(project: Project) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(project.warehouse, read_only=True, config=LOCKED)
    except duckdb.IOException as error:
        if "Could not set lock" not in str(error):
            raise
        raise WarehouseBusy(
            f"{project.warehouse}: another program has it open for writing "
            f"({str(error).partition('held in ')[2].partition('. ')[0]}); open it there with "
            "`duckdb -readonly` or `read_only=True`; the next run puts a new file in its place"
        ) from error


def saved_query(name: str) -> str:
    """A question that comes with benchagent, by the name of its file."""
    return _sql(name)
