"""What was found for a text, kept for the next time that it is asked: headings stand over much."""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

_MOST: Final = 4096

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """Answers by what was asked; all are forgotten when there are too many."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[Hashable, Found] = {}

    def ask(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """The answer from before, else the one that is found now."""
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _MOST:
            self._known.clear()
        found = self._known[key] = find()
        return found

    def clear(self) -> None:
        """Nothing is known any more."""
        self._known.clear()
