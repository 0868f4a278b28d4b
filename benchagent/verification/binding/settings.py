"""Under which settings, and in which phase, the text says that a number was measured."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.verification.text.compared import is_compared_with, is_object
from benchagent.verification.text.figures import Figure, match_of
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.settings import (
    OPTIONS,
    Level,
    LevelFinder,
    Place,
    find_settings_in,
    read_settings_in,
)

_PHASE: Final = re.compile(r"\b(?P<cold>cold)\b|\b(?P<warm>warm(?:ed)?)\b", re.IGNORECASE)
_CLAUSE_END: Final = re.compile(r"[.;!?]\s")
_CLAUSE_BEGINS: Final = re.compile(
    r"[,;]\s+(?:so|but|while|whereas|although|though)\b", re.IGNORECASE
)
_CUTS: Final = re.compile(r"[.;:|]")
_AGAINST: Final = re.compile(r"\bagainst\W*$")
_WITHOUT: Final = re.compile(
    r"\b(?:without|excluding|except|leaving out)\s+(?:the\s+)?$", re.IGNORECASE
)
# "cold calls aside"
_ASIDE: Final = re.compile(
    r"\s+(?:\w+\s+)?(?:aside|excluded|left out|not counted|apart)\b", re.IGNORECASE
)
_WHOLE: Final = re.compile(
    r"\b(?:with them|overall|in all|all together|including)\b", re.IGNORECASE
)
# "91.8 ms over the warm ones", "2.23 s over all 36 calls"
_PHASE_BEHIND: Final = re.compile(
    r"[\s)*]*(?:over|for|on|in|of|when|with|across|during|among)\s+(?:(?P<all>all)\b|(?:the\s+)?(?:\d+\s+)?"
    r"(?P<phase>cold|warm))",
    re.IGNORECASE,
)
_NEXT_VERB: Final = re.compile(
    r",?\s+(?:and|but|while)\s+(?:its?\s|(?:also\s+|only\s+)?(?:us|need|draw|tak|reach|ha|load|consum|requir|deliver|"
    r"generat|produc|decod|cost|run)(?:es|s|d|ed)?\b|took|drew|ran\b)",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    r"[\w.=: -]+?(?:->|→|[,/]|\b(?:to|and|or|vs\.?|versus|than|against))\W*", re.IGNORECASE
)
# "against 78.1 tok/s for the next" is of settings that the text does not give
_ANOTHER: Final = re.compile(r"\bfor (?:the|its) (?:next|second|other|runner)", re.IGNORECASE)
# "the mean over `a` and `b`" is of both, "45 tok/s, `a` included" of others too
_BOTH: Final = re.compile(r"[\s`*]*(?:,\s*(?:and\s)?|and\s|&|/)[\s`*]*(?:the\s+)?[\s`*]*")
_INCLUDING: Final = re.compile(r"\bincluding\s+(?:the\s+)?\W*$", re.IGNORECASE)
_INCLUDED: Final = re.compile(r"\W*(?:is |are )?included\b", re.IGNORECASE)
_OF_WHAT: Final = re.compile(
    r"[\s*)]{0,60}(?:\(|(?:for|with|in|on|at|under|using)\s+)(?:the\s+)?\W*", re.IGNORECASE
)


def find_settings(figure: Figure, sentence: Sentence, levels: LevelFinder) -> frozenset[str]:
    """The settings that the text gives a number, `name=level`."""
    passage = sentence.passage
    text = passage.text
    if _ANOTHER.search(text[figure.end : figure.end + 60].lstrip()[:30]):
        return frozenset()
    if _AGAINST.search(text[: figure.start]) and _ANOTHER.search(text[figure.end :]):
        return frozenset()
    texts = [passage.row, passage.column, *passage.above]
    if passage.shape == "cell":
        texts += [f"{header}={text}" for header, text in passage.cells if OPTIONS.fullmatch(header)]
    named = {setting for text in texts for setting in read_settings_in(text)}
    named = named.union(*(levels.numbers.settings_under(*cell) for cell in passage.cells))
    named |= levels.numbers.settings_of_title(passage.column)
    own = _spelled_near(figure, sentence)
    names = {setting.partition("=")[0] for setting in own}
    named = own | {setting for setting in named if setting.partition("=")[0] not in names}
    return frozenset(named | set(_find_levels(figure, sentence, levels)))


def _spelled_near(figure: Figure, sentence: Sentence) -> set[str]:
    """Of each option the settings since the last number, else the last before, else those after."""
    places = find_settings_in(sentence.passage.text)
    last = max((f.end for f in sentence.figures if f.end <= figure.start), default=0)
    behind = _OF_WHAT.match(sentence.passage.text, figure.end)
    found: set[str] = set()
    for name in {place.name for place in places}:
        own = [place for place in places if place.name == name]
        since = [place for place in own if last <= place.start < figure.start]
        before = _last_listed([place for place in own if place.start < figure.start], sentence)
        # "92 tok/s at temperature=0 and 93 tok/s at temperature=0.8"
        follower = [p for p in own if behind and behind.end() - 1 <= p.start <= behind.end() + 1]
        found |= {place.setting for place in follower or since or before or own}
    return found


def _last_listed(places: Sequence[Place], sentence: Sentence) -> list[Place]:
    """The last of the places, with those that it is listed with: `from num_ctx=1 to num_ctx=2`."""
    found = list(places[-1:])
    for place in reversed(places[:-1]):
        if not _LISTED.fullmatch(sentence.passage.text, place.start, found[0].start):
            break
        found.insert(0, place)
    return found


def _find_levels(figure: Figure, sentence: Sentence, levels: LevelFinder) -> Iterator[str]:
    """Of each setting the level named nearest to the number, else nearest above it."""
    if levels.pattern is None and not sentence.levels:
        return
    passage = sentence.passage
    known: set[str] = set()
    groups = [_in_order(figure, sentence)]
    outside = [passage.row, passage.column, *passage.above, passage.before, *passage.headings]
    groups += [levels.find(text) for text in outside if text]
    for group in groups:
        fresh: set[str] = set()
        for level in group:
            names = {setting.partition("=")[0] for setting in level.settings}
            if not names & known and not names & fresh:
                fresh |= names
                yield from level.settings
        known |= fresh


def _in_order(figure: Figure, sentence: Sentence) -> list[Level]:
    """The levels of the sentence: what follows "with", then those before, then those after."""
    own = _OF_WHAT.match(sentence.passage.text, figure.end) or match_of(
        figure, sentence.passage.text
    )
    levels = [v for v in sentence.levels if not _is_included(v, sentence.passage.text)]
    follower = [v for v in levels if own and own.end() - 1 <= v.start <= own.end() + 1]
    before = [v for v in levels if v.end <= figure.start]
    before = [v for v in before if not _is_past(v, before, figure, sentence.passage.text)]
    if (turn := _in_turn(figure, before, sentence)) is not None:
        before = [v for v in before if not (v.settings - turn.settings and _same(v, turn))]
    ends = [f.start for f in sentence.figures if f.start >= figure.end]
    after = [v for v in levels if figure.end <= v.start < min(ends, default=10**9)]
    after = [v for v in after if not is_compared_with(sentence.passage.text, v.start)]
    text = sentence.passage.text
    after = [v for v in after if not _CLAUSE_BEGINS.search(text, figure.end, v.start)]
    return [*follower, *reversed(before), *after]


def _is_past(level: Level, before: Sequence[Level], figure: Figure, text: str) -> bool:
    """Whether a level was only compared with: "`a` is 3x as fast as `b` and uses 109 W" is of `a`."""
    if not is_object(text, level.start) or not _NEXT_VERB.search(text, level.end, figure.start):
        return False
    return any(v.end <= level.start and _same(v, level) for v in before)


def _is_included(level: Level, text: str) -> bool:
    return bool(_INCLUDED.match(text, level.end) or _INCLUDING.search(text[: level.start]))


def _in_turn(figure: Figure, before: Sequence[Level], sentence: Sentence) -> Level | None:
    """The level of a number where as many follow as were named: "`x` beats `y`, 3 ms against 4 ms"."""
    if not before:
        return None
    figures = sentence.figures
    since = max((f.end for f in figures if f.end <= before[-1].start), default=0)
    named = [v for v in before if v.start >= since and _same(v, before[-1])]
    run = [f for f in figures if f.start >= before[-1].end and f.unit == figure.unit]
    ends = [v.start for v in sentence.levels if v.start >= before[-1].end and _same(v, before[-1])]
    run = [f for f in run if f.start < min(ends, default=10**9)]
    distinct = len({v.settings for v in named}) == len(named)
    if len(named) < 2 or len(run) != len(named) or figure not in run or not distinct:
        return None
    return named[run.index(figure)]


def _same(one: Level, other: Level) -> bool:
    """Whether two levels are of the same setting."""
    names, others = ({s.partition("=")[0] for s in level.settings} for level in (one, other))
    return not names.isdisjoint(others)


def find_phase(figure: Figure, passage: Passage) -> str | None:
    """`cold` or `warm`, where the text says so."""
    if own := _PHASE_BEHIND.match(passage.text, figure.end):
        return None if own["all"] else own["phase"].lower()[:4]
    found = list(_PHASE.finditer(passage.text))
    before = [match for match in found if match.end() <= figure.start]
    behind = [
        match
        for match in found
        if match.start() >= figure.end
        and not _CLAUSE_END.search(passage.text, figure.end, match.start())
    ]
    near = passage.text[figure.end : figure.end + 8]
    reach = figure.end + len(_CUTS.split(near)[0])
    close = [m for m in behind if m.start() <= reach]
    if before:  # "2.3 s cold, 0.3 s warm", but in "cold 2.3 s, warm 0.3 s" a new one begins
        close = [m for m in close if "," not in passage.text[figure.end : m.start()]]
    for match in (*close, *reversed(before), *behind):
        if match in before and _WHOLE.search(passage.text[match.end() : figure.start]):
            return None
        return _phase_of(match, passage.text)
    cells = (cell for _, cell in passage.cells)
    for text in (*cells, passage.column, *passage.above, passage.before):
        if match := _PHASE.search(text):
            return _phase_of(match, text)
    return None


def _phase_of(match: re.Match[str], text: str) -> str:
    """`warm` for "warm" and for "without cold calls"."""
    left_out = bool(_WITHOUT.search(text[: match.start()]) or _ASIDE.match(text, match.end()))
    return "cold" if bool(match["cold"]) != left_out else "warm"
