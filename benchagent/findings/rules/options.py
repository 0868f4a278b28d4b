"""The rule about what an option does to what was measured."""

from collections import defaultdict
from collections.abc import Iterator
from math import isclose
from typing import Final, NamedTuple

from benchagent.facts.derivations.comparisons.option_levels import BLANK
from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.facts.derivations.rows.settings import is_demand
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.configurations import options_told_by_best
from benchagent.findings.rules.fact_book import (
    SMALL,
    FactBook,
    precedence,
    scope_of,
    size_of,
    tells_direction,
    tested_over,
)
from benchagent.findings.rules.further import MOST_TOGETHER
from benchagent.findings.rules.interactions import depends_on, ratios_within, say_dependence
from benchagent.findings.rules.lengths import say_shorter_answers, unlike_prompts
from benchagent.findings.rules.method import in_blocks, in_turns, say_turns, tell_where
from benchagent.findings.rules.phrases import (
    bench_command,
    centres,
    comparative,
    plain_levels,
    value,
    weigh_results,
    whose,
)
from benchagent.findings.rules.survivors import (
    Outcomes,
    advise_survivors,
    find_survivors,
    say_survivors,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, name_subject, quoted, quoted_setting

MOST_LISTED: Final = 4
# What a client waits beyond the server's own time is a few milliseconds a call.
_SAME_TIMES: Final = 0.02


def find_option_effects(book: FactBook) -> Iterator[Draft]:
    """Options with which a metric clearly changed."""
    found: list[list[OptionTest]] = []
    told_by_best = options_told_by_best(book)
    for tested in tested_options(book):
        if is_clear(book, tested) and scope_of(tested.ratio) not in told_by_best:
            told = next((group for group in found if _by_another_clock(book, group[0], tested)), [])
            if not told:
                found.append(told)
            told.append(tested)
    found.sort(key=lambda group: -size_of(group[0].ratio))
    for alike in sorted(_of_many_subjects(book, found), key=lambda groups: -len(groups)):
        yield _draft_effects(book, alike) if len(alike) > 1 else _draft_effect(book, *alike[0])


class OptionTest(NamedTuple):
    """Best over worst value of an option, the p-value after Holm, and the test that it adjusts."""

    ratio: Fact
    adjusted: Fact
    test: Fact


def tested_options(book: FactBook) -> list[OptionTest]:
    """Every option that was tested, by what a reader asks after first."""
    ratios = [fact for fact in book.about("option") if fact.kind == "ratio" and fact.option]
    ratios.sort(key=lambda fact: precedence(fact.metric))
    tested = ((ratio, book.adjusted(ratio)) for ratio in ratios)
    return [
        OptionTest(ratio, *adjusted)
        for ratio, adjusted in tested
        if adjusted and tells_direction(ratio, adjusted[0])
    ]


def is_clear(book: FactBook, tested: OptionTest) -> bool:
    """Whether an option did something: over all, or one thing here and another there."""
    return tested.adjusted.value < SIGNIFICANT or bool(ratios_within(book, tested.ratio))


def _of_many_subjects(
    book: FactBook, found: list[list[OptionTest]]
) -> list[list[list[OptionTest]]]:
    """Effects of one option on one metric, the same way for several subjects, taken together."""
    together: dict[tuple[object, ...], list[list[OptionTest]]] = defaultdict(list)
    for group in found:
        ratio = group[0].ratio
        best, worst = book.parts(ratio)
        option = ratio.option or ""
        ordered = in_blocks(book, ratio, option) or in_turns(book, ratio, option)
        survivors = [each for side in (best, worst) for each in _survivors_at(book, ratio, side)]
        unlike = unlike_prompts(book, best, worst) or say_shorter_answers(book, best, worst)
        within = ratios_within(book, ratio)
        told_alone = (
            len(group) > 1 or group[0].test.rounds or ordered or survivors or unlike or within
        )
        key = (ratio.metric, ratio.option, best.level, worst.level, ratio.level, ratio.phase)
        together[(*key, ratio.id) if told_alone else key].append(group)
    return [
        alike[start : start + MOST_TOGETHER]
        for alike in together.values()
        for start in range(0, len(alike), MOST_TOGETHER)
    ]


def _by_another_clock(book: FactBook, told: OptionTest, other: OptionTest) -> bool:
    """Whether two metrics gave the same times, as those of client and server do."""
    one, two = told.ratio, other.ratio
    if (one.benchmark, one.subject, one.of, one.workload, one.option, one.phase) != (
        two.benchmark, two.subject, two.of, two.workload, two.option, two.phase,
    ):  # fmt: skip
        return False
    return all(
        (a.level, a.unit) == (b.level, b.unit) and isclose(a.value, b.value, rel_tol=_SAME_TIMES)
        for a, b in zip(book.parts(one), book.parts(two), strict=True)
    )


def _draft_effect(book: FactBook, effect: OptionTest, *others: OptionTest) -> Draft:
    ratio, adjusted, test = effect
    best, worst = book.parts(ratio)
    option, quantity = ratio.option or "", metric_label(ratio.metric or "")
    small = "a small difference" if size_of(ratio) < SMALL else "a difference"
    if adjusted.value >= SIGNIFICANT:
        small = "no clear difference"
    elif not book.may_be_chance(adjusted):
        small += " that chance hardly explains"
    medians = (
        f"{value(best)} at {quoted_setting(option, best.level or '')} against {value(worst)} at "
        f"{quoted_setting(option, worst.level or '')}{say_shorter_answers(book, best, worst)}"
    )
    tested = f"{tested_over(book, test)} {ratio.level} ({book.say_p(adjusted)})"
    blocks, turns = (in_order(book, ratio, option) for in_order in (in_blocks, in_turns))
    but = (
        f"; {quoted(option)} was changed only in blocks of successive runs "
        f"({tell_where(blocks)}), so a drift over time could look the same"
        if blocks
        else say_turns(turns)
    )
    survivors = [_survivors_at(book, ratio, side) for side in (best, worst)]
    within = ratios_within(book, ratio)
    but = say_dependence(book, within) + but
    but += say_survivors([*survivors[0], *survivors[1]])
    unlike = unlike_prompts(book, best, worst)
    but += unlike
    alike = "".join(_told_along(book, other) for other in others)
    return Draft(
        severity="result",
        headline=f"The {quantity} of {whose(ratio)} differed with {quoted(option)}"
        f"{f', depending on {depends_on(within)}' if within else ''}{book.say_chance(adjusted)}",
        sentences=(
            (
                f"The {quantity} of {whose(ratio)} differed with {quoted(option)}: "
                f"{centres(best, worst)} of {medians}, {small} {tested}{alike}{but}."
            ),
            (
                f"With {quoted(option)} the {quantity} of {whose(ratio)} changed: "
                f"{centres(best, worst)} of {medians}, {small} {tested}{alike}{but}."
            ),
        ),
        next_step=_next_step(
            ratio,
            (best, worst),
            f"Measure {quoted(option)} again with the order of its values shuffled"
            if blocks or turns
            else advise_survivors(survivors[0])
            if survivors[0]
            else f"Measure {quoted(option)} again with the same prompts at each value"
            if unlike
            else f"Choose {quoted(option)} for each {depends_on(within)} by itself, and {weigh_results(ratio)}"
            if within
            else f"{_set(best)} and {weigh_results(ratio)}",
        ),
    )


def _set(best: Fact) -> str:
    """To give an option the better value, which may be none."""
    if best.level == BLANK:
        return f"Leave {quoted(best.option or '')} blank"
    return f"Set {quoted_setting(best.option or '', best.level or '')}"


def _survivors_at(book: FactBook, ratio: Fact, side: Fact) -> list[Outcomes]:
    return find_survivors(book, ratio, [(ratio.option or "", side.level or "")])


def _next_step(ratio: Fact, sides: tuple[Fact, Fact], text: str) -> NextStep:
    """What to do about an option; a machine is none that anybody sets, nor is what was asked."""
    option = ratio.option or ""
    if names_machine(option) or is_demand(option):
        return NextStep(
            text=f"Compare models and options within one {quoted(option)}, or on each alike"
        )
    command = bench_command(ratio.subject, (option, levels_of(*sides)))
    return NextStep(text=text, command=command)


def _draft_effects(book: FactBook, found: list[list[OptionTest]]) -> Draft:
    effects = [group[0] for group in found]
    ratio = effects[0].ratio
    option, quantity = ratio.option or "", metric_label(ratio.metric or "")
    best, worst = book.parts(ratio)
    levels = [quoted_setting(option, side.level or "") for side in (best, worst)]
    subjects = join_names(
        [*dict.fromkeys(name_subject(effect.ratio.subject) for effect in effects)], MOST_LISTED
    )
    listed = ", ".join(
        f"{whose(effect.ratio)} {value(one)} against {value(other)}"
        for effect in effects
        for one, other in [book.parts(effect.ratio)]
    )
    adjusted = [effect.adjusted for effect in effects]
    tested = f"{ratio.level} ({book.say_p(*adjusted)})"
    hardly = "" if book.may_be_chance(*adjusted) else " that chance hardly explains"
    medians = f"{centres(best, worst)} of {listed}, differences{hardly} over runs {tested}"
    way = comparative(ratio.metric or "")
    return Draft(
        severity="result",
        headline=f"The {quantity} of {subjects} differed with {quoted(option)}{book.say_chance(*adjusted)}",
        sentences=(
            f"{levels[0]} gave a {way} {quantity} than {levels[1]}: {medians}.",
            f"The {quantity} was {way} with {levels[0]} than with {levels[1]}: {medians}.",
        ),
        next_step=_next_step(
            ratio,
            (best, worst),
            f"{_set(best)} where {quantity} decides, and {weigh_results(ratio)}",
        ),
    )


def _told_along(book: FactBook, other: OptionTest) -> str:
    best, worst = book.parts(other.ratio)
    quantity = metric_label(other.ratio.metric or "")
    return f"; so did the {quantity} ({value(best)} against {value(worst)}, p = {value(other.adjusted)})"


def levels_of(*facts: Fact) -> list[str]:
    """The values of an option that facts are about, as a command line takes them."""
    return plain_levels({fact.level for fact in facts if fact.level})
