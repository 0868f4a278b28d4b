"""Strings and patterns as EBNF: only characters that JSON needs no escape for.

Free text is words of printable ASCII with single spaces, so a small model can neither run away in
blanks nor break the quotes. The engine compiles a counted class of characters slowly (about 1 s
for 120, minutes for thousands), hence the caps.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

SAFE = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}
LONGEST_COUNTED = 240
_WORD_LENGTH, _WORDS = 24, 32
LONGEST_FREE = (_WORD_LENGTH + 1) * _WORDS - 1
_NESTED_REPEATS = 512
_DEEPEST_GROUP = 20
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


@dataclass(frozen=True, slots=True)
class _Expression:
    """A piece of a pattern, and how often its parts may repeat."""

    text: str
    repeats: int = 1


_ESCAPED_SETS = {
    "d": frozenset("0123456789"),
    "w": frozenset(char for char in SAFE if char.isalnum()) | {"_"},
    "s": frozenset(" "),
}


def pattern_string(pattern: str) -> str:
    r"""Return a string that the whole of a regular expression matches, within safe characters.

    Alternatives, groups, classes, `.`, `\d \w \s` and quantifiers are known; where the pattern
    is not anchored the string is still just what it matches, which is narrower and so valid.

    Raises:
        ValueError: for anything else (look-around, back references, `\b`, lazy quantifiers).
    """
    body = pattern.removeprefix("^")
    if body.endswith("$") and (len(body) - len(body.rstrip("\\$"))) % 2:
        body = body[:-1]
    parser = _Pattern(body)
    expression = parser.alternatives(0)
    if parser.rest():
        raise ValueError(f"pattern {pattern!r}: ')' without '('")
    return f'"\\"" {expression.text} "\\""'


class _Pattern:
    """A regular expression being read, left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def rest(self) -> str:
        return self._text[self._at :]

    def _fail(self, what: str) -> ValueError:
        return ValueError(f"pattern {self._text!r}: {what} at character {self._at}")

    def _take(self, expected: str) -> bool:
        found = self._text.startswith(expected, self._at)
        self._at += len(expected) * found
        return found

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._fail("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def alternatives(self, depth: int) -> _Expression:
        if depth > _DEEPEST_GROUP:
            raise self._fail("groups within groups, too deep")
        branches = [self._sequence(depth)]
        while self._take("|"):
            branches.append(self._sequence(depth))
        text = " | ".join(branch.text for branch in branches)
        return _Expression(f"({text})", max(branch.repeats for branch in branches))

    def _sequence(self, depth: int) -> _Expression:
        parts: list[_Expression] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._quantified(depth))
        text = " ".join(part.text for part in parts) or '""'
        return _Expression(text, max((part.repeats for part in parts), default=1))

    def _quantified(self, depth: int) -> _Expression:
        atom = self._atom(depth)
        for sign in "*+?":
            if self._take(sign):
                self._refuse_second_quantifier()
                return _Expression(atom.text + sign, max(atom.repeats, 1 if sign == "?" else 2))
        if not self._take("{"):
            return atom
        low, high = self._bounds()
        self._refuse_second_quantifier()
        repeats = atom.repeats * max(high or low, 2)
        # The engine tries every way of dividing nested counts: seconds for each token.
        if atom.repeats > 1 and repeats > _NESTED_REPEATS:
            raise self._fail("counts within counts, too many to try")
        counted = f"{{{low},{'' if high is None else high}}}"
        return _Expression(atom.text + counted if high != 0 else '""', repeats)

    def _bounds(self) -> tuple[int, int | None]:
        inside, closed, rest = self.rest().partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or not (high.isdecimal() or not high):
            raise self._fail("'{' is not followed by a count like {2} or {2,5}")
        self._at = len(self._text) - len(rest)
        most = int(low) if not comma else int(high) if high else None
        if max(int(low), most or 0) > LONGEST_COUNTED or (most is not None and most < int(low)):
            raise self._fail(f"a count is above {LONGEST_COUNTED} or upside down")
        return int(low), most

    def _refuse_second_quantifier(self) -> None:
        if self.rest()[:1] and self.rest()[0] in "*+?{":
            raise self._fail("a quantifier after a quantifier is not supported")

    def _atom(self, depth: int) -> _Expression:
        char = self._next()
        if char == "(":
            return self._group(depth)
        if char == "[":
            return _Expression(self._class())
        if char == ".":
            return _Expression(char_class(SAFE))
        if char == "\\":
            return _Expression(self._escape())
        if char in "^$*+?{}":
            raise self._fail(f"{char!r} is not supported here")
        return _Expression(self._character(char))

    def _group(self, depth: int) -> _Expression:
        if self._take("?") and not self._take(":"):
            raise self._fail("look-around and named groups are not supported")
        inside = self.alternatives(depth + 1)
        if not self._take(")"):
            raise self._fail("'(' without ')'")
        return inside

    def _escape(self) -> str:
        char = self._next()
        if char.isalnum():
            return char_class(self._escaped_set(char))
        return self._character(char)

    def _escaped_set(self, char: str) -> frozenset[str]:
        known = _ESCAPED_SETS.get(char.lower())
        if known is None:
            raise self._fail(f"'\\{char}' is not supported")
        return known if char.islower() else SAFE - known

    def _character(self, char: str) -> str:
        if not char.isprintable():
            raise self._fail(f"{char!r} cannot stand in a JSON string")
        return literal(json.dumps(char, ensure_ascii=False)[1:-1])

    def _class(self) -> str:
        negated = self._take("^")
        members: set[str] = set()
        first = True
        while first or not self._take("]"):
            first = False
            members |= self._class_member()
        allowed = SAFE - members if negated else members & SAFE
        if not allowed:
            raise self._fail("a class without any character that JSON holds as it is")
        return char_class(allowed)

    def _class_member(self) -> frozenset[str]:
        low = self._next()
        if low == "\\":
            low = self._next()
            if low.isalnum():
                return self._escaped_set(low)
        if not (self.rest()[:1] == "-" and self.rest()[1:2] not in ("", "]")):
            return frozenset(low)
        self._at += 1
        high = self._next()
        high = self._next() if high == "\\" else high
        if high.isalnum() != low.isalnum() or high < low:
            raise self._fail(f"the range {low}-{high} is not supported")
        return frozenset(map(chr, range(ord(low), min(ord(high), 0x7E) + 1)))
