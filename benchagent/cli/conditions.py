"""Conditions in SQL that a person gives for a table."""

import duckdb
import pyarrow as pa

from benchagent.cli.errors import Failed
from benchagent.warehouse.questions import LOCKED, QuestionRefused, read_answer


def keep_where(table: pa.Table, where: str) -> pa.Table:
    """The rows for which a condition in SQL holds, with no way out of the table.

    Raises:
        Failed: it is no condition on these columns; DuckDB says why.
    """
    with duckdb.connect(config=LOCKED) as connection:
        connection.register("facts", table)
        try:
            return read_answer(connection.sql("FROM facts").filter(where))
        except (duckdb.Error, QuestionRefused) as error:
            raise Failed(
                f"--where {where!r}: {error}\nexpected a condition in SQL as after WHERE; the "
                f"columns are {', '.join(table.column_names)}"
            ) from error
