"""Figures inside sentences: a reference to a fact where a number would stand.

`{F0123456789ab}` stands for the fact's value with its unit, `{F….n}` for its number of samples,
`{F….spread}` for its standard deviation and `{F….interval}` for its 95 % interval. A sentence
holds no other digits, so there is nothing in it that a model could have made up.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from benchagent.facts.fact import Fact
from benchagent.quantities.numbers import write_number

REFERENCE = re.compile(r"\{(F[0-9a-f]{12})(?:\.(n|spread|interval))?\}")


def cited(text: str) -> Iterator[str]:
    """The ids of the facts that a sentence refers to, in order, repeats included."""
    return (found[1] for found in REFERENCE.finditer(text))


def substitute(text: str, write: Callable[[str, str | None], str]) -> str:
    """The sentence with each reference replaced by what `write(fact id, part)` gives for it."""
    return REFERENCE.sub(lambda found: write(found[1], found[2]), text)


def write_figure(fact: Fact, part: str | None = None) -> str:
    """What a reader sees for a reference: "77.8 tok/s", "12", "75.1 tok/s to 80.2 tok/s".

    Raises:
        ValueError: the fact has no such part; a sentence must not refer to what is not there.
    """
    if part is None:
        return _write_value(fact)
    if part == "n" and fact.n is not None:
        return _write_count(fact.n, None)
    if part == "spread" and fact.spread is not None:
        return write_number(fact.spread, fact.unit)
    if part == "interval" and fact.ci_low is not None and fact.ci_high is not None:
        low = write_number(fact.ci_low, fact.unit)
        return f"{low} to {write_number(fact.ci_high, fact.unit)}"
    raise ValueError(f"fact {fact.id} ({fact.label}) has no {part}")


def _write_value(fact: Fact) -> str:
    if fact.unit == "utc":
        return _write_time(fact.value)
    if fact.kind == "count":
        return _write_count(fact.value, fact.unit)
    return write_number(fact.value, fact.unit)


def _write_count(value: float, unit: str | None) -> str:
    """How many of something, in whole numbers: "1 file", "1,024 runs"."""
    named = unit or ""
    if value == 1 and named.endswith("s"):
        named = named.removesuffix("s")
    return f"{round(value):,} {named}".strip()


def _write_time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def render_plain(text: str, facts: Mapping[str, Fact]) -> str:
    """The sentence with its figures written out, as a prompt or a terminal shows it."""
    return substitute(text, lambda fact, part: write_figure(facts[fact], part))
