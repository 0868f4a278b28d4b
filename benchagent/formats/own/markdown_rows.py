"""The rows of a write-up's tables: a cell counts where its column, or its row, names what it is of."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.formats.own.markdown_settings import find_setting, read_settings
from benchagent.formats.settings import read_model, read_setting
from benchagent.formats.tables.bare_rates import OF_BOTH, metric_of_test, names_stage
from benchagent.formats.tables.call_columns import names_models
from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.formats.tables.quantity_names import TOKEN_RATE
from benchagent.formats.tables.shares import leaves_scale_open, read_numbers, scale_share
from benchagent.mappings.cell_units import find_units_in_cells
from benchagent.measurements.locators import line_locator
from benchagent.measurements.markdown_tables import MarkdownTable, read_cell_number, strip_markup
from benchagent.measurements.model_names import is_title_of_model, names_model
from benchagent.measurements.readings import Phase, Reading, Record, Refusal
from benchagent.quantities.decimal_commas import DecimalComma
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import drop_spread

_MODEL_TAG: Final = re.compile(r"[A-Za-z][\w.-]*:[\w.-]+")
_PHASE: Final = re.compile(r"\s*\((warm|cold)\)", re.IGNORECASE)
_BEGINS_NUMBER: Final = re.compile(r"[~<>≈]?\s*[+-]?[0-9]")
_TEST: Final = re.compile(r"\b(pp|tg)[ _]?([0-9]{1,6})(?![0-9])", re.IGNORECASE)
_FAILED: Final = frozenset({"no", "false", "failed"})
_NOTHING: Final = frozenset({"", "-", "\N{EN DASH}", "\N{EM DASH}", "n/a", "none"})


class _Cell(NamedTuple):
    """One cell that a metric was recognised for."""

    label: str
    meaning: Meaning
    phase: Phase | None


def read_table(
    table: MarkdownTable, refusals: list[Refusal], unread: dict[str, None]
) -> Iterator[Record]:
    """The records of a table; what else of it holds numbers is named in `unread`."""
    if table.labels[0].lower() == "metric":
        yield from _parse_metric_rows(table, refusals, unread)
        return
    units = find_units_in_cells(table.labels, [list(map(_strip, row)) for _, row in table.rows])
    cells = [
        _scale(cell, [row[at] for _, row in table.rows])
        for at, label in enumerate(table.labels)
        if (cell := _find_metric(label, label, units.get(at)))
    ]
    read = {cell.label for cell in cells}
    unread |= {
        label: None
        for at, label in enumerate(table.labels)
        if label not in read and _holds_numbers(label, [row[at] for _, row in table.rows])
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
    tests = _find_tests(table)
    for line, row in table.rows:
        texts = dict(zip(table.labels, row, strict=True))
        # `| | jit | …` goes on about the model named in a row above
        above = texts[table.labels[0]] = row[0] or above
        named = strip_markup(texts[models]) if models else heading
        yield from _parse_row(line, texts, cells, refusals, read_model(named or ""), tests)


def _holds_numbers(label: str, cells: Sequence[str]) -> bool:
    """Whether any cell beside a name that is no setting's begins as a number does."""
    named = find_setting(label) is not None or names_models(join_words(label))
    return not named and any(_BEGINS_NUMBER.match(strip_markup(cell)) for cell in cells)


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
    cells: list[_Cell],
    refusals: list[Refusal],
    subject: str | None,
    tests: str | None,
) -> Iterator[Record]:
    success = next((text for label, text in texts.items() if label.lower() == "success"), "")
    if success.lower() in _FAILED:
        said = "the row says that its run failed, so its numbers are no results"
        refusals.append(Refusal(locator=line_locator(line), reason=said))
        return
    config = read_settings(texts)
    if tests:
        config["workload"] = read_setting(strip_markup(texts[tests]))
        cells = [*_of_test(line, cells, strip_markup(texts[tests]), refusals)]
    compiles = any(cell.meaning.metric == "compile_time" for cell in cells)
    for test, of_test in _part_by_test(cells).items():
        readings = [
            reading
            for cell in of_test
            if (reading := _read_cell(line, texts[cell.label], cell, refusals))
        ]
        if readings:
            yield Record(
                name=line_locator(line, of_test[0].label) if test else line_locator(line),
                sequence=0,
                benchmark="compile" if compiles else "llm-call",
                readings=tuple(readings),
                subject=subject,
                config={**config, "workload": test} if test else config,
                phase=of_test[0].phase,
            )


def _part_by_test(cells: Sequence[_Cell]) -> dict[str, list[_Cell]]:
    """The cells of a row by the test that their column names (`pp512 t/s`), those of none under ``."""
    parts: dict[str, list[_Cell]] = {}
    for cell in cells:
        named = _TEST.search(cell.label) if cell.meaning.unit == TOKEN_RATE else None
        parts.setdefault("".join(named.groups()).lower() if named else "", []).append(cell)
    return parts


def _of_test(
    line: int, cells: Sequence[_Cell], test: str, refusals: list[Refusal]
) -> Iterator[_Cell]:
    """The cells of a row that names its test, a bare rate as what that is of."""
    for cell in cells:
        if metric := metric_of_test(cell.label, cell.meaning, test):
            yield cell._replace(meaning=cell.meaning._replace(metric=metric))
        else:
            refusals.append(Refusal(locator=line_locator(line, cell.label), reason=OF_BOTH))


def _parse_metric_rows(
    table: MarkdownTable, refusals: list[Refusal], unread: dict[str, None]
) -> Iterator[Record]:
    for line, row in table.rows:
        name = strip_markup(row[0])
        if _find_metric(name, name) is None and _holds_numbers(name, row[1:]):
            unread[name] = None
        for label, text in zip(table.labels[1:], row[1:], strict=True):
            cell = _find_metric(strip_markup(row[0]), label)
            if not cell or "delta" in label.lower() or "\N{GREEK CAPITAL LETTER DELTA}" in label:
                continue
            if reading := _read_cell(line, text, _scale(cell, row[1:]), refusals):
                tag = _MODEL_TAG.fullmatch(label)
                yield Record(
                    name=line_locator(line, label),
                    sequence=0,
                    benchmark="llm-call",
                    readings=(reading,),
                    subject=read_model(label.lower()) if tag else None,
                    config={} if tag or label.lower() == "value" else {"column": label},
                    phase=cell.phase,
                )


def _find_metric(name: str, label: str, unit: str | None = None) -> _Cell | None:
    """What a column holds; `unit` is that which its cells tell."""
    phase = _PHASE.search(name)
    plain = _PHASE.sub("", name)
    meaning = read_column(plain)
    if unit is not None and (meaning is None or meaning.unit is None):
        meaning = read_column(f"{plain} ({unit})")
    if meaning is None:
        return None
    named: Phase | None = None
    if phase:
        named = "warm" if phase[1].lower() == "warm" else "cold"
    return _Cell(label, meaning, named)


def _scale(cell: _Cell, texts: Sequence[str]) -> _Cell:
    """The cell with the unit that the numbers beside it tell, where it is of a share that tells none."""
    if not leaves_scale_open(cell.meaning):
        return cell
    numbers = read_numbers([strip_markup(text) for text in texts])
    return cell._replace(meaning=scale_share(cell.meaning, numbers))


def _strip(cell: str) -> str:
    """A cell without markup; one with a decimal comma has none."""
    return cell if isinstance(cell, DecimalComma) else strip_markup(cell)


def _read_cell(line: int, text: str, cell: _Cell, refusals: list[Refusal]) -> Reading | None:
    if text.lower() in _NOTHING:
        return None
    without_spread = drop_spread(_strip(text))
    number = read_cell_number(without_spread or text, cell.meaning.unit)
    locator = line_locator(line, cell.label)
    if number is None:
        said = f"{text[:80]!r} is not one number in a known unit"
        refusals.append(Refusal(locator=locator, reason=said))
        return None
    return Reading(
        metric=cell.meaning.metric,
        value=number.value,
        locator=locator,
        raw_value=text,
        statistic="mean"
        if without_spread and cell.meaning.statistic == "value"
        else cell.meaning.statistic,
        unit=number.unit,
        raw_unit=number.raw_unit or cell.meaning.raw_unit,
        kind="claimed",
    )
