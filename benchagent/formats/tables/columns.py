"""What the columns of benchmark tables mean, whatever their writers called them.

A name is a quantity with a statistic before or after it and a unit at its end, in any of the ways
people write that: `mean_ttft_s`, `eval_s_mean`, `P95 TTFT (s)`, `Mean Tokens/s`. What is left
when both are taken off must be a quantity that we know, or the column has no meaning here.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from benchagent.formats.tables.other_quantities import find_other
from benchagent.formats.tables.quantity_names import (
    BARE,
    COUNTS,
    NAMED_RATES,
    OF_DIMENSION,
    PURE,
    RATES,
    TEST,
    TIMES,
    TOKEN_RATE,
)
from benchagent.quantities.metrics import name_percentile
from benchagent.quantities.names import find_named_unit, join_words, split_brackets
from benchagent.quantities.units import Unit, find_unit, spells_mega


class Meaning(NamedTuple):
    """What one column holds; `unit` is None where neither its name nor its metric gives one."""

    metric: str
    statistic: str
    unit: Unit | None
    raw_unit: str | None


_STATISTICS: Final = {
    **dict.fromkeys(("mean", "avg", "average"), "mean"),
    **dict.fromkeys(("std", "stdev", "stddev", "sd"), "stddev"),
    **dict.fromkeys(("min", "minimum"), "min"),
    **dict.fromkeys(("max", "maximum", "peak"), "max"),
    "median": "median",
    "stderr": "stderr",
}
_PERCENTILE: Final = re.compile(r"p([0-9]{1,2}(?:\.[0-9]+)?)")

# `ms/token`, `decode_s_per_token`: the unit stands before what it is spent on
_PER_TOKEN: Final = re.compile(
    r"(?:(?:decode|gen|generation|eval)_)?(ms|us|µs|s|sec|seconds)(?:/|_per_)(?:output_)?tok(?:en)?"
)
# `Latency (ms/token)`
_TIMES_PER_TOKEN: Final = frozenset(("tpot", "latency", "time", "time_per_token"))
# Words that say no more than a unit does.
_GENERAL: Final = {
    **dict.fromkeys(("time", "latency", "duration"), "ms"),
    **dict.fromkeys(("speed", "rate", "throughput"), "tok/s"),
}
# `Prompt processing (pp512)`, `t/s (tg128)`
_TEST_BESIDE: Final = re.compile(r"(.*?)\s*\(((?:pp|tg) ?[0-9]{1,6})\)(.*)", re.IGNORECASE)
_TEST: Final = re.compile(f"^{TEST}$")
# `decode_tps_per_req`: of each answer is what a rate of decoding is of anyhow
_OF_EACH: Final = re.compile(
    r"((?:decode|generation|gen)_(?:tps|tok_s|tokens_per_s))_per_req(?:uest)?"
)
_DIVIDED: Final = re.compile(r"(.+?) ?/ ?(ns|[uµμ]s|ms|s)")


@lru_cache(maxsize=4096)
def read_column(name: str) -> Meaning | None:
    """What a column of this name holds, or None for one that we do not know."""
    plain, unit_text = _split_name(_name_by_test(name))
    plain = _OF_EACH.sub(r"\1", plain)
    for statistic, quantity in split_statistic(plain):
        per_token = _PER_TOKEN.fullmatch(quantity if unit_text is None else unit_text.lower())
        if per_token and (unit_text is None or quantity in _TIMES_PER_TOKEN):
            return Meaning("tpot", statistic, find_unit(per_token[1]), unit_text or per_token[1])
        meaning = _find_quantity(quantity, statistic, unit_text)
        if meaning:
            return meaning
        if other := find_other(quantity, unit_text):
            return None if spells_mega(name) else Meaning(other.metric, statistic, *other[1:])
    return _read_brackets(plain, unit_text) if unit_text else None


def names_quantity(label: str) -> bool:
    """Whether a column of this name holds a quantity that we know, in a unit."""
    meaning = read_column(label)
    return meaning is not None and meaning.unit is not None


def _name_by_test(name: str) -> str:
    """A name that says in brackets of which test it is, as that test's; another one as it is."""
    match = _TEST_BESIDE.fullmatch(name)
    if match is None:
        return name
    before, test, after = match.groups()
    if find_unit(before) == TOKEN_RATE and not after.strip():
        return f"{test} ({before})"
    same = RATES.get(join_words(before)) == _find_rate_of(join_words(test))
    return f"{test}{after}" if same else name


def _read_brackets(plain: str, inside: str) -> Meaning | None:
    """What a general word holds whose brackets say which, with its unit: `time (ttft ms)`."""
    canonical = _GENERAL.get(plain)
    meaning = read_column(inside) if canonical and " " in inside else None
    unit = meaning.unit if meaning else None
    return meaning if unit and unit.canonical == canonical else None


def unit_at_end(name: str) -> tuple[str, Unit] | None:
    """The unit that a column's name gives its numbers, as spelled and what it is, if any."""
    plain, spelled = _split_name(name)
    for _, quantity in reversed(split_statistic(plain)):
        named = None if spelled else find_named_unit(quantity)
        if named:
            return named.spelled, named.unit
    unit = find_unit(spelled) if spelled else None
    return (spelled, unit) if spelled and unit else None


def is_bare_rate(name: str) -> bool:
    """Whether a column of a rate leaves open whose: one answer's, or that of several together."""
    plain, _ = _split_name(name)
    words = "_".join(word for word in plain.split("_") if not _find_statistic(word))
    named = find_named_unit(words)
    return (named.before if named else words) in ("", "throughput", "speed")


def find_statistic(cell: str) -> str | None:
    """The statistic that a cell names (`Mean`, `p95`, `25%`), if it is one."""
    word = join_words(cell)
    return _find_statistic(f"p{word[:-1]}" if word.endswith("%") else word)


def names_statistic(name: str) -> bool:
    """Whether a word of a column's name says that its numbers sum up others (`mean`, `p95`)."""
    return any(_find_statistic(word) for word in re.split(r"[^a-z0-9.]+", name.lower()))


def _split_name(name: str) -> tuple[str, str | None]:
    """The words of a name, and the unit in brackets behind it."""
    plain, unit_text = split_brackets(name)
    if unit_text is None and (match := _DIVIDED.fullmatch(plain)):
        # `ttft/ms`, as physicists head their columns; `total/s` may be a rate as well
        times = join_words(match[1]) in TIMES and join_words(match[1]) not in BARE
        plain, unit_text = (match[1], match[2]) if times else (plain, None)
    if unit_text and _find_statistic(unit_text.lower()):
        plain, unit_text = f"{plain} {unit_text}", None
    return join_words(plain), unit_text


def split_statistic(name: str) -> list[tuple[str, str]]:
    """The ways to read a name as statistic and quantity, the whole name first."""
    first, _, after = name.partition("_")
    before, _, last = name.rpartition("_")
    candidates = [("value", name)]
    before_unit, _, inner = before.rpartition("_")
    # `vram_peak_mib`: the unit is no part of what the statistic is of
    inside = (inner, f"{before_unit}_{last}") if before_unit and find_unit(last) else ("", "")
    for word, quantity in ((first, after), (last, before), inside):
        if statistic := _find_statistic(word):
            candidates.append((statistic, quantity))
    return candidates


def _find_statistic(word: str) -> str | None:
    match = _PERCENTILE.fullmatch(word)
    if match:
        return name_percentile(float(match[1]))
    return _STATISTICS.get(word)


def _find_quantity(name: str, statistic: str, unit_text: str | None) -> Meaning | None:
    if rate := _find_rate(name, statistic, unit_text):
        return rate
    if name in COUNTS and unit_text is None:
        metric, unit = COUNTS[name]
        return Meaning(metric, statistic, Unit(unit), None)
    if name in PURE and (unit_text is None or (unit_text == "%" and name == "accuracy")):
        unit = Unit("ratio", -2 if unit_text else 0) if name == "accuracy" else Unit("1")
        return Meaning(PURE[name], statistic, unit, unit_text)
    return _find_sized(name, statistic, unit_text)


def _find_rate(name: str, statistic: str, unit_text: str | None) -> Meaning | None:
    """A rate of tokens, whose unit stands in its name, in brackets or in the word `rate`."""
    named = find_named_unit(name)
    ends = named is not None and named.unit == TOKEN_RATE
    if ends or name in NAMED_RATES:
        metric = _find_rate_of(named.before) if named and ends else NAMED_RATES[name]
        if metric is None or not (unit_text is None or _is_rate(unit_text)):
            return None
        return Meaning(metric, statistic, TOKEN_RATE, unit_text or "tok/s")
    if unit_text and _is_rate(unit_text):
        metric = _find_rate_of(name) or ("decode_rate" if name == "speed" else None)
        return Meaning(metric, statistic, TOKEN_RATE, unit_text) if metric else None
    return None


def _find_rate_of(name: str) -> str | None:
    # `pp512`, `tg128`: how long the test is says nothing of what it tests
    return RATES.get(_TEST.sub(r"\1\3", name)) or NAMED_RATES.get(name)


def _is_rate(unit_text: str) -> bool:
    return find_unit(unit_text) == TOKEN_RATE


def _find_sized(name: str, statistic: str, unit_text: str | None) -> Meaning | None:
    """A quantity with a dimension: its unit stands in brackets, at the end, or nowhere."""
    if unit_text is None and (named := find_named_unit(name)):
        sized = _find_sized(named.before, statistic, named.spelled)
        if sized:
            return sized
    unit = find_unit(unit_text) if unit_text else None
    # `Size (B)` of a model is as often billions of parameters
    if unit_text and (not unit or unit_text in ("b", "B")):
        return None
    for canonical, names in OF_DIMENSION.items():
        if name in names and (unit is None or unit.canonical == canonical):
            bare = unit is None and name in BARE
            # a column `ms` says how long, and not what took so long
            nameless = name == "" and statistic == "value"
            return None if bare or nameless else Meaning(names[name], statistic, unit, unit_text)
    if name == "throughput" and unit is None:
        return Meaning("decode_rate", statistic, None, None)
    return None
