"""The second process of a scan: it reads batches of files and answers what they are.

Its program is `second_process.answer`, which imports next to nothing, or it would start when the
first process is done.
"""

import marshal
import os
from collections import deque
from typing import NamedTuple

from benchagent.inventory.batches import Batch, Batches
from benchagent.side_process import SideProcess, has_second_core

# It takes some hundredths of a second to start; below this the first process is done before.
WORTH_FILES = 2000
# Started when a walk has yet to look at so many, it is ready soon after their reading begins.
EARLY_FILES = 500
WORTH_BYTES = 256 * 1024 * 1024


class Work(NamedTuple):
    """What both processes work on.

    Attributes:
        out: the output folder.
        queue: what is still to be read.
        batches: where its files stand.
        size_cap: as `read_files` has it.
        anew: as `read_files` has it.
    """

    out: str
    queue: deque[Batch]
    batches: Batches
    size_cap: int
    anew: bool

    def opening(self) -> bytes:
        """The opening message: how all batches are read."""
        return marshal.dumps((self.out, self.size_cap, self.anew))

    def message(self, item: Batch) -> bytes:
        """The message for an item: the columns of a batch."""
        return self.batches.get(item.place)


def is_worth_it(files: int, size: int = 0, *, least: int = WORTH_FILES) -> bool:
    """Whether there is a second core and enough to read for it."""
    return (files >= least or size >= WORTH_BYTES) and has_second_core()


class SecondReader(SideProcess[Batch]):
    """A process that is given batches of `Work`, and answers their outcomes in `marshal`."""

    MODULE = "benchagent.inventory.second_process"
    OPTIONS = ("-I", "-S")


# By the process that asked for it: one that is forked from it must not read the same pipe.
_waiting: dict[int, SecondReader] = {}


def expect_scan() -> None:
    """Start the second process of this process's next scan; it is ready when the scan begins.

    For a command that scans, before it imports what it needs. The second process ends with this
    one if no scan comes.
    """
    if os.getpid() not in _waiting and has_second_core():
        reader = _waiting[os.getpid()] = SecondReader()
        reader.start()


def reader_for_scan() -> SecondReader:
    """The one that waits for this scan, or one that can be started."""
    return _waiting.pop(os.getpid(), None) or SecondReader()
