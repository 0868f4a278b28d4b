"""What a number is said of: the metric, statistic, subject and conditions that its text gives it.

The words nearest before a number bind it, else those just after; where the sentence is silent,
the row and column of its table, the list items above it, the sentence before and the headings.
"""

import re
from dataclasses import dataclass
from typing import Final

from benchagent.verification.binding.metrics import find_metric, is_named
from benchagent.verification.binding.runs import find_nth
from benchagent.verification.binding.settings import find_phase, find_settings
from benchagent.verification.binding.statistics import find_statistic
from benchagent.verification.binding.subjects import Bound, find_subject
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.names import find_folders, find_paths
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_kinds
from benchagent.verification.text.units import metrics_in, spell_unit, unit_of


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
        nth: which run of several the number is of: "its second run", "run 2".
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
    nth: int | None = None


def bind(figure: Figure, sentence: Sentence, corpus: Corpus) -> Binding:
    """What a figure of a sentence is said of."""
    passage = sentence.passage
    metrics = find_metric(figure, sentence)
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
        paths=_find_paths_of(figure, sentence, corpus) or _paths_above(passage),
        unit=unit,
        words=sentence.words,
        levels=sentence.bare,
        before=words_in(passage.before).union(*map(words_in, passage.headings[:1])),
        nth=None if statistic else find_nth(figure, passage),
        guessed=metrics is not None and not is_named(metrics, sentence),
    )


def _unit_of_label(sentence: Sentence) -> str:
    """The unit that a label gives all numbers behind it: "mean latency in ms: a 2.1, b 3.4"."""
    label, colon, _ = sentence.passage.text[: sentence.figures[0].start].rpartition(":")
    return unit_of(label) if colon else ""


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


def _find_kinds(figure: Figure, sentence: Sentence) -> frozenset[str]:
    before = [str(kind.meaning) for kind in sentence.kinds if kind.end <= figure.start]
    if before:
        return frozenset(before)
    passage = sentence.passage
    return frozenset(str(kind.meaning) for kind in find_kinds(f"{passage.row} {passage.column}"))


_CLAUSE_ENDS: Final = re.compile(r"[.;!?]\s")


def _find_paths_of(figure: Figure, sentence: Sentence, corpus: Corpus) -> tuple[str, ...]:
    """The files or the folder that a number comes from: of several files, the one beside it."""
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
    if paths:
        return tuple(path.text for path in paths)
    folders = [folder.text for folder in find_folders(sentence.passage.text)]
    return tuple(filter(corpus.find_paths_below, folders[:1]))


def _paths_above(passage: Passage) -> tuple[str, ...]:
    cells = (cell for _, cell in passage.cells)
    for text in (passage.row, *cells, *passage.above):
        if found := find_paths(text):
            return tuple(name.text for name in found)
    return ()
