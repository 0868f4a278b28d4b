"""An artifact's bytes as text, or why they are none."""

import re
from dataclasses import dataclass
from typing import Final

from benchagent.measurements.packed.known_binaries import name_binary
from benchagent.measurements.packed.not_unpacked import NotUnpacked
from benchagent.measurements.packed.unpacking import unpack
from benchagent.measurements.readings import ReasonCode

# UTF-16 read as Latin-1 and written as UTF-8, which a Windows console's redirect can do
_MANGLED_UTF16: Final = "ÿþ"
_ASSIGNMENT: Final = re.compile(r"window\.\w{1,80}\s{0,9}=\s{0,9}(?=[{\[])")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no text, or text that is not what it looks like, and why."""

    reason: str
    code: ReasonCode = "unreadable"


def decode_text(data: bytes) -> str | Unreadable:
    """The text that the bytes are: UTF-8, UTF-16 with a mark, else Windows' Latin-1.

    Of packed contents, the text that they stand for; of a script that begins by assigning an object
    to the window (`window.BENCHMARK_DATA = {…`), what it assigns.
    """
    try:
        data = unpack(data)
    except NotUnpacked as error:
        return Unreadable(str(error), code="unknown-format")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_utf16(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_latin1(data)
    if "\0" in text[:4096]:
        return _say_binary(data, text)
    assignment = _ASSIGNMENT.match(text)
    return text[assignment.end() :].rstrip().removesuffix(";") if assignment else text


def _decode_utf16(data: bytes) -> str | Unreadable:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        return Unreadable(f"UTF-16 text that breaks off or is damaged: {error.reason}")


def _decode_latin1(data: bytes) -> str | Unreadable:
    head = data[:4096]
    controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if controls:
        return Unreadable(name_binary(data), code="binary")
    return data.decode("cp1252", errors="replace")


def _say_binary(data: bytes, text: str) -> Unreadable:
    if text.startswith(_MANGLED_UTF16):
        words = " ".join(text.removeprefix(_MANGLED_UTF16).replace("\0", "").split())
        return Unreadable(f"unreadable UTF-16, encoded a second time; it says {words[:200]!r}")
    return Unreadable(name_binary(data), code="binary")


def split_lines(text: str) -> list[str]:
    """The lines as an editor counts them: broken at newlines only."""
    return [line.removesuffix("\r") for line in text.split("\n")]
