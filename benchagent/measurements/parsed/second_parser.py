"""The second process that parses: beside this one, from the other end of the same queue.

It puts what it parsed into the store itself, so that only names of contents go to it. Tables
stand first in the queue: this process reads many alike at once and needs no help with them.
"""

import marshal
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchagent.collection import collection_paused
from benchagent.formats import formats_version
from benchagent.inventory.blobs import read_blob
from benchagent.measurements.parsed.parsed_store import ParsedStore
from benchagent.measurements.parsed.parsing import is_table, parse_contents
from benchagent.measurements.parsed.segments import ContentKey
from benchagent.messages import receive, send
from benchagent.side_process import SideProcess, has_second_core

# So many bytes of what is parsed one by one take some seconds, and its imports one.
WORTH_BYTES: Final = 8 * 1024 * 1024
# What makes a segment of the store: few are better, and nobody waits long for the last. The names
# of so many fit into a pipe, so that the first process need not wait until they are taken.
_CHUNK_BYTES: Final = 1024 * 1024
_CHUNK_FILES: Final = 500

Chunk = Sequence[ContentKey]


class Work(NamedTuple):
    """What both processes parse.

    Attributes:
        out: the output folder, which has the bytes.
        store: the folder of what was parsed; its name is the version of the formats.
        queue: what is still to be parsed.
    """

    out: Path
    store: Path
    queue: deque[Chunk]

    def opening(self) -> bytes:
        """The opening message: where the bytes are, and where parsed contents go."""
        return marshal.dumps((str(self.out), str(self.store)))

    def message(self, item: Chunk) -> bytes:
        """The message for an item: the names of some contents."""
        return marshal.dumps([tuple(key) for key in item])


class SecondParser(SideProcess[Chunk]):
    """A process that is given contents to parse."""

    MODULE = "benchagent.measurements.parsed.second_program"
    UNDER_WAY = 2


def shared(
    sizes: Mapping[ContentKey, int], out: Path, store: Path, second: SecondParser
) -> Iterator[ContentKey]:
    """Those contents that this process is to parse, while the second parses the others.

    Args:
        sizes: the bytes of each content that was never parsed.
        out: the output folder.
        store: where both put what they parsed.
        second: started here if there is enough to do for two.
    """
    work = Work(out, store, deque(_chunks(sizes)))
    alone = sum(size for key, size in sizes.items() if not is_table(key))
    if alone >= WORTH_BYTES and has_second_core():
        second.start()
    while work.queue or second.is_busy:
        second.give(work)
        if work.queue:
            yield from work.queue.popleft()
        second.take_answered(work, wait=not work.queue)


def _chunks(sizes: Mapping[ContentKey, int]) -> Iterator[Chunk]:
    chunk: list[ContentKey] = []
    taken = 0
    for key in sorted(sizes, key=is_table, reverse=True):
        chunk.append(key)
        taken += sizes[key]
        if taken >= _CHUNK_BYTES or len(chunk) == _CHUNK_FILES:
            yield chunk
            chunk, taken = [], 0
    if chunk:
        yield chunk


def answer() -> None:
    """Parse what standard input names until it ends: the program of the second process.

    It ends at once where other packages bring other formats than in the first process.
    """
    pipes = sys.stdin.buffer, sys.stdout.buffer
    try:
        send(pipes[1], b"ready")
        out, store = map(Path, marshal.loads(receive(pipes[0])))
        while store.name == formats_version():
            keys = [ContentKey(*key) for key in marshal.loads(receive(pipes[0]))]
            with collection_paused():
                parse_contents(keys, partial(read_blob, out), ParsedStore(store))
            send(pipes[1], b"parsed")
    except EOFError:
        return
