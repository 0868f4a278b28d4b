"""Figures of a report that no fact stands behind: there must be none."""

import re

from benchagent.markdown_text import split_code

_CITATION = re.compile(r"\[[^\[\]]*\]\(#e[0-9]+\)")
_HEADING = re.compile(r"^(#+) [0-9]+\. ")
_ITEM = re.compile(r"^(\s*)[0-9]+\. ")
# The evidence itself: its number, what, value, n, interval, where.
_EVIDENCE = re.compile(
    r'^\| <a id="e(?P<id>[0-9]+)"></a>(?P=id) \|(?P<what>.*)'
    r"\|(?P<value>[^|]*)\|(?P<n>[^|]*)\|(?P<interval>[^|]*)\|(?P<where>.*)\|$"
)
_SAID_BY_US = ("| Date (UTC) | ", "| | What | Value | n | 95 % interval | Where |")
# p95 and p99 are names of statistics.
_NAMES = re.compile(r"SHA-256|\bp[0-9]{1,2}\b")
_CODE = "\N{WHITE SQUARE}"


def uncited_figures(report: str) -> list[str]:
    """The lines with a digit that is no citation, no quoted name and no number of a heading."""
    prose = "".join(_hidden(part) if is_code else part for is_code, part in split_code(report))
    return [line for line in prose.splitlines() if re.search(r"\d", _stripped(line))]


def _hidden(code: str) -> str:
    return _CODE + "\n" * code.count("\n")


def _stripped(line: str) -> str:
    if line.startswith(_SAID_BY_US):
        return ""
    if found := _EVIDENCE.match(line):
        where = re.sub(r"; \d+ more *$", "", found["where"])
        return _NAMES.sub("", found["what"].rstrip() + where)
    line = _CITATION.sub("", line)
    return _HEADING.sub("", _ITEM.sub("", _NAMES.sub("", line)))
