"""Who is faster, by how much, and which is best: against the values of each that are alike."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal

from benchagent.quantities import METRICS
from benchagent.verification.binding import Binding, Sentence
from benchagent.verification.claims import Verdict, contradicted, supported, unsupported
from benchagent.verification.corpus import Corpus
from benchagent.verification.datums import Datum
from benchagent.verification.figures import Figure
from benchagent.verification.judging_values import describe, judge_value
from benchagent.verification.question import Knowledge

Side = Literal["more", "less"]

_CENTRAL: Final = frozenset({"mean", "median", "value"})
_PERCENT: Final = ("%", "percent", "pct")


def judge_ratio(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Verdict:
    """A difference in percent, or a factor, between two of the things that the sentence names."""
    direct = judge_value(figure, binding, knowledge)
    if direct.ruling == "supported":
        return direct
    if told := _from_the_sentence(figure, sentence):
        return told
    names = [m.subjects for m in sentence.mentions]
    pairs = [(a, b) for a, b in pairwise(names)] + [(b, a) for a, b in pairwise(names)]
    ratios: list[tuple[float, str]] = []
    for metric in binding.metrics or sorted(METRICS):
        for first, second in pairs:
            ratios += _ratios(metric, first, second, knowledge.corpus)
    if not ratios:
        return unsupported("nothing in the data gives the two things compared")
    for ratio, told in ratios:
        if _fits(figure, ratio):
            return supported(told)
    if binding.metrics is None:
        return unsupported("no metric of the data gives this difference")
    return contradicted(f"the ratio is {ratios[0][0]:.3g}: {ratios[0][1]}")


def _fits(figure: Figure, ratio: float) -> bool:
    """Whether a ratio would be written as this percentage or factor."""
    if figure.unit in _PERCENT:
        shown = (100 * abs(ratio - 1), 100 * abs(1 - 1 / ratio) if ratio else 0.0, 100 * ratio)
    else:
        shown = (ratio, ratio - 1)
    slack = max(0.501 * figure.step, (0.1 if figure.hedged else 0.01) * abs(figure.value))
    return any(abs(value - figure.value) <= slack for value in shown)


def _from_the_sentence(figure: Figure, sentence: Sentence) -> Verdict | None:
    """Arithmetic from two numbers of the same unit in the sentence: it has to come out."""
    others = [
        f for f in sentence.figures
        if f.unit and f.unit not in (*_PERCENT, "x", "times", "×") and f is not figure
    ]  # fmt: skip
    for first in others:
        for second in others:
            alike = first is not second and first.unit == second.unit
            if alike and second.value and _fits(figure, first.value / second.value):
                return supported(f"{first.value:g} to {second.value:g} {first.unit}")
    return None


def _ratios(
    metric: str, first: frozenset[str], second: frozenset[str], corpus: Corpus
) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    ours, theirs = (_central(metric, names, corpus) for names in (first, second))
    for a in ours:
        for b in theirs:
            alike = a.statistics == b.statistics and a.label == b.label and a.phase == b.phase
            if alike and b.value:
                found.append((a.value / b.value, f"{describe(a)}; {describe(b)}"))
    return found


def _central(metric: str, names: frozenset[str], corpus: Corpus) -> list[Datum]:
    """The means and medians of a subject over all its values, per phase and benchmark."""
    return [
        datum
        for datum in corpus.index.by_metric.get(metric, ())
        if datum.subject in names
        and datum.statistics & {"mean", "median"}
        and ((datum.origin == "group" and not datum.settings) or datum.origin == "fact subject")
    ]


def judge_direction(
    first: frozenset[str],
    second: frozenset[str],
    metrics: Sequence[str],
    side: Side,
    knowledge: Knowledge,
) -> Verdict:
    """Whether the first has more (or less) of a metric than the second."""
    ratios = [
        found for metric in metrics for found in _ratios(metric, first, second, knowledge.corpus)
    ]
    if not ratios:
        return unsupported("nothing in the data compares the two")
    agreeing = [told for ratio, told in ratios if (ratio > 1) == (side == "more") and ratio != 1]
    if agreeing:
        return supported(agreeing[0])
    return contradicted(f"it is the other way round: {ratios[0][1]}")


def judge_superlative(
    named: frozenset[str], metrics: Sequence[str], side: Side, knowledge: Knowledge
) -> Verdict:
    """Whether a subject has the most (or least) of a metric among those measured alike."""
    corpus = knowledge.corpus
    seen = False
    told = ""
    for metric in metrics:
        for group in _alike(metric, corpus):
            members = {datum.subject for datum in group}
            if len(members) < 2 or not members & named:
                continue
            seen = True
            best = (max if side == "more" else min)(group, key=lambda datum: datum.value)
            told = told or describe(best)
            if best.subject in named:
                return supported(describe(best), best.source)
    if not seen:
        return unsupported("nothing in the data compares it with others")
    return contradicted(f"it is another: {told}")


def _alike(metric: str, corpus: Corpus) -> Iterable[list[Datum]]:
    groups: dict[tuple[frozenset[str], str, str | None], list[Datum]] = {}
    for datum in corpus.index.by_metric.get(metric, ()):
        central = datum.statistics & _CENTRAL and datum.subject and not datum.settings
        if central and datum.origin == "group":
            groups.setdefault((datum.statistics, datum.label, datum.phase), []).append(datum)
    return groups.values()


_FASTER: Final = re.compile(r"\b(?:faster|quicker|fastest|quickest)\b", re.IGNORECASE)
_SLOWER: Final = re.compile(r"\b(?:slower|slowest)\b", re.IGNORECASE)
_BETTER: Final = re.compile(
    r"\b(?:better|best|outperform\w*|beats?|leads?|superior)\b", re.IGNORECASE
)
_WORSE: Final = re.compile(r"\b(?:worse|worst|underperform\w*|lags?|inferior)\b", re.IGNORECASE)
_MORE: Final = re.compile(
    r"\b(?:higher|more|greater|larger|longer|highest|most|greatest|largest|longest|above|exceed\w*|"
    r"peak)\b",
    re.IGNORECASE,
)
_LESS: Final = re.compile(
    r"\b(?:lower|less|fewer|smaller|shorter|lowest|least|smallest|shortest|below)\b", re.IGNORECASE
)


def side_of(word: str, metrics: Sequence[str]) -> Side | None:
    """Which side a word of comparison puts its subject on, for these metrics."""
    if _MORE.search(word):
        return "more"
    if _LESS.search(word):
        return "less"
    better = {METRICS[metric].better for metric in metrics if metric in METRICS}
    if len(better) != 1 or better == {"neither"}:
        return None
    higher = better == {"higher"}
    if _FASTER.search(word) or _BETTER.search(word):
        return "more" if higher else "less"
    if _SLOWER.search(word) or _WORSE.search(word):
        return "less" if higher else "more"
    return None


def default_metrics(word: str) -> tuple[str, ...]:
    """What a speed word is about where the text names no metric."""
    return ("decode_rate",) if _FASTER.search(word) or _SLOWER.search(word) else ()
