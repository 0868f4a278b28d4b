"""Ollama's options in the engine's terms: each is honoured, refused, or named as without effect."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from benchagent.embedded.engine.generation import Sampling
from benchagent.embedded.errors import RefusedError

DEFAULT_CONTEXT = 4096  # Ollama's own on a machine without a GPU
_SMALLEST_CONTEXT = 4
_SEEDS = 2**32
# Below this, a temperature or a share of probability leaves only the likeliest token, and the
# engine's single-precision arithmetic would round it to a zero that it refuses.
_NEGLIGIBLE = 1e-6


class _Range(NamedTuple):
    low: float = -math.inf
    high: float = math.inf


_INTEGERS = {
    "num_ctx": _Range(_SMALLEST_CONTEXT),
    "num_predict": _Range(),
    "num_keep": _Range(),
    "num_batch": _Range(),
    "num_gpu": _Range(),
    "main_gpu": _Range(),
    "num_thread": _Range(),
    "draft_num_predict": _Range(),
    "seed": _Range(),
    "top_k": _Range(),
    "repeat_last_n": _Range(),
}
_NUMBERS = {
    "temperature": _Range(0, 1000),
    "top_p": _Range(0, 1),
    "min_p": _Range(0, 0.999),
    "typical_p": _Range(1, 1),
    "repeat_penalty": _Range(0.01, 100),
    "presence_penalty": _Range(-2, 2),
    "frequency_penalty": _Range(-2, 2),
}
_KNOWN = sorted([*_INTEGERS, *_NUMBERS, "stop", "use_mmap"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a request's options come to.

    Attributes:
        num_ctx: tokens for prompt and answer together, at most what the model has.
        num_predict: the most tokens to generate; None: as many as the context leaves.
        without_effect: options that were given and change nothing on this engine.
        adjusted: options that got another value than asked, and the value they got.
    """

    num_ctx: int
    num_predict: int | None
    sampling: Sampling
    without_effect: tuple[str, ...]
    adjusted: tuple[tuple[str, int], ...]


def read_options(given: Mapping[str, object], *, context_length: int) -> Settings:
    """Check a request's options and turn them into settings; absent or null ones get defaults.

    Raises:
        RefusedError: 400, for an unknown name, a wrong type or a value that the engine cannot honour.
    """
    present = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(set(present) - set(_KNOWN))
    if unknown:
        raise RefusedError(400, f"unknown option {unknown[0]!r}; known are {', '.join(_KNOWN)}")
    whole = {name: _integer(name, value) for name, value in present.items() if name in _INTEGERS}
    real = {name: _number(name, value) for name, value in present.items() if name in _NUMBERS}
    if "use_mmap" in present and not isinstance(present["use_mmap"], bool):
        raise _wrong_type("use_mmap", "boolean", present["use_mmap"])
    asked = whole.get("num_ctx", min(DEFAULT_CONTEXT, context_length))
    num_ctx = min(asked, context_length)
    return Settings(
        num_ctx=num_ctx,
        num_predict=_num_predict(whole.get("num_predict", -1)),
        sampling=_sampling(whole, real, _stop(present.get("stop", []))),
        without_effect=_without_effect(present, whole, real),
        adjusted=(("num_ctx", num_ctx),) if num_ctx != asked else (),
    )


def _sampling(
    whole: Mapping[str, int], real: Mapping[str, float], stop: frozenset[str]
) -> Sampling:
    temperature, top_p = real.get("temperature", 0.8), real.get("top_p", 0.9)
    top_k = whole.get("top_k", 40)
    seed = whole.get("seed", -1)
    penalised = whole.get("repeat_last_n", -1) != 0
    return Sampling(
        greedy=temperature < _NEGLIGIBLE or top_p < _NEGLIGIBLE or top_k == 1,
        temperature=temperature,
        top_k=min(max(top_k, 0), 2**31),
        top_p=top_p,
        min_p=real.get("min_p", 0.0),
        repeat_penalty=real.get("repeat_penalty", 1.0) if penalised else 1.0,
        presence_penalty=real.get("presence_penalty", 0.0) if penalised else 0.0,
        frequency_penalty=real.get("frequency_penalty", 0.0) if penalised else 0.0,
        seed=secrets.randbelow(_SEEDS) if seed == -1 else seed % _SEEDS,
        stop=stop,
    )


def _without_effect(
    present: Mapping[str, object], whole: Mapping[str, int], real: Mapping[str, float]
) -> tuple[str, ...]:
    """Name what was given in vain: there is no GPU, no batch to size, and nothing is ever cut."""
    vain = {"num_keep", "num_batch", "main_gpu", "use_mmap"} & present.keys()
    vain |= {name for name in ("num_gpu", "num_thread") if whole.get(name, 0) > 0}
    vain |= {"draft_num_predict"} if whole.get("draft_num_predict", 0) > 0 else set()
    neutral = {"repeat_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
    penalised = any(real.get(name, value) != value for name, value in neutral.items())
    # The engine's penalties look at everything so far, which is what -1 asks for.
    window = whole.get("repeat_last_n", -1)
    if "repeat_last_n" in whole and (window > 0 or not penalised):
        vain.add("repeat_last_n")
    return tuple(sorted(vain))


def _num_predict(value: int) -> int | None:
    if value == 0:
        raise RefusedError(
            400, 'option "num_predict" is 0, expected 1 or more, or -1 for what the context leaves'
        )
    return value if value > 0 else None


def _integer(name: str, value: object) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, int | float) or not whole:
        raise _wrong_type(name, "integer", value)
    _check_range(name, value, _INTEGERS[name])
    return int(value)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "float32", value)
    _check_range(name, value, _NUMBERS[name])
    return float(value)


def _check_range(name: str, value: float, allowed: _Range) -> None:
    if not allowed.low <= value <= allowed.high:
        raise RefusedError(400, f'option "{name}" is {value!r}, expected {_say(allowed)}')


def _say(allowed: _Range) -> str:
    if allowed.low == allowed.high:
        return f"{allowed.low:g}: the embedded engine has no other"
    if allowed.high == math.inf:
        return f"{allowed.low:g} or more"
    return f"a value from {allowed.low:g} to {allowed.high:g}"


def _stop(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise _wrong_type("stop", "array of strings", value)
    words: set[str] = set()
    for word in value:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(word, str) or not word:
            raise _wrong_type("stop", "array of strings that are not empty", value)  # pyright: ignore[reportUnknownArgumentType]
        words.add(word)
    return frozenset(words)


def _wrong_type(name: str, expected: str, value: object) -> RefusedError:
    return RefusedError(400, f'option "{name}" must be of type {expected}, got {value!r}')
