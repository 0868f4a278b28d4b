"""Settings, subjects and times as benchmark files write them, put into one form.

Two files that ran the same thing must agree here, or facts would compare what is the same: 40.00
is 40, 0.800000011920929 is the 0.8 that went through a 32-bit float, `gemma3` is `gemma3:latest`.
"""

import hashlib
import json
import math
import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Final

from benchagent.measurements.json_trees import Json, Numeral
from benchagent.measurements.readings import MeasuredAt, Scalar
from benchagent.quantities.decimal_commas import write_point
from benchagent.quantities.numbers import parse_number

_LONGEST_SETTING: Final = 160
_OLLAMA_FAMILY: Final = re.compile(r"[a-z][a-z0-9.-]*(?<!\.gguf)")
# Who asked is no setting of what was measured, and a key would stand in every report.
_SECRET: Final = re.compile(
    r"(?:^|[_.-])(?:(?:api|access|private|secret)_?key|password|passwd|secret|authorization|credentials?"
    r"|(?:access|auth|bearer|api|hf|hub|hugging_?face|github|gitlab|wandb|secret)_?token)$",
    re.IGNORECASE,
)
# `2025.05.24 01:45:00`, the year first as nobody doubts
_DAY: Final = re.compile(r"^([0-9]{4})[./]([0-9]{2})[./]([0-9]{2})(?=[ T])")
_EPOCH: Final = re.compile(r"[12][0-9]{9}(\.[0-9]+)?")


def read_setting(value: Json) -> Scalar:
    """A setting as a plain value: a number where the text is one, else the text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict | list):
        return _shorten(json.dumps(value, sort_keys=True, ensure_ascii=False))
    text = write_point(value).strip()
    number = parse_number(text) if "," not in text else None
    if number is None:
        return _shorten(text) if text else None
    return _plain_number(number)


def _plain_number(value: float) -> int | float:
    if value == int(value) and abs(value) < 2**53:
        return int(value)
    return _drop_float32_noise(value)


def _drop_float32_noise(value: float) -> float:
    """The short decimal that a 32-bit float was meant to be, if the value went through one."""
    through = _as_float32(value)
    # written with 15 digits or more, which is as near as a text comes to the 32-bit value
    if not math.isclose(through, value, rel_tol=1e-14):
        return value
    candidates = (float(f"{value:.{digits}g}") for digits in range(1, 9))
    return next((short for short in candidates if _as_float32(short) == through), value)


def _as_float32(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.inf


def _shorten(text: str) -> str:
    if len(text) <= _LONGEST_SETTING:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:_LONGEST_SETTING]}… ({digest})"


def write_settings(settings: Mapping[str, Scalar]) -> str:
    """Settings as a JSON object whose text is equal when the settings are; keys and passwords are none."""
    return _write_settings(*chain.from_iterable(settings.items())) if settings else "{}"


# Runs of one file share their settings; typed, since 1, 1.0 and true are equal and not the same.
@lru_cache(maxsize=1024, typed=True)
def _write_settings(*keys_and_values: Scalar) -> str:
    keys, values = keys_and_values[::2], keys_and_values[1::2]
    present = {
        key: value
        for key, value in zip(keys, values, strict=True)
        if value is not None and not _SECRET.search(str(key))
    }
    return json.dumps(present, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_model(name: str) -> str | None:
    """A model's name as the source gives it, without the registry that everybody leaves out.

    A file's place stays whole: two fine-tunes in two folders may share the name of the file.
    """
    return name.strip().removeprefix("registry.ollama.ai/").removeprefix("library/") or None


def read_ollama_model(name: str) -> str | None:
    """A model's name by Ollama's rule that a name without a tag means `latest`."""
    model = read_model(name)
    return f"{model}:latest" if model and _OLLAMA_FAMILY.fullmatch(model) else model


def read_time(value: Json) -> MeasuredAt | None:
    """A time as recorded: ISO 8601 with or without offset, or seconds since 1970 (UTC)."""
    text = value.strip() if isinstance(value, str) else ""
    if _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(text))
        return MeasuredAt(_write_utc(moment), "utc")
    if isinstance(value, Numeral) or len(text) < len("2025-01-01T00:00"):
        return None
    try:
        moment = datetime.fromisoformat(_DAY.sub(r"\1-\2-\3", text))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return MeasuredAt(moment.isoformat(), "naive")
    if moment.utcoffset() == timedelta(0):
        return MeasuredAt(_write_utc(moment), "utc")
    return MeasuredAt(moment.isoformat(), "offset")


def _write_utc(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
