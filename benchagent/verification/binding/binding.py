"""What a number is said of: the metric, statistic, subject and conditions that its text gives it.

The words nearest before a number bind it, else those just after; where the sentence is silent,
the row and column of its table, the list items above it, the sentence before and the headings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.verification.binding.settings import find_phase, find_settings
from benchagent.verification.binding.statistics import find_statistic
from benchagent.verification.binding.subjects import Bound, find_subject, is_parted
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.own_columns import unit_of_metric
from benchagent.verification.text.figures import DERIVED, Figure, spell_unit
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.names import find_paths
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import Word, find_kinds, find_metrics
from benchagent.verification.text.units import metrics_in, unit_of

_CUTS: Final = re.compile(r"[,;:]|\)\s+and\b")
_CUTS_OR_AND: Final = re.compile(rf"{_CUTS.pattern}|\band\b")
# "including prompt evaluation" tells of what else
_BESIDES: Final = re.compile(
    r"\b(?:including|excluding|without|plus|besides|despite|counting)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
_NEAR: Final = 60
_CLOSE: Final = 24
_OF: Final = re.compile(r"\b(?:for|of|in)\s+(?:its|the|their|this|that)?\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the text says a number is of; None or empty where it does not say.

    Attributes:
        subjects: measured subjects that it may be said of; None where none is named.
        unknown: a subject that is named and that the data do not know.
        said_of: the subject as written.
        unit: of the header, where the number has none of its own.
        words: words of the sentence, cell, row, column and items above.
        far: the subject is named in a heading, a lead-in or the sentence before.
        levels: bare numbers of the sentence and the one before, which may be those of a setting.
        ranged: where a range is told, the statistic that it is of: "median TTFTs range from …".
        against: of a comparison, the subjects that these are compared with.
        before: words of the sentence before and of the nearest heading.
        guessed: no word beside the number names the metric, only its unit or a text above.
    """

    metrics: tuple[str, ...] | None = None
    statistic: str | None = None
    subjects: frozenset[str] | None = None
    unknown: str | None = None
    said_of: str | None = None
    far: bool = False
    settings: frozenset[str] = frozenset()
    phase: str | None = None
    kinds: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    unit: str = ""
    words: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    ranged: str | None = None
    against: frozenset[str] | None = None
    before: frozenset[str] = frozenset()
    guessed: bool = False


def bind(figure: Figure, sentence: Sentence, corpus: Corpus) -> Binding:
    """What a figure of a sentence is said of."""
    passage = sentence.passage
    metrics = _find_metric(figure, sentence, sentence.around)
    likely = metrics or metrics_in(spell_unit(figure.unit or unit_of(passage.column)))
    bound = _drop_strangers(find_subject(figure, sentence, corpus.finder, likely), metrics, corpus)
    unit = figure.unit or unit_of(passage.column) or unit_of(passage.row)
    if not unit and not figure.unit and passage.shape == "sentence":
        unit = unit_of(passage.text[max(0, figure.start - 40) : figure.start])
        unit = unit or _unit_of_label(sentence)
    statistic = find_statistic(figure, sentence, sentence.around)
    return Binding(
        metrics=metrics,
        statistic=statistic,
        ranged=_find_ranged(figure, sentence) if statistic == "range" else None,
        subjects=bound.subjects,
        unknown=bound.unknown,
        said_of=bound.said_of,
        far=bound.far,
        settings=find_settings(figure, sentence, corpus.levels),
        phase=find_phase(figure, passage),
        kinds=_find_kinds(figure, sentence),
        paths=_find_paths_of(figure, sentence) or _paths_above(passage),
        unit=unit,
        words=sentence.words,
        levels=sentence.bare,
        before=words_in(passage.before).union(*map(words_in, passage.headings[:1])),
        guessed=metrics is not None and not _is_named(metrics, sentence),
    )


def _unit_of_label(sentence: Sentence) -> str:
    """The unit that a label gives all numbers behind it: "mean latency in ms: a 2.1, b 3.4"."""
    label, colon, _ = sentence.passage.text[: sentence.figures[0].start].rpartition(":")
    return unit_of(label) if colon else ""


def _is_named(metrics: tuple[str, ...], sentence: Sentence) -> bool:
    """Whether a word of the sentence, the row, the column or an item above names the metrics."""
    if any(word.meaning == metrics and not _is_unit(word, sentence) for word in sentence.metrics):
        return True
    passage = sentence.passage
    above = (passage.column, passage.row, *passage.above)
    return any(word.meaning == metrics for text in above for word in sentence.vocabulary.find(text))


def _find_ranged(figure: Figure, sentence: Sentence) -> str | None:
    said = [str(w.meaning) for w in sentence.statistics if w.end <= figure.start]
    named = [statistic for statistic in said if statistic != "range"]
    return named[-1] if named else None


def _drop_strangers(bound: Bound, metrics: tuple[str, ...] | None, corpus: Corpus) -> Bound:
    """The power draw under a model's heading is the card's: no such thing was measured of a model."""
    if not bound.far or not bound.subjects or not metrics:
        return bound
    has = corpus.metrics_of_subject
    own = any(not has.get(s, frozenset()).isdisjoint(metrics) for s in bound.subjects)
    return bound if own or corpus.metrics.isdisjoint(metrics) else Bound()


def _find_metric(
    figure: Figure, sentence: Sentence, surroundings: Sequence[str]
) -> tuple[str, ...] | None:
    if figure.unit.endswith((" tokens", " token")):  # "1,200 output tokens"
        return tuple(find_metrics(figure.unit)[0].meaning)
    text, headings = sentence.passage.text, sentence.passage.headings
    own = [w for w in sentence.metrics if w.end <= figure.start or w.start >= figure.end]
    own = [w for w in own if not _BESIDES.search(text[max(0, w.start - _CLOSE) : w.start])]
    before = [w for w in own if w.end <= figure.start]
    behind = [
        w
        for w in own
        if figure.end <= w.start <= figure.end + _NEAR and not is_parted(figure, w.start, sentence)
    ]
    if figure.unit in DERIVED:
        close = [w for w in behind if w.start <= figure.end + _CLOSE]
        cuts = _CUTS_OR_AND if before else _CUTS
        close = [w for w in close if not cuts.search(text, figure.end, w.start)]
        for word in (*close, *reversed(before), *behind):
            if isinstance(word.meaning, tuple):
                return word.meaning
    # "prefill rate: mean 536 tok/s, median 541 tok/s": a name tells more than a unit does
    named = [w for w in reversed(before) if figure.unit and not _is_unit(w, sentence)]
    if not named and figure.unit and not any(not _is_unit(w, sentence) for w in before):
        named = _named_behind(figure, sentence)
    for found in (
        named,
        [*reversed(before), *behind],
        *(list(sentence.vocabulary.find(t)) for t in surroundings if t not in headings),
    ):
        for word in found:
            if isinstance(word.meaning, tuple) and _fits_unit(word.meaning, figure):
                return word.meaning
    if found := _named_in_heading(figure, sentence):
        return found
    nearest_of_all = [w for w in reversed(before) if not _is_unit(w, sentence)]
    nearest_of_all = [w for w in nearest_of_all if not _is_taken(w, figure, sentence)]
    nearest_of_all = [w for w in nearest_of_all if not _is_of_other_unit(w, figure)]
    nearest_of_all += [w for w in behind if not figure.unit]
    if nearest_of_all and isinstance(nearest_of_all[0].meaning, tuple):
        return nearest_of_all[0].meaning
    for text in (sentence.passage.column, sentence.passage.row):
        for word in sentence.vocabulary.find(text):
            if isinstance(word.meaning, tuple):
                return word.meaning
    return None


def _named_in_heading(figure: Figure, sentence: Sentence) -> tuple[str, ...] | None:
    """The metric of a heading, or the one that the sentence before names since."""
    passage, find = sentence.passage, sentence.vocabulary.find
    for text in passage.headings[:2]:
        for word in find(text):
            if isinstance(word.meaning, tuple) and _fits_unit(word.meaning, figure):
                since = [w for w in reversed(find(passage.before)) if figure.unit]
                since = [w for w in since if not unit_of(passage.before[w.start : w.end])]
                fitting = (w.meaning for w in since if isinstance(w.meaning, tuple))
                return next((m for m in fitting if _fits_unit(m, figure)), word.meaning)
    return None


def _named_behind(figure: Figure, sentence: Sentence) -> list[Word]:
    """The one metric that a sentence names after its numbers: "3 s on average … for its TTFT"."""
    later = [w for w in sentence.metrics if w.start >= figure.end and not _is_unit(w, sentence)]
    meanings = {word.meaning for word in later}
    text = sentence.passage.text
    if len(meanings) != 1 or not _OF.search(text[: later[0].start]):
        return []
    return later[:1]


def _is_unit(word: Word, sentence: Sentence) -> bool:
    """Whether a metric's word is the unit of a number: the `tokens` of "512-1024 tokens"."""
    return any(f.start < word.end and word.start < f.end for f in sentence.figures)


def _is_of_other_unit(word: Word, figure: Figure) -> bool:
    """Whether a word means columns of the data alone, none of which has a number's unit."""
    if not figure.unit or not isinstance(word.meaning, tuple):
        return False
    return METRICS.keys().isdisjoint(word.meaning) and not _fits_unit(word.meaning, figure)


def _is_taken(word: Word, figure: Figure, sentence: Sentence) -> bool:
    """Whether a number between a metric and this one is that metric's: `TTFT 7.84 s, 238 tok/s`."""
    between = [f for f in sentence.figures if word.end <= f.start and f.end <= figure.start]
    if not isinstance(word.meaning, tuple):
        return False
    if between and figure.unit and not _fits_unit(word.meaning, figure):
        return True
    return any(f.unit and f.unit != figure.unit and _fits_unit(word.meaning, f) for f in between)


def _fits_unit(metrics: tuple[str, ...], figure: Figure) -> bool:
    unit = spell_unit(figure.unit) if figure.unit else None
    if unit is None:
        return True
    units = {unit_of_metric(metric) for metric in metrics}
    # a file need not say that an error rate is in percent
    return unit.canonical in units or (None in units and unit.canonical == "ratio")


def _find_kinds(figure: Figure, sentence: Sentence) -> frozenset[str]:
    before = [str(kind.meaning) for kind in sentence.kinds if kind.end <= figure.start]
    if before:
        return frozenset(before)
    passage = sentence.passage
    return frozenset(str(kind.meaning) for kind in find_kinds(f"{passage.row} {passage.column}"))


_CLAUSE_ENDS: Final = re.compile(r"[.;!?]\s")


def _find_paths_of(figure: Figure, sentence: Sentence) -> tuple[str, ...]:
    """The files that a number of a sentence comes from: of several, the one beside it."""
    paths = sentence.paths
    if len(paths) > 1:
        last = max((f.end for f in sentence.figures if f.end <= figure.start), default=0)
        following = min((f.start for f in sentence.figures if f.start >= figure.end), default=10**9)
        text = sentence.passage.text
        behind = [
            path
            for path in paths
            if figure.end <= path.start < following
            and not _CLAUSE_ENDS.search(text, figure.end, path.start)
        ]
        before = [
            path
            for path in paths
            if last <= path.start < figure.start
            and not _CLAUSE_ENDS.search(text, path.end, figure.start)
        ]
        first = min((f.start for f in sentence.figures), default=0)
        leading = [path for path in paths if path.start < first]
        paths = behind[:1] or before or leading
    return tuple(path.text for path in paths)


def _paths_above(passage: Passage) -> tuple[str, ...]:
    cells = (cell for _, cell in passage.cells)
    for text in (passage.row, *cells, *passage.above):
        if found := find_paths(text):
            return tuple(name.text for name in found)
    return ()
