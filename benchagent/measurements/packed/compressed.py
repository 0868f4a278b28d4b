"""Files that were compressed as a whole: `runs.csv.gz` stands for `runs.csv`.

Nothing that it says of its size is believed: what is unpacked is counted, and too much of it refused.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import pyarrow as pa

from benchagent.measurements.packed.not_unpacked import MOST_BYTES, NotUnpacked

_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".zst")
_DAMAGED: Final = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError)


def inner_name(name: str) -> str:
    """`runs.csv` of `runs.csv.gz`; the name of a file that is not compressed."""
    compressed = name.lower().endswith(_SUFFIXES)
    return name.rpartition(".")[0] if compressed else name


def _open_zstandard(packed: BytesIO) -> Any:
    return pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd")


# By how they begin.
_OPENERS: Final[dict[bytes, tuple[str, Callable[[BytesIO], Any]]]] = {
    b"\x1f\x8b": ("gzip", lambda packed: gzip.GzipFile(fileobj=packed)),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ\0": ("xz", lzma.LZMAFile),
    b"\x28\xb5\x2f\xfd": ("zstandard", _open_zstandard),
}
COMPRESSED: Final = tuple(_OPENERS)


def decompress(data: bytes) -> bytes:
    """What a compressed file unpacks to, for one that begins like one of `COMPRESSED`.

    Raises:
        NotUnpacked: it is damaged, or unpacks to too much.
    """
    begins = next(begins for begins in COMPRESSED if data.startswith(begins))
    packing, opener = _OPENERS[begins]
    try:
        with opener(BytesIO(data)) as stream:
            content = stream.read(MOST_BYTES + 1)
    except _DAMAGED as error:
        raise NotUnpacked(f"a damaged file ({packing}): {error or type(error).__name__}") from error
    if len(content) > MOST_BYTES:
        raise NotUnpacked(f"a file ({packing}) that unpacks to more than {MOST_BYTES:,} bytes")
    return content
