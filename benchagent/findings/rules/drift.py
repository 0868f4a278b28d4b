"""The rule about values that depend on when they were measured."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.facts.derivations.doubts.run_order import THIRDS
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import SMALL, FactBook, precedence, unit_of
from benchagent.findings.rules.phrases import calls, count_of_samples, value
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, name_subject, quoted, quoted_settings

# So much is asked in every file and of every metric that one folder in ten would drift by chance.
_SURE: Final = 0.01


class _Moved(NamedTuple):
    """How values went along a file, and the p-value after Holm."""

    measure: Fact
    adjusted: Fact


def find_drift(book: FactBook) -> Iterator[Draft]:
    """Values that rise or fall along a file, or are slower in one part of it than in another."""
    trends = _moved(book, "kendall-tau")
    stretches = {
        key: found for key, found in _moved(book, "succession").items() if key not in trends
    }
    yield from (_draft_drift(book, found) for found in sorted(trends.values(), key=_size))
    yield from (_draft_stretches(book, found) for found in sorted(stretches.values(), key=_size))


def _moved(book: FactBook, method: str) -> dict[tuple[object, ...], list[_Moved]]:
    """What clearly depends on its place, by file and subject; what a reader asks after first."""
    found: dict[tuple[object, ...], list[_Moved]] = defaultdict(list)
    for measure in sorted(book.about("order"), key=lambda fact: precedence(fact.metric)):
        # memory in use follows the settings and not the hour
        if measure.method == method and unit_of(measure.metric) != "bytes":
            key = (
                *(measure.of, measure.subject, measure.workload, measure.benchmark),
                *(measure.phase, measure.config),
            )
            adjusted = _adjusted(book, measure)
            if adjusted and adjusted.value < _SURE and _thirds(book, measure):
                found[key].append(_Moved(measure, adjusted))
    return found


def _adjusted(book: FactBook, measure: Fact) -> Fact | None:
    """The p-value after Holm of the test that was made of this very measure."""
    for fact in book.beside(measure):
        if fact.method == "holm":
            test = book.by_id[fact.facts[0]]
            if (test.method, test.measurements) == (f"{measure.method}-p", measure.measurements):
                return fact
    return None


def _size(found: list[_Moved]) -> float:
    return -max(abs(one.measure.value) for one in found)


def _draft_drift(book: FactBook, found: list[_Moved]) -> Draft:
    (tau, adjusted), *others = found
    quantity, where = metric_label(tau.metric or ""), quoted(tau.of or "")
    tested = f"Kendall's tau {value(tau)}, {book.say_p(adjusted)}"
    also = "".join(
        f", {'while' if at == 0 else 'and'} the {metric_label(one.measure.metric or '')} "
        f"{_direction(one.measure)} (tau {value(one.measure)}, p = {value(one.adjusted)})"
        for at, one in enumerate(others)
    )
    runs = f"{count_of_samples(tau)} {calls(tau.phase)}"
    subject = _name_where_run(tau)
    moved, medians = _direction(tau), _tell_thirds(book, tau)
    return Draft(
        severity="warning",
        headline=f"The {quantity} of {subject} drifted with run order{book.say_chance(adjusted)}",
        sentences=(
            (
                f"The {quantity} of {subject} {moved} along the {runs} of {where} ({tested}), with "
                f"{medians}{also}; settings changed in the same order could look like an effect, or hide one."
            ),
            (
                f"Along the {runs} of {where} the {quantity} of {subject} {moved} ({tested}), with "
                f"{medians}{also}, which settings changed in the same order could mimic or hide."
            ),
        ),
        next_step=NextStep(text="Repeat in shuffled order, and watch temperature and clock rates"),
    )


def _name_where_run(measure: Fact) -> str:
    """The subject, with its machine where the benchmark was run on several."""
    named = name_subject(measure.subject, None, measure.workload)
    return f"{named} on {quoted_settings(measure.config)}" if measure.config else named


def _direction(tau: Fact) -> str:
    return "rose" if tau.value > 0 else "fell"


def _thirds(book: FactBook, alike: Fact) -> list[Fact]:
    """The medians of the thirds of a file, where they part by as much as matters to a reader."""
    medians = {
        json.loads(fact.level): fact
        for fact in book.beside(alike)
        if fact.method == "median" and fact.level and fact.config == alike.config
    }
    found = [medians[third] for third in THIRDS if third in medians]
    values = [fact.value for fact in found]
    return found if found and max(values) >= SMALL * min(values) else []


def _tell_thirds(book: FactBook, measure: Fact) -> str:
    thirds = zip(THIRDS, _thirds(book, measure), strict=True)
    return "medians of " + join_names([f"{value(fact)} in the {third}" for third, fact in thirds])


def _draft_stretches(book: FactBook, found: list[_Moved]) -> Draft:
    alike, adjusted = found[0]
    quantity, where = metric_label(alike.metric or ""), quoted(alike.of or "")
    subject = _name_where_run(alike)
    runs = f"{count_of_samples(alike)} {calls(alike.phase)}"
    medians = _tell_thirds(book, alike)
    tested = f"rank correlation {value(alike)}, {book.say_p(adjusted)}"
    others = [metric_label(one.measure.metric or "") for one in found[1:]]
    also = f"; so did the {join_names(others)}" if others else ""
    return Draft(
        severity="warning",
        headline=f"The {quantity} of {subject} came in stretches{book.say_chance(adjusted)}",
        sentences=(
            (
                f"The {quantity} of {subject} followed that of the run before along the {runs} of "
                f"{where} ({tested}), with {medians}{also}, which points to something "
                "that changed meanwhile and is not recorded."
            ),
            (
                f"With {medians}, the {quantity} of {subject} followed that of the run before along "
                f"the {runs} of {where} ({tested}){also}, which points to something "
                "that changed meanwhile and is not recorded."
            ),
        ),
        next_step=NextStep(
            text="Record clock rates, temperature and other load with every run, and repeat"
        ),
    )
