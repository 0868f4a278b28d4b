"""In what two things are compared, and which way round a word of comparison puts them."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchagent.verification.evidence.own_columns import better_of

_FASTER: Final = re.compile(r"\b(?:faster|quicker|fastest|quickest)\b", re.IGNORECASE)
_SLOWER: Final = re.compile(r"\b(?:slower|slowest)\b", re.IGNORECASE)
_BETTER: Final = re.compile(
    r"\b(?:better|best|outperform\w*|beats?|leads?|surpass\w*|superior|wins?|won)\b", re.IGNORECASE
)
_WORSE: Final = re.compile(
    r"\b(?:worse|worst|underperform\w*|lags?|trails?|falls? behind|inferior)\b", re.IGNORECASE
)
_BEATS: Final = re.compile(r"\b(?:(?:out|under)perform|beat|surpass)", re.IGNORECASE)
_MORE: Final = re.compile(
    r"\b(?:higher|more|greater|larger|longer|highest|most|greatest|largest|longest|above|exceed\w*|"
    r"peak)\b",
    re.IGNORECASE,
)
_LESS: Final = re.compile(
    r"\b(?:lower|less|fewer|smaller|shorter|lowest|least|smallest|shortest|below)\b", re.IGNORECASE
)


class Yardstick(NamedTuple):
    """In what things are compared, and the word that says which has more.

    Attributes:
        word: of comparison: "faster", "lowest", "trails".
        metrics: that may be meant.
        statistic: that the text names.
    """

    word: str
    metrics: Sequence[str]
    statistic: str | None = None

    def is_upward(self, metric: str | None = None) -> bool | None:
        """Whether the first is said to have more: of a metric, else of all that may be meant.

        None where nobody knows, or more of the one is less of the other.
        """
        if _MORE.search(self.word):
            return True
        if _LESS.search(self.word):
            return False
        better = {better_of(each) for each in ((metric,) if metric else self.metrics)}
        if len(better) != 1 or better == {"neither"}:
            return None
        if _FASTER.search(self.word) or _BETTER.search(self.word):
            return better == {"higher"}
        if _SLOWER.search(self.word) or _WORSE.search(self.word):
            return better == {"lower"}
        return None


def default_metrics(word: str) -> tuple[str, ...]:
    """What a speed word is about where the text names no metric; who beats another is faster."""
    of_speed = _FASTER.search(word) or _SLOWER.search(word) or _BEATS.search(word)
    return ("decode_rate",) if of_speed else ()
