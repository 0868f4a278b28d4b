"""What the second process of a scan does: it reads batches of files and answers what they are.

It imports next to nothing, or it would start when the first process is done. Both sides speak
`marshal`, plain texts in columns; they are the same Python.
"""

import marshal
import sys

from benchagent.inventory.reading import read_files
from benchagent.inventory.taking import write_all

TYPE_CHECKING = False  # see `outcomes`
if TYPE_CHECKING:
    from typing import IO


def answer() -> None:
    """Read batches from standard input until it ends: the program of the second process."""
    try:
        send(sys.stdout.buffer, b"ready")
        out, size_cap, anew = marshal.loads(receive(sys.stdin.buffer))
        while True:
            columns = marshal.loads(receive(sys.stdin.buffer))
            outcomes = read_files(out, *columns, size_cap=size_cap, anew=anew)
            send(sys.stdout.buffer, marshal.dumps(outcomes))
    except EOFError:
        return


def send(pipe: "IO[bytes]", message: bytes) -> None:
    """Write a message to a pipe, past its buffer."""
    write_all(pipe.fileno(), len(message).to_bytes(8, "big") + message)


def receive(pipe: "IO[bytes]") -> bytes:
    """Wait for a message, and read no byte more from a pipe without a buffer.

    Raises:
        EOFError: the other side has ended.
    """
    return _read_all(pipe, int.from_bytes(_read_all(pipe, 8), "big"))


def _read_all(pipe: "IO[bytes]", size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = pipe.read(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
