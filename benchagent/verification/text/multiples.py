"""How many times as much: "1.8x faster", "twice as long", "a third of", "halves", "cuts in half".

Each is read as the ratios that would be told so, of what the text tells of to what it is held
against. Nobody takes a word to the digit: "twice" is said of 1.8 and of 2.2.
"""

import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.verification.text.figures import Figure
from benchagent.verification.text.units import PERCENT, TIMES

_PARTS: Final = {
    "half": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "fourth": 1 / 4,
    "fifth": 1 / 5,
    "tenth": 1 / 10,
}
_COUNTS: Final = {"two": 2, "three": 3, "four": 4}
_TIMES: Final = {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "quadruple": 4.0}
_STEMS: Final = {"doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0, "halv": 0.5}
_BOUND: Final = (
    r"(?:(?P<low>(?:well )?(?:more than|over)|at least|>)|(?P<high>less than|fewer than|under|"
    r"below|at most|<)|(?P<near>about|around|roughly|approximately|nearly|almost|close to|"
    r"just (?:over|under)|some|~|≈))?\s*"
)
_PART: Final = r"(?:(?P<count>an?|one|two|three|four)[\s-])?(?P<part>half|third|quarter|fourth|fifth|tenth)s?\b"
# "three times" is a number with its unit, which is read as others are
_SIZE: Final = re.compile(
    rf"\b{_BOUND}(?<!\w)(?:{_PART}|(?P<times>{'|'.join(_TIMES)})\b)"
    r"(?=\s+(?:as|the|that|those|what|of|its|faster|quicker|slower|higher|lower|more|less|fewer|"
    r"longer|shorter|larger|smaller|bigger|greater|better|worse)\b)",
    re.IGNORECASE,
)
_VERB: Final = re.compile(
    rf"\b{_BOUND}(?P<stem>doubl|tripl|quadrupl|halv)(?:es|ed|ing)\b", re.IGNORECASE
)
_CUT: Final = re.compile(
    r"\b(?:cuts?|cutting|reduc(?:es?|ed|ing)|shr(?:inks?|ank)|slash(?:es|ed)|drop(?:s|ped)?|lower(?:s|ed)|"
    r"brings?|brought|falls?|fell|shorten(?:s|ed))\b(?P<what>(?:[^.;,]|\.(?=\d)){0,80}?)\s"
    rf"(?:(?P<hedge>nearly|almost|about|roughly)\s+)?(?P<way>in|by|to)\s+{_BOUND}{_PART}",
    re.IGNORECASE,
)
_AS: Final = re.compile(r"\s+as\s+(?P<word>[a-z]+)", re.IGNORECASE)
_MORE: Final = re.compile(
    r"\s+(?P<word>faster|quicker|slower|higher|lower|more|less|fewer|longer|shorter|larger|smaller|"
    r"bigger|greater|better|worse)\b",
    re.IGNORECASE,
)
FALLS: Final = (
    r"reduc\w+|drop\w*|decreas\w+|f[ae]ll(?:s|en|ing)?|declin\w+|cut(?:s|ting)?|shr[aiu]nk\w*"
)
COSTS: Final = (
    r"costs?|costing|los(?:es?|t|ing)|sacrific\w+|g(?:ives?|ave|iving)\s+up|sav(?:es?|ed|ing)"
)
# "a 4x drop", "fell by a factor of 4": a quarter of what there was
_DROP: Final = re.compile(rf"\s+(?:{FALLS})\b", re.IGNORECASE)
_DROPPED: Final = re.compile(
    rf"\b(?:{FALLS}|lower(?:s|ed|ing))\s+"
    r"(?:by\s+)?(?:an?\s+factor\s+of\s+)?(?:about|around|roughly|nearly|almost|over|~|≈)?\s*$",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"\s+of\s+(?:the|that|what|its)\b", re.IGNORECASE)
# "costs 20% of the throughput", "loses 20% of its speed": what is left are 80%
_LOST: Final = re.compile(rf"\b(?:{COSTS})(?:\s+[^\s;,]+){{0,4}}\s*$", re.IGNORECASE)
_OF_SPEED: Final = frozenset(
    "fast quick quickly good well faster quicker better slow slowly bad slower worse".split()
)
_TURNED: Final = frozenset(
    "slow slowly bad slower worse low little few small short lower less fewer shorter smaller".split()
)
MULTIPLE_WORDS: Final = frozenset(
    "half third thirds quarter quarters fourth fourths fifth fifths tenth tenths twice thrice "
    "double triple quadruple doubles doubled doubling triples tripled tripling quadruples "
    "quadrupled quadrupling halves halved halving".split()
)
_ROUGHLY, _NEARLY, _ROUNDED = 0.1, 0.17, 0.01
# Off by so much a number is wrong, and not computed in another way.
_WRONG: Final = 0.05


Interval = tuple[float, float]


class Multiple(NamedTuple):
    """How many times as much one thing is said to have as another.

    Attributes:
        start, end: the span in the text.
        intervals: the ratios of the one to the other that would be told so.
        of_times: those as well, where speeds are told of times: "30% faster" takes 30% less.
        loose: those that few would tell so: three times as fast as "2x faster".
        of_speed: of speeds ("as fast as"), else of the quantity itself.
        slack: by how much of itself a ratio may miss them before the text is wrong.
        turn: from where on what it is held against may stand: "cuts the time of `x` in half".
    """

    start: int
    end: int
    intervals: tuple[Interval, ...]
    of_speed: bool = False
    slack: float = _WRONG
    turn: int | None = None
    of_times: tuple[Interval, ...] = ()
    loose: tuple[Interval, ...] = ()

    def of_time(self) -> "Multiple":
        """The same told of a time, of which "30% faster" has two readings."""
        return self._replace(intervals=(*self.intervals, *self.of_times), of_times=())

    def loosely(self) -> "Multiple":
        """The readings that nobody should be held to, nor borne out by."""
        return self._replace(intervals=(*self.loose, *self.of_times))

    def fits(self, ratio: float, slack: float = 0.0) -> bool:
        """Whether a ratio would be told so, if it may be off by some part of itself."""
        return any(low * (1 - slack) <= ratio <= high * (1 + slack) for low, high in self.intervals)

    def is_on_side(self, ratio: float) -> bool:
        """Whether the one has more where it is said to have more, and less where less."""
        if all(low >= 1 for low, _ in self.intervals):
            return ratio > 1
        return ratio < 1 or any(high > 1 for _, high in self.intervals)


def find_multiples(text: str) -> Iterator[Multiple]:
    """The multiples that a text tells in words alone."""
    for match in _CUT.finditer(text):
        low, high = _interval(match, _part(match))
        if match["way"].lower() == "by":
            low, high = 1 - high, 1 - low
        turn = match.start("what")
        yield Multiple(*match.span(), ((low, high),), slack=_ROUGHLY, turn=turn)
    for match in _VERB.finditer(text):
        if match[0].endswith("ing") and not text[: match.start()].strip(" *_"):
            continue  # "Doubling the batch size …" tells what was set
        value = _STEMS[match["stem"].lower()]
        low, high = _interval(match, value)
        if value < 1 and match["low"]:
            low, high = 0.0, value  # "more than halved"
        yield Multiple(*match.span(), ((low, high),), slack=_ROUGHLY)
    for match in _SIZE.finditer(text):
        value = _part(match) if match["part"] else _TIMES[match["times"].lower()]
        yield _told(text, match.span(), _interval(match, value), value < 1, _ROUGHLY)


def read_multiple(figure: Figure, text: str) -> Multiple | None:
    """The multiple that a number tells: "1.8x faster", "30% less"; None for any other number."""
    if figure.unit not in (*TIMES, *PERCENT) or figure.value <= 0:
        return None
    percent = figure.unit in PERCENT
    is_share = percent and _OF.match(text, figure.end) is not None
    if percent and not is_share and not _MORE.match(text, figure.end):
        return None
    off = 0.501 * figure.step + (_ROUGHLY if figure.hedged else _ROUNDED) * figure.value
    low, high = figure.value - off, figure.value + off
    if figure.bound == "low":
        high = math.inf
    if figure.bound == "high":
        low = 0.0
    if percent:
        low, high = low / 100, high / 100
    span = figure.start, figure.end
    if is_share and _LOST.search(text[: figure.start]):
        return Multiple(*span, ((max(0.0, 1 - high), 1 - low),), slack=_WRONG)
    return _told(text, span, (low, high), percent and not is_share, _WRONG)


def _told(
    text: str, span: tuple[int, int], interval: Interval, is_part: bool, slack: float
) -> Multiple:
    """A size with what stands behind it: "as fast as", "lower than", "of"."""
    low, high = interval
    more = _MORE.match(text, span[1])
    tail = more or _AS.match(text, span[1])
    word = tail["word"].lower() if tail else ""
    told = Multiple(*span, (interval,), of_speed=word in _OF_SPEED, slack=slack)
    if more and is_part:
        return _by_part(told, interval, turned=word in _TURNED)
    if more:  # some write "1.8x faster" of 2.8 times as fast
        above = (1 + low, 1 + high)
        told = told._replace(loose=(above,)) if low >= 1 else told._replace(intervals=(above,))
    dropped = not is_part and (_DROP.match(text, span[1]) or _DROPPED.search(text[: span[0]]))
    return _turn(told) if word in _TURNED or (dropped and low >= 1) else told


def _by_part(told: Multiple, part: Interval, *, turned: bool) -> Multiple:
    """What is more or less by a part: of that which it is held against, and of nothing else.

    A speed may be told of a time: "30% faster" takes 30% less, "30% slower" takes 30% longer.
    """
    low, high = part
    above, below = (1 + low, 1 + high), (max(0.0, 1 - high), max(0.0, 1 - low))
    own, inverse = (below, _invert(above)) if turned else (above, _invert(below))
    return told._replace(intervals=(own,), of_times=(inverse,) if told.of_speed else ())


def _turn(told: Multiple) -> Multiple:
    """The other way round: "2x slower" is half as fast."""
    intervals, loose = (tuple(map(_invert, own)) for own in (told.intervals, told.loose))
    return told._replace(intervals=intervals, loose=loose)


def _invert(interval: Interval) -> Interval:
    low, high = interval
    return (1 / high if high else math.inf, 1 / low if low else math.inf)


def _part(match: re.Match[str]) -> float:
    count = (match["count"] or "").lower()
    return _PARTS[match["part"].lower()] * _COUNTS.get(count, 1)


def _interval(match: re.Match[str], value: float) -> Interval:
    """What would be told so: "twice", "nearly twice", "more than twice"."""
    if match["low"]:
        return value, math.inf if value > 1 else 1.0
    if match["high"]:
        return 0.0, value
    hedged = match["near"] or match.groupdict().get("hedge")
    off = (_NEARLY if hedged else _ROUGHLY) * value
    return value - off, value + off
