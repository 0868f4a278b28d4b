"""Rules about which configuration did best, and whether noise explains that."""

import json
from collections.abc import Iterator, Set
from dataclasses import replace

from benchagent.facts.derivations.settings import write_json
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    LARGE,
    SIGNIFICANT,
    FactBook,
    Scope,
    bench_command,
    calls,
    count_of_samples,
    plain_levels,
    precedence,
    scope_of,
    size_of,
    superlative,
    unit_of,
    value,
    whose,
    with_interval,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted, quoted_settings


def find_best_configurations(book: FactBook) -> Iterator[Draft]:
    """The configuration that came out best, where the data set it apart from every rival."""
    for lead, rivals, largest in _clear_leads(book):
        yield _draft_clearly_best(book, lead, rivals, largest)


def _clear_leads(book: FactBook) -> Iterator[tuple[Fact, Fact, Fact]]:
    """First places that differ from every rival, with the rivals and the largest p-value."""
    for lead in _leads(book):
        adjusted = _tests_against_rivals(book, lead)
        rivals = _field(book, lead, "configurations")
        if rivals and adjusted and len(adjusted) == len(rivals.facts) - 1:
            largest = max(adjusted, key=lambda fact: (fact.value, fact.id))
            if largest.value < SIGNIFICANT:
                yield lead, rivals, largest


def find_best_within_noise(book: FactBook) -> Iterator[Draft]:
    """A best configuration that nothing sets apart from its rivals."""
    for lead in _leads(book):
        rivals, once = (
            _field(book, lead, what) for what in ("configurations", "configurations-run-once")
        )
        overlapping = _field(book, lead, "overlapping")
        if not (rivals and once and overlapping):
            continue
        best, _ = book.parts(lead)
        adjusted = _tests_against_rivals(book, lead)
        if best.n == 1:
            yield _draft_run_once(book, lead, rivals, once)
        elif adjusted and max(fact.value for fact in adjusted) >= SIGNIFICANT:
            nearest = max(adjusted, key=lambda fact: (fact.value, fact.id))
            yield _draft_within_noise(book, lead, rivals, nearest)
        elif not adjusted and overlapping.value:
            yield _draft_overlapping(book, lead, rivals, overlapping)
        elif not adjusted and best.ci_low is None:
            yield _draft_too_few(book, lead, rivals)


def _leads(book: FactBook) -> list[Fact]:
    """The first places, by what a reader asks after first and by how much was measured for them."""
    found = [
        fact
        for fact in book.about("configuration")
        if fact.statistic == "best-over-next"
        # a size is what it is, however often it is looked at
        and unit_of(fact.metric) != "bytes"
        and not _is_told_as_option(book, fact)
    ]
    return sorted(found, key=lambda f: (precedence(f.metric), -_count_measured(book, f), f.id))


def _is_told_as_option(book: FactBook, lead: Fact) -> bool:
    """Whether one option alone sets the configurations apart, and what is told of it says as much.

    Of two of them its test says all; of more, that nothing sets any apart.
    """
    rivals, option = _field(book, lead, "configurations"), _only_option(book, lead)
    if rivals is None or option is None:
        return False
    tested = book.beside(replace(lead, about="option", option=option))
    p_values = [fact.value for fact in tested if fact.method == "holm"]
    if rivals.value == 2:
        return bool(p_values)
    sizes = [size_of(fact) for fact in tested if fact.kind == "ratio"]
    return bool(p_values and sizes) and min(p_values) >= SIGNIFICANT and max(sizes) < LARGE


def _only_option(book: FactBook, lead: Fact) -> str | None:
    """The option in which configurations that compete differ, where it is one."""
    rivals = _field(book, lead, "configurations")
    configs = _read_all({fact.config for fact in book.parts(rivals)}) if rivals else []
    varied = {
        key
        for config in configs
        for key, level in config.items()
        if any(key not in other or other[key] != level for other in configs)
    }
    return varied.pop() if len(varied) == 1 else None


def options_told_by_best(book: FactBook) -> set[Scope]:
    """The options whose best value is told as the best configuration, which says more of it."""
    return {
        scope_of(replace(lead, about="option", option=option))
        for lead, _, _ in _clear_leads(book)
        if (option := _only_option(book, lead)) is not None
    }


def _count_measured(book: FactBook, lead: Fact) -> int:
    rivals = _field(book, lead, "configurations")
    return sum(len(fact.measurements) for fact in book.parts(rivals)) if rivals else 0


def _field(book: FactBook, lead: Fact, what: str) -> Fact | None:
    return next((fact for fact in book.beside(lead) if fact.statistic == what), None)


def _tests_against_rivals(book: FactBook, lead: Fact) -> list[Fact]:
    best, _ = book.parts(lead)
    return [
        fact
        for fact in book.beside(lead)
        if fact.method == "holm" and best.config in (fact.config, fact.level)
    ]


def _varied(book: FactBook, rivals: Fact, config: str | None) -> str:
    """A configuration by the settings in which its rivals differ."""
    found: list[dict[str, object]] = [json.loads(f.config or "{}") for f in book.parts(rivals)]
    own: dict[str, object] = json.loads(config or "{}")
    differing = {
        key: value
        for key, value in own.items()
        if any(key not in other or other[key] != value for other in found)
    }
    return quoted_settings(write_json(differing or own))


def _named(book: FactBook, lead: Fact, rivals: Fact) -> str:
    best, _ = book.parts(lead)
    return (
        f"{_varied(book, rivals, best.config)} had the {superlative(lead.metric or '')} "
        f"{metric_label(lead.metric or '')} of {whose(lead)} among {value(rivals)}"
        f"{_set_apart(book, lead, rivals)} in {quoted(lead.benchmark or '')}"
    )


def _set_apart(book: FactBook, lead: Fact, rivals: Fact) -> str:
    """What these configurations share and others of the subject have otherwise, if there are any.

    Where it is no setting, it is their file.
    """
    competing = {fact.config for fact in book.parts(rivals)}
    configs = _read_all(competing)
    described = book.beside(replace(rivals, option=None))
    others = _read_all({f.config for f in described if f.kind == "statistic"} - competing)
    shared = {
        key: level
        for key, level in configs[0].items()
        if all(key in config and config[key] == level for config in configs)
        and all(key not in other or other[key] != level for other in others)
    }
    # What the others have at another level says it best, as `backend=jit` beside `backend=onnx`
    told = {key: shared[key] for key in shared if all(key in other for other in others)} or shared
    if others and told:
        return f" with {quoted_settings(write_json(told))}"
    files = _field(book, lead, "files-compared")
    return f" of {quoted(files.sources[0])}" if others and files and files.value == 1 else ""


def _read_all(configs: Set[str | None]) -> list[dict[str, object]]:
    return [json.loads(config or "{}") for config in sorted(configs, key=str)]


def _again(book: FactBook, lead: Fact, rivals: Fact) -> NextStep:
    best, following = book.parts(lead)
    names = [_varied(book, rivals, fact.config) for fact in (best, following)]
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


def _draft_clearly_best(book: FactBook, lead: Fact, rivals: Fact, largest: Fact) -> Draft:
    best, following = book.parts(lead)
    named = _named(book, lead, rivals)
    next_best = f"the next, {_varied(book, rivals, following.config)}, had {value(following)}"
    tested = f"largest p = {value(largest)} after Holm"
    shown = with_interval(best)
    if book.by_id[largest.facts[0]].rounds:
        # The interval takes calls for independent, which those of one round are not.
        tested, shown = f"{tested}, over rounds of calls", value(best)
    over = f"the best was set apart from every rival ({tested})"
    measured = f"{shown} over {count_of_samples(best)} {calls(best.phase)}"
    files = _field(book, lead, "files-compared")
    if files and files.value > 1:
        next_best += f" (they stand in {value(files)})"
    return Draft(
        severity="result",
        headline=f"A clearly best configuration for the {metric_label(lead.metric or '')} of "
        f"{whose(lead)}",
        sentences=(
            f"{named}: {measured}; {next_best}, and {over}.",
            (f"Set apart from every rival ({tested}), {named}: {measured}; {next_best}."),
        ),
        next_step=NextStep(text=f"Use {_varied(book, rivals, best.config)} as the baseline"),
    )


def _draft_run_once(book: FactBook, lead: Fact, rivals: Fact, once: Fact) -> Draft:
    best, following = book.parts(lead)
    quantity = metric_label(lead.metric or "")
    by = "" if best.phase is None else f" ({calls(best.phase)} only)"
    beside = f"with {value(best)} against {value(following)} for the next"
    last = _last(book, lead)
    if last is not None and last.id != following.id:
        beside += f" and {value(last)} for the last"
    alone = "each was run once" if once.value == rivals.value else f"{value(once)} ran once"
    if once.value != rivals.value:
        alone += ", the best among them"
    return Draft(
        severity="warning",
        headline=f"The best {quantity} of {whose(lead)} rests on single runs",
        sentences=(
            (
                f"{_named(book, lead, rivals)}{by}, {beside}, but {alone}, so no ranking is "
                "supported."
            ),
            (
                f"No ranking of {value(rivals)} by {quantity} of {whose(lead)} is supported{by}: "
                f"{alone}, and {_varied(book, rivals, best.config)} came first {beside}."
            ),
        ),
        next_step=_again(book, lead, rivals),
    )


def _last(book: FactBook, lead: Fact) -> Fact | None:
    """The configuration that did worst."""
    found = _field(book, lead, "best-over-last")
    return book.parts(found)[1] if found else None


def _draft_within_noise(book: FactBook, lead: Fact, rivals: Fact, nearest: Fact) -> Draft:
    best, following = book.parts(lead)
    other = nearest.level if nearest.config == best.config else nearest.config
    rival = _varied(book, rivals, other)
    beside = f"with {value(best)} against {value(following)} for the next"
    return Draft(
        severity="warning",
        headline=f"The best {metric_label(lead.metric or '')} of {whose(lead)} is within noise",
        sentences=(
            (
                f"{_named(book, lead, rivals)}, {beside}, but was not set apart from {rival} "
                f"(p = {value(nearest)} after Holm)."
            ),
            (
                f"Noise is enough to explain the first place: {_named(book, lead, rivals)}, {beside}, "
                f"and was not set apart from {rival} (p = {value(nearest)} after Holm)."
            ),
        ),
        next_step=_again(book, lead, rivals),
    )


def _draft_overlapping(book: FactBook, lead: Fact, rivals: Fact, overlapping: Fact) -> Draft:
    best, following = book.parts(lead)
    beside = f"with {with_interval(best)} against {with_interval(following)} for the next"
    return Draft(
        severity="warning",
        headline=f"The best {metric_label(lead.metric or '')} of {whose(lead)} is within noise",
        sentences=(
            (
                f"{_named(book, lead, rivals)}, {beside}, but its interval overlapped that of "
                f"{value(overlapping)}."
            ),
            (
                f"With an interval that overlapped that of {value(overlapping)}, "
                f"{_named(book, lead, rivals)}, {beside}."
            ),
        ),
        next_step=_again(book, lead, rivals),
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
                f"{_named(book, lead, rivals)}, {beside}, but {runs} are too few to tell "
                f"{value(rivals)} apart, so no ranking is supported."
            ),
            (
                f"No ranking is supported: {_named(book, lead, rivals)}, {beside}, but {runs} are "
                f"too few to tell {value(rivals)} apart."
            ),
        ),
        next_step=_again(book, lead, rivals),
    )
