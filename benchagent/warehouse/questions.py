"""Questions to the warehouse: read-only, and of nothing else."""

from contextlib import closing

import duckdb
import pyarrow as pa

from benchagent.errors import ExplainedError
from benchagent.pipeline.project import Project
from benchagent.warehouse.sql import statement

# A question may read the warehouse and nothing else: no file, no network, no setting.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "lock_configuration": True,
}


class QuestionRefused(ExplainedError):
    """DuckDB cannot answer a question, or may not; it says why."""


class WarehouseMissing(ExplainedError):
    """There is no warehouse yet."""


class WarehouseBusy(ExplainedError):
    """Another program has it open for writing, and DuckDB then lets nobody else in."""


def query(project: Project, sql: str) -> pa.Table:
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
            answer = connection.sql(sql)
        except duckdb.Error as error:
            raise QuestionRefused(str(error)) from error
        if answer is None:
            raise QuestionRefused(f"{sql!r} has no answer; ask with SELECT")
        return read_answer(answer)


def read_answer(answer: duckdb.DuckDBPyRelation) -> pa.Table:
    """All rows of an answer, which DuckDB works out when they are asked for.

    Raises:
        QuestionRefused: DuckDB's own words about the question.
        KeyboardInterrupt: somebody pressed Ctrl-C.
    """
    try:
        return answer.to_arrow_table()
    except duckdb.Error as error:
        raise QuestionRefused(str(error)) from error
    except RuntimeError as error:
        if "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from error


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
    return statement(name)
