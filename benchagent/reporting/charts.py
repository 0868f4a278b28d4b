"""The tables of a report as pictures: a dot for each median, a bar for its interval.

A chart shows what its table shows and nothing else, and each dot is a link to the evidence of its
figure. Every axis starts at zero and every dot carries its figure, so no scale can mislead.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.references import write_figure
from benchagent.reporting.performance import Column, Row, Table, heading_of, tabulate
from benchagent.reporting.report import Report
from benchagent.reporting.templating import fill_template

_LONGEST_NAME: Final = 24
# Pixels: the whole chart, where its axis starts, and how long it is.
_WIDTH: Final = 480
_AXIS: Final = 196
_LENGTH: Final = 190
_TOP: Final = 28
_LINE: Final = 22


class _Mark(NamedTuple):
    """One dot: its place in pixels, the ends of its bar, and what it says."""

    name: str
    short: str
    x: float
    y: int
    low: float | None
    high: float | None
    figure: str
    row: int


def draw_charts(facts: Iterable[Fact], report: Report) -> Mapping[str, str]:
    """SVG for each table that has something to compare, by the heading of the table.

    A figure that was withheld is not drawn.
    """
    evidence = report.evidence_rows()
    withheld = {citation.fact for citation in report.citations if citation.problem}
    drawn: dict[str, str] = {}
    for table in tabulate(facts):
        charts = [_draw(table, column, evidence, withheld) for column in table.columns]
        if any(charts):
            drawn[table.heading] = fill_template(
                "charts.html.j2", charts=[chart for chart in charts if chart]
            )
    return drawn


def _draw(
    table: Table, column: Column, evidence: Mapping[str, int], withheld: set[str]
) -> Mapping[str, object] | None:
    """What the template needs for one metric; None where there is nothing to compare."""
    shown = {
        row: found[column]
        for row, found in table.rows.items()
        if column in found and found[column].id in evidence.keys() - withheld
    }
    far = max((_reach(fact) for fact in shown.values()), default=0.0)
    if len(shown) < 2 or far <= 0 or min(fact.value for fact in shown.values()) < 0:
        return None
    scale = _LENGTH / far
    return {
        "title": heading_of(column, table.columns).replace("`", ""),
        "width": _WIDTH,
        "height": _TOP + _LINE * len(shown),
        "axis": _AXIS,
        "top": _TOP - 6,
        "marks": [
            _mark(place, row, fact, scale, evidence[fact.id])
            for place, (row, fact) in enumerate(shown.items())
        ],
    }


def _reach(fact: Fact) -> float:
    return max(fact.value, fact.ci_high or 0.0)


def _mark(place: int, row: Row, fact: Fact, scale: float, evidence_row: int) -> _Mark:
    name = row.name.replace("`", "")
    named = name if row.phase == "all" else f"{name}, {row.phase}"
    low, high = fact.ci_low, fact.ci_high
    return _Mark(
        name=named,
        short=_shorten(named),
        x=round(_AXIS + fact.value * scale, 1),
        y=_TOP + _LINE * place + 6,
        low=None if low is None else round(_AXIS + max(low, 0.0) * scale, 1),
        high=None if high is None else round(_AXIS + high * scale, 1),
        figure=write_figure(fact),
        row=evidence_row,
    )


def _shorten(name: str) -> str:
    """A name with its middle left out: what tells two of them apart stands at the ends."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2
    return f"{name[:half]}…{name[-half:]}"
