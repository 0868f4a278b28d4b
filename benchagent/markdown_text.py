"""Text that came from outside, made safe to stand in Markdown."""

import re
from collections.abc import Iterator

_OPENING = re.compile(r"([<>\[\]{}])")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")

# What comes first counts: an escaped backtick opens nothing, and neither does a run of backticks
# that no equal run closes.
_CODE = re.compile(
    r"^(?P<fence>```+)[^\n`]*\n.*?^(?P=fence)`*[ ]*$"
    r"|\\[!-/:-@\[-`{-~]"
    r"|(?P<ticks>`+)(?!`)(?:(?!\n\n).)+?(?<!`)(?P=ticks)(?!`)"
    r"|`+",
    re.DOTALL | re.MULTILINE,
)


def escape(text: str) -> str:
    """Text that shows as it is: nothing in it becomes a link, a tag, a table or a reference."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def code(text: str) -> str:
    """A name in a code span, whatever backticks it has itself."""
    text = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str) -> str:
    """A block of text that no line of it can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def cell(text: str) -> str:
    """Markdown that is to stand in a table: a bar would end the cell, even in a code span."""
    return text.replace("|", "\\|")


def guarded(markdown: str) -> str:
    """A label of ours in which a name that nobody quoted makes no link, tag or reference."""
    pieces = split_code(markdown)
    return "".join(part if is_code else _OPENING.sub(r"\\\1", part) for is_code, part in pieces)


def split_code(text: str) -> Iterator[tuple[bool, str]]:
    """The Markdown in pieces, each with whether it is a code span or a fenced block."""
    done = 0
    for found in _CODE.finditer(text):
        if not (found["fence"] or found["ticks"]):
            continue
        yield False, text[done : found.start()]
        yield True, found[0]
        done = found.end()
    yield False, text[done:]


def one_line(text: str) -> str:
    """Text without a character that a terminal or a page would obey instead of showing it."""
    return "".join(
        character if character.isprintable() else f"\N{SYMBOL FOR ESCAPE}{ord(character):x}"
        for character in text
    )
