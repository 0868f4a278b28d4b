"""Messages between two processes of ours: over a pipe, each with its length before it.

The second process of a scan imports this, so it stands on the bare minimum.
"""

import os

TYPE_CHECKING = False  # `typing` is slow to import
if TYPE_CHECKING:
    from typing import IO


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


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it, in as many goes as the system takes."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
