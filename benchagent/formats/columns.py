"""What the columns of benchmark tables mean, whatever their writers called them.

A name is a quantity with a statistic before or after it and a unit at its end, in any of the ways
people write that: `mean_ttft_s`, `eval_s_mean`, `P95 TTFT (s)`, `Mean Tokens/s`. What is left
when both are taken off must be a quantity that we know, or the column has no meaning here.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from benchagent.quantities.units import Unit, find_unit


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

# Token rates end in what looks like the unit of another quantity, so they are whole names.
_RATES: Final = {
    **dict.fromkeys(
        (
            "tokens_s",
            "tok_s",
            "tokens/s",
            "tok/s",
            "tokens_per_s",
            "tokens_per_sec",
            "tokens_per_second",
            "decode_tokens_per_s",
            "throughput_tokens_per_sec",
            "decode_rate",
            "eval_rate",
        ),
        "decode_rate",
    ),
    **dict.fromkeys(
        ("prompt_tokens_per_s", "prompt_eval_rate", "prefill_tokens_per_s"), "prefill_rate"
    ),
}
_TIMES: Final = {
    **dict.fromkeys(("ttft", "time_to_first_token"), "ttft"),
    **dict.fromkeys(("tpot", "time_per_output_token"), "tpot"),
    **dict.fromkeys(("itl", "inter_token_latency"), "itl"),
    **dict.fromkeys(("load", "load_time", "load_duration"), "load_time"),
    **dict.fromkeys(
        ("prompt_eval", "prompt_eval_time", "prompt_eval_duration"), "prompt_eval_time"
    ),
    **dict.fromkeys(("eval", "eval_time", "eval_duration"), "eval_time"),
    **dict.fromkeys(("total", "total_time", "total_duration"), "total_time"),
    **dict.fromkeys(("latency", "time", "client_total", ""), "latency"),
    **dict.fromkeys(("compile", "compile_time"), "compile_time"),
    **dict.fromkeys(("duration", "wall_time"), "duration"),
}
_SIZES: Final = {
    **dict.fromkeys(("model_size", "size"), "model_size"),
    **dict.fromkeys(("gpu_memory", "gpu_memory_usage", "vram"), "vram"),
}
_COUNTS: Final = {
    **dict.fromkeys(("prompt_eval_count", "prompt_tokens"), ("prompt_tokens", "tokens")),
    **dict.fromkeys(
        ("eval_count", "output_tokens", "completion_tokens", "tokens_generated"),
        ("output_tokens", "tokens"),
    ),
    "total_tokens": ("total_tokens", "tokens"),
    "response_chars": ("response_chars", "chars"),
}
_PURE: Final = {"accuracy": "accuracy", "loss": "loss", "perplexity": "perplexity"}
_UNIT_SUFFIX: Final = re.compile(r"(.*?)_?(s|sec|ms|us|ns|bytes|kb|mb|gb)")


@lru_cache(maxsize=4096)
def read_column(name: str) -> Meaning | None:
    """What a column of this name holds, or None for one that we do not know."""
    plain, unit_text = _split_unit_in_brackets(name.strip())
    # only what stands for a space: in `TTFT \u0394` the sign makes it another quantity
    plain = re.sub(r"[\s_-]+", "_", plain.lower()).strip("_")
    for statistic, quantity in _split_statistic(plain):
        meaning = _find_quantity(quantity, statistic, unit_text)
        if meaning:
            return meaning
    return None


def names_statistic(name: str) -> bool:
    """Whether a word of a column's name says that its numbers sum up others (`mean`, `p95`)."""
    return any(_find_statistic(word) for word in re.split(r"[^a-z0-9.]+", name.lower()))


def _split_unit_in_brackets(name: str) -> tuple[str, str | None]:
    match = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]+)[)\]]", name)
    return (match[1], match[2].strip()) if match else (name, None)


def _split_statistic(name: str) -> list[tuple[str, str]]:
    """The ways to read a name as statistic and quantity, the whole name first."""
    first, _, after = name.partition("_")
    before, _, last = name.rpartition("_")
    candidates = [("value", name)]
    for word, quantity in ((first, after), (last, before)):
        if statistic := _find_statistic(word):
            candidates.append((statistic, quantity))
    return candidates


def _find_statistic(word: str) -> str | None:
    match = _PERCENTILE.fullmatch(word)
    if match:
        number = float(match[1])
        return "median" if number == 50 else f"p{number:g}"
    return _STATISTICS.get(word)


def _find_quantity(name: str, statistic: str, unit_text: str | None) -> Meaning | None:
    if metric := _RATES.get(name):
        return Meaning(metric, statistic, Unit("tok/s"), unit_text or "tok/s")
    if name in _COUNTS and unit_text is None:
        metric, unit = _COUNTS[name]
        return Meaning(metric, statistic, Unit(unit), None)
    if name in _PURE and unit_text in (None, "%"):
        ratio = Unit("ratio", -2 if unit_text else 0)
        return Meaning(_PURE[name], statistic, ratio if name == "accuracy" else None, unit_text)
    return _find_sized(name, statistic, unit_text)


def _find_sized(name: str, statistic: str, unit_text: str | None) -> Meaning | None:
    """A quantity with a dimension: its unit stands in brackets, at the end, or nowhere."""
    if unit_text is None and (match := _UNIT_SUFFIX.fullmatch(name)) and match[1] != name:
        sized = _find_sized(match[1], statistic, match[2])
        if sized:
            return sized
    unit = find_unit(unit_text) if unit_text else None
    if unit_text and not unit:
        return None
    for names, canonical in ((_TIMES, "ms"), (_SIZES, "bytes")):
        if name in names and (unit is None or unit.canonical == canonical):
            bare = unit is None and name in ("", "time", "total", "size", "load", "eval")
            return None if bare else Meaning(names[name], statistic, unit, unit_text)
    if name == "throughput" and (unit is None or unit.canonical == "tok/s"):
        return Meaning("decode_rate", statistic, unit, unit_text)
    return None
