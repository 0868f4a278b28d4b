"""Metrics, units, and how a number is written in a report and read back.

A metric is known by its definition, not by its label: two tools' "TTFT" of which one counts the
queue are the same `metric` with two `definition`s, and are never averaged together. Every metric
has one canonical unit; what a file says in seconds, microseconds or gigabytes is converted once,
when it is read, and exactly: by moving the decimal point of the text, not by multiplying floats.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple

Direction = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is measured, whatever a tool calls it.

    Attributes:
        label: its name in prose, lower case.
        unit: canonical unit; `1` for a bare number that has none (a loss, a score).
        better: which direction a reader wants; `neither` where it depends.
        meaning: one sentence for the appendix of a report.
    """

    id: str
    label: str
    unit: str
    better: Direction
    meaning: str


def _metric(id: str, label: str, unit: str, better: Direction, meaning: str) -> Metric:
    return Metric(id=id, label=label, unit=unit, better=better, meaning=meaning)


METRICS: Final[dict[str, Metric]] = {
    metric.id: metric
    for metric in [
        _metric(
            "ttft", "time to first token", "ms", "lower", "from the request to the first token"
        ),
        _metric("tpot", "time per output token", "ms", "lower", "per generated token"),
        _metric("itl", "inter-token latency", "ms", "lower", "between two tokens of one answer"),
        _metric("decode_rate", "decode rate", "tok/s", "higher", "tokens generated per second"),
        _metric("prefill_rate", "prefill rate", "tok/s", "higher", "prompt tokens per second"),
        _metric("throughput", "throughput", "tok/s", "higher", "tokens per second of all requests"),
        _metric("request_rate", "request rate", "req/s", "higher", "requests completed per second"),
        _metric("load_time", "load time", "ms", "lower", "getting the model ready"),
        _metric("prompt_eval_time", "prompt evaluation time", "ms", "lower", "reading the prompt"),
        _metric("eval_time", "generation time", "ms", "neither", "generating the answer"),
        _metric("total_time", "total time", "ms", "lower", "the whole call, as the server says"),
        _metric("latency", "latency", "ms", "lower", "one execution, start to end"),
        _metric("compile_time", "compile time", "ms", "lower", "compiling before the first run"),
        _metric("duration", "duration", "ms", "neither", "how long the benchmark ran"),
        _metric("prompt_tokens", "prompt tokens", "tokens", "neither", "tokens of the prompt"),
        _metric("output_tokens", "output tokens", "tokens", "neither", "tokens generated"),
        _metric("total_tokens", "total tokens", "tokens", "neither", "prompt and answer"),
        _metric("response_chars", "response length", "chars", "neither", "characters of answer"),
        _metric("response_words", "response length", "words", "neither", "words of the answer"),
        _metric("word_rate", "word rate", "words/s", "higher", "words of answer per second"),
        _metric("efficiency", "efficiency", "ratio", "higher", "speed-up over the ideal one"),
        _metric("accuracy", "accuracy", "ratio", "higher", "share of correct answers"),
        _metric("score", "score", "1", "higher", "a grade on the scale of its task"),
        _metric("loss", "loss", "1", "lower", "the objective that training minimises"),
        _metric("perplexity", "perplexity", "1", "lower", "exp of the mean token loss"),
        _metric("success_rate", "success rate", "ratio", "higher", "share of runs that succeeded"),
        _metric("model_size", "model size", "bytes", "lower", "weights on disk"),
        _metric("memory", "memory", "bytes", "lower", "main memory in use"),
        _metric("vram", "GPU memory", "bytes", "lower", "GPU memory in use"),
        _metric("gpu_utilization", "GPU utilisation", "ratio", "neither", "share of time busy"),
        _metric("cpu_utilization", "CPU utilisation", "ratio", "neither", "share of time busy"),
        _metric("power", "power", "W", "lower", "electrical power drawn"),
        _metric("temperature_c", "temperature", "°C", "lower", "of the device"),
        _metric("clock_rate", "clock rate", "Hz", "neither", "of the device"),
        _metric("speedup", "speed-up", "ratio", "higher", "time of the baseline over the time"),
    ]
}

DEFINITIONS: Final[dict[str, str]] = {
    "ttft.load+prompt_eval": "load time plus prompt evaluation time, from the server",
    "ttft.load+prompt_eval+queue": "from the request to the first token, by the server's clocks",
    "ttft.prompt_eval": "prompt evaluation time alone, from the server",
    "ttft.client": "from sending the request to the first token, by the client's clock",
    "decode.eval_count/eval": "output tokens divided by generation time",
    "decode.(n-1)/eval": "output tokens but the first divided by generation time",
    "decode.n/time": "generated tokens divided by the time of the whole test",
    "prefill.prompt/time": "prompt tokens divided by the time of the whole test",
    "throughput.tokens/total": "output tokens divided by the time of the whole call",
    "throughput.words/total": "words of the answer divided by the time of the whole call",
    "latency.client": "the whole call, by the client's clock",
    "speedup.sequential/concurrent": "estimated time one after the other over time together",
    "tpot.including_first": "whole call divided by output tokens",
    "tpot.excluding_first": "time after the first token divided by the other output tokens",
    "tpot.last_token/n": "from the request to the last token, divided by output tokens",
    "throughput.run": "tokens of all requests over the time of the benchmark",
    "itl.all_gaps": "between two tokens, over all gaps of all answers",
    "tokens.client": "counted by the tokenizer of the client",
    "tpot.eval/eval_count": "generation time divided by output tokens, from the server",
}

_LABELS_OF_STATISTICS: Final[dict[str, str]] = {
    "value": "",
    "mean": "mean",
    "median": "median",
    "stddev": "standard deviation",
    "stddev_population": "standard deviation (of all, not of a sample)",
    "stderr": "standard error",
    "min": "minimum",
    "max": "maximum",
    "ci_low": "lower end of the 95% interval",
    "ci_high": "upper end of the 95% interval",
}


def statistic_label(id: str) -> str:
    """How prose names what a source gives of a metric; empty for the value itself.

    A statistic of statistics says so: the 95th percentile of three means is none of calls.
    """
    over, between, within = id.partition("_of_")
    if between:
        return f"{statistic_label(over)} of the runs' {within}"
    weighted = id.removesuffix("_by_token")
    if weighted != id:
        return f"token-weighted {statistic_label(weighted)}"
    return _LABELS_OF_STATISTICS.get(id, id)


class Unit(NamedTuple):
    """A spelling of a unit: what it is worth in its canonical one."""

    canonical: str
    exponent: int = 0
    factor: int = 1


_SPELLINGS: Final[dict[str, Unit]] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Unit("ms", 3)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), Unit("ms")),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), Unit("ms", -3)),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), Unit("ms", -6)),
    **dict.fromkeys(("min", "minute", "minutes"), Unit("ms", 3, 60)),
    **dict.fromkeys(
        ("tok/s", "tokens/s", "token/s", "t/s", "tokens/sec", "tok/sec", "tokens/second"),
        Unit("tok/s"),
    ),
    **dict.fromkeys(("tokens per second", "tokens per sec", "tps"), Unit("tok/s")),
    **dict.fromkeys(("req/s", "requests/s", "requests/sec"), Unit("req/s")),
    **dict.fromkeys(("token", "tokens", "tok"), Unit("tokens")),
    **dict.fromkeys(("char", "chars", "characters"), Unit("chars")),
    **dict.fromkeys(("b", "byte", "bytes"), Unit("bytes")),
    "kb": Unit("bytes", 3),
    "mb": Unit("bytes", 6),
    "gb": Unit("bytes", 9),
    "tb": Unit("bytes", 12),
    "kib": Unit("bytes", 0, 2**10),
    "mib": Unit("bytes", 0, 2**20),
    "gib": Unit("bytes", 0, 2**30),
    "bytes/s": Unit("bytes/s"),
    **dict.fromkeys(("items/s", "ops/s"), Unit("items/s")),
    **dict.fromkeys(("usd", "$"), Unit("USD")),
    **dict.fromkeys(("word", "words"), Unit("words")),
    **dict.fromkeys(("words/s", "words/sec"), Unit("words/s")),
    # a number that is known to have no dimension: a loss, a score
    "1": Unit("1"),
    "ratio": Unit("ratio"),
    **dict.fromkeys(("%", "percent", "pct"), Unit("ratio", -2)),
    **dict.fromkeys(("x", "\N{MULTIPLICATION SIGN}"), Unit("ratio")),
    **dict.fromkeys(("w", "watt", "watts"), Unit("W")),
    **dict.fromkeys(("°c", "celsius"), Unit("°C")),
    "hz": Unit("Hz"),
    "khz": Unit("Hz", 3),
    "mhz": Unit("Hz", 6),
    "ghz": Unit("Hz", 9),
}

CANONICAL_UNITS: Final = frozenset(unit.canonical for unit in _SPELLINGS.values())

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# 1,234,567 as in the West, 12,34,567 as in India; `1,5` is neither, so it is refused.
_GROUPED = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3})(?:\.[0-9]+)?"
)
_LONGEST_NUMBER: Final = 400


def find_unit(text: str) -> Unit | None:
    """The unit that a text spells (`s`, `tokens/s`, `GB`), whatever its case."""
    return _SPELLINGS.get(" ".join(text.split()).lower())


def find_metric(id: str) -> Metric | None:
    """The canonical metric with this id; None for a `format:name` of one tool."""
    return METRICS.get(id)


def metric_label(id: str) -> str:
    """How prose names a metric: `decode rate`, or `cv percent` for `baseline-json:cv_percent`."""
    metric = METRICS.get(id)
    return metric.label if metric else id.rpartition(":")[2].replace("_", " ")


def parse_number(text: str, *, unit: Unit | None = None) -> float | None:
    """The finite number that a text is, all of it, in the canonical unit; else None.

    Thousands may be grouped the Western or the Indian way. `NaN`, `inf`, `1e400` (no float holds
    it) and `1e-400` (a float would say zero) are not numbers here.
    """
    text = text.strip()
    if len(text) > _LONGEST_NUMBER:
        return None
    if not _PLAIN.fullmatch(text):
        if not _GROUPED.fullmatch(text):
            return None
        text = text.replace(",", "")
    value = _shift_point(text, unit.exponent) if unit else float(text)
    value *= unit.factor if unit else 1
    vanished = value == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0])
    return value if math.isfinite(value) and not vanished else None


_GO_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|s|us|µs|μs|ns)){1,6}")
_GO_STEPS: Final = {"h": (3_600_000, 0), "m": (60_000, 0), "s": (1, 3), "ms": (1, 0), "ns": (1, -6)}


def parse_duration(text: str) -> float | None:
    """Milliseconds of a duration as Go prints it (`1m2.5s`, `834.2µs`, `2h0m0s`); else None."""
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _GO_DURATION.fullmatch(text):
        return None
    total = Decimal(0)
    for digits, unit in re.findall(r"([0-9.]+)(h|ms|m|s|us|µs|μs|ns)", text):
        factor, exponent = _GO_STEPS.get(unit, (1, -3))
        total += Decimal(digits).scaleb(exponent) * factor
    return float(total)


def _shift_point(text: str, exponent: int) -> float:
    if not exponent:
        return float(text)
    if "e" in text or "E" in text:
        return float(Decimal(text).scaleb(exponent))
    return float(f"{text}e{exponent}")


_UNWRITTEN: Final = frozenset({"1", "ratio"})
_COUNTED: Final = frozenset({"tokens", "chars", "words", "calls", "runs", "files", "rows"})
_SINGULAR: Final = {"tokens": "token", "words": "word", "chars": "character", "bytes": "byte"}
_SHOWN: Final = {"chars": "characters"}
# 999.7 ms is written as 1.00 s, so the floors lie where three digits round up
_STEPS: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "ms": ((999.5, "s"),),
    "bytes": ((9.995e11, "TB"), (9.995e8, "GB"), (9.995e5, "MB"), (1e4, "kB")),
    "Hz": ((9.995e8, "GHz"), (9.995e5, "MHz"), (999.5, "kHz")),
}
_WORTH: Final = {"s": 1e3, "TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3} | {
    "GHz": 1e9,
    "MHz": 1e6,
    "kHz": 1e3,
}


class WrittenNumber(NamedTuple):
    """A number read back: its value in the canonical unit, true to within `rounding`."""

    value: float
    unit: str | None
    rounding: float


def write_number(value: float, unit: str | None) -> str:
    """A number for a reader: `77.8 tok/s`, `1.36 s`, `97.1 ms`, `2,781 bytes`, `0.750`.

    Raises:
        ValueError: for NaN or infinity; an absent number has no figure.
    """
    if not math.isfinite(value):
        raise ValueError(f"cannot write {value!r}: a figure is a finite number")
    value, shown = _reader_unit(value, unit)
    digits = _write_digits(value, unit)
    if shown is None or shown in _UNWRITTEN:
        return digits
    if abs(value) == 1 and shown in _SINGULAR:
        shown = _SINGULAR[shown]
    return f"{digits} {_SHOWN.get(shown, shown)}"


def read_number(text: str) -> WrittenNumber | None:
    """The number that `write_number` wrote, or a person in the same way; None if it is none.

    A percentage is read as the ratio that it is.
    """
    match = re.fullmatch(r"\s*([+-]?[0-9.][0-9.,]*(?:[eE][+-]?[0-9]+)?)\s*(\D.*?)?\s*", text)
    if not match:
        return None
    digits, unit_text = match[1], match[2] or ""
    unit = find_unit(unit_text) if unit_text else None
    if unit_text and unit is None:
        return None
    value = parse_number(digits, unit=unit)
    if value is None:
        return None
    worth = unit.factor * 10.0**unit.exponent if unit else 1.0
    return WrittenNumber(value, unit.canonical if unit else None, rounding_of(digits) * worth)


def _reader_unit(value: float, unit: str | None) -> tuple[float, str | None]:
    for floor, larger in _STEPS.get(unit or "", ()):
        if abs(value) >= floor:
            return value / _WORTH[larger], larger
    return value, unit


def _write_digits(value: float, unit: str | None) -> str:
    if value == 0:
        return "0"
    if value == int(value) and (unit in _COUNTED or unit == "bytes") and abs(value) < 1e15:
        return f"{int(value):,}"
    magnitude = int(f"{value:.2e}".partition("e")[2])
    if magnitude < -4 or magnitude >= 15:
        return f"{value:.2e}"
    decimals = max(0, 2 - magnitude)
    if unit == "tok/s" and magnitude == 2:
        decimals = 1
    return f"{value:,.{decimals}f}"


def rounding_of(digits: str) -> float:
    """How far a plain number may be from what it was rounded from: half of its last digit."""
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)
