"""The report as one HTML file that needs nothing else: no script, no font, no address but its own.

It is the Markdown, rendered; each figure shows its evidence when pointed at. Raw HTML in the
Markdown is text here, but for the anchors that the evidence table sets.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from benchagent.reporting.markup import take_plain

ANCHOR = re.compile(r'<a id="(e[0-9]+)">')
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1d2733; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #d5dbe1; padding: .3rem .6rem; text-align: left; vertical-align: top; }
th { background: #f3f5f8; }
code { background: #f3f5f8; padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: #f3f5f8; padding: 1rem; white-space: pre-wrap; }
blockquote { border-left: 4px solid #d5dbe1; margin: 1rem 0; padding: 0 1rem; color: #44515e; }
a.figure { color: inherit; text-decoration: underline dotted #2364aa; font-weight: 600; }
a.figure:hover { background: #e8f1fb; }
figure.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
figure.charts svg { width: 28rem; max-width: 100%; font-size: 11.5px; }
figure.charts .title { font-weight: 600; }
figure.charts .name { text-anchor: end; }
figure.charts .axis { stroke: #d5dbe1; }
figure.charts .interval { stroke: #9dbfe3; stroke-width: 6; }
figure.charts circle { fill: #2364aa; }
figcaption { flex-basis: 100%; color: #44515e; font-size: .85rem; }
tr:target, td:has(a:target) { background: #fff6d6; }
"""
Tokens = Sequence[Token]
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_html(
    title: str,
    markdown: str,
    evidence: Mapping[int, str],
    charts: Mapping[str, str] | None = None,
) -> str:
    """The page.

    Args:
        title: of the browser's window; plain text.
        markdown: the report.
        evidence: what is shown for the figure that links to `#e<number>`; plain text.
        charts: HTML that follows the table under a heading, by the heading's Markdown.
    """
    body = _parser().render(markdown, {"evidence": dict(evidence), "charts": dict(charts or {})})
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


class _Page(RendererHTML):
    """What of a report is told in HTML in another way than other Markdown."""

    def html_inline(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """An anchor of the evidence table with its end; anything else as the text that it is."""
        content = tokens[idx].content
        before = tokens[idx - 1].content if idx else ""
        is_end = content == "</a>" and ANCHOR.fullmatch(before)
        return content if is_end or ANCHOR.fullmatch(content) else escape(content)

    def html_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """The text that it is."""
        return f"<p>{escape(tokens[idx].content)}</p>\n"

    def link_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A figure's link says on hover what the figure rests on."""
        href = str(tokens[idx].attrs.get("href", ""))
        if re.fullmatch(r"#e[0-9]+", href):
            tokens[idx].attrs["class"] = "figure"
            tokens[idx].attrs["title"] = env["evidence"].get(int(href[2:]), "")
        return self.renderToken(tokens, idx, options, env)

    def table_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A table's end, and the picture of the table that stands first under its heading."""
        headings = (place for place in range(idx, 0, -1) if tokens[place].type == "heading_open")
        heading = next((tokens[place + 1].content for place in headings), "")
        return self.renderToken(tokens, idx, options, env) + env["charts"].pop(heading, "")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Page).enable("table")
    take_plain(parser)
    return parser
