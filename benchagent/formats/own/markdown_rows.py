"""The rows of a write-up's tables: a cell counts where its column, or its row, names what it is of."""

from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.own.markdown_cells import (
    MetricCell,
    find_metric,
    holds_numbers,
    read_cell,
    scale_cell,
    strip_cell,
)
from benchagent.formats.own.markdown_metrics import read_metric_rows
from benchagent.formats.own.markdown_rates import settle_bare_rates
from benchagent.formats.own.markdown_settings import read_settings
from benchagent.formats.settings import read_model, read_setting
from benchagent.formats.tables.bare_rates import OF_BOTH, metric_of_test, names_stage
from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.misplaced_cells import SHIFTED, is_shifted
from benchagent.formats.tables.tests_in_headings import WORKLOAD, find_test
from benchagent.mappings.cell_units import find_units_in_cells
from benchagent.measurements.locators import line_locator
from benchagent.measurements.markdown_tables import MarkdownTable, strip_markup
from benchagent.measurements.model_names import is_title_of_model, names_model
from benchagent.measurements.readings import Record, Refusal
from benchagent.quantities.names import join_words

_FAILED: Final = frozenset({"no", "false", "failed"})


def read_table(
    table: MarkdownTable, refusals: list[Refusal], unread: dict[str, None]
) -> Iterator[Record]:
    """The records of a table; what else of it holds numbers is named in `unread`."""
    if table.labels[0].lower() == "metric":
        yield from read_metric_rows(table, refusals, unread)
        return
    units = find_units_in_cells(table.labels, [list(map(strip_cell, row)) for _, row in table.rows])
    cells = [
        scale_cell(cell, [row[at] for _, row in table.rows])
        for at, label in enumerate(table.labels)
        if (cell := find_metric(label, label, units.get(at)))
    ]
    tests = _find_tests(table)
    if tests is None:
        cells = settle_bare_rates(table, cells, units)
    read = {cell.label for cell in cells}
    unread |= {
        label: None
        for at, label in enumerate(table.labels)
        if label not in read and holds_numbers(label, [row[at] for _, row in table.rows])
    }
    if not cells:
        return
    refusals.extend(
        Refusal(locator=line_locator(line), reason="more or fewer cells than the table's header")
        for line in table.shifted
    )
    above = ""
    models = _find_models(table)
    heading = table.heading if models is None else None
    heading = heading if heading and is_title_of_model(heading) else None
    for line, row in table.rows:
        texts = dict(zip(table.labels, row, strict=True))
        # `| | jit | …` goes on about the model named in a row above
        above = texts[table.labels[0]] = row[0] or above
        named = strip_markup(texts[models]) if models else heading
        yield from _parse_row(line, texts, cells, refusals, read_model(named or ""), tests)


def _find_models(table: MarkdownTable) -> str | None:
    """The column of models: the one that is called so, or the first of which every cell is one."""
    called = [label for label in table.labels if names_models(join_words(label))]
    held = [
        label
        for at, label in enumerate(table.labels)
        if table.rows and all(names_model(strip_markup(row[at])) for _, row in table.rows)
    ]
    return next(iter([*called, *held]), None)


def _find_tests(table: MarkdownTable) -> str | None:
    """The column in which most rows say what they test (`pp512`, `decode`), if there is one."""
    for at, label in enumerate(table.labels):
        named = sum(names_stage(strip_markup(row[at])) for _, row in table.rows)
        if named and 2 * named >= len(table.rows):
            return label
    return None


def _parse_row(
    line: int,
    texts: dict[str, str],
    cells: list[MetricCell],
    refusals: list[Refusal],
    subject: str | None,
    tests: str | None,
) -> Iterator[Record]:
    success = next((text for label, text in texts.items() if label.lower() == "success"), "")
    if success.lower() in _FAILED:
        said = "the row says that its run failed, so its numbers are no results"
        refusals.append(Refusal(locator=line_locator(line), reason=said))
        return
    if is_shifted((strip_cell(texts[cell.label]), cell.meaning) for cell in cells):
        refusals.append(Refusal(locator=line_locator(line), reason=SHIFTED))
        return
    config = read_settings(texts)
    if tests:
        config[WORKLOAD] = read_setting(strip_markup(texts[tests]))
        cells = [*_of_test(line, cells, strip_markup(texts[tests]), refusals)]
    compiles = any(cell.meaning.metric == "compile_time" for cell in cells)
    for test, of_test in _part_by_test(cells).items():
        readings = [
            reading
            for cell in of_test
            if (reading := read_cell(line, texts[cell.label], cell, refusals))
        ]
        if readings:
            yield Record(
                name=line_locator(line, of_test[0].label) if test else line_locator(line),
                sequence=0,
                benchmark="compile" if compiles else "llm-call",
                readings=tuple(readings),
                subject=subject,
                config={**config, WORKLOAD: test} if test else config,
                phase=of_test[0].phase,
            )


def _part_by_test(cells: Sequence[MetricCell]) -> dict[str, list[MetricCell]]:
    """The cells of a row by the test that their column names (`pp512 t/s`), those of none under ``."""
    parts: dict[str, list[MetricCell]] = {}
    for cell in cells:
        parts.setdefault(find_test(cell.label, cell.meaning), []).append(cell)
    return parts


def _of_test(
    line: int, cells: Sequence[MetricCell], test: str, refusals: list[Refusal]
) -> Iterator[MetricCell]:
    """The cells of a row that names its test, a bare rate as what that is of."""
    for cell in cells:
        if metric := metric_of_test(cell.label, cell.meaning, test):
            yield cell._replace(meaning=cell.meaning._replace(metric=metric))
        else:
            refusals.append(Refusal(locator=line_locator(line, cell.label), reason=OF_BOTH))
