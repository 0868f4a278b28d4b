"""The table that llama-bench prints: `| model | size | params | backend | … | test | t/s |`.

A cell like `132.19 ± 0.55` is a mean and a standard deviation, rounded; the test's name says what
was measured (`pp512`, `tg128 @ d4096`, in old versions `pp 512`).
"""

import re
from collections.abc import Iterator
from typing import Final

from benchagent.formats.engines.llama_bench import name_test
from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import has_other_tables, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "llama-bench-table"

_TEST: Final = re.compile(
    r"(?:pp ?(?P<prompt>[0-9]{1,9}))?\+?(?:tg ?(?P<gen>[0-9]{1,9}))?(?: @ d[0-9]{1,9})?"
)
_RATE: Final = re.compile(r"([0-9.,]{1,20})(?: ± ([0-9.,]{1,20}))?(?=[ |]*$)")
# The size and the number of parameters say what the model's name says.
_NO_SETTINGS: Final = frozenset({"model", "size", "params", "test", "t/s"})


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
    records = [
        _read_row(number, line, labels, at, refusals)
        for at, (number, line, labels) in enumerate(_find_rows(str(artifact.text)))
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_rows(text: str) -> Iterator[tuple[int, str, list[str]]]:
    labels: list[str] = []
    for number, line in number_lines(text):
        cells = _split(line) if line.startswith("|") else []
        if cells[:1] == ["model"] and cells[-2:] == ["test", "t/s"]:
            labels = cells
        elif not cells:
            labels = []
        elif (
            len(cells) == len(labels)
            and not set(cells[0]) <= {"-", ":", " "}
            and _TEST.fullmatch(cells[-2])
        ):
            yield number, line, labels


def _split(line: str) -> list[str]:
    # hand-made copies of a table end some rows with two bars
    return [cell.strip() for cell in line.rstrip("| ").removeprefix("|").split("|")]


def _read_row(
    number: int, line: str, labels: list[str], sequence: int, refusals: list[Refusal]
) -> Record:
    cells = dict(zip(labels, _split(line), strict=True))
    test = _TEST.fullmatch(cells["test"])
    counts = {name: int(test[name] or 0) if test else 0 for name in ("prompt", "gen")}
    rate = name_test(counts["prompt"], counts["gen"]).rate
    config: dict[str, Scalar] = {
        label: read_setting(cell)
        for label, cell in cells.items()
        if label not in _NO_SETTINGS and cell
    }
    return Record(
        name=line_locator(number),
        sequence=sequence,
        benchmark="llm-bench",
        readings=tuple(_read_rate(number, line, rate, refusals)),
        subject=cells["model"] or None,
        config={**config, "workload": cells["test"].replace("pp ", "pp").replace("tg ", "tg")},
    )


def _read_rate(number: int, line: str, rate: Field, refusals: list[Refusal]) -> Iterator[Reading]:
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
        if reading := read_match(number, match, field, refusals, group=group, kind="derived"):
            yield reading
