"""A file whose columns are its writer's own, so that a person can say what they hold."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

from benchagent.errors import ExplainedError
from benchagent.formats import parse_bytes
from benchagent.formats.own import llm_calls_csv, llm_calls_json
from benchagent.formats.own.result_rows import (
    NAME,
    parse_understood,
    understand,
    understand_said,
)
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.held_columns import HeldColumn, expect_true, hold_columns
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_layouts import find_layouts
from benchagent.mappings.mapping import SaidColumns
from benchagent.mappings.rows import Rows, find_shape
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed

# Formats of scripts' files, whose columns are known by their names alone.
_OWN: Final = (None, NAME, llm_calls_csv.NAME, llm_calls_json.NAME)


class NotOwn(ExplainedError):
    """A file whose columns nobody needs to explain, or that has none; or a column that is not there."""


class OwnFile(NamedTuple):
    """A table, list or object, and the shape by which files like it are known."""

    path: Path
    artifact: Artifact
    shape: str

    def hold_columns(self, said: Mapping[str, str]) -> list[HeldColumn]:
        """Each column, and what it is read as.

        Raises:
            NotOwn: there is no such column.
            NotSaid: what is said is no word for what a column holds.
        """
        return hold_columns(*self._understand(said))

    def read(self, said: Mapping[str, str]) -> Parsed:
        """The file as it is read if its columns hold what is said.

        Raises:
            NotOwn: there is no such column.
            NotSaid: a column cannot hold what is said of it.
        """
        rows, columns = self._understand(said)
        expect_true(rows, columns)
        return parse_understood(rows, columns, self.mapping_of(said))

    def mapping_of(self, said: Mapping[str, str]) -> SaidColumns:
        """What is said, as it is kept for all files of this shape."""
        return SaidColumns(shape=self.shape, holds=tuple(sorted(said.items())))

    def _understand(self, said: Mapping[str, str]) -> tuple[Rows, Columns]:
        found = understand_said(self.artifact, said) if said else understand(self.artifact)
        if found:
            return found
        plain = next(find_layouts(self.artifact), None)
        if plain is None:
            raise NotOwn(f"{self.path} has no rows")
        self._expect_columns(said, plain)
        return plain, plan_rows(plain)

    def _expect_columns(self, said: Mapping[str, str], rows: Rows) -> None:
        for column in said:
            if column not in rows.labels:
                near = get_close_matches(column, rows.labels, n=1, cutoff=0.3)
                meant = f"; did you mean {near[0]!r}?" if near else ";"
                raise NotOwn(
                    f"{self.path} has no column {column!r}{meant} "
                    f"`benchagent columns show {self.path}` lists them"
                )


def open_own_file(path: Path) -> OwnFile:
    """A file with columns of its writer's own.

    Raises:
        NotOwn: a format knows its columns, or it has none.
    """
    data = path.read_bytes()
    read = parse_bytes(path.name, data)
    artifact = Artifact(data, name_hint=path.name)
    if read.format not in _OWN:
        raise NotOwn(f"{path} is read as `{read.format}`, whose columns are known")
    shape = find_shape(artifact)
    if shape is None:
        raise NotOwn(f"{path} has no columns: {read.reason or 'it holds no table, list or object'}")
    return OwnFile(path, artifact, shape)
