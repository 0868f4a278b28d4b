"""Rules about which configuration did best, and whether noise explains that."""

import json
from collections.abc import Iterator, Set
from dataclasses import replace

from benchagent.facts.derivations.comparisons.contrasts import FILES_COMPARED
from benchagent.facts.derivations.comparisons.matched_fields import AS_MANY_OF_PROMPTS
from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    LARGE,
    FactBook,
    Scope,
    precedence,
    scope_of,
    size_of,
    unit_of,
)
from benchagent.findings.rules.lengths import unlike_prompts
from benchagent.findings.rules.method import in_turns, say_turns
from benchagent.findings.rules.phrases import (
    calls,
    count_of_samples,
    superlative,
    value,
    whose,
    with_interval,
)
from benchagent.findings.rules.survivors import (
    advise_survivors,
    find_survivors,
    say_survivors,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted, quoted_settings


def find_best_configurations(book: FactBook) -> Iterator[Draft]:
    """The configuration that came out best, where the data set it apart from every rival."""
    for lead, rivals, largest in _clear_leads(book):
        yield _draft_clearly_best(book, lead, rivals, largest)


def _clear_leads(book: FactBook) -> Iterator[tuple[Fact, Fact, Fact]]:
    """First places that differ from every rival, with the rivals and the largest p-value."""
    for lead in leads(book):
        adjusted = tests_against_rivals(book, lead)
        rivals = field_of(book, lead, "configurations")
        if rivals and adjusted and len(adjusted) == len(rivals.facts) - 1:
            largest = max(adjusted, key=lambda fact: fact.value)
            if largest.value < SIGNIFICANT and lead.value != 1:
                yield lead, rivals, largest


def leads(book: FactBook) -> list[Fact]:
    """The first places, by what a reader asks after first and by how much was measured for them."""
    found = [
        fact
        for fact in book.about("configuration")
        if fact.statistic == "best-over-next"
        # a size is what it is, however often it is looked at
        and unit_of(fact.metric) != "bytes"
        and not _is_told_as_option(book, fact)
    ]
    return sorted(found, key=lambda fact: (precedence(fact.metric), -_count_measured(book, fact)))


def _is_told_as_option(book: FactBook, lead: Fact) -> bool:
    """Whether one option alone sets the configurations apart, and what is told of it says as much.

    Of two of them its test says all; of more, that nothing sets any apart.
    """
    rivals, option = field_of(book, lead, "configurations"), _only_option(book, lead)
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
    rivals = field_of(book, lead, "configurations")
    varied = _varied(book, rivals) if rivals else set[str]()
    return varied.pop() if len(varied) == 1 else None


def are_machines(book: FactBook, rivals: Fact) -> bool:
    """Whether configurations that compete differ in nothing but where they ran."""
    return all(names_machine(option) for option in _varied(book, rivals))


def _varied(book: FactBook, rivals: Fact) -> set[str]:
    configs = _read_all({fact.config for fact in book.parts(rivals)})
    return {
        key
        for config in configs
        for key, level in config.items()
        if any(key not in other or other[key] != level for other in configs)
    }


def options_told_by_best(book: FactBook) -> set[Scope]:
    """The options whose best value is told as the best configuration, which says more of it."""
    return {
        scope_of(replace(lead, about="option", option=option))
        for lead, _, _ in _clear_leads(book)
        if (option := _only_option(book, lead)) is not None
    }


def _count_measured(book: FactBook, lead: Fact) -> int:
    rivals = field_of(book, lead, "configurations")
    return sum(len(fact.measurements) for fact in book.parts(rivals)) if rivals else 0


def field_of(book: FactBook, lead: Fact, what: str) -> Fact | None:
    """What else is known of the competition that a first place is of: `configurations`, say."""
    return next((fact for fact in book.beside(lead) if fact.statistic == what), None)


def tests_against_rivals(book: FactBook, lead: Fact) -> list[Fact]:
    """The p-values after Holm of the best configuration against each other one."""
    best, _ = book.parts(lead)
    return [
        fact
        for fact in book.beside(lead)
        if fact.method == "holm" and best.config in (fact.config, fact.level)
    ]


def name_varied(book: FactBook, rivals: Fact, config: str | None) -> str:
    """A configuration by the settings in which its rivals differ."""
    found: list[dict[str, object]] = [json.loads(f.config or "{}") for f in book.parts(rivals)]
    own: dict[str, object] = json.loads(config or "{}")
    differing = {
        key: value
        for key, value in own.items()
        if any(key not in other or other[key] != value for other in found)
    }
    return quoted_settings(write_json(differing or own))


def say_first(book: FactBook, lead: Fact, rivals: Fact) -> str:
    """Which configuration came first, of what, and among how many."""
    best, _ = book.parts(lead)
    return (
        f"{name_varied(book, rivals, best.config)} had the {superlative(lead.metric or '')} "
        f"{metric_label(lead.metric or '')} of {whose(lead)} among {value(rivals)}"
        f"{say_set_apart(book, lead, rivals)} in {quoted(lead.benchmark or '')}"
        f"{f', over {lead.level}' if lead.level else ''}"
    )


def say_set_apart(book: FactBook, lead: Fact, rivals: Fact) -> str:
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
    files = field_of(book, lead, FILES_COMPARED)
    return f" of {quoted(files.sources[0])}" if others and files and files.value == 1 else ""


def _read_all(configs: Set[str | None]) -> list[dict[str, object]]:
    return [json.loads(config or "{}") for config in sorted(configs, key=str)]


def _draft_clearly_best(book: FactBook, lead: Fact, rivals: Fact, largest: Fact) -> Draft:
    best, following = book.parts(lead)
    named = say_first(book, lead, rivals)
    next_best = f"the next, {name_varied(book, rivals, following.config)}, had {value(following)}"
    tested = f"largest {book.say_p(largest)}"
    shown = with_interval(best)
    if book.by_id[largest.facts[0]].rounds:
        # The interval takes calls for independent, which those of one round are not.
        tested, shown = f"over rounds of calls, {tested}", value(best)
    over = f"the best was set apart from every rival ({tested})"
    turns = [
        fact for option in sorted(_varied(book, rivals)) for fact in in_turns(book, lead, option)
    ]
    own: dict[str, object] = json.loads(best.config or "{}")
    settings = [(name, write_json(own[name])) for name in _varied(book, rivals) if name in own]
    survivors = find_survivors(book, lead, settings)
    alike = lead.level == AS_MANY_OF_PROMPTS
    unlike = "" if alike else unlike_prompts(book, best, following)
    but = f"{say_turns(turns[:1])}{say_survivors(survivors)}{unlike}"
    measured = f"{shown} over {count_of_samples(best)} {calls(best.phase)}"
    files = field_of(book, lead, FILES_COMPARED)
    if files and files.value > 1:
        next_best += f" (they stand in {value(files)})"
    return Draft(
        severity="result",
        headline=f"A{'' if turns or survivors or unlike or book.may_be_chance(largest) else ' clearly'} best configuration for the {metric_label(lead.metric or '')} of "
        f"{whose(lead)}{book.say_chance(largest)}{', among runs that survived' if survivors else ''}",
        sentences=(
            f"{named}: {measured}; {next_best}, and {over}{but}.",
            (f"Set apart from every rival ({tested}), {named}: {measured}; {next_best}{but}."),
        ),
        next_step=NextStep(
            text="Compare models and options within one machine, or on each alike"
            if are_machines(book, rivals)
            else advise_survivors(survivors)
            if survivors
            else f"Measure {name_varied(book, rivals, best.config)} and its rivals again with the same prompts"
            if unlike
            else f"Measure {name_varied(book, rivals, best.config)} and its rivals again in shuffled order"
            if turns
            else f"Use {name_varied(book, rivals, best.config)} as the baseline"
        ),
    )
