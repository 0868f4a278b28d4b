"""What a file is: by its name, and by what its first bytes look like."""

import re
from typing import Final, Literal

Kind = Literal["md", "csv", "json", "other"]
Content = Literal["json", "text", "binary", "empty"]

_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys((".md", ".markdown"), "md"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
}
# A Markdown link or an INI section opens with a bracket too.
_JSON: Final = re.compile(rb"""\s*(\{\s*["}]|\{\s*$|\[\s*(["\[{\]]|-?\d|true|false|null|$))""")


def classify(path: str, head: bytes) -> tuple[Kind, Content]:
    """What a file is by its name, and what its first bytes look like."""
    content = _sniff(head)
    dot = path.rfind(".")
    suffix = path[dot:].lower() if dot > path.rfind("/") else ""
    return (_KINDS.get(suffix, "other") if suffix else _kind_of(content, head)), content


def _sniff(head: bytes) -> Content:
    if not head:
        return "empty"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"  # UTF-16 by its mark; a format that reads it says how it went
    if b"\0" in head:
        return "binary"
    return "json" if _JSON.match(head.removeprefix(b"\xef\xbb\xbf")) else "text"


def _kind_of(content: Content, head: bytes) -> Kind:
    if content == "json":
        return "json"
    if content != "text":
        return "other"
    if head.lstrip().startswith((b"# ", b"## ")):
        return "md"
    rows = head.splitlines()[:5]
    commas = {row.count(b",") for row in rows}
    return "csv" if len(rows) > 1 and len(commas) == 1 and commas != {0} else "other"
