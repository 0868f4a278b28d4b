"""A table for whoever asks: people at a terminal, programs by --json, files by -o."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchagent.cli.errors import Failed
from benchagent.pipeline.table_files import writing_table
from benchagent.store import replacing
from benchagent.stored_table import AnyTable, pieces_of
from benchagent.wording import counted

FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN_ROWS = 200
_ROWS_AT_ONCE: Final = 5000

Row = dict[str, Any]


class TableFile(click.Path):
    """A file that a table can be written to: asked before the work and not after it."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """The path, with a suffix that names a format, in a folder that is there."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.suffix.lower() not in WRITERS:
            known = f"{', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}"
            self.fail(f"{path}: the suffix is {path.suffix!r}, expected {known}", param, ctx)
        if not path.absolute().parent.is_dir():
            self.fail(f"{path}: {path.parent} is no folder; make it first", param, ctx)
        return path


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command --json and -o FILE."""
    json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
    file_option = click.option(
        "-o",
        "--output",
        type=TableFile(dir_okay=False),
        help="Write to FILE.parquet, FILE.csv, FILE.json (a list) or FILE.jsonl (a row per line).",
    )
    return json_option(file_option(command))


def _rows(table: AnyTable, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Every row, some or all columns; of a table on disk a part is in memory at a time."""
    for piece in pieces_of(table, columns):
        for batch in piece.to_batches(max_chunksize=_ROWS_AT_ONCE):
            yield from batch.to_pylist()


def put_out(
    table: AnyTable,
    *,
    as_json: bool,
    output: Path | None,
    columns: Sequence[str] | None = None,
    show: Callable[[Iterator[Row]], None] | None = None,
) -> None:
    """Writes a table to where it was asked for.

    Args:
        table: all of it.
        as_json: JSON Lines on standard output.
        output: a file; its suffix names the format.
        columns: those that a terminal shows; files and JSON have all.
        show: prints it for people, where a table is not what they read best.
    """
    if output is not None:
        write_file(table, output)
        click.echo(f"{output}: {counted(table.num_rows, 'row')}", err=True)
        return
    with to_standard_output():
        if as_json:
            for row in _rows(table):
                click.echo(_json(row))
        else:
            if show:
                show(_rows(table, columns))
            else:
                _show(table, columns)


def is_watched() -> bool:
    """Whether standard output is a terminal."""
    return bool(sys.stdout and sys.stdout.isatty())


@contextmanager
def to_standard_output() -> Iterator[None]:
    """Says in a sentence what the system has against what is printed inside.

    Raises:
        Failed: it cannot be written; a reader that went away (`| head`) is click's affair.
    """
    try:
        yield
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_standard_output()
        raise Failed(
            f"standard output: {error.strerror}; let it go elsewhere, or give -o FILE"
        ) from error


def _drop_standard_output() -> None:
    """Lets what is still in the buffer go nowhere, so that Python's exit does not fail on it too."""
    with suppress(OSError, ValueError):  # a standard output that is no file has no number
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def write_file(table: AnyTable, path: Path) -> None:
    """A table as a file, whole or not at all; its suffix is one of `WRITERS`."""
    with replacing(path.absolute(), mode=0o644) as temporary:
        WRITERS[path.suffix.lower()](table, temporary)


def _write_parquet(table: AnyTable, path: Path) -> None:
    with writing_table(path, table.schema) as file:
        for piece in pieces_of(table):
            file.add(piece)


def _write_json(table: AnyTable, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n")
        for at, row in enumerate(_rows(table)):
            file.write(f",\n{_json(row)}" if at else _json(row))
        file.write("\n]\n")


def _write_json_lines(table: AnyTable, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{_json(row)}\n" for row in _rows(table))


def _json(row: Row) -> str:
    return json.dumps(row, default=str)


def _write_csv(table: AnyTable, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(_csv_cell, table.schema.names))
        for row in _rows(table):
            writer.writerow([_csv_cell(value) for value in row.values()])


WRITERS: Final[Mapping[str, Callable[[AnyTable, Path], None]]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_json_lines,
}


def _csv_cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def _show(table: AnyTable, columns: Sequence[str] | None) -> None:
    shown = Table()
    for name in columns or table.schema.names:
        numeric = pa.types.is_floating(table.schema.field(name).type) or pa.types.is_integer(
            table.schema.field(name).type
        )
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in islice(_rows(table, columns), SHOWN_ROWS):
        shown.add_row(*[escape(plain_cell(value)) for value in row.values()])
    # A pipe has no width of its own; a table folded to 80 columns is of no use to grep.
    Console(width=None if is_watched() else 240).print(shown)
    if table.num_rows > SHOWN_ROWS:
        click.echo(
            f"{SHOWN_ROWS} of {table.num_rows:,} rows; --json or -o FILE gives all of them.",
            err=True,
        )


def plain_cell(value: object) -> str:
    """A value as a terminal can show it: on one line, without what would steer the terminal."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
