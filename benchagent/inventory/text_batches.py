"""Long texts that never stand whole in memory: of a hundred thousand rows, some thousands do."""

from collections.abc import Iterable, Iterator
from itertools import islice

_AT_ONCE = 2000


def encoded(texts: Iterable[str]) -> Iterator[bytes]:
    """Texts one after the other, some thousands together, as UTF-8."""
    rest = iter(texts)
    while batch := "".join(islice(rest, _AT_ONCE)):
        yield batch.encode()
