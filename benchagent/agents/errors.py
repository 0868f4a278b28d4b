"""What can be wrong with a roster, told so that a person can mend it."""

from collections.abc import Iterable
from difflib import get_close_matches

from benchagent.errors import ExplainedError


class RosterError(ExplainedError):
    """The roster cannot be used; the message says where, what was found and what to do."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a sentence about a name that nothing has: the one that comes near, if any."""
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
