"""Lines in which somebody's script names its numbers one by one, as pairs of a name and a value.

Three forms are common: `model=lark:3b ctx=4096 ttft_ms=212`, `load time: 1.9 s` on a line of its own, and
`run 1: ttft 612 ms, 14.2 tok/s`. Of the last, the whole line must be such numbers: those of a sentence
are no measurements.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from benchagent.formats.tables.call_failures import states_failure
from benchagent.formats.tables.columns import read_column
from benchagent.measurements.model_names import is_model
from benchagent.quantities.units import find_unit

Form = Literal["pairs", "single", "listed", "heading"]

_LONGEST: Final = 1000
# Parted by blanks alone: between commas they are the arguments of a program, in capitals those of a shell.
_PAIR: Final = re.compile(
    r"(?<!\S)([a-z][\w./]{0,40})=(\"[^\"]{0,200}\"|[^\s,;\"()]{1,200})(?=\s|$)"
)
_FEWEST_PAIRS: Final = 3
_SINGLE: Final = re.compile(
    r"\s*(?:[-*+] )?\s*(?P<mark>\*\*|`)?(?P<name>[A-Za-z][\w ./()%-]{0,60}?)\s*(?:\*\*|`)?:\s*(?:\*\*)?"
    r"\s*(?P<value>[^\s*`](?:.{0,120}?[^\s*`])?)\s*(?:\*\*|`)?\s*"
)
_MARKS: Final = ("=", "#", "~", "--", "**")
_MARKED: Final = re.compile(
    r"\s{0,3}(?:[=#*~-]{1,20}\s*)(?P<said>[^=#*~].{0,150}?)\s*[=#*~:-]{0,20}\s*"
)
_NUMBER: Final = re.compile(
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z%/\N{MICRO SIGN}.]{0,20})"
)
_MEAN: Final = re.compile(
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)\s*\N{PLUS-MINUS SIGN}\s*[0-9]+(?:\.[0-9]+)?\s*"
    r"(?P<unit>[A-Za-z%/\N{MICRO SIGN}.]{1,20})"
)
# The mean of one test would be held against those of others: a row does not tell them apart.
_TEST: Final = re.compile(r"\b(?:pp|tg) ?[0-9]", re.IGNORECASE)
_SEPARATORS: Final = frozenset(";|,\N{BULLET}\N{MIDDLE DOT}")
_SEPARATOR: Final = re.compile(r"\s*(?:[;|\N{BULLET}\N{MIDDLE DOT}]|, )\s*")
_BEFORE: Final = re.compile(
    r"\s*(?:[-*+] )?\s*(?P<name>run|rep|trial|iteration)\s*#?(?P<number>[0-9]{1,4})\s*[:,-]\s*",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    r"(?P<before>[A-Za-z][A-Za-z _-]{0,40}?)?[ :=]*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*"
    r"(?P<unit>[A-Za-z%/]{1,20})(?: (?P<after>[A-Za-z ]{1,40}))?"
)
_FEWEST_LISTED: Final = 2


class Pair(NamedTuple):
    """A name, with the unit that stands beside the value in brackets, and the value's place."""

    label: str
    value: str
    start: int
    stop: int


class Labelled(NamedTuple):
    """A line, by its form, and its pairs."""

    form: Form
    pairs: tuple[Pair, ...]


def read_line(line: str) -> Labelled | None:
    """The pairs that a line is, if it is one of these; of a heading, those that it tells of what follows."""
    if len(line) > _LONGEST or not line.strip():
        return None
    pairs = tuple(_read_pairs(line))
    if heading := _read_heading(line, pairs):
        return heading
    if len(pairs) >= _FEWEST_PAIRS and len({pair.label for pair in pairs}) == len(pairs):
        return Labelled("pairs", pairs)
    if listed := _read_listed(line):
        return Labelled("listed", listed)
    if ":" in line and (match := _SINGLE.fullmatch(line)):
        return Labelled(
            "single", (_name(match["name"].strip(), match["value"], match.start("value")),)
        )
    return None


def _read_pairs(line: str) -> Iterator[Pair]:
    for match in _PAIR.finditer(line) if "=" in line else ():
        quoted = match[2].startswith('"')
        yield _name(match[1], match[2].strip('"'), match.start(2) + quoted)


def _read_heading(line: str, pairs: tuple[Pair, ...]) -> Labelled | None:
    """A line between marks: the model that it names with what stands beside that, or nothing."""
    if not line.lstrip().startswith(_MARKS) or not (match := _MARKED.fullmatch(line)):
        return None
    words = [
        (word, match.start("said") + match["said"].index(word)) for word in match["said"].split()
    ]
    models = [(word, at) for word, at in words if "=" not in word and is_model(word)]
    others = [word for word, _ in words if "=" not in word and not is_model(word)]
    if len(models) != 1 or others:
        return Labelled("heading", ())
    [(model, at)] = models
    return Labelled("heading", (Pair("model", model, at, at + len(model)), *pairs))


def _read_listed(line: str) -> tuple[Pair, ...]:
    """The numbers of a line that is nothing else, behind the number of its run if that is told."""
    run = _BEFORE.match(line)
    begin = run.end() if run else len(line) - len(line.lstrip())
    pairs: list[Pair] = []
    if run:
        pairs.append(Pair("run", run["number"], *run.span("number")))
        if states_failure(line[begin:]):
            said = line[begin:].rstrip()
            return (*pairs, Pair("error", said, begin, begin + len(said)))
    if _SEPARATORS.isdisjoint(line):
        return ()
    at = begin
    for segment in _SEPARATOR.split(line[begin:].rstrip()):
        at = line.index(segment, at)
        match = _LISTED.fullmatch(segment)
        unit = find_unit(match["unit"]) if match else None
        if match and unit:
            name = _say(match["before"], match["after"])
            label = f"{name} ({match['unit']})" if name else match["unit"]
            start = at + match.start("number")
            pairs.append(Pair(label, match["number"], start, start + len(match["number"])))
        elif ":" not in segment or pairs[bool(run) :] == []:
            return ()
        at += len(segment)
    known = [pair for pair in pairs if (told := read_column(pair.label)) and told.unit]
    return tuple(pairs) if len(known) >= _FEWEST_LISTED else ()


def _say(before: str | None, after: str | None) -> str:
    """What a number is of, from the words on one of its sides: `ttft 612 ms`, `0.31s to first token`."""
    said = (before or after or "").strip()
    return said.removeprefix("to ") if not (before and after) else f"{before} {after}"


def _name(name: str, value: str, start: int) -> Pair:
    """A pair whose value loses its unit to its name, where the name has none."""
    match = _NUMBER.fullmatch(value)
    if (mean := _MEAN.fullmatch(value)) and not _TEST.search(name):
        name, match = f"mean {name}", mean
    if match is None or not match["unit"] or not find_unit(match["unit"]):
        return Pair(name, value, start, start + len(value))
    told = read_column(name)
    label = name if told and told.raw_unit else f"{name} ({match['unit']})"
    same = told is None or told.unit is None or find_unit(match["unit"]) == told.unit
    number = match["number"] if same else value
    return Pair(label if same else name, number, start, start + len(number))
