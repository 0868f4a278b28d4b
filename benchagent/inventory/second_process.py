"""What the second process of a scan does: it reads batches of files and answers what they are.

It imports next to nothing, or it would start when the first process is done. Both sides speak
`marshal`, plain tuples and texts; they are the same Python.
"""

import marshal
import sys
from collections.abc import Iterable
from typing import Any

from benchagent.inventory.reading import Fresh, Outcome, Read, ToRead, read_files
from benchagent.inventory.taking import Changed, Unreadable


def answer() -> None:
    """Read batches from standard input until it ends: the program of the second process."""
    out, have = marshal.load(sys.stdin.buffer)
    while True:
        try:
            batch = [ToRead(*file) for file in marshal.load(sys.stdin.buffer)]
        except EOFError:
            return
        marshal.dump(_to_wire(read_files(out, batch, have)), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _to_wire(outcomes: Iterable[Outcome]) -> list[tuple[Any, ...]]:
    return [
        (*outcome.read, outcome.written)
        if isinstance(outcome, Fresh)
        else (isinstance(outcome, Changed), outcome[0])
        for outcome in outcomes
    ]


def from_wire(answers: Iterable[tuple[Any, ...]]) -> list[Outcome]:
    """The outcomes that were answered."""
    return [_outcome(*answer) for answer in answers]


def _outcome(one: Any, other: Any, *rest: Any) -> Outcome:
    if rest:
        return Fresh(Read(one, sys.intern(other), sys.intern(rest[0])), rest[1])  # pyright: ignore[reportArgumentType] - sent by _to_wire
    return Changed(other) if one else Unreadable(other)
