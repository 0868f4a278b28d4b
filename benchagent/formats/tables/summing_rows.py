"""Rows that are no runs: an `Average` below those, one for each statistic of them, a warm-up, a note,
or a run that was not over when its file was written.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import find_statistic
from benchagent.formats.tables.setting_columns import tells_outcome
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.measurements.model_names import names_model
from benchagent.quantities.names import join_words, split_brackets
from benchagent.quantities.numbers import parse_cell

# With the words for statistics, what stands in the place of a name where a row sums up others.
_SUMS: Final = frozenset(("total", "totals", "overall", "aggregate", "sum", "count"))
_WARM_UP: Final = re.compile(
    r"(?:is_)?warm_?up(?:_?(?:run|call|request))?(?:_?[0-9]{1,3})?(?:_(?:after|because|since)_.+)?"
)
# What trackers and queues call a run that is not over.
_UNFINISHED: Final = frozenset(("running", "pending", "queued", "scheduled", "in_progress"))
_ENDS_OF_WORDS: Final = " .:*"
_OF_ALL: Final = re.compile(
    r"(?:grand|sub)_?totals?|(?:overall|grand|macro|weighted)_(?:avg|average|mean)|(?:avg|average|mean)_of_.+"
    r"|(?:mean|avg|average)_?(?:±|\+/)_?(?:sd|std|stddev|se)|平均值?|均值|合计|总计|итого|всего"
)
# What all such words have in them, in each language that is known.
_WARMS: Final = re.compile("[aä]rm|auff|calen|riscal|aquec", re.IGNORECASE)
_PERCENTILES: Final = frozenset(("percentile", "percentiles", "quantile", "pctl", "pct"))
_ENDS: Final = {0.0: "min", 100.0: "max"}
# Not 1, which may be how many there were.
_YES: Final = frozenset(("true", "yes"))
_LONGEST_WORD: Final = 40
# `25%` is a percentile's name, `25.1` is none.
_NUMBER: Final = re.compile(r"[0-9.]+(?![0-9.%])")
_A_SENTENCE: Final = 4
# An effort or a preset may be called so too.
_LEVELS: Final = frozenset(("min", "max"))


def find_sums(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows that sum up others, by a word where those have a name or a number."""
    found: set[int] = set()
    for at in named_by(columns):
        cells = rows.column(at)
        sums = set() if _are_shares(cells) else {p for p, c in enumerate(cells) if tells_sum(c)}
        if at == columns.statistic:
            sums = {place for place in sums if not find_statistic(str(rows.rows[place].cells[at]))}
        found |= sums if len(sums) < len(rows.rows) else set()
    return found


def find_warm_ups(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows that a word or a yes calls a warm-up, which is no run of what is measured."""
    found = {
        place
        for at in named_by(columns)
        for place, cell in enumerate(rows.column(at))
        if tells_warm_up(cell) or (tells_warm_up(rows.labels[at]) and str(cell).lower() in _YES)
    }
    return found if len(found) < len(rows.rows) else set()


def find_notes(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows of one sentence alone, such as stand below a sheet; a model's name is none."""
    found: set[int] = set()
    results = [at for at, _ in columns.readings]
    for place, row in enumerate(rows.rows):
        if any(row.cells[at] not in (None, "") for at in results):
            continue
        filled = [cell for cell in row.cells if cell not in (None, "")]
        text = filled[0] if len(filled) == 1 else None
        if isinstance(text, str) and len(text.split()) >= _A_SENTENCE and not names_model(text):
            found.add(place)
    return found


def find_unfinished(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows whose outcome is that they still ran: their numbers are not the last ones."""
    outcomes = {columns.status, *(at for at in columns.unread if tells_outcome(rows.labels[at]))}
    found = {
        place
        for at in outcomes - {None}
        for place, cell in enumerate(rows.column(at))
        if tells_unfinished(cell)
    }
    return found if len(found) < len(rows.rows) else set()


def tells_unfinished(cell: Json) -> bool:
    """Whether a cell is the word for a run that is not over (`running`, `IN_PROGRESS`)."""
    if not isinstance(cell, str) or len(cell) > _LONGEST_WORD:
        return False
    return join_words(cell) in _UNFINISHED


def tells_percentile(label: str) -> bool:
    """Whether the numbers of a column of this name say which percentile a row is."""
    return join_words(label) in _PERCENTILES


def counts_in_shares(cells: Sequence[Json]) -> bool:
    """Whether the numbers of such a column go from 0 to 1: beside 10 and 99, 0.1 is a percent."""
    found = [number for cell in cells if (number := parse_cell(cell)) is not None]
    return max(found, default=0) <= 1 and any(0 < number < 1 for number in found)


def read_percentile(cell: Json, *, in_shares: bool) -> str | None:
    """The statistic that a number of such a column names: `p99` of 99, or of 0.99."""
    number = parse_cell(cell)
    if number is None:
        return find_statistic(cell) if isinstance(cell, str) else None
    percent = number * 100 if in_shares else number
    return find_statistic(f"p{percent:g}") if 0 < percent < 100 else _ENDS.get(percent)


def tells_warm_up(cell: Json) -> bool:
    """Whether a text is the word for a warm-up (`Warmup 2`, `is_warmup`)."""
    # most cells of a column differ, and are no such word
    if not isinstance(cell, str) or not _WARMS.search(cell):
        return False
    return _WARM_UP.fullmatch(join_words(cell)) is not None


def named_by(columns: Columns) -> list[int]:
    """The columns that say which row it is: all but results, times and outcomes."""
    numbered = (columns.repetition, columns.sequence, columns.model, columns.statistic)
    places = {*numbered, *(at for at, _ in columns.settings), *columns.unread}
    return sorted(at for at in places if at is not None)


def tells_sum(cell: Json) -> bool:
    """Whether a cell is a word for what is computed from several rows, and for nothing else."""
    if not isinstance(cell, str) or len(cell) > _LONGEST_WORD or _NUMBER.match(cell):
        return False
    text = join_words(split_brackets(cell.strip(_ENDS_OF_WORDS))[0])
    statistic = find_statistic(text)
    return (
        text in _SUMS
        or _OF_ALL.fullmatch(text) is not None
        or (statistic is not None and statistic not in _LEVELS)
    )


def learn_statistics(rows: Rows, plan: Columns) -> Columns:
    """With the column in which every row says which statistic it gives, levels among them, if any."""
    for at in plan.unread:
        cells = rows.column(at)
        if tells_percentile(rows.labels[at]):
            in_shares = counts_in_shares(cells)
            if all(read_percentile(cell, in_shares=in_shares) for cell in cells):
                return replace(plan, statistic=at, in_shares=in_shares)
        # in most columns the first cell names none, so the others need not be looked at
        named = (tells_sum(cell) or find_statistic(str(cell)) is not None for cell in cells)
        if all(named) and any(map(tells_sum, cells)) and not _are_shares(cells):
            return replace(plan, statistic=at)
    return plan


def _are_shares(cells: Sequence[Json]) -> bool:
    """Whether all cells are percentages: `26.0%` is a score, `25%` beside `mean` a percentile."""
    filled = [cell for cell in cells if cell not in (None, "")]
    return all(isinstance(cell, str) and cell.rstrip().endswith("%") for cell in filled)
