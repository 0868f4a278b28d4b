"""The numbers beside a number that it may have been computed from: of its sentence or its row."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.verification.text.figures import Figure, find_figures
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.units import DERIVED, spell_unit, unit_of

# "46.57 -> 76.59 tok/s": the first has the unit of the second
_SHARES_UNIT: Final = re.compile(
    r"\s*(?:->|→|=>|to|vs\.?|versus|and|or|over|against|/|-|–|—|,)\s*(?:about|~|≈)?\s*"
)
_MOST: Final = 8
# "19 of 200 requests (9.5%)"
_PART: Final = re.compile(
    r"(?<![\d.,])(?P<part>\d[\d,]*)\s*(?:/|\bof\b|\bout of\b)\s*(?:the\s+|all\s+)?(?P<whole>\d[\d,]*)"
    r"(?:\s+[a-z]+){0,2}[\s*]*(?:\(|,\s*(?:or|i\.e\.,?)\s)[\s*~≈]*$",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"\d+(?:\.\d+)?")
# "Δ vs. CPU": what the change of a row is from
_FROM: Final = re.compile(r"\b(?:vs\.?|versus|over|from|against|to)\s+(?P<base>.+)", re.IGNORECASE)


class Operand(NamedTuple):
    """A number in canonical units, as it is written, and how far off its rounding may be."""

    value: float
    unit: str
    told: str
    room: float


def find_operands(
    sentence: Sentence, figure: Figure, subjects: frozenset[str] | None = None
) -> list[Operand]:
    """The numbers with a unit that stand beside one, itself left out.

    Args:
        sentence: where it stands.
        figure: the number.
        subjects: those compared, where the text says so: the numbers of others are left out.
    """
    passage = sentence.passage
    own = [f for f in sentence.figures if subjects is None or _may_be_of(f, subjects, sentence)]
    found = _with_units(own, passage.text, figure)
    if passage.shape == "cell":
        for header, cell in passage.cells:
            if " ".join(passage.text.split()) != cell:
                default = unit_of(header) or unit_of(passage.row)
                found += _with_units(list(find_figures(cell)), cell, None, default)
    elif passage.before and len(found) < 2:
        found += _with_units(list(find_figures(passage.before)), passage.before, None)
    return found[:_MOST]


def couples(operands: Sequence[Operand]) -> Iterator[tuple[Operand, Operand]]:
    """Each of the numbers with each other one, in both orders."""
    for a in operands:
        for b in operands:
            if a is not b:
                yield a, b


def find_part_before(text: str, at: int) -> tuple[float, float] | None:
    """The part and the whole of which a percentage is told just behind: "19 of 200 (9.5%)"."""
    found = _PART.search(text[:at])
    if found is None:
        return None
    part, whole = (float(found[name].replace(",", "")) for name in ("part", "whole"))
    return (part, whole) if 0 < whole >= part else None


def find_changes_of_row(sentence: Sentence) -> list[tuple[Operand, Operand]]:
    """What a cell under "Δ vs. CPU" may be the change of: each bare cell of its row and that one."""
    told = _FROM.search(sentence.passage.column)
    if told is None or sentence.passage.shape != "cell":
        return []
    words = words_in(told["base"])
    cells = [(header, cell) for header, cell in sentence.passage.cells if _BARE.fullmatch(cell)]
    bases = [float(cell) for header, cell in cells if words & words_in(header)]
    if len(bases) != 1 or not bases[0]:
        return []
    base = Operand(bases[0], "", f"{bases[0]:g}", 0.0)
    others = [float(cell) for header, cell in cells if not words & words_in(header)]
    return [(Operand(other, "", f"{other:g}", 0.0), base) for other in others]


def find_changes_from_base(sentence: Sentence) -> list[tuple[Operand, Operand]]:
    """What a cell under "vs f16" may be the change of: each other cell of its row and f16's there."""
    passage = sentence.passage
    found: list[tuple[Operand, Operand]] = []
    for (header, own), (_, base) in zip(passage.cells, passage.base, strict=False):
        ours, theirs = _read_operand(own, header), _read_operand(base, header)
        if header != passage.column and ours and theirs and ours.unit == theirs.unit:
            found.append((ours, theirs))
    return [(ours, theirs) for ours, theirs in found if theirs.value]


def _read_operand(cell: str, header: str) -> Operand | None:
    """The first number of a cell, with the unit of its header where it has none."""
    figure = next(find_figures(cell), None)
    if figure is None:
        return None
    unit = figure.unit or unit_of(header)
    spelled = spell_unit(unit) if unit else None
    worth, canonical = (spelled.worth, str(spelled.canonical)) if spelled else (1.0, unit)
    room = 0.5 * figure.step / abs(figure.value) if figure.value else 0.0
    return Operand(figure.value * worth, canonical, f"{figure.value:g} {unit}".strip(), room)


def _may_be_of(figure: Figure, subjects: frozenset[str], sentence: Sentence) -> bool:
    """Whether the name before a number, if there is one, is that of one of these."""
    before = [mention for mention in sentence.mentions if mention.end <= figure.start]
    return not before or not subjects.isdisjoint(before[-1].subjects)


def _with_units(
    figures: Sequence[Figure], text: str, but: Figure | None, default: str = ""
) -> list[Operand]:
    found: list[Operand] = []
    for at, figure in enumerate(figures):
        unit = figure.unit or default
        if not unit and at + 1 < len(figures):
            following = figures[at + 1]
            if _SHARES_UNIT.fullmatch(text, figure.end, following.start):
                unit = following.unit
        spelled = spell_unit(unit) if unit else None
        if figure == but or not unit or unit in DERIVED:
            continue
        worth = spelled.worth if spelled else 1.0
        canonical = str(spelled.canonical) if spelled else unit
        room = 0.5 * figure.step / abs(figure.value) if figure.value else 0.0
        found.append(Operand(figure.value * worth, canonical, f"{figure.value:g} {unit}", room))
    return found
