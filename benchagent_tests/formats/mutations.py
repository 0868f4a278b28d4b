"""Ways in which a file can be broken, each from a seed, so that a failure can be made again."""

import json
import random
import re
from collections.abc import Callable
from typing import Any, Final

_NAMES: Final = (
    "a\nb", 'say "x"', "../../etc/passwd", "\N{PILE OF POO}", "=1+1", "a,b", "x/y~z", "", "a#2",
    "\x00", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "p99", "col=1,column=2", "é", "|", "`",
)  # fmt: skip
_NUMBERS: Final = (
    "1e400", "-1e400", "1e-400", "NaN", "Infinity", "-0.0", "0", "-1", "9" * 400, "1e9999999999",
    "1,234", "1.5.5", "٣", "0x10", "1_000", "true", "null", "{}", "[]", '"7"', "1e5", "12345678901234567890",
)  # fmt: skip
_SCRAPS: Final = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b"\r",
    b"\n\n",
    b"{",
    b"]",
    b"|",
    b"\xc3",
)
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp037", "utf-7")
SUFFIXES: Final = (".csv", ".json", ".jsonl", ".md", ".txt", ".tsv", "")


def cut(data: bytes, rng: random.Random) -> bytes:
    """The beginning, as after a full disk; or the end."""
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.8 else data[at:]


def flip(data: bytes, rng: random.Random) -> bytes:
    """Up to eight bytes changed."""
    broken = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def insert(data: bytes, rng: random.Random) -> bytes:
    """Scraps put in: byte-order marks, quotes, NULs, breaks."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(_SCRAPS) * rng.choice((1, 1, 3, 2000)) + data[at:]
    return data


def recode(data: bytes, rng: random.Random) -> bytes:
    """The text in another encoding, or encoded twice."""
    text = data.decode("utf-8", "replace")
    again = text.encode(rng.choice(_ENCODINGS), "replace")
    return again if rng.random() < 0.7 else again.decode("latin-1").encode("utf-8")


def renumber(data: bytes, rng: random.Random) -> bytes:
    """Some numbers replaced by what is none, or is none that a float holds."""
    share = rng.choice((0.02, 0.2, 1.0))
    odd = rng.choice(_NUMBERS)

    def replace(match: re.Match[bytes]) -> bytes:
        return odd.encode() if rng.random() < share else match[0]

    return re.sub(rb"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", replace, data)


def shuffle(data: bytes, rng: random.Random) -> bytes:
    """Lines left out, repeated, moved or joined."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        how = rng.randrange(4)
        if how == 0 and len(lines) > 1:
            del lines[at]
        elif how == 1:
            lines.insert(other, lines[at])
        elif how == 2:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = lines[at].rstrip(b"\r") + lines[other]
    return rng.choice((b"\n", b"\r\n", b"\r")).join(lines)


def rename(data: bytes, rng: random.Random) -> bytes:
    """A word replaced by a name that nobody should have."""
    words = list(set(re.findall(rb"[A-Za-z_]{3,}", data))) or [b"x"]
    odd = rng.choice(_NAMES)
    quoted = json.dumps(odd)[1:-1] if data[:1] in (b"{", b"[") else odd
    return data.replace(rng.choice(sorted(words)), quoted.encode("utf-8"))


def graft(data: bytes, rng: random.Random) -> bytes:
    """A JSON file with some of its values replaced by values of other kinds."""
    lines = data.splitlines() if data.count(b"\n{") > 1 and data[:1] == b"{" else [data]
    try:
        trees = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return renumber(data, rng)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(trees))
        trees[at] = _graft(trees[at], rng)
    return b"\n".join(json.dumps(tree).encode() for tree in trees)


def _graft(tree: Any, rng: random.Random) -> Any:
    odd = _odd_value(rng)
    if isinstance(tree, dict) and tree and rng.random() < 0.95:
        key = rng.choice(list(tree))
        if rng.random() < 0.1:
            return {**tree, rng.choice(_NAMES): tree[key]}
        return {**tree, key: _graft(tree[key], rng)}
    if isinstance(tree, list) and tree and rng.random() < 0.9:
        at = rng.randrange(len(tree))
        return [*tree[:at], _graft(tree[at], rng), *tree[at + 1 :]]
    return odd


def _odd_value(rng: random.Random) -> Any:
    deep: Any = 1
    for _ in range(rng.choice((1, 50, 400))):
        deep = {"a": deep} if rng.random() < 0.5 else [deep]
    kinds = (None, True, False, 0, -1, 1.5, 10**30, float("inf"), "", "5", "\ud800", [], {}, [[]],
             ["x", 1, None], {"value": 1}, {"unit": "ms", "avg": "x"}, rng.choice(_NAMES), deep)  # fmt: skip
    return rng.choice(kinds)


def bloat(data: bytes, rng: random.Random) -> bytes:
    """A header of very many columns, a very long line, or very many lines."""
    first, _, rest = data.partition(b"\n")
    how = rng.randrange(3)
    if how == 0:
        times = min(rng.choice((2, 300, 3000)), 4_000_000 // (len(first) + 1) + 1)
        return b",".join([first] * times) + b"\n" + rest
    if how == 1:
        return first + b"0" * 200_000 + b"\n" + rest
    return data + (b"\n" + rest) * 20


def nest(data: bytes, rng: random.Random) -> bytes:
    """The file inside many brackets."""
    depth = rng.choice((3, 900, 100_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return opening * depth + data + closing * rng.choice((0, depth))


MUTATIONS: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    cut, flip, insert, recode, renumber, shuffle, rename, graft, graft, graft, bloat, nest,
)  # fmt: skip
