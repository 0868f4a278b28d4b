"""Strings as EBNF: only characters that JSON needs no escape for.

Free text is words of printable ASCII with single spaces, so a small model can neither run away in
blanks nor break the quotes. The engine compiles a counted class of characters slowly (about 1 s
for 120, minutes for thousands), hence the caps.
"""

import json
import re
from collections.abc import Iterable

SAFE = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}
LONGEST_COUNTED = 240
_WORD_LENGTH, _WORDS = 24, 32
LONGEST_FREE = (_WORD_LENGTH + 1) * _WORDS - 1
_BEFORE_HEX_DIGIT = re.compile(r"(?<=[\x7f-\xff])(?=[0-9A-Fa-f])")

FORMATS = {
    # Days end at 28 so that every date exists; narrower than the format, never wider.
    "date": '"\\"" date "\\""',
    "time": '"\\"" time "\\""',
    "date-time": '"\\"" date "T" time "\\""',
    "uuid": '"\\"" hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12} "\\""',
}
SHARED_RULES = {
    "word": f"[!#-\\[\\]-~]{{1,{_WORD_LENGTH}}}",
    "words": f'word (" " word){{0,{_WORDS - 1}}}',
    "date": '[12] [0-9]{3} "-" ("0" [1-9] | "1" [0-2]) "-" ([01] [1-9] | "10" | "2" [0-8])',
    "time": '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"',
    "hex": "[0-9a-f]",
}
FREE_STRING = '"\\"" words? "\\""'


def literal(text: str) -> str:
    r"""Write text as an EBNF literal, or as several in a row.

    The engine keeps `ß` as `\xdf` and then reads an `e` after it as a further digit of that
    number; so a literal ends between a character of one byte's range and a hexadecimal digit.
    """
    parts = _BEFORE_HEX_DIGIT.split(text)
    return " ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in parts)


def json_literal(value: object) -> str:
    """Write a JSON value, compact, as an EBNF literal.

    Raises:
        ValueError: for a number that JSON does not have, or half a surrogate pair.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{value!r} holds half a surrogate pair") from error
    return literal(text)


def bounded_string(shortest: int, longest: int | None) -> str:
    """Return a string of so many characters; a higher bound than we can count becomes narrower.

    Raises:
        ValueError: where no such string exists, or only ones too long to count.
    """
    if longest is not None and longest < shortest:
        raise ValueError(f"maxLength {longest} is below minLength {shortest}")
    if shortest > LONGEST_COUNTED:
        raise ValueError(f"minLength is {shortest}, expected at most {LONGEST_COUNTED}")
    if shortest <= 1 and (longest is None or longest >= LONGEST_FREE):
        return FREE_STRING if shortest == 0 else '"\\"" words "\\""'
    cap = LONGEST_COUNTED if longest is None else min(longest, LONGEST_COUNTED)
    return f'"\\"" {char_class(SAFE)}{{{shortest},{cap}}} "\\""'


def char_class(characters: Iterable[str]) -> str:
    """Write a set of characters as an EBNF class of ranges."""
    points = sorted(map(ord, characters))
    ranges: list[tuple[int, int]] = []
    for point in points:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return "[" + "".join(_range(low, high) for low, high in ranges) + "]"


def _range(low: int, high: int) -> str:
    return _point(low) if low == high else f"{_point(low)}-{_point(high)}"


def _point(point: int) -> str:
    return chr(point) if chr(point).isalnum() and point < 0x80 else f"\\u{point:04x}"
