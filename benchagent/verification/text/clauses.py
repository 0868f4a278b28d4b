"""Where the clause around a place of a sentence begins and ends."""
# ruff: noqa: RUF001 - dashes are read as people type them

import re


def find_clause_end(text: str, at: int) -> int:
    found = re.search(
        r"[.;](?:\s|$)|,\s+(?:which|suggesting|indicating|and the|with|but|while|used|appearing|likely|possibly|probably|perhaps|potentially|including|such as|especially)\b|\s[–—-]\s",
        text[at:],
    )
    return at + found.start() if found else len(text.rstrip())


def find_clause_start(text: str, at: int) -> int:
    found = [
        m.end()
        for m in re.finditer(r"[.;]\s|,\s+(?:which|with|and|but|while)\s|:\s|\s[–—-]\s", text[:at])
    ]
    return found[-1] if found else 0
