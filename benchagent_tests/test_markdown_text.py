from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from benchagent.markdown_text import cell, code, escape, fenced, split_code

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
# Whatever breaks out of something, often.
NASTY = st.text(
    st.one_of(st.sampled_from("`|\\\n\r\t<>[](){}*_~#!&$ \u2028\u202e-=+:;\"'"), st.characters()),
    max_size=40,
)
REFERENCE = "{F0123456789ab}"


def inline(markdown: str) -> list[Token]:
    """The inline tokens of Markdown that must be one paragraph."""
    tokens = MARKDOWN.parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


def shown(text: str) -> str:
    """A text as a reader of one line sees it."""
    return "".join(c if c.isprintable() else f"\N{SYMBOL FOR ESCAPE}{ord(c):x}" for c in text)


@given(NASTY)
def test_a_name_stays_in_its_code_span(text: str) -> None:
    before, span, after = inline(f"a {code(text)} b")

    assert (before.content, after.content) == ("a ", " b")
    assert span.type == "code_inline"
    assert span.content.strip() == shown(text).strip()


@given(NASTY)
def test_escaped_text_shows_as_it_is_and_is_nothing_else(text: str) -> None:
    tokens = inline(f"a{escape(text)}b")

    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens) == f"a{shown(text)}b"


@given(NASTY)
def test_neither_leaves_its_cell_of_a_table(text: str) -> None:
    rows = f"| a | b | c |\n|---|---|---|\n| {cell(code(text))} | {cell(escape(text))} | z |\n"
    cells = [token for token in MARKDOWN.parse(rows) if token.type == "inline"]

    assert [token.content for token in cells[:3]] == ["a", "b", "c"]
    assert len(cells) == 6
    assert cells[5].content == "z"
    [span] = cells[3].children or []
    assert span.content.strip() == shown(text).strip()
    assert unescape("".join(t.content for t in cells[4].children or [])) == unescape(
        shown(text).strip()
    )


@given(st.text(st.sampled_from("`~x \n"), max_size=30))
def test_no_line_ends_a_fenced_block(text: str) -> None:
    tokens = MARKDOWN.parse(f"a\n\n{fenced(text)}\n\nb")

    assert [token.type for token in tokens] == [
        *("paragraph_open", "inline", "paragraph_close"),
        "fence",
        *("paragraph_open", "inline", "paragraph_close"),
    ]
    assert tokens[3].content == f"{text}\n"


@given(st.lists(st.tuples(st.sampled_from(["code", "escape", "fenced"]), NASTY), max_size=5))
def test_a_reference_is_found_in_prose_and_never_in_what_came_from_outside(
    pieces: list[tuple[str, str]],
) -> None:
    write = {"code": code, "escape": escape, "fenced": lambda text: f"\n\n{fenced(text)}\n\n"}
    outside = [write[how](text + REFERENCE + text) for how, text in pieces]
    text = f"{REFERENCE} ".join(["", *outside, ""])

    prose = [part for is_code, part in split_code(text) if not is_code]

    assert sum(part.count(REFERENCE) for part in prose) == len(pieces) + 1


@given(NASTY)
def test_the_pieces_of_split_code_are_the_whole_text(text: str) -> None:
    assert "".join(part for _, part in split_code(text)) == text


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a `b` c", ["`b`"]),
        ("a ``b`c`` d", ["``b`c``"]),
        # an escaped backtick opens nothing
        (r"a \` b `c` d", ["`c`"]),
        # an escaped backslash escapes nothing
        (r"a \\`b` c", ["`b`"]),
        # a run that no equal run closes is text
        ("a `` b `c` d", ["`c`"]),
        ("a ` b\n\nc `d` e", ["`d`"]),
        ("```text\n`a\n```\n`b`", ["```text\n`a\n```", "`b`"]),
    ],
)
def test_code_is_told_from_prose_as_markdown_tells_it(text: str, spans: list[str]) -> None:
    assert [part for is_code, part in split_code(text) if is_code] == spans
