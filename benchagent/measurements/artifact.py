"""One file's bytes, taken apart at most once however many formats look at them."""

import re
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple

from benchagent.measurements.artifact_text import Unreadable, decode_text, split_lines
from benchagent.measurements.grids import Grid, read_grid
from benchagent.measurements.json_trees import Json, read_json
from benchagent.measurements.locators import Line, Place, line_locator
from benchagent.measurements.markdown_tables import MarkdownTable, read_markdown_tables
from benchagent.measurements.packed.compressed import inner_name
from benchagent.measurements.readings import Refusal
from benchagent.measurements.yaml_trees import read_yaml

Shape = Literal["grid", "json", "yaml", "markdown", "text"]

_SHAPES: Final[dict[str, Shape]] = {
    ".csv": "grid",
    ".tsv": "grid",
    ".parquet": "grid",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
    ".markdown": "markdown",
}
# how JSON goes on; a log's lines begin with brackets too: `[1/3] …`, `[12345.6] …`
_BEGINS_JSON: Final = re.compile(
    r"\s*(?:\{|\[\s*(?:[\[{\"\]]|-?[0-9][0-9.eE+-]*\s*(?:,|\]\s*$)|true|false|null|NaN|$))"
)
# What llama.cpp prints of its devices where a shell puts both outputs of llama-bench into one file.
_LOADING: Final = re.compile(
    r"(?:(?:(?:ggml_|load_backend: |register_backend: |register_device: |llama_| {2}Device [0-9]).*)?\n)+"
    r"(?=\{ ?\"build_commit\")"
)
_LONGEST_MARKDOWN: Final = 8_000_000


class Entry(NamedTuple):
    """One value of a JSON or YAML file that may hold one, a list of them, or one per line."""

    place: Place
    value: Json


class Artifact:
    """A file as its formats see it: text, and the grid, tree or tables that the text may be.

    Attributes:
        suffix: lower-case ending of the file's name, without one for its compression; the only
            thing known of its path.
    """

    def __init__(self, data: bytes, *, name_hint: str = "") -> None:
        """Take the bytes and the name, of which only the ending counts."""
        self.data = data
        self.suffix = PurePosixPath(inner_name(name_hint)).suffix.lower()

    @cached_property
    def text(self) -> str | Unreadable:
        """The file as text."""
        return decode_text(self.data)

    @cached_property
    def shape(self) -> Shape:
        """What the text looks like: by how it begins if that tells, else by the file's ending."""
        if isinstance(self.text, Unreadable):
            return "text"
        by_name = _SHAPES.get(self.suffix, "text")
        if by_name != "markdown" and (_BEGINS_JSON.match(self.text) or self._lines_above):
            return "json"
        return by_name

    @cached_property
    def _lines_above(self) -> int:
        """How many lines of a log stand above JSON Lines."""
        above = _LOADING.match(str(self.text))
        return above[0].count("\n") if above else 0

    @cached_property
    def grid(self) -> Grid | Unreadable:
        """The file as a delimited table."""
        return self._unless(self.shape == "grid") or read_grid(str(self.text))

    @cached_property
    def document(self) -> Json | Unreadable:
        """The file as a tree, of JSON or of YAML."""
        if self.shape == "yaml":
            return read_yaml(str(self.text))
        return self._unless(self.shape == "json") or read_json(str(self.text))

    @property
    def tree(self) -> Json:
        """The tree, or None for a file that is none."""
        return None if isinstance(self.document, Unreadable) else self.document

    @property
    def labels(self) -> list[str]:
        """The labels of the delimited table; none of a file that is none."""
        return [] if isinstance(self.grid, Unreadable) else self.grid.labels

    @cached_property
    def lines(self) -> list[Entry | Refusal]:
        """The values of JSON Lines, a refusal for a line that is none; empty for other files."""
        if self.shape != "json" or not isinstance(self.document, Unreadable):
            return []
        found: list[Entry | Refusal] = []
        for number, line in enumerate(split_lines(str(self.text)), start=1):
            if not line.strip() or number <= self._lines_above:
                continue
            value = read_json(line)
            if not found and not isinstance(value, dict):
                return []
            if isinstance(value, Unreadable):
                found.append(Refusal(locator=line_locator(number), reason=value.reason))
            else:
                found.append(Entry((Line(number),), value))
        return found

    @cached_property
    def entries(self) -> list[Entry]:
        """The file's value, the values of its list, or those of its lines, each with its place."""
        if isinstance(self.tree, list):
            return [Entry((at,), value) for at, value in enumerate(self.tree)]
        if self.tree is not None:
            return [Entry((), self.tree)]
        return [line for line in self.lines if isinstance(line, Entry)]

    @property
    def broken_lines(self) -> list[Refusal]:
        """The lines of JSON Lines that could not be read."""
        return [line for line in self.lines if isinstance(line, Refusal)]

    def expect_grid(self) -> Grid:
        """The delimited table, for a format that has seen that it is one.

        Raises:
            TypeError: it is none; `detect` should have said so.
        """
        if isinstance(self.grid, Unreadable):
            raise TypeError(f"not a delimited table: {self.grid.reason}")
        return self.grid

    @cached_property
    def tables(self) -> list[MarkdownTable] | Unreadable:
        """The tables of a Markdown file."""
        unreadable = self._unless(self.shape == "markdown")
        if not unreadable and len(str(self.text)) > _LONGEST_MARKDOWN:
            unreadable = Unreadable(
                f"a text of {len(self.data):,} bytes is too long for a write-up"
            )
        return unreadable or read_markdown_tables(str(self.text))

    def _unless(self, expected: bool) -> Unreadable | None:
        if isinstance(self.text, Unreadable):
            return self.text
        return None if expected else Unreadable(f"not this but {self.shape}")
