"""Markdown: its marks, and text that came from outside, made safe to stand in it."""

import re
from collections.abc import Iterator

HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
# What parts the cells of a table's row, and the row of dashes below its header.
BAR = re.compile(r"(?<!\\)\|")
DASHES = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?\s*")
CODE_SPAN = re.compile(r"`([^`]+)`")

_OPENING = re.compile(r"([<>\[\]{}])")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")

# A fenced block, an escaped character, a code span, or backticks that open nothing, whichever comes
# first: an escaped backtick opens no span, and neither does a run of backticks that no equal run
# closes. Each alternative begins with a literal character, so that the search is fast.
_CODE = re.compile(
    r"`(?<![^\n]`)(?P<fence>``+)[^\n`]*\n.*?^`(?P=fence)`*[ ]*$"
    r"|\\[!-/:-@\[-`{-~]"
    r"|`(?P<ticks>`*)(?!`)(?:[^`\n]++|\n(?!\n)|`)+?(?<!`)`(?P=ticks)(?!`)"
    r"|``*",
    re.DOTALL | re.MULTILINE,
)


def escape(text: str) -> str:
    """Text that shows as it is: nothing in it becomes a link, a tag, a table or a reference."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def code(text: str) -> str:
    """A name in a code span, whatever backticks it has itself."""
    text = one_line(text)
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str) -> str:
    """A text as a fenced block, with a fence that no line of the text can close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text))) if "`" in text else 0


def cell(text: str) -> str:
    """Markdown that is to stand in a table: a bar would end the cell, even in a code span."""
    return text.replace("|", "\\|")


def guarded(markdown: str) -> str:
    """A label of ours, in which a name outside of code spans makes no link, tag or reference."""
    pieces = split_code(markdown)
    return "".join(part if is_code else _OPENING.sub(r"\\\1", part) for is_code, part in pieces)


def split_code(text: str) -> Iterator[tuple[bool, str]]:
    """The Markdown in pieces, each with whether it is a code span or a fenced block."""
    done = 0
    for found in _CODE.finditer(text):
        if found["fence"] is None and found["ticks"] is None:
            continue
        yield False, text[done : found.start()]
        yield True, found[0]
        done = found.end()
    yield False, text[done:]


def one_line(text: str) -> str:
    """Text without a character that a terminal or a page would obey instead of showing it."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else f"\N{SYMBOL FOR ESCAPE}{ord(character):x}"
        for character in text
    )
