"""A report with its claims in colour, the evidence on hover: one self-contained HTML file."""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from benchagent.verification.claims import Judged, Source

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
pre{white-space:pre-wrap;font:13px/1.6 ui-monospace,monospace}
mark{border-radius:3px;padding:0 2px;cursor:help;border-bottom:2px solid #0003}
mark.supported{background:#c9efcf}mark.contradicted{background:#ffc9c4}
mark.unsupported{background:#ffe6a8}
@media (prefers-color-scheme:dark){body{background:#181818;color:#ddd}mark{color:#111}}
"""
_SAID: Final = {
    "supported": "the data bear it out",
    "contradicted": "the data say otherwise",
    "unsupported": "nothing in the data says it",
}


def render_page(reports: Sequence[tuple[str, str, Sequence[Judged]]]) -> str:
    """Reports (name, text, claims in order) as one page; all text is escaped, nothing is loaded."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        (
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none';"
            " style-src 'unsafe-inline'\">"
        ),
        f"<title>Claims checked</title><style>{_STYLE}</style>",
        "<p>" + " ".join(f"<mark class={r}>{said}</mark>" for r, said in _SAID.items()) + "</p>",
    ]
    for name, text, judged in reports:
        parts.append(f"<h1>{escape(name)}</h1>\n<pre>{_mark(text, judged)}</pre>")
    return "\n".join(parts) + "</html>\n"


def _mark(text: str, judged: Sequence[Judged]) -> str:
    """The text with its claims marked, one in another; of two that cross the larger is cut."""
    parts: list[str] = []
    open_until: list[int] = []
    at = 0
    for start, end, found in _nested(judged):
        verdict = found.verdict
        at = _close(text, at, start, open_until, parts)
        told = f"{verdict.ruling}: {verdict.reason}"
        if places := ", ".join(describe_source(source) for source in verdict.evidence):
            told += f" [{places}]"
        parts.append(escape(text[at:start]))
        parts.append(f'<mark class={verdict.ruling} title="{escape(told)}">')
        open_until.append(end)
        at = start
    at = _close(text, at, len(text), open_until, parts)
    return "".join(parts) + escape(text[at:])


def _close(text: str, at: int, until: int, open_until: list[int], parts: list[str]) -> int:
    """Ends the marks that end before a place, and gives how far the text has been written."""
    while open_until and open_until[-1] <= until:
        end = open_until.pop()
        parts.append(escape(text[at:end]) + "</mark>")
        at = end
    return at


class _Span(NamedTuple):
    start: int
    end: int
    found: Judged


def _nested(judged: Sequence[Judged]) -> list[_Span]:
    """Claims of which each two are apart or one in the other, outer ones first."""
    kept: list[_Span] = []
    for found in sorted(judged, key=lambda f: f.claim.end - f.claim.start):
        start, end = found.claim.start, found.claim.end
        for other in kept:
            if start < other.start < end < other.end:
                end = other.start
            elif other.start < start < other.end < end:
                start = other.end
        kept.append(_Span(start, end, found))
    return sorted(kept, key=lambda span: (span.start, -span.end))


def describe_source(source: Source) -> str:
    """Where evidence stands, in few words."""
    place = " at ".join(part for part in (source.path, source.locator) if part)
    return place or source.fact or source.name or ""
