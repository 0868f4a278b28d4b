"""What a scan knows of its files: rows on disk, of which some hundreds are in memory at a time.

Rows are ordered by root, then by path, as a walk gives them. So what one scan saw is compared with
what another did by going through both at once, and nothing has to be looked up.
"""

import hashlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import cast

from benchagent.inventory.outcomes import Outcome, Stamp
from benchagent.inventory.spool import Spool

_AT_ONCE = 100

# A file's path, how it was seen, and what reading it gave.
Row = tuple[str, Stamp, Outcome]


class Sightings(Spool):
    """A table of rows, written once from the first to the last, and read as often as needed."""

    def __init__(self, out: Path) -> None:
        """See `Spool`."""
        super().__init__(out)
        self.rows = 0

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows as they come."""
        for _ in self.passing(rows):
            pass

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows as they come, each added before it is passed on."""
        rest = iter(rows)
        while some := list(islice(rest, _AT_ONCE)):
            self.add(("\0".join(chain.from_iterable(some)) + "\0").encode())
            self.rows += len(some)
            yield from some

    def __iter__(self) -> Iterator[Row]:
        """All rows, from the first."""
        return rows_in(self.chunks())

    def sha256(self, before: bytes = b"") -> str:
        """One hash over all rows, and over what goes `before` them."""
        digest = hashlib.sha256(before)
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()


def rows_in(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The rows that some bytes hold, cut anywhere."""
    decoder, rest = getincrementaldecoder("utf-8")(), ""
    for chunk in chunks:
        cells = (rest + decoder.decode(chunk)).split("\0")
        whole = (len(cells) - 1) // 3 * 3
        rest = "\0".join(cells[whole:])
        rows = zip(cells[0:whole:3], cells[1:whole:3], cells[2:whole:3], strict=True)
        yield from cast("Iterator[Row]", rows)


def matched(
    rows: Iterable[Row], others: Iterable[Row], rank: Callable[[str], tuple[str, str]]
) -> Iterator[tuple[Row, Row | None]]:
    """Each row, with the one of the `others` that has its path; both are ordered by `rank`."""
    rest = iter(others)
    other = next(rest, None)
    for row in rows:
        while other and other[0] != row[0] and rank(other[0]) < rank(row[0]):
            other = next(rest, None)
        if other and other[0] == row[0]:
            yield row, other
            other = next(rest, None)
        else:
            yield row, None


def gathered(rows: Iterable[Row], *parts: Iterable[Row]) -> Iterator[Row]:
    """Each row, with the outcome from that of the `parts` that holds it; all in one order.

    No path stands in two of them; a row whose path stands in none stays as it is.
    """
    rests = [iter(part) for part in parts]
    heads = [next(rest, None) for rest in rests]
    for row in rows:
        for place, head in enumerate(heads):
            if head and head[0] == row[0]:
                yield head
                heads[place] = next(rests[place], None)
                break
        else:
            yield row
