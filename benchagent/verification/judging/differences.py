"""By how many units one thing is above another, and one number of a row over another."""

from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.quantities.units import Unit
from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Verdict, supported, unsupported
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.own_columns import unit_of_metric
from benchagent.verification.judging.alike import find_at_levels, find_of_subjects, is_told
from benchagent.verification.judging.arithmetic import (
    couples,
    find_changes_from_base,
    find_operands,
)
from benchagent.verification.judging.pairs import Pair, find_level_pairs, find_pairs
from benchagent.verification.judging.values import describe
from benchagent.verification.judging.windows import count_digits
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.units import metrics_in, spell_unit

# of so many other subjects some one differs by any two digits
_TELLING: Final = 3
# By how much of itself the difference of two rounded numbers may be told too high or low.
_OF_ROUNDED: Final = 0.05


def judge_difference(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Verdict:
    """By how many units one thing is above another."""
    unit = spell_unit(figure.unit or binding.unit)
    worth = unit.worth if unit else 1.0
    slack = _find_slack(figure)
    for a, b in (*couples(find_operands(sentence, figure)), *find_changes_from_base(sentence)):
        if a.unit == b.unit and abs(abs(a.value - b.value) - abs(figure.value) * worth) <= (
            slack * worth
        ):
            return supported(f"{a.told} less {b.told}")
    found = False
    pairs = find_pairs(figure, sentence, binding, knowledge)
    if not pairs and binding.subjects and count_digits(figure) >= _TELLING:
        others = knowledge.corpus.subjects - binding.subjects
        pairs = [Pair(binding.subjects, frozenset({other}), False) for other in sorted(others)]
    for a, b in _find_compared(pairs, sentence, binding, unit, knowledge):
        found = True
        if abs(abs(a.value - b.value) - abs(figure.value) * worth) <= slack * worth:
            return supported(f"{describe(a)}; {describe(b)}", a.source, b.source)
    if found:
        return unsupported("no values of the two in the data differ by that")
    return unsupported("nothing in the data gives the two things compared")


def _find_slack(figure: Figure) -> float:
    """How far off a difference may be: of rounded numbers the last digit may be another.

    Of "4 tok/s more" it may not, since 3.4 is no 4.
    """
    size = abs(figure.value)
    off = max(0.501 * figure.step, min(1.01 * figure.step, _OF_ROUNDED * size))
    return max(off, (0.05 if figure.hedged else 0.005) * size)


def _find_compared(
    pairs: Sequence[Pair],
    sentence: Sentence,
    binding: Binding,
    unit: Unit | None,
    knowledge: Knowledge,
) -> Iterator[tuple[Datum, Datum]]:
    """The values of the two subjects or levels that a difference may lie between."""
    corpus = knowledge.corpus
    told = binding.settings.union(*(level.settings for level in sentence.levels))
    of_unit = [m for m in corpus.settings_of_metric if unit and unit_of_metric(m) == unit.canonical]
    fitting = [m for m in binding.metrics or () if unit is None or m in of_unit]
    level_pairs = list(find_level_pairs(sentence, knowledge))
    for metric in fitting or dict.fromkeys((*metrics_in(unit), *sorted(of_unit))):
        for pair in pairs:
            for a, b in find_of_subjects(metric, pair.first, pair.second, corpus):
                if a.origin == "group" or is_told(a, told, knowledge):
                    yield a, b
        for first, second in level_pairs:
            for a, b in find_at_levels(metric, first, second, binding, knowledge):
                if is_told(a, told | first, knowledge):
                    yield a, b


def judge_quotient(figure: Figure, sentence: Sentence, knowledge: Knowledge) -> Verdict:
    """One number of a row over another, as in "tokens per GB"; the data themselves have no such."""
    del knowledge
    for a, b in couples(find_operands(sentence, figure)):
        if b.value and a.unit != b.unit:
            for scale in (1.0, 1e3, 1e6, 1e9):
                off = abs(a.value / b.value * scale - figure.value)
                if off <= max(figure.step, 0.005 * abs(figure.value)):
                    return supported(f"{a.told} over {b.told}")
    return unsupported("no two numbers of its row give it")
