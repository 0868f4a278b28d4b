"""The rule about a best configuration that nothing sets apart from its rivals."""

import json
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.configurations import (
    are_machines,
    field_of,
    leads,
    name_varied,
    say_first,
    say_set_apart,
    tests_against_rivals,
)
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.further import Further
from benchagent.findings.rules.phrases import (
    bench_command,
    calls,
    count_of_samples,
    plain_levels,
    value,
    whose,
    with_interval,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted

FURTHER_WITHIN_NOISE: Final = Further(
    headline="No ranking of other configurations is supported either",
    before="No ranking of configurations is supported either for",
    next_step="Repeat the best configurations and those next to them in random order before choosing",
)


def find_best_within_noise(book: FactBook) -> Iterator[Draft]:
    """A best configuration that nothing sets apart from its rivals."""
    for lead in leads(book):
        rivals, once = (
            field_of(book, lead, what) for what in ("configurations", "configurations-told-once")
        )
        overlapping = field_of(book, lead, "overlapping")
        if not (rivals and once and overlapping):
            continue
        best, _ = book.parts(lead)
        adjusted = tests_against_rivals(book, lead)
        if best.n == 1:
            yield _draft_told_once(book, lead, rivals, once)
        elif adjusted and max(fact.value for fact in adjusted) >= SIGNIFICANT:
            nearest = max(adjusted, key=lambda fact: fact.value)
            yield _draft_within_noise(book, lead, rivals, nearest)
        elif not adjusted and overlapping.value:
            yield _draft_overlapping(book, lead, rivals, overlapping)
        elif not adjusted and best.ci_low is None:
            yield _draft_too_few(book, lead, rivals)


def _again(book: FactBook, lead: Fact, rivals: Fact) -> NextStep:
    best, following = book.parts(lead)
    names = [name_varied(book, rivals, fact.config) for fact in (best, following)]
    if are_machines(book, rivals):
        return NextStep(
            text=f"Repeat more often on {names[0]} and on {names[1]} before taking one for the faster"
        )
    return NextStep(
        text=f"Repeat {names[0]} and {names[1]} in random order before choosing",
        command=bench_command(lead.subject, *_levels_of_both(best, following)),
    )


def _levels_of_both(best: Fact, following: Fact) -> list[tuple[str, list[str]]]:
    """The options that two configurations set, with the values of both."""
    one, other = (json.loads(fact.config or "{}") for fact in (best, following))
    return [
        (key, plain_levels({write_json(side[key]) for side in (one, other)}))
        for key in one
        if key in other
    ]


def _draft_told_once(book: FactBook, lead: Fact, rivals: Fact, once: Fact) -> Draft:
    best, following = book.parts(lead)
    quantity = metric_label(lead.metric or "")
    by = "" if best.phase is None else f" ({calls(best.phase)} only)"
    beside = f"with {value(best)} against {value(following)} for the next"
    last = _last(book, lead)
    if last is not None and last.id != following.id:
        beside += f" and {value(last)} for the last"
    alone = "one number stands for each"
    if once.value != rivals.value:
        each = "" if once.value == 1 else "each of "
        alone = f"one number stands for {each}{value(once)}, the best among them"
    return Draft(
        severity="warning",
        headline=f"The best {quantity} of {whose(lead)} rests on single numbers",
        sentences=(
            (
                f"{say_first(book, lead, rivals)}{by}, {beside}, but {alone}, so no ranking is "
                "supported."
            ),
            (
                f"No ranking of {value(rivals)} by {quantity} of {whose(lead)} is supported{by}: "
                f"{alone}, and {name_varied(book, rivals, best.config)} came first {beside}."
            ),
        ),
        next_step=_again(book, lead, rivals),
        clause=_in_short(book, lead, rivals, alone),
    )


def _in_short(book: FactBook, lead: Fact, rivals: Fact, reason: str) -> str:
    best, following = book.parts(lead)
    return (
        f"the {metric_label(lead.metric or '')} of {whose(lead)} in {quoted(lead.benchmark or '')}"
        f"{say_set_apart(book, lead, rivals)} ({name_varied(book, rivals, best.config)} first of "
        f"{value(rivals)} with {value(best)} against {value(following)} for the next: {reason})"
    )


def _last(book: FactBook, lead: Fact) -> Fact | None:
    """The configuration that did worst."""
    found = field_of(book, lead, "best-over-last")
    return book.parts(found)[1] if found else None


def _draft_within_noise(book: FactBook, lead: Fact, rivals: Fact, nearest: Fact) -> Draft:
    best, following = book.parts(lead)
    other = nearest.level if nearest.config == best.config else nearest.config
    rival = name_varied(book, rivals, other)
    beside = f"with {value(best)} against {value(following)} for the next"
    return Draft(
        severity="warning",
        headline=f"The best {metric_label(lead.metric or '')} of {whose(lead)} is within noise",
        sentences=(
            (
                f"{say_first(book, lead, rivals)}, {beside}, but was not set apart from {rival} "
                f"(p = {value(nearest)} after Holm)."
            ),
            (
                f"Noise is enough to explain the first place: {say_first(book, lead, rivals)}, {beside}, "
                f"and was not set apart from {rival} (p = {value(nearest)} after Holm)."
            ),
        ),
        next_step=_again(book, lead, rivals),
        clause=_in_short(
            book, lead, rivals, f"not set apart from {rival}, p = {value(nearest)} after Holm"
        ),
    )


def _draft_overlapping(book: FactBook, lead: Fact, rivals: Fact, overlapping: Fact) -> Draft:
    best, following = book.parts(lead)
    beside = f"with {with_interval(best)} against {with_interval(following)} for the next"
    return Draft(
        severity="warning",
        headline=f"The best {metric_label(lead.metric or '')} of {whose(lead)} is within noise",
        sentences=(
            (
                f"{say_first(book, lead, rivals)}, {beside}, but its interval overlapped that of "
                f"{value(overlapping)}."
            ),
            (
                f"With an interval that overlapped that of {value(overlapping)}, "
                f"{say_first(book, lead, rivals)}, {beside}."
            ),
        ),
        next_step=_again(book, lead, rivals),
        clause=_in_short(book, lead, rivals, f"its interval overlaps that of {value(overlapping)}"),
    )


def _draft_too_few(book: FactBook, lead: Fact, rivals: Fact) -> Draft:
    best, following = book.parts(lead)
    runs = f"{count_of_samples(best)} {calls(best.phase)}"
    beside = f"with {value(best)} against {value(following)} for the next"
    return Draft(
        severity="warning",
        headline=f"Too few repetitions to rank the {metric_label(lead.metric or '')} of "
        f"{whose(lead)}",
        sentences=(
            (
                f"{say_first(book, lead, rivals)}, {beside}, but {runs} are too few to tell "
                f"{value(rivals)} apart, so no ranking is supported."
            ),
            (
                f"No ranking is supported: {say_first(book, lead, rivals)}, {beside}, but {runs} are "
                f"too few to tell {value(rivals)} apart."
            ),
        ),
        next_step=_again(book, lead, rivals),
        clause=_in_short(book, lead, rivals, f"{runs} are too few"),
    )
