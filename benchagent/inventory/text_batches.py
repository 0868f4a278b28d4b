"""Long texts that never stand whole in memory: of a hundred thousand rows, some thousands do."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Final, TextIO

_AT_ONCE: Final = 2000
_CHUNK: Final = 64 * 1024
_BETWEEN: Final = re.compile(r"[\s,]*")


def encoded(texts: Iterable[str]) -> Iterator[bytes]:
    """Texts one after the other, some thousands together, as UTF-8."""
    rest = iter(texts)
    while batch := "".join(islice(rest, _AT_ONCE)):
        yield batch.encode()


def read_objects(
    file: TextIO, make: Callable[[dict[str, Any]], object]
) -> tuple[list[object], str]:
    """What is made of the objects of a JSON array, from the first of them on; and what follows them.

    What cannot be decoded follows them too.
    """
    decode = json.JSONDecoder(object_hook=make).raw_decode
    made: list[object] = []
    rest = ""
    while chunk := file.read(_CHUNK):
        rest, at = rest + chunk, 0
        with suppress(ValueError):  # until one is cut off
            while found := _BETWEEN.match(rest, at):
                one, at = decode(rest, found.end())
                made.append(one)
        rest = rest[at:]
    return made, rest
