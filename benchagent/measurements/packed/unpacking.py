"""The text that packed contents stand for: a log's archive, a compressed file, a saved data frame."""

from benchagent.measurements.packed.archives import ZIP, unpack_log
from benchagent.measurements.packed.compressed import COMPRESSED, decompress
from benchagent.measurements.packed.not_unpacked import NotUnpacked
from benchagent.measurements.packed.parquet import PARQUET, write_delimited

_PACKED = (ZIP, PARQUET, *COMPRESSED)


def unpack(data: bytes) -> bytes:
    """The bytes of the text that contents stand for; they themselves where they are not packed.

    Raises:
        NotUnpacked: they are damaged, stand for no text, or for one that is too long.
    """
    if data.startswith(ZIP):
        return unpack_log(data)
    if data.startswith(PARQUET):
        return write_delimited(data)
    if not data.startswith(COMPRESSED):
        return data
    content = decompress(data)
    if content.startswith(_PACKED):
        raise NotUnpacked("a packed file in a compressed one, which is not opened: unpack it once")
    return content
