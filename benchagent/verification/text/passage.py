"""One piece of a report that says something, with what stands above and beside it."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["sentence", "cell", "code", "heading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One piece of a report that says something.

    Attributes:
        start: code-point offset of its text in the report.
        text: masked text of the same length as its span.
        raw: the span with its markup, plainly spelt (see `spelling`).
        headings: the headings that it stands under, the nearest first.
        above: the list items and lead-in that it hangs under, masked, the nearest first.
        before: the sentence before it in the same block.
        row, column: first cell of its row, header of its column, for a cell.
        language: of a code block.
        table: number of the table that a cell belongs to.
        cells: header and text of every cell of its row, masked.
        base: the cells of the row that its column holds the others against (`vs f16`), if any.
    """

    shape: Shape
    start: int
    text: str
    raw: str
    headings: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    before: str = ""
    row: str = ""
    column: str = ""
    language: str = ""
    table: int | None = None
    cells: tuple[tuple[str, str], ...] = ()
    base: tuple[tuple[str, str], ...] = ()
