"""The table that llama-bench prints: `| model | size | params | backend | … | test | t/s |`.

A cell like `132.19 ± 0.55` is a mean and a standard deviation, rounded; the test's name says what
was measured (`pp512`, `tg128 @ d4096`, in old versions `pp 512`).

What was tried may stand above a table alone: `### second GPU`, or a variable before the command.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from benchagent.formats.engines.llama_bench import name_test
from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import has_other_tables, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "llama-bench-table"

_TEST: Final = re.compile(
    r"(?:pp ?(?P<prompt>[0-9]{1,9}))?\+?(?:tg ?(?P<gen>[0-9]{1,9}))?(?: @ d[0-9]{1,9})?"
)
_RATE: Final = re.compile(r"([0-9.,]{1,20})(?: ± ([0-9.,]{1,20}))?(?=[ |]*$)")
# The size and the number of parameters say what the model's name says.
_NO_SETTINGS: Final = frozenset({"model", "size", "params", "test", "t/s"})
# What stands above a table, by the setting that it is where the tables say the same otherwise.
_HEADING: Final = re.compile(
    r" {0,3}(?:#{1,6}|[=*~>-]{2,})\s*(?P<said>[^\s=#*~>-].{0,150}?)\s*[=#*~:<-]{0,80}\s*"
)
_COMMAND: Final = re.compile(r"\s*(?:[$+] )?(?P<said>.{0,300}\bllama-bench\S* .{0,300})")
_ABOVE: Final = ("section", "command")
# `=== run 2 ===` above what was run again
_REPETITION: Final = re.compile(
    r"(?:run|rep(?:etition|eat)?|trial|iteration|pass|round)s? ?#?[0-9]{1,4}(?: ?(?:/|of) ?[0-9]{1,4})?",
    re.IGNORECASE,
)


class _Row(NamedTuple):
    """One row: its line, the columns, and what was said above its table last."""

    number: int
    line: str
    labels: list[str]
    above: Mapping[str, str]


def detect(artifact: Artifact) -> bool:
    """Whether all tables begin with the column `model` and end with `test` and `t/s`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape not in ("markdown", "text"):
        return False
    if "t/s" not in text or next(_find_rows(text), None) is None:
        return False
    return not has_other_tables(artifact, ["test", "t/s"])


def parse(artifact: Artifact) -> Parsed:
    """One record per row of such a table."""
    refusals: list[Refusal] = []
    records = read_rows(str(artifact.text), "derived", refusals)
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def read_rows(text: str, kind: Kind, refusals: list[Refusal]) -> list[Record]:
    """The rows of all such tables in a text, whatever else it holds."""
    rows = [*_find_rows(text)]
    records = [_read_row(row, at, kind, refusals) for at, row in enumerate(rows)]
    if len({(record.subject, repr(record.config)) for record in records}) == len(records):
        return records
    differing = [name for name in _ABOVE if len({row.above.get(name) for row in rows}) > 1]
    return [
        replace(
            record, config={**record.config, **{name: row.above.get(name) for name in differing}}
        )
        for record, row in zip(records, rows, strict=True)
    ]


def _find_rows(text: str) -> Iterator[_Row]:
    labels: list[str] = []
    above: dict[str, str] = {}
    for number, line in number_lines(text):
        cells = _split(line) if line.startswith("|") else []
        if cells[:1] == ["model"] and cells[-2:] == ["test", "t/s"]:
            labels = cells
        elif not cells:
            labels = []
            above = {**above, **_read_above(line)}
        elif (
            len(cells) == len(labels)
            and not set(cells[0]) <= {"-", ":", " "}
            and _TEST.fullmatch(cells[-2])
        ):
            yield _Row(number, line, labels, above)


def _read_above(line: str) -> Mapping[str, str]:
    """What a line says of the tables below it: a heading, or the command that printed them."""
    if match := _HEADING.fullmatch(line):
        return {} if _REPETITION.fullmatch(match["said"]) else {"section": match["said"]}
    match = _COMMAND.fullmatch(line) if "llama-bench" in line else None
    return {"command": match["said"]} if match else {}


def _split(line: str) -> list[str]:
    # hand-made copies of a table end some rows with two bars
    return [cell.strip() for cell in line.rstrip("| ").removeprefix("|").split("|")]


def _read_row(row: _Row, sequence: int, kind: Kind, refusals: list[Refusal]) -> Record:
    cells = dict(zip(row.labels, _split(row.line), strict=True))
    test = _TEST.fullmatch(cells["test"])
    counts = {name: int(test[name] or 0) if test else 0 for name in ("prompt", "gen")}
    rate = name_test(counts["prompt"], counts["gen"]).rate
    config: dict[str, Scalar] = {
        label: read_setting(cell)
        for label, cell in cells.items()
        if label not in _NO_SETTINGS and cell
    }
    return Record(
        name=line_locator(row.number),
        sequence=sequence,
        benchmark="llm-bench",
        readings=tuple(_read_rate(row.number, row.line, rate, kind, refusals)),
        subject=cells["model"] or None,
        config={**config, "workload": cells["test"].replace("pp ", "pp").replace("tg ", "tg")},
    )


def _read_rate(
    number: int, line: str, rate: Field, kind: Kind, refusals: list[Refusal]
) -> Iterator[Reading]:
    start = line.rstrip("| ").rindex("|") + 1
    cell = line[start:]
    match = _RATE.match(line, start + len(cell) - len(cell.lstrip()))
    if match is None:
        said = f"{cell.strip(' |')[:80]!r} is no rate"
        refusals.append(Refusal(locator=line_locator(number), reason=said))
        return
    for group, statistic in ((1, "mean"), (2, "stddev")):
        if match[group] is None:
            continue
        field = rate._replace(statistic=statistic)
        if reading := read_match(number, match, field, refusals, group=group, kind=kind):
            yield reading
