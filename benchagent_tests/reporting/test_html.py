import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from benchagent.reporting.html import render_html
from benchagent.reporting.markup import take_plain

EVIDENCE = {1: 'median of "big:8b": 77.8 tok/s (n = 9); runs.csv at row=3,column=tokens_s'}


def test_a_figure_shows_its_evidence_when_pointed_at() -> None:
    page = render_html("Report", "It reached [77.8 tok/s](#e1).", EVIDENCE)

    found = re.search(r'<a href="#e1" class="figure" title="([^"]*)">77.8 tok/s</a>', page)
    assert found
    assert "runs.csv at row=3,column=tokens_s" in found[1]
    assert "&quot;big:8b&quot;" in found[1]


def test_the_anchor_of_an_evidence_row_is_one() -> None:
    page = render_html("Report", '| | What |\n|---|---|\n| <a id="e1"></a>1 | x |\n', EVIDENCE)

    assert '<td><a id="e1"></a>1</td>' in page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        '<a id="e1" onclick="alert(1)">x</a>',
        "<!-- hidden --> text",
        "<div>\n\n<iframe src=x></iframe>\n\n</div>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '[x](#e1 "a\\" onmouseover=\\"alert(1)")',
    ],
)
def test_nothing_that_a_file_or_model_wrote_becomes_markup(hostile: str) -> None:
    page = render_html("Report", hostile, {1: '" onmouseover="alert(1)'})

    body = page.split("<body>")[1]
    tags = re.findall(r"<(/?[a-z][^>]*)>", re.sub(r'"[^"]*"', '""', body))
    assert not [tag for tag in tags if re.match(r"script|img|iframe|div", tag)]
    assert not [tag for tag in tags if re.search(r"\son\w+=", tag)]
    assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', body))
    assert "data:text" not in "".join(re.findall(r'href="[^"]*"', body))


def test_the_title_is_text() -> None:
    assert "<title>&lt;b&gt;</title>" in render_html("<b>", "", {})


def test_a_page_asks_nobody_for_anything() -> None:
    page = render_html("Report", "![x](http://example.org/x.png)", {})

    assert "default-src 'none'" in page


PIECES = [*"ab `\"'>|.(]~#&*_!<\\", "``", " `x_y` ", "[", "[x](#e1)", "&amp;", "<b>", "é"]
LINES = [
    "| a | b |",
    "|---|---|",
    '| `x|y` | "z" |',
    "| a \\| b | `c` |",
    "| a | b \\|",
    "| a | b |  ",
    "| a | b | c |",
    "|:--|---|",
    '| <a id="e1"></a>1 | [x](#e1) |',
    "||b|",
    "|\ta\t| |",
    "  | a | b |",
    "    | a | b |",
    "| a",
    "- | a | b |",
    "> | a | b |",
    "text",
    "```",
    "",
]


def parsed(markdown: str) -> str:
    """The HTML that nothing but the parser makes."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


def shown(markdown: str) -> str:
    """The HTML that a page is made of."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    take_plain(parser)
    return parser.render(markdown)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_text_that_is_taken_at_once_is_shown_as_the_parser_shows_it(text: str) -> None:
    assert shown(f"a {text} b") == parsed(f"a {text} b")


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5))
def test_a_table_that_is_taken_at_once_is_shown_as_the_parser_shows_it(lines: list[str]) -> None:
    for text in ("\n".join(lines), "\n".join(["| a | b |", "|---|---|", *lines])):
        assert shown(text) == parsed(text)


def test_tables_like_ours_are_taken_at_once() -> None:
    parser = MarkdownIt("commonmark").enable("table")
    take_plain(parser)
    table = "| a | b |\n|---|---|\n| 1 | `c` |\n| [x](#e1) | 2 |\n"

    tokens = parser.parse(f"{table}\n{table}")

    assert {token.type for token in tokens} == {"table_open", "made", "inline", "table_close"}
    assert len([token for token in tokens if token.type == "inline"]) == 2
