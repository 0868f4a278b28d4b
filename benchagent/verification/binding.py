"""What a number is said of: the metric, statistic, subject and conditions that its text gives it.

The words nearest before a number bind it, else those just after; where the sentence is silent,
the row and column of its table, the list items above it, the sentence before and the headings.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchagent.formats.call_columns import OLLAMA_OPTIONS
from benchagent.quantities import METRICS
from benchagent.verification.figures import Figure, spell_unit
from benchagent.verification.lexicon_metrics import (
    Word,
    find_kinds,
    find_metrics,
    find_statistics,
)
from benchagent.verification.names import Name, find_paths, find_tags
from benchagent.verification.passages import Passage
from benchagent.verification.subjects_in_text import Mention, SubjectFinder

_OPTION: Final = "|".join(sorted({*OLLAMA_OPTIONS, "temp", "batch_size"}, key=len, reverse=True))
_OPTIONS: Final = re.compile(rf"(?:{_OPTION}|backend|device)", re.IGNORECASE)
_SETTING: Final = re.compile(
    rf"\b(?:(?P<name>{_OPTION})\s*(?:=|:|\bof\b|\bset to\b|\bat\b|\s)\s*|(?P<any>[a-z]\w*)\s?=\s?)"
    r"(?P<value>-?\d+(?:\.\d+)?(?![\w/])|[\w.:\-]+)",
    re.IGNORECASE,
)
_PHASE: Final = re.compile(r"\b(?P<cold>cold)\b|\b(?P<warm>warm(?:ed)?)\b", re.IGNORECASE)
_UNIT_IN_HEADER: Final = re.compile(r"[(\[]\s*([^()\[\]]*)[)\]]|\bin\s+(ms|s|us|MB|GB|KB)\b")
_RATE_IN_HEADER: Final = re.compile(
    r"\btok(?:en)?s?\s*(?:/|per)\s*s(?:ec(?:ond)?)?\b", re.IGNORECASE
)
_PAIRED: Final = re.compile(
    r"\brespectively\b|\bvs\.?\b|\bversus\b|\bagainst\b|\bcompared (?:to|with)\b"
)
# "against 78.1 tok/s for the next" is of settings that the text does not give
_ANOTHER: Final = re.compile(r"\bfor (?:the|its) (?:next|second|other|runner)", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z][a-z0-9]*", re.IGNORECASE)
_JOINED: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", re.IGNORECASE)
_OF_WHAT: Final = re.compile(r"[\s*)]{0,60}(?:for|by|from|on)\s+(?:the\s+)?\W*", re.IGNORECASE)
_ALIASES: Final = {"temp": "temperature"}
_DIGIT: Final = re.compile(r"\d")
_NEAR: Final = 60
_SHORT_CELL: Final = 4
# The title of a report names its topic, which is not what each of its numbers is of.
_TITLE: Final = re.compile(r"report|analysis|summary|overview|benchmarks?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the text says a number is of; None or empty where it does not say.

    Attributes:
        subjects: measured subjects that it may be said of; None where none is named.
        unknown: a subject that is named and that the data do not know.
        said_of: the subject as written.
        unit: of the header, where the number has none of its own.
        words: words of the sentence, cell, row, column and items above.
        label: words that name the number most closely.
    """

    metrics: tuple[str, ...] | None = None
    statistic: str | None = None
    subjects: frozenset[str] | None = None
    unknown: str | None = None
    said_of: str | None = None
    settings: frozenset[str] = frozenset()
    phase: str | None = None
    kinds: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    unit: str = ""
    words: frozenset[str] = frozenset()
    metric_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A passage with everything that was found in it once."""

    passage: Passage
    metrics: Sequence[Word]
    statistics: Sequence[Word]
    mentions: Sequence[Mention]
    unknown: Sequence[Name]
    paths: Sequence[Name]
    figures: Sequence[Figure]
    kinds: Sequence[Word]


def bind(figure: Figure, sentence: Sentence, finder: SubjectFinder) -> Binding:
    """What a figure of a sentence is said of."""
    passage = sentence.passage
    surroundings = _surroundings(passage)
    metrics, metric_text = _find_metric(figure, sentence, surroundings)
    subjects, said_of, unknown = _find_subject(figure, sentence, finder, surroundings)
    unit = figure.unit or unit_of(passage.column) or unit_of(passage.row)
    if not unit and not figure.unit and passage.shape == "sentence":
        unit = unit_of(passage.text[max(0, figure.start - 40) : figure.start])
    text = " ".join((passage.text, *surroundings))
    return Binding(
        metrics=metrics,
        statistic=_find_statistic(figure, sentence, surroundings),
        subjects=subjects,
        unknown=unknown,
        said_of=said_of,
        settings=_find_settings(figure, passage),
        phase=_find_phase(figure, passage),
        kinds=_find_kinds(figure, sentence),
        paths=tuple(path.text for path in sentence.paths) or _paths_above(passage),
        unit=unit,
        words=frozenset(word.lower() for word in (*_WORD.findall(text), *_JOINED.findall(text))),
        metric_text=metric_text,
    )


def _surroundings(passage: Passage) -> tuple[str, ...]:
    texts = (passage.column, passage.row, *passage.above, *passage.headings[:2])
    return tuple(text for text in texts if text)


def nearest(words: Sequence[Word], figure: Figure, after: int = 40) -> Word | None:
    """The last word before a figure, else the first one shortly after it."""
    before = [word for word in words if word.end <= figure.start]
    if before:
        return before[-1]
    behind = [word for word in words if figure.digits_end <= word.start <= figure.end + after]
    outside = [word for word in behind if word.start >= figure.end]
    return outside[0] if outside else None


def _find_metric(
    figure: Figure, sentence: Sentence, surroundings: Sequence[str]
) -> tuple[tuple[str, ...] | None, str]:
    own = [w for w in sentence.metrics if w.end <= figure.start or w.start >= figure.end]
    before = [w for w in own if w.end <= figure.start]
    behind = [w for w in own if figure.end <= w.start <= figure.end + _NEAR]
    for found in (
        [*reversed(before), *behind],
        *(list(find_metrics(t)) for t in surroundings),
    ):
        for word in found:
            if isinstance(word.meaning, tuple) and _fits_unit(word.meaning, figure):
                return word.meaning, ""
    nearest_of_all = [w for w in reversed(before) if not _is_taken(w, figure, sentence)]
    nearest_of_all += [w for w in behind if not figure.unit]
    if nearest_of_all and isinstance(nearest_of_all[0].meaning, tuple):
        return nearest_of_all[0].meaning, ""
    for text in surroundings[:2]:
        for word in find_metrics(text):
            if isinstance(word.meaning, tuple):
                return word.meaning, text
    return None, ""


def _is_taken(word: Word, figure: Figure, sentence: Sentence) -> bool:
    """Whether a number between a metric and this one is that metric's: `TTFT 7.84 s, 238 tok/s`."""
    between = [f for f in sentence.figures if word.end <= f.start and f.end <= figure.start]
    return isinstance(word.meaning, tuple) and any(
        f.unit and f.unit != figure.unit and _fits_unit(word.meaning, f) for f in between
    )


def _fits_unit(metrics: tuple[str, ...], figure: Figure) -> bool:
    unit = spell_unit(figure.unit) if figure.unit else None
    return unit is None or any(METRICS[m].unit == unit.canonical for m in metrics if m in METRICS)


def _find_statistic(figure: Figure, sentence: Sentence, surroundings: Sequence[str]) -> str | None:
    passage = sentence.passage
    if passage.column and (found := find_statistics(passage.column)):
        return str(found[0].meaning)
    before = [word for word in sentence.statistics if word.end <= figure.start]
    if before:
        word = before[-1]
        between = [f for f in sentence.figures if word.end <= f.start and f.end <= figure.start]
        gap = passage.text[between[-1].end : figure.start] if between else ""
        if not between or (len(gap) <= _NEAR and not find_metrics(gap) and ";" not in gap):
            return str(word.meaning)
    behind = passage.text[figure.end : figure.end + 28].split(",")[0].split(";")[0]
    if (found := find_statistics(behind)) and not re.search(r"\d", behind[: found[0].start]):
        return str(found[0].meaning)
    if before:
        return None
    for text in surroundings:
        if text in passage.headings:
            continue
        if found := find_statistics(text):
            return str(found[0].meaning)
    return None


def _find_subject(
    figure: Figure, sentence: Sentence, finder: SubjectFinder, surroundings: Sequence[str]
) -> tuple[frozenset[str] | None, str | None, str | None]:
    """The subjects, the name as written, and the name if the data do not know it."""
    passage = sentence.passage
    named: list[Mention | Name] = [*sentence.mentions, *sentence.unknown]
    named.sort(key=lambda name: name.start)
    chosen = _choose(figure, named, sentence)
    if not chosen and passage.shape == "cell":
        short = (text for _, text in passage.cells if len(text.split()) <= _SHORT_CELL)
        for text in (passage.column, passage.row, *short):
            chosen = _names_in(text, finder)[:1]
            if chosen:
                break
    if not chosen:
        titled = (title for title in passage.headings if not _TITLE.search(title))
        for text in (*passage.above, passage.before, *titled):
            chosen = _names_in(text, finder)
            if chosen:
                break
    known = frozenset[str]().union(*(m.subjects for m in chosen if isinstance(m, Mention)))
    text = chosen[0].text if chosen else None
    if known:
        return known, text, None
    return None, text, text


def _names_in(text: str, finder: SubjectFinder) -> list[Mention | Name]:
    mentions = finder.find(text, text)
    tags = [tag for tag in find_tags(text) if not _covered(tag, mentions)]
    return [*tags, *[m for m in mentions if not any(t.start <= m.start < t.end for t in tags)]]


def _covered(tag: Name, mentions: Sequence[Mention]) -> bool:
    return any(m.start <= tag.start and tag.end <= m.end for m in mentions)


def _choose(
    figure: Figure, named: Sequence[Mention | Name], sentence: Sentence
) -> list[Mention | Name]:
    """The names that bind a figure: those just before it, in turn where they come in pairs."""
    before = [name for name in named if name.end <= figure.start]
    own = _OF_WHAT.match(sentence.passage.text, figure.end)
    follower = [n for n in named if own and own.end() - 1 <= n.start <= own.end() + 1]
    if follower:
        return follower[:1]  # "46.7 tok/s for `b`" is b's, whoever was named before
    if not before:
        return [name for name in named if name.start >= figure.end][:1]
    block = _block(before, sentence)
    if len(block) == 1:
        return list(block)
    run = [
        f
        for f in sentence.figures
        if f.start >= block[-1].end
        and f.unit == figure.unit
        and not any(block[-1].end <= n.start < f.start for n in named)
    ]
    if len(run) == len(block) and figure in run:
        return [block[run.index(figure)]]
    return list(block)


def _block(before: Sequence[Mention | Name], sentence: Sentence) -> list[Mention | Name]:
    """The names just before a figure that no other figure parts."""
    ends = [f.end for f in sentence.figures if f.end <= before[-1].start]
    return [name for name in before if name.start >= max(ends, default=0)]


def _find_settings(figure: Figure, passage: Passage) -> frozenset[str]:
    if _ANOTHER.search(passage.text[figure.end : figure.end + 30]):
        return frozenset()
    texts = [passage.text, passage.row, passage.column, *passage.above]
    if passage.shape == "cell":
        texts += [
            f"{header}={text}" for header, text in passage.cells if _OPTIONS.fullmatch(header)
        ]
    return frozenset(setting for text in texts for setting in read_settings_in(text))


def read_settings_in(text: str) -> Iterator[str]:
    """The settings that a text names: `num_ctx=1024`, lower case."""
    for match in _SETTING.finditer(text):
        name = (match["name"] or match["any"]).lower()
        value = match["value"].lower().rstrip(".,;:")
        if any(c.isdigit() for c in value) or "=" in match[0]:
            plain = f"{float(value):g}" if re.fullmatch(r"-?\d+(\.\d+)?", value) else value
            yield f"{_ALIASES.get(name, name)}={plain}"


def find_setting_spans(text: str) -> list[tuple[int, int]]:
    """Where settings stand, so that their values are not taken for results."""
    if not _DIGIT.search(text):
        return []
    return [
        match.span()
        for match in _SETTING.finditer(text)
        if any(c.isdigit() for c in match["value"]) and match["any"] not in ("n", "p", "N")
    ]


def _find_phase(figure: Figure, passage: Passage) -> str | None:
    found = list(_PHASE.finditer(passage.text))
    before = [match for match in found if match.end() <= figure.start]
    behind = [match for match in found if match.start() >= figure.end]
    close = [m for m in behind if m.start() <= figure.end + 8]
    for match in (*close, *reversed(before), *behind):
        return "cold" if match["cold"] else "warm"
    for text in (
        *(cell for _, cell in passage.cells),
        passage.column,
        *passage.above,
        passage.before,
    ):
        if match := _PHASE.search(text):
            return "cold" if match["cold"] else "warm"
    return None


def _find_kinds(figure: Figure, sentence: Sentence) -> frozenset[str]:
    before = [str(kind.meaning) for kind in sentence.kinds if kind.end <= figure.start]
    if before:
        return frozenset(before)
    passage = sentence.passage
    return frozenset(str(kind.meaning) for kind in find_kinds(f"{passage.row} {passage.column}"))


def _paths_above(passage: Passage) -> tuple[str, ...]:
    for text in (passage.row, *passage.above):
        if found := find_paths(text):
            return tuple(name.text for name in found)
    return ()


def unit_of(text: str) -> str:
    """The unit that a header or label gives: `TTFT (s)`, `Tokens/s`; empty for none."""
    if match := _RATE_IN_HEADER.search(text):
        return match[0].lower()
    for match in _UNIT_IN_HEADER.finditer(text):
        for word in re.split(r"[\s,;-]+", match[1] or match[2] or ""):
            if word and spell_unit(word):
                return word.lower()
        if match[1] and spell_unit(match[1]):
            return match[1].lower()
    return ""
