"""Who is faster, and which is best: against the values of each that are alike."""

from collections.abc import Iterable, Sequence
from typing import Final

from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.verification.claims import Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.judging.agreement import names_any
from benchagent.verification.judging.alike import find_of_subjects
from benchagent.verification.judging.values import describe
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Knowledge

_PHASES: Final = frozenset({"cold", "warm", "warmed"})
_CENTRAL: Final = frozenset({"mean", "median", "value"})


def judge_direction(
    first: frozenset[str],
    second: frozenset[str],
    yardstick: Yardstick,
    named: frozenset[str],
    knowledge: Knowledge,
) -> Verdict:
    """Whether the first has more (or less) of a metric than the second.

    Where the text names settings (`task=forms`) only values under them count; where it names a
    statistic, only that one, over all calls if there is such. What holds on each of several
    machines, or over what both were run with, is not contradicted by all calls together: one may
    have run mostly on the slow machine, or with the long prompts.
    """
    upward, statistic = yardstick.is_upward() is True, yardstick.statistic
    alike = [
        pair
        for metric in yardstick.metrics
        for pair in find_of_subjects(metric, first, second, knowledge.corpus)
    ]
    pairs = [
        pair
        for pair in alike
        if bool(pair[0].settings & named) == bool(named)
        and (named or not pair[0].settings or pair[0].origin == "measured")
    ]
    exact = [pair for pair in pairs if statistic in pair[0].statistics]
    whole = [pair for pair in exact if not (pair[0].phase or pair[0].label)]
    compared = [(a, b) for a, b in whole or exact or pairs if b.value]
    if not compared:
        return unsupported("nothing in the data compares the two")
    agreeing = [pair for pair in compared if _is_ahead(*pair, upward=upward)]
    within = [pair for pair in alike if not named and _is_of_machine(pair[0], statistic)]
    on_each = all(_is_ahead(*pair, upward=upward) for pair in within)
    if not agreeing and on_each:
        agreeing = within
    if agreeing:
        return supported(_tell(*agreeing[0]))
    matched = _find_matched(first, second, yardstick.metrics, upward, knowledge.corpus)
    if matched and on_each and not named:
        return supported(describe(matched), matched.source)
    return contradicted(f"it is the other way round: {_tell(*compared[0])}")


def _is_ahead(one: Datum, other: Datum, *, upward: bool) -> bool:
    return one.value > other.value if upward else one.value < other.value


def _is_of_machine(datum: Datum, statistic: str | None) -> bool:
    """Whether it sums up all calls on one machine, where the data tell several."""
    names = [setting.partition("=")[0] for setting in datum.settings]
    whole = datum.origin == "group" and not (datum.phase or datum.label)
    told = statistic is None or statistic in datum.statistics
    return whole and told and bool(names) and all(map(names_machine, names))


def _find_matched(
    first: frozenset[str],
    second: frozenset[str],
    metrics: Sequence[str],
    upward: bool,
    corpus: Corpus,
) -> Datum | None:
    """A ratio of two over what both were run with that says so."""
    for metric in metrics:
        for datum in corpus.index.by_metric.get(metric, ()):
            if datum.origin == "fact comparison" and datum.unit == "ratio":
                above = datum.subject in first and names_any(datum.label, second)
                below = datum.subject in second and names_any(datum.label, first)
                if above != below and (datum.value > 1) == (above == upward):
                    return datum
    return None


def _tell(one: Datum, other: Datum) -> str:
    return f"{describe(one)}; {describe(other)}"


def judge_superlative(
    named: frozenset[str],
    yardstick: Yardstick,
    words: frozenset[str],
    knowledge: Knowledge,
) -> Verdict:
    """Whether a subject has the most (or least) of a metric among those measured alike.

    Where a level of a setting is among the words of the text ("on mmlu"), under that one alone;
    where the text names a statistic, in that one, and over all calls if it names no phase.
    """
    corpus = knowledge.corpus
    seen = False
    told = ""
    for metric in yardstick.metrics:
        alike = _alike_at(metric, words, corpus) or list(_alike(metric, corpus))
        for group in _of_statistic(alike, yardstick.statistic, words) or alike:
            members = {datum.subject for datum in group}
            if len(members) < 2 or not members & named:
                continue
            seen = True
            best = (max if yardstick.is_upward() else min)(group, key=lambda datum: datum.value)
            told = told or describe(best)
            if best.subject in named:
                return supported(describe(best), best.source)
    if not seen:
        return unsupported("nothing in the data compares it with others")
    return contradicted(f"it is another: {told}")


def _alike_at(metric: str, words: frozenset[str], corpus: Corpus) -> list[list[Datum]]:
    """The values of each subject under the levels that a text names, by what they are."""
    groups: dict[tuple[str, frozenset[str]], list[Datum]] = {}
    for datum in corpus.index.by_metric.get(metric, ()):
        central = datum.statistics & _CENTRAL and datum.subject and datum.origin == "measured"
        for setting in datum.settings if central else ():
            if setting.partition("=")[2] in words:
                groups.setdefault((setting, datum.statistics), []).append(datum)
    return list(groups.values())


def _of_statistic(
    groups: Sequence[list[Datum]], statistic: str | None, words: frozenset[str]
) -> list[list[Datum]]:
    """The groups of the statistic that a text names, of one phase only where it names a phase."""
    exact = [group for group in groups if statistic in group[0].statistics]
    whole = [group for group in exact if not group[0].phase and len(group) > 1]
    return exact if words & _PHASES else whole or exact


def _alike(metric: str, corpus: Corpus) -> Iterable[list[Datum]]:
    groups: dict[tuple[frozenset[str], str, str | None], list[Datum]] = {}
    for datum in corpus.index.by_metric.get(metric, ()):
        central = datum.statistics & _CENTRAL and datum.subject and not datum.settings
        if central and datum.origin == "group":
            groups.setdefault((datum.statistics, datum.label, datum.phase), []).append(datum)
    return groups.values()
