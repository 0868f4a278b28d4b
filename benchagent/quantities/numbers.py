"""How a number is read out of a file, written in a report, and read back.

What a file says in seconds, microseconds or gigabytes is converted once, when it is read, and
exactly: by moving the decimal point of the text, not by multiplying floats.
"""

import math
import re
from decimal import Decimal
from typing import Final, NamedTuple

from benchagent.quantities.decimal_commas import write_point
from benchagent.quantities.units import Unit, find_unit

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# 1,234,567 as in the West, 12,34,567 as in India, 1'234 in Switzerland; `1,5` is none, and refused,
# and so is `0,412`: nobody writes a thousand that begins with 0.
_GROUPED = re.compile(
    r"[+-]?(?=[1-9])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}"
    r"|[0-9]{1,3}(?:['\u2019][0-9]{3})+)(?:\.[0-9]+)?"
)
_PARTING: Final = re.compile(r"[,'\u2019]")
_LONGEST_NUMBER: Final = 400


def parse_number(text: str, *, unit: Unit | None = None) -> float | None:
    """The finite number that a text is, all of it, in the canonical unit; else None.

    Thousands may be grouped the Western or the Indian way. `NaN`, `inf`, `1e400` (no float holds
    it) and `1e-400` (a float would say zero) are not numbers here.
    """
    text = write_point(text).strip()
    if len(text) > _LONGEST_NUMBER:
        return None
    if not _PLAIN.fullmatch(text):
        if not _GROUPED.fullmatch(text):
            return None
        text = _PARTING.sub("", text)
    value = _shift_point(text, unit.exponent) if unit else float(text)
    value *= unit.factor if unit else 1
    vanished = value == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0])
    return value if math.isfinite(value) and not vanished else None


def parse_cell(cell: object, *, unit: Unit | None = None) -> float | None:
    """The number of a table's cell, as `parse_number`; None of a cell that holds no text."""
    return parse_number(cell, unit=unit) if isinstance(cell, str) else None


_SPREAD: Final = re.compile(r"([+-]?[0-9][0-9.,]*) ?(?:±|\+/-|\+-) ?[0-9][0-9.,]* ?([^0-9]*)")


def drop_spread(text: str) -> str | None:
    """`88.4 tok/s` of `88.4 ± 0.6 tok/s`; None of a text that tells no spread."""
    match = _SPREAD.fullmatch(write_point(text).strip())
    return f"{match[1]} {match[2]}".strip() if match else None


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


_ELAPSED: Final = re.compile(
    r"(?:([0-9]{1,4}) ?h ?)?([0-9]{1,4}) ?m(?:in)? ?([0-9]{1,2}(?:\.[0-9]{1,9})?) ?s(?:ec)?"
    r"|([0-9]{1,4}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,9})?)"
)


def parse_elapsed(text: str) -> float | None:
    """Milliseconds of a time in minutes and seconds (`1m23.4s`, `2h 3min 4s`, `00:01:23`); else None.

    `1:23` may be hours and minutes as well, and is none.
    """
    match = _ELAPSED.fullmatch(write_point(text).strip())
    if match is None:
        return None
    hours, minutes, seconds = (Decimal(match[n] or match[n + 3] or 0) for n in (1, 2, 3))
    return float((hours * 3600 + minutes * 60 + seconds) * 1000)


def _shift_point(text: str, exponent: int) -> float:
    if not exponent:
        return float(text)
    if "e" in text or "E" in text:
        return float(Decimal(text).scaleb(exponent))
    return float(f"{text}e{exponent}")


_UNWRITTEN: Final = frozenset({"1", "ratio"})
_COUNTED: Final = frozenset(
    "tokens chars words calls runs files rows numbers configurations comparisons subjects".split()
)
_SINGULAR: Final = {unit: unit.removesuffix("s") for unit in (*_COUNTED, "bytes")} | {
    "chars": "character"
}
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
    worth = unit.worth if unit else 1.0
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


def read_yes(text: str) -> bool | None:
    """What `yes`, `no`, `true` or `false` says, whatever its case; None of any other text."""
    return {"true": True, "yes": True, "false": False, "no": False}.get(text.strip().lower())


def read_truth(text: str) -> float | None:
    """The share that a single yes or no is: 1 of `true`, 0 of `false`, whatever their case."""
    return {"true": 1.0, "false": 0.0}.get(text.strip().lower())
