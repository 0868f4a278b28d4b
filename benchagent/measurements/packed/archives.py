"""Logs of inspect_ai as it writes them by default: a zip archive of one JSON file per sample.

Read as the one JSON document that `inspect log convert --to json` makes of it: what `header.json`
says, and a list of the samples in the order of their files' names. Nothing in an archive is
believed of itself: what is unpacked is counted, and too much of it is refused.
"""

import re
import struct
import zipfile
import zlib
from io import BytesIO
from typing import Final

import pyarrow as pa

from benchagent.measurements.packed.not_unpacked import MOST_BYTES, NotUnpacked

ZIP: Final = b"PK\x03\x04"
_HEADER: Final = "header.json"
_DOCUMENTS: Final = {
    "xl/workbook.xml": "an Excel workbook (save each of its sheets as CSV)",
    "word/document.xml": "a Word document (save it as Markdown)",
    "content.xml": "a document or spreadsheet (save it as Markdown, its sheets as CSV)",
}
_OTHER: Final = (
    "an archive (zip; unpack it, unless it should be a log of inspect_ai, which has a header.json)"
)
_SAMPLE: Final = re.compile(r"samples/[^/]+\.json", re.DOTALL)
_MOST_MEMBERS: Final = 50_000
_ZSTANDARD: Final = 93
# A local header: it ends with the lengths of the name and of an extra field, which follow it.
_LOCAL_HEADER: Final = struct.Struct("<26sHH")
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    OverflowError, MemoryError, KeyError,
)  # fmt: skip


def unpack_log(data: bytes) -> bytes:
    """The JSON document that an archived log stands for, every number as it was written.

    Raises:
        NotUnpacked: another kind of archive, a damaged one, or one that unpacks to too much.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _unpack(archive, data)
    except NotUnpacked:
        raise
    except NotImplementedError as error:
        raise NotUnpacked(
            f"an archive (zip) packed in a way that is not read here: {error}"
        ) from error
    except _DAMAGED as error:
        raise NotUnpacked(f"a damaged archive (zip): {error or type(error).__name__}") from error


def _unpack(archive: zipfile.ZipFile, data: bytes) -> bytes:
    names = archive.namelist()
    if _HEADER not in names:
        said = next((said for name, said in _DOCUMENTS.items() if name in names), _OTHER)
        raise NotUnpacked(f"{said}, which is not opened")
    samples = sorted(name for name in set(names) if _SAMPLE.fullmatch(name))
    if len(names) > _MOST_MEMBERS:
        raise NotUnpacked(
            f"an archive (zip) of {len(names):,} files; at most {_MOST_MEMBERS:,} are read"
        )
    left = MOST_BYTES
    parts: list[bytes] = []
    for name in (_HEADER, *samples):
        parts.append(_read_member(archive, data, name, left))
        left -= len(parts[-1])
    header = parts[0].strip()
    if not header.startswith(b"{") or not header.endswith(b"}"):
        raise NotUnpacked("an archive (zip) whose header.json is no JSON object")
    document = header[:-1] + b',"samples":[' + b",".join(parts[1:]) + b"]}"
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUnpacked(f"an archive (zip) whose text is no UTF-8: {error.reason}") from error
    return document


def _read_member(archive: zipfile.ZipFile, data: bytes, name: str, most: int) -> bytes:
    entry = archive.getinfo(name)
    if entry.compress_type == _ZSTANDARD:
        content = _read_zstandard(entry, data, most + 1)
    else:
        with archive.open(entry) as member:
            content = member.read(most + 1)
    if len(content) > most:
        raise NotUnpacked(f"an archive (zip) that unpacks to more than {MOST_BYTES:,} bytes")
    return content


def _read_zstandard(entry: zipfile.ZipInfo, data: bytes, most: int) -> bytes:
    """What a member unpacks to, at most so many bytes; Python reads this packing from 3.14 on."""
    begins = entry.header_offset + _LOCAL_HEADER.size
    *_, name, extra = _LOCAL_HEADER.unpack(data[entry.header_offset : begins])
    begins += name + extra
    packed = pa.BufferReader(data[begins : begins + entry.compress_size])
    with pa.CompressedInputStream(packed, "zstd") as stream:
        content = stream.read(most)
    if len(content) < most and zlib.crc32(content) != entry.CRC:
        raise NotUnpacked(f"a damaged archive (zip): {entry.filename!r} fails its checksum")
    return content
