"""Bytes that a scan puts aside, so that its memory does not grow with the number of files."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchagent.store import explained

_IN_MEMORY = 512 * 1024
_CHUNK = 64 * 1024


class Place(NamedTuple):
    """Where something lies in a spool."""

    at: int
    length: int


class Spool:
    """A file that is only added to; it has no name, so a process that dies leaves nothing of it."""

    def __init__(self, out: Path) -> None:
        """On the disk of this output folder, once there is more than some hundreds of kilobytes."""
        self._out, self._size = out, 0
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(out))  # noqa: SIM115

    def __enter__(self) -> Self:
        """The file is gone when the block ends."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _raised: object, _where: TracebackType | None
    ) -> None:
        """See `__enter__`."""
        self._file.close()

    def add(self, content: bytes) -> Place:
        """Append some bytes; gives their place."""
        place = Place(self._size, len(content))
        with explained(self._out):
            self._file.seek(self._size)
            self._file.write(content)
        self._size += len(content)
        return place

    def get(self, place: Place) -> bytes:
        """The bytes at a place."""
        self._file.seek(place.at)
        return self._file.read(place.length)

    def chunks(self) -> Iterator[bytes]:
        """All bytes from the beginning, piece by piece; several readers can do so side by side."""
        at = 0
        while chunk := self.get(Place(at, _CHUNK)):
            yield chunk
            at += len(chunk)
