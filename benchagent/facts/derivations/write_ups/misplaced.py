"""Numbers of a digest that its sources have in another column.

A script that reads the columns of many tables by their place takes a rate for a latency where one
table has a column more. Each number is right and stands under the wrong name, so nothing that
holds values of one metric against each other can see it; the digits and the row they are of can.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Final, NamedTuple

from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.fact import Evidence, Fact
from benchagent.formats.own.markdown_lists import LABEL
from benchagent.wording import name_quantity, quoted

MISPLACED: Final = "misplaced"

_COLUMNS: Final = [
    "id", "source_path", "subject", "config", "metric", "statistic", "definition",
    "value", "unit", "kind",
]  # fmt: skip
_FIGURE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# Fewer digits are shared by chance, and one number of a column may be.
_FEWEST_DIGITS: Final = 3
_FEWEST_OF_A_COLUMN: Final = 2


class _Number(NamedTuple):
    """One number of a file, with the digits and the names that its row has."""

    id: int
    source_path: str
    metric: str
    statistic: str
    definition: str | None
    value: float
    unit: str
    subject: str | None
    config: str
    kind: str
    digits: Decimal
    names: frozenset[str]


def find_misplaced(evidence: Evidence) -> Iterator[Fact]:
    """Per digest: how many numbers are those of another column of the same row, and one of them."""
    told = Frame.of(evidence.measurements, ["unit", "duplicate_of", "kind", "config"])
    labelled = {text for text in told.used("config") if LABEL in text and LABEL in json.loads(text)}
    counted = told.known("unit") & ~told.known("duplicate_of")
    listed = counted & told.has("kind", "claimed") & told.has("config", *labelled)
    if not listed.any():
        return
    rows = Frame.of(evidence.measurements, _COLUMNS, texts=["raw_value"], rows=counted)
    listed = listed[counted]
    stated = list(_read(rows.take(listed)))
    sources = _by_digits(_read(rows.take(~listed), {number.digits for number in stated}))
    moved: dict[str, list[tuple[_Number, _Number]]] = defaultdict(list)
    for number in stated:
        if source := _find_source(number, sources.get(number.digits, ())):
            moved[number.source_path].append((number, source))
    # Digests that one script made have the same sources.
    told = {fact.id: fact for path, pairs in sorted(moved.items()) for fact in _tell(path, pairs)}
    yield from told.values()


def _read(rows: Frame, wanted: Set[Decimal] | None = None) -> Iterator[_Number]:
    """The numbers with digits enough; where some are wanted, those with the same digits alone."""
    written = rows.texts("raw_value").to_pylist()
    names = "source_path metric statistic definition unit subject config kind".split()
    told = zip(rows.ids.tolist(), rows.values.tolist(), written, rows.records(names), strict=True)
    for id, value, raw, cells in told:
        figure = _FIGURE.search(raw or "")
        digits = Decimal(figure[0] if figure and len(figure[0]) <= 32 else 0).normalize()
        is_telling = len(digits.as_tuple().digits) >= _FEWEST_DIGITS
        if is_telling and (wanted is None or digits in wanted):
            told_of = dict(zip(names, cells, strict=True))
            yield _Number(
                id=id,
                value=value,
                digits=digits,
                names=_names_of(told_of["subject"], told_of["config"]),
                **told_of,
            )


def _names_of(subject: str | None, config: str) -> frozenset[str]:
    """What a row may be called by: its settings' values, its model, the end of the model's name."""
    found = {str(value).lower() for value in json.loads(config).values()}
    if subject:
        found |= {subject.lower(), *(part for part in re.split(r"[:-]", subject.lower()) if part)}
    return frozenset(found)


def _by_digits(numbers: Iterator[_Number]) -> Mapping[Decimal, list[_Number]]:
    found: dict[Decimal, list[_Number]] = defaultdict(list)
    for number in numbers:
        found[number.digits].append(number)
    return found


def _find_source(stated: _Number, alike: Sequence[_Number]) -> _Number | None:
    """The number of another unit that the row has these digits for, unless they stand right.

    A measured one rather than one that another write-up claims.
    """
    label = str(json.loads(stated.config)[LABEL]).lower()
    of_row = [number for number in alike if label in number.names]
    if any(number.unit == stated.unit and number.value == stated.value for number in of_row):
        return None
    moved = [number for number in of_row if number.unit != stated.unit]
    return min(moved, key=lambda n: (n.kind == "claimed", n.source_path, n.id), default=None)


def _tell(path: str, pairs: list[tuple[_Number, _Number]]) -> Iterator[Fact]:
    columns = Counter((stated.metric, source.metric) for stated, source in pairs)
    sure = [
        pair for pair in pairs if columns[pair[0].metric, pair[1].metric] >= _FEWEST_OF_A_COLUMN
    ]
    if not sure:
        return
    stated, source = (_quote(number) for number in sure[0])
    yield from (stated, source)
    yield Fact(
        kind="count",
        label=f"numbers of {quoted(path)} that its sources have in another column",
        value=len(sure),
        unit="numbers",
        about="claim",
        of=path,
        statistic=MISPLACED,
        method="count",
        measurements=tuple(sorted(stated.id for stated, _ in sure)),
        facts=(stated.id, source.id),
    )


def _quote(number: _Number) -> Fact:
    quantity = name_quantity(number.metric, number.statistic)
    return Fact(
        kind="quoted",
        label=f"{quantity} as {quoted(number.source_path)} states it",
        value=number.value,
        unit=number.unit,
        about="claim",
        of=number.source_path,
        metric=number.metric,
        definition=number.definition,
        statistic=number.statistic,
        method="value",
        subject=number.subject,
        config=number.config,
        measurements=(number.id,),
    )
