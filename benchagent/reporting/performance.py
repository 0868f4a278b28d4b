"""What was measured, as tables: who, which metric, cold calls apart from warm ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.markdown_text import cell, code, escape
from benchagent.quantities.metrics import find_metric, metric_label, statistic_label
from benchagent.wording import name_subject

MOST_ROWS: Final = 12
MOST_COLUMNS: Final = 4
# The metrics that a table shows, where they were measured, the most telling first.
METRICS: Final = (
    "decode_rate", "ttft", "latency", "load_time", "total_time", "prompt_eval_time",
)  # fmt: skip


class Column(NamedTuple):
    """A metric; another definition of it is another column."""

    metric: str
    definition: str | None


class Row(NamedTuple):
    """What tells apart the groups whose medians must not stand for one another."""

    name: str
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The medians of one kind of benchmark.

    Attributes:
        heading: Markdown of one line; no two tables of a snapshot have the same.
        rows: the first `MOST_ROWS`, in order, each with the facts of the columns that it has.
        complete: whether no row was left out.
    """

    heading: str
    columns: Sequence[Column]
    rows: Mapping[Row, Mapping[Column, Fact]]
    complete: bool


def tabulate(facts: Iterable[Fact]) -> list[Table]:
    """A table for each kind of benchmark and statistic."""
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.about == "subject" and fact.method in ("median", "share", "value") and fact.n:
            groups[fact.benchmark or "other", fact.statistic or "value"].append(fact)
    # What was measured call by call first; what a summary says of its calls after it.
    ordered = sorted(groups.items(), key=lambda item: (item[0][1] != "value", item[0]))
    return [_table(name, statistic, inside) for (name, statistic), inside in ordered]


def _table(benchmark: str, statistic: str, facts: Sequence[Fact]) -> Table:
    columns = _columns(facts)
    rows: dict[Row, dict[Column, Fact]] = defaultdict(dict)
    for fact in facts:
        column = Column(fact.metric or "", fact.definition)
        if column in columns:
            name = name_subject(fact.subject, fact.of, fact.workload)
            rows[Row(name, fact.phase or "all")].setdefault(column, fact)
    reported = statistic_label(statistic)
    what = "medians" if statistic == "value" else f"medians of the {escape(reported)} reported"
    return Table(
        heading=f"{escape(benchmark)}: {what}, with the number of values",
        columns=columns,
        rows=dict(sorted(rows.items())[:MOST_ROWS]),
        complete=len(rows) <= MOST_ROWS,
    )


def _columns(facts: Sequence[Fact]) -> list[Column]:
    """The most telling metrics that were measured."""
    measured = {Column(fact.metric or "", fact.definition) for fact in facts}
    known = [column for column in measured if column.metric in METRICS] or list(measured)
    place = {metric: number for number, metric in enumerate(METRICS)}
    known.sort(key=lambda each: (place.get(each.metric, 0), each.metric, each.definition or ""))
    return known[:MOST_COLUMNS]


def write_performance(facts: Iterable[Fact]) -> str:
    """All tables as Markdown with references in place of figures."""
    return "\n\n".join(map(_write, tabulate(facts))) or "No performance was measured."


def _write(table: Table) -> str:
    headings = [heading_of(column, table.columns) for column in table.columns]
    lines = [
        f"### {table.heading}",
        "",
        f"| Subject | Calls | {' | '.join(map(cell, headings))} |",
        "|---|---|" + "---|" * len(headings),
    ]
    for (name, phase), found in table.rows.items():
        values = [_median(found.get(column)) for column in table.columns]
        lines.append(f"| {cell(name)} | {phase} | {' | '.join(values)} |")
    if not table.complete:
        lines += ["", "More rows are in the warehouse's table `facts`."]
    return "\n".join(lines)


def heading_of(column: Column, columns: Sequence[Column]) -> str:
    """A column's name as Markdown, with its definition where another one stands beside it."""
    label = metric_label(column.metric)
    if find_metric(column.metric) is None:
        # It is named by the tool that wrote the file, or by whoever wrote to it.
        return code(label)
    same = [other for other in columns if other.metric == column.metric]
    return f"{label} ({code(column.definition)})" if len(same) > 1 and column.definition else label


def _median(fact: Fact | None) -> str:
    return f"{{{fact.id}}} (n = {{{fact.id}.n}})" if fact else ""
