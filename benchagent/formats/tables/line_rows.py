"""Labelled lines as rows: a row for a line of several numbers, and for each block of single ones.

A heading that names a model says of which the rows below it are, to the next heading. A row of which
nothing says the model is left alone: in a text of anything it may be a measurement of nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.columns import names_quantity
from benchagent.formats.tables.labelled_lines import Pair, read_line
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.locators import chars_locator
from benchagent.quantities.names import join_words

_MOST_LABELS: Final = 200
# A rate of whatever: no setting is one (`ctx 8192: 79.6 tok/s gen`).
_RATE: Final = re.compile(r"[0-9][0-9.,]*\s*(?:tok(?:en)?s?|t)/s", re.IGNORECASE)
# By label: the value and its locator.
_Cells = dict[str, tuple[str, str]]


def find_line_rows(lines: Sequence[str]) -> Rows | None:
    """The rows that the labelled lines of a text are, if they have numbers of known quantities."""
    found = [cells for cells in _gather(lines) if _is_run(cells)]
    labels = list(dict.fromkeys(label for cells in found for label in cells))
    if not any(map(names_quantity, labels)) or len(labels) > _MOST_LABELS:
        return None
    rows = [
        Row(
            0,
            [cells[label][0] if label in cells else None for label in labels],
            None,
            _locate(cells),
        )
        for cells in found
    ]
    return Rows("", labels, rows)


def _gather(lines: Sequence[str]) -> Iterator[_Cells]:
    above: _Cells = {}
    block: _Cells = {}
    for number, line in enumerate([*lines, ""], start=1):
        read = read_line(line)
        cells = _take(number, read.pairs) if read else {}
        ends = read is None or read.form != "single" or not block.keys().isdisjoint(cells)
        if ends and block:
            # one that names a model alone says of which the lines below are
            if _names_model(block) and not any(map(names_quantity, block)):
                above = block
            else:
                yield block | {label: above[label] for label in above if label not in block}
            block = {}
        if read is None:
            continue
        if read.form == "heading":
            above = cells
        elif read.form == "single":
            block |= cells
        else:
            yield cells | {label: above[label] for label in above if label not in cells}


def _take(number: int, pairs: Sequence[Pair]) -> _Cells:
    return {
        pair.label: (pair.value, chars_locator(number, pair.start, pair.stop))
        for pair in pairs
        if names_quantity(pair.label) or not _RATE.match(pair.value)
    }


def _locate(cells: _Cells) -> Mapping[str, str]:
    """The places of a row's cells, those of its numbers first: by the first a row is named."""
    ordered = sorted(cells, key=lambda label: not names_quantity(label))
    return {label: cells[label][1] for label in ordered}


def _is_run(cells: _Cells) -> bool:
    """Whether a row names its model and has a number of a known quantity, or an error in its place."""
    return _names_model(cells) and ("error" in cells or any(map(names_quantity, cells)))


def _names_model(cells: _Cells) -> bool:
    return any(names_models(join_words(label)) for label in cells)
