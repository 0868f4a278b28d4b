"""Regular expressions as EBNF: the subset that says all there is to say in one direction."""

import json
from dataclasses import dataclass

from benchagent.embedded.grammar.text import LONGEST_COUNTED, SAFE, char_class, literal

_NESTED_REPEATS = 512
_DEEPEST_GROUP = 20


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
