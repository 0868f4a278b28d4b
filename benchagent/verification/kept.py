"""What was found for a text, kept for the next time that it is asked: headings stand over much."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

_MOST: Final = 4096
# All answers are forgotten before texts of more characters than these were asked for.
_MOST_CHARACTERS: Final = 8_000_000

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """Answers by what was asked; all are forgotten when there are too many."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[Hashable, Found] = {}
        _KEPT.add(self)

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


_KEPT: Final[WeakSet[Kept[Any]]] = WeakSet()
_CLEARS: Final[list[Callable[[], None]]] = []
_read = 0


def remember(most: int) -> Callable[[Callable[[str], Found]], Callable[[str], Found]]:
    """Keeps the latest answers of a function of a text, until all texts are forgotten."""

    def decorate(function: Callable[[str], Found]) -> Callable[[str], Found]:
        cached = lru_cache(maxsize=most)(function)
        _CLEARS.append(cached.cache_clear)
        return cached

    return decorate


def make_room(characters: int) -> None:
    """Called before a report of so many is read: with those before it, it may be too much to keep."""
    global _read
    _read += characters
    if _read > _MOST_CHARACTERS:
        forget()
        _read = characters


def forget() -> None:
    """No text is known any more."""
    for kept in list(_KEPT):
        kept.clear()
    for clear in _CLEARS:
        clear()
