"""Option sets out of `num_ctx=512,1024` and the like: every combination of the values named."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from benchagent.agents.errors import did_you_mean
from benchagent.agents.roster import NUMBERS, OPTION_NAMES, WHOLE_NUMBERS
from benchagent.bench.errors import BenchError

Value = bool | int | float | str

_NOT_SWEPT: Final = {
    "seed": "give --seed: all calls of a benchmark share one, and --repeat repeats them",
    "stop": "its values are texts that end an answer, which a benchmark of speed does not need",
}
_TRUTH: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSet:
    """One combination of options.

    Attributes:
        name: the swept options as text, `num_ctx=512 temperature=0.8`.
        options: all options that every request of it carries, with num_predict.
    """

    name: str
    options: Mapping[str, Value]


def build_option_sets(sweeps: Sequence[str], num_predict: int) -> tuple[OptionSet, ...]:
    """Every combination of the swept values, the first option varying slowest.

    Args:
        sweeps: one text per option, `NAME=VALUE[,VALUE…]`.
        num_predict: the most tokens to generate, where no sweep says.

    Raises:
        BenchError: a text does not read so, or Ollama has no such option or value.
    """
    swept: dict[str, list[Value]] = {}
    for text in sweeps:
        name, values = _read_sweep(text)
        if name in swept:
            raise BenchError(f"--sweep {text!r}: {name} is swept twice; name all its values once")
        swept[name] = values
    return tuple(_combine(swept, num_predict))


def _combine(swept: Mapping[str, list[Value]], num_predict: int) -> Iterator[OptionSet]:
    for values in product(*swept.values()):
        chosen = dict(zip(swept, values, strict=True))
        name = " ".join(f"{option}={write_value(value)}" for option, value in chosen.items())
        yield OptionSet(
            name=name or "server defaults", options={"num_predict": num_predict, **chosen}
        )


def write_value(value: Value) -> str:
    """A value as a sweep names it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_sweep(text: str) -> tuple[str, list[Value]]:
    name, equals, listed = text.partition("=")
    name = name.strip()
    texts = [value.strip() for value in listed.split(",")]
    if not equals or not name or not all(texts):
        raise BenchError(
            f"--sweep {text!r}: expected NAME=VALUE[,VALUE…], as in --sweep num_ctx=512,1024"
        )
    _require_option(text, name)
    values = [_read_value(text, name, value) for value in texts]
    twice = [shown for value, shown in zip(values, texts, strict=True) if values.count(value) > 1]
    if twice:
        raise BenchError(f"--sweep {text!r}: {twice[-1]} is named twice; name each value once")
    return name, values


def _require_option(text: str, name: str) -> None:
    if name in _NOT_SWEPT:
        raise BenchError(f"--sweep {text!r}: {name} cannot be swept; {_NOT_SWEPT[name]}")
    if name not in OPTION_NAMES:
        there = sorted(OPTION_NAMES - _NOT_SWEPT.keys())
        meant = did_you_mean(name, there) or f"; it has {', '.join(there)}"
        raise BenchError(f"--sweep {text!r}: Ollama has no option {name!r}{meant}")


def _read_value(text: str, name: str, value: str) -> Value:
    if name == "use_mmap":
        if value.lower() not in _TRUTH:
            raise BenchError(f"--sweep {text!r}: {name} is {value!r}, expected true or false")
        return _TRUTH[value.lower()]
    number = _read_number(value)
    if number is None or (name in WHOLE_NUMBERS and number != int(number)):
        kind = "a number" if name in NUMBERS else "a whole number"
        raise BenchError(f"--sweep {text!r}: {name} is {value!r}, expected {kind}")
    if name in ("num_predict", "num_ctx") and number < 1:
        raise BenchError(f"--sweep {text!r}: {name} is {value}, expected 1 or more")
    return int(number) if number == int(number) else number


def _read_number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and value.isascii() and "_" not in value else None
