"""Whether an agent kept what its persona promises: the words, the sections, the table rows."""

import re
from collections.abc import Sequence

from benchagent.agents.persona import Contract
from benchagent.reporting.sections import Section

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"[^\W_]")


def count_words(markdown: str) -> int:
    """Words as a reader counts them: runs of text with a letter or digit; links by their text."""
    return sum(1 for word in _LINK.sub(r"\1", markdown).split() if _WORD.search(word))


def check_contract(contract: Contract, account: Sequence[Section]) -> tuple[str, ...]:
    """A sentence for each promise that the rendered account breaks."""
    words = sum(count_words(section.text) for section in account)
    rows = max((_table_rows(section.text) for section in account), default=0)
    broken: list[str] = []
    if contract.max_words and words > contract.max_words:
        broken.append(f"it has {words} words, at most {contract.max_words} were promised")
    if contract.min_words and words < contract.min_words:
        broken.append(f"it has {words} words, at least {contract.min_words} were promised")
    written = {section.title for section in account if section.text.strip()}
    broken += [
        f"the section {title!r} is missing" for title in contract.sections if title not in written
    ]
    if contract.table_rows and rows < contract.table_rows:
        broken.append(f"its table has {rows} rows, at least {contract.table_rows} were promised")
    return tuple(broken)


def _table_rows(markdown: str) -> int:
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return max(0, len(lines) - 2)
