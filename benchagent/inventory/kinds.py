"""What a file is: by its name, and by what its first bytes look like."""

TYPE_CHECKING = False  # see `outcomes`
if TYPE_CHECKING:
    from typing import Literal

    Kind = Literal["md", "csv", "json", "other"]
    Content = Literal["json", "text", "binary", "empty"]
else:
    Kind = Content = str

_KINDS: "dict[str, Kind]" = {
    **dict.fromkeys((".md", ".markdown"), "md"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
}
# What follows the bracket: a Markdown link or an INI section opens with one too.
_IN_OBJECT = (b'"', b"}")
_IN_ARRAY = (b'"', b"[", b"{", b"]", b"true", b"false", b"null", *(b"%d" % n for n in range(10)))


def classify(path: str, head: bytes) -> "tuple[Kind, Content]":
    """What a file is by its name, and what its first bytes look like."""
    content = _sniff(head)
    dot = path.rfind(".")
    suffix = path[dot:].lower() if dot > path.rfind("/") else ""
    return (_KINDS.get(suffix, "other") if suffix else _kind_of(content, head)), content


def _sniff(head: bytes) -> "Content":
    if not head:
        return "empty"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"  # UTF-16 by its mark; a format that reads it says how it went
    if b"\0" in head:
        return "binary"
    return "json" if _opens_json(head.removeprefix(b"\xef\xbb\xbf").lstrip()) else "text"


def _opens_json(head: bytes) -> bool:
    if not head.startswith((b"{", b"[")):
        return False
    rest = head[1:].lstrip()
    if head.startswith(b"{"):
        return not rest or rest.startswith(_IN_OBJECT)
    digits = rest[1:] if rest.startswith(b"-") else rest
    return not rest or rest.startswith(_IN_ARRAY) or digits[:1].isdigit()


def _kind_of(content: "Content", head: bytes) -> "Kind":
    if content == "json":
        return "json"
    if content != "text":
        return "other"
    if head.lstrip().startswith((b"# ", b"## ")):
        return "md"
    rows = head.splitlines()[:5]
    commas = {row.count(b",") for row in rows}
    return "csv" if len(rows) > 1 and len(commas) == 1 and commas != {0} else "other"
