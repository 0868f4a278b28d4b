"""By how much: percentages and factors between two things that a text names.

What is compared are the numbers of the same sentence or row, else the values that the data have
for the two subjects (or the two levels of a setting), else the extremes of what the text names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from benchagent.quantities.numbers import write_number
from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.own_columns import better_of, is_speed, unit_of_metric
from benchagent.verification.judging.alike import (
    find_at_levels,
    find_of_subjects,
    is_told,
    metrics_meant,
)
from benchagent.verification.judging.arithmetic import (
    couples,
    find_changes_from_base,
    find_changes_of_row,
    find_operands,
    find_part_before,
)
from benchagent.verification.judging.pairs import Pair, find_level_pairs, find_pairs
from benchagent.verification.judging.turns import Turn, find_turn
from benchagent.verification.judging.values import describe, find_agreeing, judge_value
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.units import PERCENT

COMPARING: Final = re.compile(
    r"faster|slower|quicker|higher|lower|more|less|fewer|greater|better|worse|increase|decrease|improve\w*|"
    r"reduc\w+|drop\w*|gain|speed-?up|longer|shorter|larger|smaller|difference|ahead|behind|overhead|"
    r"\bvs\b|versus|compared|relative|against|advantage|factor|times as|\bas (?:fast|quick|slow|long|many|much|high|low|large|big)|that of|spread|var(?:y|ies|iation)",
    re.IGNORECASE,
)
_APART: Final = re.compile(
    r"faster|slower|quicker|higher|lower|\bmore\b|\bless\b|fewer|greater|better|worse|increase|decrease|"
    r"improve|reduc|\bdrop|\bgains?\b|longer|shorter|larger|smaller|[+\u2212]",
    re.IGNORECASE,
)
_RATES: Final = ("decode_rate", "throughput")
_SPEEDS: Final = ("decode_rate", "throughput", "latency", "total_time", "duration", "eval_time")
_FASTER: Final = re.compile(
    r"\b(?:fast|slow|quick)(?:er|est)?\b|\bspeed|\brelative\b|\bvs\b", re.IGNORECASE
)
_SPREAD: Final = re.compile(
    r"\bspread|\bvar(?:y|ies|ied|iation|iance)|\brange|\bswing|\bfluctuat|\bwithin\b|\bbest\b|\bworst\b|"
    r"\bfastest\b|\bslowest\b|\bhighest\b|\blowest\b|\bdiffer",
    re.IGNORECASE,
)


class Ratio(NamedTuple):
    """One value of the data over another, and whether both are rates."""

    value: float
    told: str
    of_rate: bool

    @classmethod
    def of(cls, a: Datum, b: Datum) -> "Ratio":
        """One datum over another that is not zero."""
        of_rate = a.metric is not None and better_of(a.metric) == "higher"
        return cls(a.value / b.value, f"{describe(a)}; {describe(b)}", of_rate)


def judge_ratio(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Verdict:
    """A difference in percent, or a factor, between two of the things that the sentence names."""
    pairs = find_pairs(figure, sentence, binding, knowledge)
    against = pairs[0].second if pairs and pairs[0].plain else None
    against_it = replace(binding, against=against)
    direct = judge_value(figure, against_it, knowledge)
    if direct.ruling == "supported":
        is_change = figure.unit in PERCENT and _says_apart(figure, sentence)
        if not is_change or find_agreeing(figure, against_it, knowledge, _is_no_ratio):
            return direct
        direct = unsupported("a ratio of so many hundredths is no change by as many percent")
    compared = pairs[0].first | pairs[0].second if against else None
    if told := find_in_text(figure, sentence, compared):
        return supported(told)
    if part := find_part_before(sentence.passage.text, figure.start):
        return _judge_part(figure, *part)
    ratios = list(_ratios(pairs, sentence, binding, knowledge))
    apart = _says_apart(figure, sentence)
    for known in ratios:
        turn = find_turn(figure, sentence, of_rate=known.of_rate)
        if _fits(figure, known.value, apart=apart, turn=turn):
            return supported(known.told)
    if told := _from_extremes(figure, sentence, binding, knowledge):
        return supported(told)
    text = sentence.passage.text
    if not COMPARING.search(text[max(0, figure.start - 60) : figure.end + 40]) and (
        direct.ruling == "contradicted" or not ratios
    ):
        return direct
    if not ratios:
        return unsupported("nothing in the data gives the two things compared")
    if binding.metrics is None or not pairs or not pairs[0].plain:
        return unsupported("no metric of the data gives this difference")
    near = min(ratios, key=lambda known: abs(_shown(figure, known.value) - abs(figure.value)))
    return contradicted(f"the ratio nearest to it is {near.value:.3g}: {near.told}")


def _is_no_ratio(datum: Datum) -> bool:
    """Whether a value is no ratio of two others, unless its metric is a ratio itself."""
    return datum.unit != "ratio" or not datum.metric or unit_of_metric(datum.metric) == "ratio"


def _judge_part(figure: Figure, part: float, whole: float) -> Verdict:
    """A percentage just behind the part and the whole that it is of."""
    share = 100 * part / whole
    told = f"{part:g} of {whole:g} is {share:.3g}%"
    slack = max(0.501 * figure.step, 0.05 * figure.value if figure.hedged else 0.0)
    fits = abs(share - figure.value) <= slack
    return supported(told) if fits else contradicted(told)


def _shown(figure: Figure, ratio: float) -> float:
    """A ratio as the text would write it."""
    return 100 * abs(ratio - 1) if figure.unit in PERCENT else ratio


def _fits(
    figure: Figure, ratio: float, *, apart: bool, turn: Turn | None = None, room: float = 0.0
) -> bool:
    """Whether a ratio would be written so.

    Args:
        figure: as written.
        ratio: of two values.
        apart: the text says "faster" or "less".
        turn: the text says that something fell or rose.
        room: how far off the ratio itself may be, since its values were rounded.
    """
    if figure.unit in PERCENT:
        shown = (100 * abs(ratio - 1), 100 * abs(1 - 1 / ratio) if ratio else 0.0)
        if turn:
            shown = (min(shown) if turn == "fall" else max(shown),)
        elif not apart:
            shown = (*shown, 100 * ratio)
    else:
        # 3 to 1 is "3x", and few say "2x more" of it
        more = apart and abs(figure.value) < 1
        shown = (ratio, 1 / ratio if ratio else 0.0, *([ratio - 1] if more else []))
    wanted = abs(figure.value)
    slack = max(0.501 * figure.step, (0.1 if figure.hedged else 0.01) * wanted)
    slack += room * ratio * (100 if figure.unit in PERCENT else 1)
    low, high = wanted - slack, wanted + slack
    if figure.bound == "low":
        high = 1.3 * wanted
    if figure.bound == "high":
        low = 0.5 * wanted
    return any(low <= value <= high for value in shown)


def _says_apart(figure: Figure, sentence: Sentence) -> bool:
    text = sentence.passage.text
    return bool(_APART.search(text[max(0, figure.start - 24) : figure.end + 24]))


def find_in_text(
    figure: Figure, sentence: Sentence, compared: frozenset[str] | None = None
) -> str | None:
    """Arithmetic from two numbers of the same unit in the sentence or row: it comes out."""
    apart = _says_apart(figure, sentence)
    for a, b in couples(find_operands(sentence, figure, compared)):
        if a.unit != b.unit or not b.value:
            continue
        turn = find_turn(figure, sentence, of_rate=a.unit.endswith("/s"))
        if _fits(figure, a.value / b.value, apart=apart, turn=turn, room=a.room + b.room):
            return f"{a.told} to {b.told}"
    for a, b in find_changes_of_row(sentence):
        if _fits(figure, a.value / b.value, apart=apart):
            return f"{a.told} to {b.told}"
    for a, b in find_changes_from_base(sentence):
        percent = figure.unit in PERCENT
        if _fits(figure, a.value / b.value, apart=percent, room=a.room + b.room):
            return f"{a.told} to {b.told}"
    return None


def _ratios(
    pairs: Sequence[Pair], sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Iterator[Ratio]:
    told = binding.settings.union(*(level.settings for level in sentence.levels))
    named = tuple(metric for metric in binding.metrics or () if metric != "speedup")
    level_pairs = list(find_level_pairs(sentence, knowledge))
    known = False
    for metric in metrics_meant(named, knowledge) or _unnamed(sentence, knowledge):
        if known and not named and metric not in _RATES:
            return  # "faster" is of the rate where there is one
        for pair in pairs:
            for a, b in find_of_subjects(metric, pair.first, pair.second, knowledge.corpus):
                if b.value and is_told(a, told, knowledge):
                    known = True
                    yield Ratio.of(a, b)
        for first, second in level_pairs:
            for a, b in find_at_levels(metric, first, second, binding, knowledge):
                if b.value and is_told(a, told | first, knowledge):
                    yield Ratio.of(a, b)


def _unnamed(sentence: Sentence, knowledge: Knowledge) -> tuple[str, ...]:
    """What "faster" may be of where no metric is named."""
    if not _FASTER.search(sentence.passage.text):
        return ()
    return (*_SPEEDS, *sorted(filter(is_speed, knowledge.corpus.settings_of_metric)))


def _from_extremes(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> str | None:
    """How far the least and the greatest of what the text names lie apart."""
    if not binding.metrics or not _SPREAD.search(
        sentence.passage.text[max(0, figure.start - 90) : figure.end + 40]
    ):
        return None
    for metric in binding.metrics:
        for group in knowledge.corpus.index.extremes.get(metric, ()):
            low = group.low
            own = low.subject in binding.subjects if binding.subjects else low.subject is None
            narrowed = {setting.partition("=")[0] for setting in low.settings}
            if not own or low.value <= 0 or not narrowed <= binding.words:
                continue
            mean = group.mean.value
            across = (group.high.value - group.low.value) / mean if mean else 0.0
            spreads = (group.high.value / group.low.value, 1 + across)
            apart = figure.unit in PERCENT or _says_apart(figure, sentence)
            if any(_fits(figure, spread, apart=apart) for spread in spreads):
                shown = write_number(group.high.value, group.high.unit)
                return f"{shown} is the max; {describe(group.low)}"
    return None
