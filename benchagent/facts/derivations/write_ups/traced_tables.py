"""Tables of write-ups that do not say of whom they are, and the file in which their numbers stand.

One number may be like another by chance, and a table of them is not: where nearly all numbers of a
table are those of one file, each under the settings of its row, the table is of that file.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import Final

from benchagent.facts.derivations.rows.settings import PARTS_OF_A_NAME, without_name
from benchagent.facts.derivations.write_ups.raw_numbers import METHODS, ByFile, RawNumbers
from benchagent.facts.derivations.write_ups.stated_numbers import Statement
from benchagent.facts.derivations.write_ups.traced import Traced, find_near, tells
from benchagent.facts.derivations.write_ups.traced_runs import trace_runs
from benchagent.facts.derivations.write_ups.whereabouts import Whereabouts

_FEWEST_TELLING: Final = 5
_FEWEST_OF_A_COLUMN: Final = 2
_MOST_FILES: Final = 8
_MOST_SUBJECTS: Final = 12
# Where a row of a table stands says nothing of how it was run.
_PLACES: Final = ("rank",)
_LINE: Final = re.compile(r"#line=([0-9]+)")


def trace_tables(statements: Sequence[Statement], among: Whereabouts) -> Iterator[Traced]:
    """Of tables without a subject the numbers that one file bears out, and the few that it does not."""
    for table in _find_tables(statements):
        near = _files_near(table, among)
        found = [each for path in near if _is_of(each := list(_trace(table, path, among)))]
        if not found:
            yield from trace_runs(table, among)
            continue
        best = max(found, key=lambda each: sum(one.near is not None for one in each))
        elsewhere = {one.statement.id for each in found for one in each if one.near}
        yield from (one for one in best if one.near)
        yield from (one for one in _find_wrong(best) if one.statement.id not in elsewhere)


def _find_tables(statements: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Statements of nobody on lines that follow one another, in the order of their lines."""
    lines: dict[tuple[str, int], list[Statement]] = defaultdict(list)
    for statement in statements:
        if line := _LINE.search(statement.record):
            lines[statement.source_path, int(line[1])].append(statement)
    table: list[Statement] = []
    last = ("", 0)
    for path, line in sorted(lines):
        if (path, line - 1) != last and table:
            yield table
            table = []
        table += lines[path, line]
        last = path, line
    yield from [table] if table else []


def _files_near(table: Sequence[Statement], among: Whereabouts) -> list[str]:
    """The files that have some of a table's numbers, and those of its folder."""
    hits = Counter(path for each in table for path in among.paths_of(among.rows_near(each)))
    likely = [path for path, count in hits.most_common(_MOST_FILES) if count > 1]
    beside = among.paths_in(table[0].source_path.rpartition("/")[0])
    return list(dict.fromkeys([*likely, *beside[:_MOST_FILES]]))


def _trace(table: Sequence[Statement], path: str, among: Whereabouts) -> Iterator[Traced]:
    """The statements of which a file has just one subject, each beside that one's numbers."""
    subjects, known = among.subjects_of(path), among.settings_of(path)
    if len(subjects) > _MOST_SUBJECTS:
        return
    for statement in table:
        of_each = [_of_subject(statement, subject, known) for subject in subjects]
        told = [(each, found) for each in of_each if len(found := among.raw.find(each, path))]
        if len(told) != 1:
            continue
        [(each, found)] = told
        near = find_near(each, found)
        # what a file does not tell, a row may still differ in
        told_by = {*each.settings, *_PLACES, *PARTS_OF_A_NAME}
        as_told = statement.settings.keys() <= told_by
        if near or (as_told and _is_sure(each, found, among.raw)):
            yield Traced(each, found, near)


def _of_subject(statement: Statement, subject: str, known: Set[str]) -> Statement:
    """The statement as one of a file's subject, without settings that the file says nothing of."""
    told = without_name(statement.settings, subject)
    kept = {key: value for key, value in told.items() if key in known or key in PARTS_OF_A_NAME}
    return statement._replace(subject=subject, settings=kept)


def _is_sure(statement: Statement, found: ByFile, raw: RawNumbers) -> bool:
    """Whether just one number of the file can be meant."""
    if len(found.rows) == 1:
        return True
    return statement.statistic in METHODS and raw.is_one_configuration(found.rows)


def _is_of(traced: Sequence[Traced]) -> bool:
    """Whether a table is surely of a file."""
    right = [one for one in traced if one.near]
    telling = {tuple(one.near.rows.tolist()) for one in right if one.near and tells(one.statement)}
    return len(telling) >= _FEWEST_TELLING and 4 * len(right) >= 3 * len(traced)


def _find_wrong(traced: Sequence[Traced]) -> Iterator[Traced]:
    """Those that are not borne out, where both their row and their column are."""
    right = [one.statement for one in traced if one.near]
    rows = {statement.record for statement in right if tells(statement)}
    columns = Counter((statement.metric, statement.statistic) for statement in right)
    wrong = [one for one in traced if not one.near]
    off = Counter((one.statement.metric, one.statement.statistic) for one in wrong)
    for one in wrong:
        column = one.statement.metric, one.statement.statistic
        is_column = columns[column] >= max(_FEWEST_OF_A_COLUMN, off[column])
        if is_column and one.statement.record in rows:
            yield one
