"""Markdown as we write it, turned into HTML with less work: tables of one kind, plain text.

Most of a report are cells of its tables of evidence. markdown-it takes them apart by characters and
makes a dozen tokens of each; what is not plain here is left to it, and the page is the same.
"""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from benchagent.markdown_text import BAR, CODE_SPAN

# Text in which CommonMark has nothing to find but code spans of one backtick.
_PLAIN = re.compile(r"(?:[^\\`*_!\[<&\n]++|`(?![` ])[^`\n]++`(?!`))*+")
_DASHES = re.compile(r"\|(?:---\|)+")
_BLANKS = " \t\r\f\v"


def take_plain(parser: MarkdownIt) -> None:
    """Make a markdown-it parser take plain tables and text in one step."""
    parser.block.ruler.before("table", "plain_table", _take_table)
    parser.core.ruler.at("inline", _take_texts)
    parser.add_render_rule("made", _as_made)


def _take_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table whose rows all have a bar at both ends and as many cells as the first."""
    lines = _lines_of_table(state, start, end)
    rows = [BAR.split(line)[1:-1] for line in lines]
    if silent or len(rows) < 3 or not _DASHES.fullmatch(lines[1]):
        return False
    if any(len(row) != len(rows[0]) for row in rows):
        return False
    state.push("table_open", "table", 1)
    _push(state, "<thead>\n")
    _push_row(state, rows[0], "th")
    _push(state, "</thead>\n<tbody>\n")
    for row in rows[2:]:
        _push_row(state, row, "td")
    _push(state, "</tbody>\n")
    state.push("table_close", "table", -1)
    state.line = start + len(lines)
    return True


def _lines_of_table(state: StateBlock, start: int, end: int) -> list[str]:
    """The lines from here that begin and end with a bar; none where other text goes on."""
    lines: list[str] = []
    if state.level:
        return lines
    for number in range(start, end):
        line = state.src[state.bMarks[number] : state.eMarks[number]]
        if len(line) < 2 or line[0] != "|" or line[-1] != "|":
            return lines if state.isEmpty(number) else []
        lines.append(line)
    return lines


def _push_row(state: StateBlock, row: Sequence[str], tag: str) -> None:
    made = "<tr>\n"
    for cell in row:
        text = cell.replace("\\|", "|").strip(_BLANKS)
        if _PLAIN.fullmatch(text):
            made += f"<{tag}>{_make(text)}</{tag}>\n"
            continue
        _push(state, f"{made}<{tag}>")
        token = state.push("inline", "", 0)
        token.content, token.children = text, []
        made = f"</{tag}>\n"
    _push(state, f"{made}</tr>\n")


def _push(state: StateBlock, made: str) -> None:
    state.push("made", "", 0).content = made


def _take_texts(state: StateCore) -> None:
    """The text of each block, parsed where there is markup in it."""
    for token in state.tokens:
        if token.type == "inline" and _PLAIN.fullmatch(token.content):
            token.children = [Token("made", "", 0, content=_make(token.content))]
        elif token.type == "inline":
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _make(plain: str) -> str:
    shown = escape(plain, quote=False).replace('"', "&quot;")
    return CODE_SPAN.sub(r"<code>\1</code>", shown) if "`" in shown else shown


def _as_made(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    return tokens[index].content
