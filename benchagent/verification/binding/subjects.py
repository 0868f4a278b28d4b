"""Which subject a text says a number is of: the name nearest to it, or the row's, or the heading's."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchagent.verification.text.compared import is_compared_with
from benchagent.verification.text.figures import Figure, match_of
from benchagent.verification.text.names import Name, find_tags
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.subjects import Mention, SubjectFinder

_OF_WHAT: Final = re.compile(
    r"[\s*)]{0,60}(?:(?:for|by|from|on|with|under|using)\s+(?:the\s+)?|\()\W*", re.IGNORECASE
)
# "305 MB `a`, 318 MB `b`"
_BESIDE: Final = re.compile(r"[ \t*_`]{1,4}")
_LISTED: Final = re.compile(r"\s*(?:,|and|or|to|/|-|–)?\s*(?:and|or)?\s*")  # noqa: RUF001
_SHORT_CELL: Final = 4
# The title of a report names its topic, which is not what each of its numbers is of.
_TITLE: Final = re.compile(
    r"report|analysis|summary|overview|benchmarks?$|comparison|results|\band\b|&|\bvs\b|,",
    re.IGNORECASE,
)
# "It generates 92 tok/s, against 47 tok/s for X": it is the one of the sentence before.
_PRONOUN: Final = re.compile(r"\W*(?:it|its|this model|the model)\b", re.IGNORECASE)
# "46 tok/s, 40% less than X, and its first call waited 9.6 s"
_PAST: Final = re.compile(r";|,\s+(?:and|but|while)\s+(?:its?)\b", re.IGNORECASE)
# "6.6x the decode rate of X"
_TIMES_OF: Final = re.compile(
    r"\d\s?(?:x|×|%|times|-?fold)\s[^.;:]{0,50}\bof\s+(?:the\s+)?\W*$",  # noqa: RUF001
    re.IGNORECASE,
)
# "never above 437 MB for anyone"
_OF_ALL: Final = re.compile(
    r"\b(?:any|every)(?:one|body)\b|\bof (?:them )?all\b(?!\s+\w+\s+(?:calls?|runs?)|\s+(?:calls?|runs?|\d))"
    r"|\bof the (?:whole|entire)\b",
    re.IGNORECASE,
)


class Bound(NamedTuple):
    """The subjects that a number may be of; the name as written; and if the data do not know it.

    `far`: the name stands in a heading, a lead-in or the sentence before.
    """

    subjects: frozenset[str] | None = None
    said_of: str | None = None
    unknown: str | None = None
    far: bool = False


def find_subject(
    figure: Figure, sentence: Sentence, finder: SubjectFinder, metrics: tuple[str, ...]
) -> Bound:
    """Whom the text says a number is of."""
    passage = sentence.passage
    named: list[Mention | Name] = [*sentence.mentions, *sentence.unknown]
    named.sort(key=lambda name: name.start)
    near = [name for name in named if not _is_past(name, figure, passage.text)]
    chosen = [] if _is_of_before(figure, near, sentence) else _choose(figure, near, sentence)
    if chosen and chosen[0].start >= figure.end and _is_compared_with(chosen[0], sentence):
        chosen = []  # "251 MB, 38% less than X" is of what the heading or the row names
    far = bool(chosen) and is_parted(figure, chosen[0].start, sentence)
    if not chosen and passage.shape == "cell":
        short = (text for _, text in passage.cells if len(text.split()) <= _SHORT_CELL)
        for text in (passage.column, passage.row, *short):
            chosen = _names_in(text, finder, metrics)[:1]
            if chosen:
                break
    if not chosen:
        far = True
        titled = [title for title in passage.headings if not _TITLE.search(title)]
        if is_compared_with(passage.text, figure.start) or _OF_ALL.search(passage.text):
            titled = []  # a heading names the one that a report is about, and this is another
        for text in (*passage.above, passage.before, *titled):
            chosen = _names_in(text, finder, metrics if text in passage.headings else ())
            if text == passage.before:
                chosen = [name for name in chosen if not _is_other(name, text)]
            if chosen:
                break
    known = frozenset[str]().union(*(m.subjects for m in chosen if isinstance(m, Mention)))
    text = chosen[0].text if chosen else None
    if known:
        return Bound(known, text, None, far)
    return Bound(None, text, text, far)


def _is_compared_with(name: Mention | Name, sentence: Sentence) -> bool:
    """Whether a name stands behind "than" where the lines above name what is compared with it."""
    passage = sentence.passage
    if not is_compared_with(passage.text, name.start):
        return False
    above = (*passage.above, passage.row, *passage.headings[:1])
    return any(sentence.finder.find(text, text) for text in above if text)


def _is_past(name: Mention | Name, figure: Figure, text: str) -> bool:
    """Whether a name was only compared with, in a clause that has ended."""
    if name.end > figure.start or not _PAST.search(text, name.end, figure.start):
        return False
    return _is_other(name, text)


def is_parted(figure: Figure, start: int, sentence: Sentence) -> bool:
    """Whether another number parts one from what begins behind it: "108, of these 41 for X".

    One listed with it does not: "43.8 and 53.1 tok/s for X".
    """
    between = [f for f in sentence.figures if figure.end <= f.start and f.end <= start]
    gap = sentence.passage.text[figure.end : between[0].start] if between else ""
    return bool(between) and not _LISTED.fullmatch(gap)


def _is_other(name: Mention | Name, text: str) -> bool:
    """Whether a name is what the text compares another with."""
    return is_compared_with(text, name.start) or bool(_TIMES_OF.search(text[: name.start]))


def _is_of_before(figure: Figure, named: Sequence[Mention | Name], sentence: Sentence) -> bool:
    """Whether a number of "it" stands before what it is compared with."""
    text, before = sentence.passage.text, sentence.passage.before
    if any(name.end <= figure.start for name in named) or not _PRONOUN.match(text):
        return False
    behind = next((name.start for name in named if name.start >= figure.end), 0)
    if ";" in text[figure.end : behind]:
        return True
    parted = any(figure.end <= f.start and f.end <= behind for f in sentence.figures)
    return parted and bool(sentence.finder.find(before, before))


def _names_in(text: str, finder: SubjectFinder, metrics: tuple[str, ...]) -> list[Mention | Name]:
    mentions = without_families(finder.find(text, text))
    if not mentions and metrics:
        mentions = finder.find_plain(text, metrics)
    tags = [tag for tag in find_tags(text) if not _covered(tag, mentions)]
    return [*tags, *[m for m in mentions if not any(t.start <= m.start < t.end for t in tags)]]


def _covered(tag: Name, mentions: Sequence[Mention]) -> bool:
    return any(m.start <= tag.start and tag.end <= m.end for m in mentions)


def _choose(
    figure: Figure, named: Sequence[Mention | Name], sentence: Sentence
) -> list[Mention | Name]:
    """The names that bind a figure: those just before it, in turn where they come in pairs."""
    text = sentence.passage.text
    before = [name for name in named if name.end <= figure.start]
    own = _OF_WHAT.match(text, figure.end) or match_of(figure, text)
    follower = [n for n in named if own and own.end() - 1 <= n.start <= own.end() + 1]
    own = _BESIDE.match(text, figure.end)
    beside = [n for n in named if own and n.start == own.end()]
    if beside and not any(_BESIDE.fullmatch(text, n.end, figure.start) for n in before):
        return beside
    if follower and not before and len(listed := _after(figure, named, sentence)) == 1:
        return listed
    if follower:
        return follower[:1]  # "46.7 tok/s for `b`" is b's, whoever was named before
    if not before:
        return _after(figure, named, sentence)
    block = _block(before, sentence)
    mentions = without_families([name for name in block if isinstance(name, Mention)])
    block = [name for name in block if not isinstance(name, Mention) or name in mentions]
    if len(block) == 1:
        return list(block)
    run = [
        f
        for f in sentence.figures
        if f.start >= block[-1].end
        and (f.unit == figure.unit or not (f.unit and figure.unit))
        and not any(block[-1].end <= n.start < f.start for n in named)
    ]
    if len(run) == len(block) and figure in run:
        return [block[run.index(figure)]]
    return list(block)


def _after(
    figure: Figure, named: Sequence[Mention | Name], sentence: Sentence
) -> list[Mention | Name]:
    """The name that comes next; in turn for "102, 183 and 284 tok/s for `a`, `b` and `c`"."""
    first = next((name for name in named if name.start >= figure.end), None)
    if first is None or ";" in sentence.passage.text[figure.end : first.start]:
        return []
    run = [f for f in sentence.figures if f.end <= first.start and f.start >= figure.start]
    ahead = [f for f in sentence.figures if f.end <= first.start]
    following = [f.start for f in sentence.figures if f.start >= first.start]
    block = [n for n in named if first.start <= n.start < min(following, default=10**9)]
    if run and len(ahead) >= len(block) > 1:
        alike = ahead[-len(block) :]
        if figure in alike and len({f.unit for f in alike} - {""}) <= 1:
            return [block[alike.index(figure)]]
    return [first]


def _block(before: Sequence[Mention | Name], sentence: Sentence) -> list[Mention | Name]:
    """The names just before a figure that no other figure parts."""
    ends = [f.end for f in sentence.figures if f.end <= before[-1].start]
    return [name for name in before if name.start >= max(ends, default=0)]


def without_families(mentions: Sequence[Mention]) -> list[Mention]:
    """Of "Llama 3.1 8B from q8_0 to q4_0" the two tags; of "gemma3 270m and 1b" these two."""
    tags = [mention for mention in mentions if mention.is_tag]
    return [
        mention
        for mention in mentions
        if mention.is_tag
        or not any(t.start > mention.start and t.subjects <= mention.subjects for t in tags)
    ]
