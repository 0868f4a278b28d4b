"""A number with a unit or a metric, against every value that the data give.

Equal digits are nothing by themselves: the value found has to be of the metric, the statistic, the
subject, the unit and the conditions that the text names, as far as it names them. If the digits
belong to something else, the verdict says to what.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from benchagent.quantities.metrics import metric_label
from benchagent.quantities.numbers import write_number
from benchagent.quantities.units import Unit
from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum, DatumIndex, words_of
from benchagent.verification.judging.agreement import (
    Aspect,
    agrees,
    find_disagreements,
    may_agree,
)
from benchagent.verification.judging.conditions import leaves_settings_open
from benchagent.verification.judging.quantities import is_of_metric, may_be_called
from benchagent.verification.judging.windows import (
    ENOUGH_DIGITS,
    Window,
    binary_worths_of,
    count_digits,
    window_of,
    worths_of,
)
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.units import spell_unit

# Three digits of a value that differs in all else are a coincidence; six are not.
_MOST_WRONG: Final = 1
_TELLING_DIGITS: Final = 6
_MOST_TOLD: Final = 3


def judge_value(figure: Figure, binding: Binding, knowledge: Knowledge) -> Verdict:
    """What the data say of a number.

    Args:
        figure: the number as written.
        binding: what the text says it is of.
        knowledge: the data, and the named values of the report's evidence file.
    """
    corpus, known = knowledge.corpus, knowledge.values
    unit = spell_unit(binding.unit) if binding.unit else None
    if missing := _missing_file(binding, corpus):
        return unsupported(f"there is no file {missing!r}, so nothing is known of it")
    if binding.unknown:
        return unsupported(f"the data know nothing of {binding.unknown!r}")
    if found := find_agreeing(figure, binding, knowledge):
        return supported(f"{describe(found)}", found.source)
    best = _find_nearest(figure, unit, binding, knowledge)
    telling = best is not None and (
        len(best.wrong) <= _MOST_WRONG or count_digits(figure) >= _TELLING_DIGITS
    )
    far = best is not None and bool(best.wrong & {"metric", "unit"})
    enough = ENOUGH_DIGITS + 1 if far else ENOUGH_DIGITS
    if best and best.wrong == {"file"} and binding.subjects:
        return contradicted(f"it does not stand there: {describe(best.datum)}", best.datum.source)
    if best and best.wrong == {"metric"} and may_be_called(best.datum, binding):
        return unsupported(f"whether this is meant is not said: {describe(best.datum)}")
    if best and best.wrong == {"settings"} and leaves_settings_open(best.datum, binding):
        return unsupported(f"it is not said under which settings: {describe(best.datum)}")
    if best and not all(_is_certain(aspect, best.datum, binding) for aspect in best.wrong):
        return unsupported(f"whether this is meant is not said: {describe(best.datum)}")
    if best and telling and count_digits(figure) >= enough:
        aspects = ", ".join(sorted(best.wrong))
        differ = "differs" if len(best.wrong) == 1 else "differ"
        return contradicted(
            f"the digits are those of another value ({aspects} {differ}): {describe(best.datum)}",
            best.datum.source,
        )
    if elsewhere := _find_same_digits(figure, corpus, known):
        return contradicted(
            f"the digits are those of another value: {describe(elsewhere)}", elsewhere.source
        )
    if truths := _truths(binding, unit, corpus):
        told = "; ".join(describe(datum) for datum in truths)
        return contradicted(f"the data say otherwise: {told}", *[datum.source for datum in truths])
    return unsupported("no value of the data agrees with it in metric, unit and subject")


def _is_certain(aspect: Aspect, datum: Datum, binding: Binding) -> bool:
    """Whether a text says plainly that a number is another than this value in an aspect.

    It does not where the metric is only guessed or the value's own is told as well, where the
    subject is only that of a heading or the value's own stands in the text too, and where nobody
    but the one who named a column knows what it holds.
    """
    if (aspect == "unit" and datum.unit is None) or (aspect == "phase" and datum.phase is None):
        return False
    if aspect in ("metric", "statistic") and datum.origin.startswith("leaf"):
        return False
    if aspect == "statistic" and binding.nth is not None:
        return False  # which run is "the first" is not always said
    if aspect == "metric":
        told = words_of(datum.metric or datum.label)
        return not binding.guessed and not told <= binding.words
    if aspect == "subject" and binding.subjects:
        if datum.subject is None and datum.origin.startswith("leaf"):
            return False
        told = words_of(datum.subject or "")
        return not binding.far and not (told and told <= binding.words)
    if aspect == "settings":
        if "without" in binding.words:
            return False  # "without a reranker" may be a level that has another name
        levels = (words_in(setting.partition("=")[2]) for setting in datum.settings)
        return not any(level and level <= binding.before for level in levels)
    return True


def find_agreeing(
    figure: Figure,
    binding: Binding,
    knowledge: Knowledge,
    fits: Callable[[Datum], bool] = lambda datum: True,
) -> Datum | None:
    """The first fitting value that a number may be, with nothing that the text says against it."""
    corpus = knowledge.corpus
    unit = spell_unit(binding.unit) if binding.unit else None
    for index, window, bare in _look_in(figure, unit, binding, knowledge):
        suits = partial(may_agree, binding=binding, unit=unit)
        for datum in index.suiting(window.low, window.high, suits):
            if bare and datum.unit:
                continue
            if fits(datum) and agrees(datum, binding, corpus):
                return datum
    return None


class _Nearest(NamedTuple):
    datum: Datum
    wrong: frozenset[Aspect]


def _find_nearest(
    figure: Figure, unit: Unit | None, binding: Binding, knowledge: Knowledge
) -> _Nearest | None:
    """The value with the digits of a number that has the least against it; none of it agrees."""
    best: _Nearest | None = None
    for index, window, bare in _look_in(figure, unit, binding, knowledge):
        for datum in index.between(window.low, window.high):
            if (bare and datum.unit) or (best and not is_of_metric(datum, binding)):
                continue
            wrong = frozenset(find_disagreements(datum, binding, unit, knowledge.corpus))
            if best is None or len(wrong) < len(best.wrong):
                best = _Nearest(datum, wrong)
    return best


def _look_in(
    figure: Figure, unit: Unit | None, binding: Binding, knowledge: Knowledge
) -> Iterator[tuple[DatumIndex, Window, bool]]:
    """Where the values are that would be written so, the likeliest first, and if only bare ones.

    12 s may be the 12 of a column whose unit nobody says, and is no 12 ms.
    """
    for worth in worths_of(unit, binding):
        window, bare = window_of(figure, worth), unit is not None and worth != unit.worth
        yield knowledge.values, window, bare
        yield knowledge.corpus.index, window, bare
        if unit and unit.canonical == "bytes" and not bare:
            for worth_in_binary in binary_worths_of(unit):
                yield knowledge.corpus.index, window_of(figure, worth_in_binary), bare


def _missing_file(binding: Binding, corpus: Corpus) -> str | None:
    if binding.paths and not any(corpus.find_files(name) for name in binding.paths):
        return binding.paths[0]
    return None


def _find_same_digits(figure: Figure, corpus: Corpus, known: DatumIndex) -> Datum | None:
    """A value that shows the same digits in another unit or with its point elsewhere."""
    if count_digits(figure) < _TELLING_DIGITS:
        return None
    for worth in (1.0, 1e3, 1e-3, 1e-2, 1e2):
        window = window_of(figure, worth)
        for index in (known, corpus.index):
            for datum in index.between(window.low, window.high):
                if datum.origin != "group":
                    return datum
    return None


def _truths(binding: Binding, unit: Unit | None, corpus: Corpus) -> list[Datum]:
    """What the data say of the very metric, statistic and subject, if the text names all three."""
    if not binding.metrics or binding.subjects is None or binding.guessed:
        return []
    named = {setting.partition("=")[0] for setting in binding.settings}
    found: list[Datum] = []
    for metric in binding.metrics:
        for datum in corpus.index.summaries.get(metric, ()):
            if unit and datum.unit != unit.canonical:
                continue  # a number whose unit nobody knows is no other's truth
            if not named.isdisjoint(corpus.settings_of_metric.get(metric, ())):
                break  # over all levels it may be another than at the one named
            if may_agree(datum, binding, unit) and agrees(datum, binding, corpus):
                found.append(datum)
                if len(found) == _MOST_TOLD:
                    return found
    return found


def describe(datum: Datum) -> str:
    """A value with what it is of, for a reason."""
    named = write_number(datum.value, datum.unit)
    if datum.label and datum.origin != "group":
        return f"{named} is {datum.label}"
    statistic = "/".join(sorted(datum.statistics - {"value", "count"}))
    if datum.inner in ("mean", "median") and datum.inner not in datum.statistics:
        statistic += f" of {datum.inner}"
    parts = [statistic, metric_label(datum.metric) if datum.metric else ""]
    text = f"{named} is the {' '.join(part for part in parts if part)}"
    if datum.subject:
        text += f" of {datum.subject}"
    if datum.settings and len(datum.settings) <= 4:
        text += f" with {' '.join(sorted(datum.settings))}"
    if datum.phase:
        text += f", {datum.phase} calls"
    if len(datum.paths) == 1:
        text += f", in {next(iter(datum.paths))}"
    return text
