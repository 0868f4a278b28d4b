"""What the second process of a scan does: it reads batches of files and answers what they are.

It imports next to nothing, or it would start when the first process is done. Both sides speak
`marshal`, plain texts in columns; they are the same Python.
"""

import marshal
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any

from benchagent.inventory.reading import Outcome, Read, read_files
from benchagent.inventory.taking import Changed, Unreadable, write_all


def answer() -> None:
    """Read batches from standard input until it ends: the program of the second process."""
    with suppress(EOFError):
        send(sys.stdout.buffer, "ready")
        out, size_cap, have = receive(sys.stdin.buffer)
        while True:
            paths, sources, stamps = receive(sys.stdin.buffer)
            outcomes = read_files(out, paths, sources, stamps, size_cap, have)
            send(sys.stdout.buffer, _to_wire(outcomes))


def send(pipe: IO[bytes], message: Any) -> None:
    """Write a message to a pipe, past its buffer."""
    content = marshal.dumps(message)
    write_all(pipe.fileno(), len(content).to_bytes(8, "big") + content)


def receive(pipe: IO[bytes]) -> Any:
    """Wait for a message, and read no byte more from a pipe without a buffer.

    Raises:
        EOFError: the other side has ended.
    """
    size = int.from_bytes(_read_all(pipe, 8), "big")
    return marshal.loads(_read_all(pipe, size))


def _read_all(pipe: IO[bytes], size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := pipe.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _to_wire(outcomes: Iterable[Outcome]) -> list[Any]:
    return [
        outcome if isinstance(outcome, str) else (isinstance(outcome, Changed), outcome[0])
        for outcome in outcomes
    ]


def from_wire(answers: Iterable[Any]) -> list[Outcome]:
    """The outcomes that were answered."""
    return [Read(answer) if isinstance(answer, str) else _failed(*answer) for answer in answers]


def _failed(changed: bool, how: str) -> Outcome:
    return Changed(how) if changed else Unreadable(how)
