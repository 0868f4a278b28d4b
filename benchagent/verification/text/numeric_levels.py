"""Numbers that say under what a result was measured: "at 32 clients", "batch 8", "from 4 to 8".

Such a number is a level of a setting of the data. It stands behind a preposition, beside the
setting's name or joined to another level of it; anywhere else it may as well be a result.
"""
# ruff: noqa: RUF001 - arrows and dashes are read as people type them

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import SETTINGS, find_setting
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.letters import words_in

_UNDER: Final = re.compile(r"\b(at|with|for|under|using)\s+(?:an?\s+|the\s+)?$")
_OPENS: Final = re.compile(
    r"\b(?:from|between|at|with|for|under|using)\s+(?:an?\s+|the\s+)?(?:[a-z]+\s+){0,2}$",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    r"\s*(?:->|→|⟶|=>)\s*|\s+(?:to|and|vs\.?|versus|or|than)\s+(?:at\s+)?", re.IGNORECASE
)
_ARROW: Final = re.compile(r"\s*(?:->|→|⟶|=>)\s*")
_COUNTS: Final = re.compile(r"\s*(?:of|out|in)\b|\s*[-–]\s*\d", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z]+")
_BEFORE: Final = re.compile(
    r"([a-z]+)[\s_-]*(?:(?:size|length|level|count)s?\b[\s_-]*)?(?:of|is|was|=|:)?[\s_-]*$"
)
# "the best batch size for x is 8"
_BEST: Final = re.compile(
    r"\b(?:best|worst|fastest|slowest|optimal|ideal)\s+([a-z]+)(?:[\s_-]+[a-z]+)?"
    r"(?:\s+(?:for|on|in|of)\s[^,;.]{1,40})?\s+(?:is|was|=)\s+$"
)
_AFTER: Final = re.compile(r"[\s-]{1,3}(?:[a-z]+[- ])?([a-z]+)")
# of a name these words tell nothing of the setting
_VAGUE: Final = frozenset("num n size len length max level count total of the".split())
_INDEX: Final = re.compile(r"(?:.*_)?(?:index|idx|id|seed)")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_NOUN: Final = re.compile(r"\s+(?:[a-z]+\s+)?[a-z]{2,}s\b(?!\s*[a-z]*\s*=)")
# "at 32K", "the 128k context"; no result has such a unit
_THOUSANDS: Final = re.compile(r"(?<![\w.,$€-])(\d{1,4})[kK](?![\w/]|\s*(?:[a-z]+\s?/|\$))")
_BARE: Final = re.compile(r"\s*(\d[\d,]*(?:\.\d+)?)\s*")
_REACH: Final = 40
# how the names of columns are said
_SAID: Final = {"ctx": "context", "bs": "batch", "seq": "sequence"}


class NumericLevel(NamedTuple):
    """A number of a text that is a level, with the settings that it may be of."""

    figure: Figure
    settings: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericLevels:
    """The numbers that are levels of a setting with several.

    Attributes:
        settings: by the number as `name=level` spells it.
        words: what names each setting.
    """

    settings: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    words: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def find(self, text: str, figures: Sequence[Figure]) -> list[NumericLevel]:
        """The figures that only say under what, in order."""
        if not self.settings:
            return []
        found = [*self._find_plain(text, figures), *self._find_in_thousands(text)]
        return sorted(found, key=lambda level: level.figure.start)

    def _find_in_thousands(self, text: str) -> Iterator[NumericLevel]:
        for match in _THOUSANDS.finditer(text) if "k" in text or "K" in text else ():
            for worth in (1024, 1000):
                value = float(match[1]) * worth
                figure = Figure(start=match.start(), end=match.end(), value=value, unit="", step=1)
                known = f"{value:g}" in self.settings
                if settings := known and self._settings_of(figure, words_in(text)):
                    yield NumericLevel(figure, settings)
                    break

    def _find_plain(self, text: str, figures: Sequence[Figure]) -> list[NumericLevel]:
        may_be = [f for f in figures if not f.unit and f"{f.value:g}" in self.settings]
        if not may_be:
            return []
        lower = text.lower()
        known = {id(f) for f in may_be if self._is_condition(f, lower)}
        for one, other in pairwise(may_be):
            if self._is_pair(one, other, lower, id(one) in known):
                known |= {id(one), id(other)}
        told = words_in(text)
        return [NumericLevel(f, self._settings_of(f, told)) for f in may_be if id(f) in known]

    def settings_of_title(self, title: str) -> frozenset[str]:
        """The one setting of which a title that is a bare number, or "32K", is a level."""
        if bare := _BARE.fullmatch(title):
            found = self.settings.get(f"{float(bare[1].replace(',', '')):g}", frozenset())
            return found if _is_one(found) else frozenset()
        levels = list(self._find_in_thousands(title))
        return levels[0].settings if len(levels) == 1 else frozenset()

    def settings_under(self, header: str, cell: str) -> frozenset[str]:
        """The settings of which a cell is a level, if its header names one."""
        found = self.settings.get(cell, frozenset())
        told = words_in(header)
        return frozenset(s for s in found if self.words[s.partition("=")[0]] & told)

    def _is_condition(self, figure: Figure, lower: str) -> bool:
        before = lower[max(0, figure.start - _REACH) : figure.start]
        if figure.worded and before.endswith("the "):
            return False  # "of the four batch sizes"
        names = frozenset[str]().union(
            *(self.words[s.partition("=")[0]] for s in self.settings[f"{figure.value:g}"])
        )
        follower = _AFTER.match(lower, figure.end)
        if follower and not names.isdisjoint(_WORD.findall(follower[0])):
            return True
        if _COUNTS.match(lower, figure.end):
            return False
        leaders = (_BEFORE.search(before), _BEST.search(lower[: figure.start]))
        if any(leader and leader[1] in names for leader in leaders):
            return True
        under = _UNDER.search(before)
        return under is not None and (under[1] == "at" or not _is_of_noun(lower, figure.end))

    def _is_pair(self, one: Figure, other: Figure, lower: str, known: bool) -> bool:
        if not _JOINED.fullmatch(lower, one.end, other.start) or _COUNTS.match(lower, other.end):
            return False
        names = (
            {s.partition("=")[0] for s in self.settings[f"{figure.value:g}"]}
            for figure in (one, other)
        )
        if not set.intersection(*names):
            return False
        if _OPENS.search(lower[max(0, one.start - _REACH) : one.start]):
            return True
        joined = known or _ARROW.fullmatch(lower, one.end, other.start)
        return bool(joined) and not _is_of_noun(lower, other.end)

    def _settings_of(self, figure: Figure, told: frozenset[str]) -> frozenset[str]:
        """The one setting that it may be of; of several those that the text names."""
        found = self.settings[f"{figure.value:g}"]
        if _is_one(found):
            return found
        return frozenset(s for s in found if self.words[s.partition("=")[0]] & told)


def _is_one(settings: Iterable[str]) -> bool:
    """Whether all are one setting, as one file and another call it: `ctx=4096`, `num_ctx=4096`."""
    names = (setting.partition("=")[0] for setting in settings)
    return len({find_setting(name) or name for name in names}) == 1


def _is_of_noun(lower: str, end: int) -> bool:
    """Whether a number counts what stands behind it: "with 8 files"."""
    return _NOUN.match(lower, end) is not None


def find_numeric_levels(settings: Iterable[str], varied: frozenset[str]) -> NumericLevels:
    """The numbers among these settings (`name=level`) that tell measurements apart."""
    found: dict[str, set[str]] = defaultdict(set)
    for setting in settings:
        name, _, level = setting.partition("=")
        if name in varied and _NUMBER.fullmatch(level) and not _INDEX.fullmatch(name):
            found[level].add(setting)
    names = {s.partition("=")[0] for own in found.values() for s in own}
    return NumericLevels(
        settings={level: frozenset(own) for level, own in found.items()},
        words={name: frozenset(_words_of(name)) for name in names},
    )


def _words_of(name: str) -> Iterator[str]:
    """What people call a setting: by the names of its columns."""
    meant = find_setting(name) or name  # `ngl` of `n_gpu_layers`
    for called in (name, *(column for column, setting in SETTINGS.items() if setting == meant)):
        for word in map(str, _WORD.findall(called)):
            if word not in _VAGUE and len(word) > 1:
                said: str = _SAID.get(word, word)
                yield from (said, word, said.removesuffix("s"), said + "s")
