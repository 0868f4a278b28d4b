"""Rules about how it was measured: repetitions, and what changed in step with time."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import out_of, value
from benchagent.wording import join_names, name_subject, quoted, quoted_setting

_FEWEST_LONE: Final = 3
_LONE_SHARE: Final = 0.25


def find_single_repetitions(book: FactBook) -> Iterator[Draft]:
    """Runs without a repetition, where they are more than a few."""
    lone, runs = book.count("corpus", "lone-runs"), book.count("corpus", "runs")
    if not (lone and runs) or lone.value < max(_FEWEST_LONE, _LONE_SHARE * runs.value):
        return
    yield Draft(
        severity="warning",
        headline="Runs that stand alone",
        sentences=(
            (
                f"{out_of(lone, runs)} stood alone under their settings and prompt, so nothing in the "
                "snapshot tells their noise from an effect."
            ),
            (
                f"Nothing in the snapshot tells noise from an effect in {value(lone)} out of {value(runs)}: "
                "they stood alone under their settings and prompt."
            ),
        ),
        next_step=NextStep(text="Run every configuration five times or more, in shuffled order"),
    )


def find_blocked_options(book: FactBook) -> Iterator[Draft]:
    """Options whose values were run one after the other, never interleaved."""
    options: dict[str, list[Fact]] = defaultdict(list)
    for fact in book.counts("order", "runs-in-blocks"):
        options[fact.option or ""].append(fact)
    for option, facts in sorted(options.items(), key=lambda item: (-len(item[1]), item[0])):
        where = tell_where(facts)
        yield Draft(
            severity="warning",
            headline=f"{quoted(option)} was changed in step with time",
            sentences=(
                (
                    f"{quoted(option)} was changed only in blocks of successive runs ({where}), so a "
                    f"drift over time cannot be told from an effect of {quoted(option)} there."
                ),
                (
                    f"A drift over time cannot be told from an effect of {quoted(option)} where it "
                    f"was changed only in blocks of successive runs: {where}."
                ),
            ),
            next_step=NextStep(
                text=f"Run on each {quoted(option)} in turn, or repeat in reversed order"
                if names_machine(option)
                else "Shuffle the order of configurations, or repeat it reversed"
            ),
        )


def in_blocks(book: FactBook, result: Fact, option: str) -> list[Fact]:
    """The runs, file by file, that a result is of and that changed an option only in blocks."""
    return _run_so(book, result, option, "runs-in-blocks")


def in_turns(book: FactBook, result: Fact, option: str) -> list[Fact]:
    """The runs, file by file, that a result is of and that changed an option in turns of one order."""
    return _run_so(book, result, option, "runs-in-turns")


def _run_so(book: FactBook, result: Fact, option: str, how: str) -> list[Fact]:
    return [
        fact
        for fact in book.counts("order", how)
        if (fact.subject, fact.workload, fact.benchmark, fact.option)
        == (result.subject, result.workload, result.benchmark, option)
    ]


def say_turns(turns: list[Fact]) -> str:
    """What else may explain a result of runs that were made in turns, if these were; after a `;`."""
    if not turns:
        return ""
    return (
        f"; {quoted(turns[0].option or '')} took its values in the same order every time "
        f"({tell_where(turns)}), so what a run leaves to the next one, as heat or a cache, could "
        "look the same"
    )


def tell_where(facts: list[Fact]) -> str:
    """How many runs of which file, and of whom where one file is about several."""
    paths = [fact.of for fact in facts]
    if len(facts) > 1 and len(set(paths)) == 1:
        listed = [f"{value(fact)} of {_name_runs(fact)}" for fact in facts]
        return f"{join_names(listed)} in {quoted(paths[0] or '')}"
    listed = []
    for fact in facts:
        whose = f" of {_name_runs(fact)}" if paths.count(fact.of) > 1 else ""
        listed.append(f"{value(fact)}{whose} in {quoted(fact.of or '')}")
    return join_names(listed)


def _name_runs(fact: Fact) -> str:
    return name_subject(fact.subject, None, fact.workload)


def find_cold_levels(book: FactBook) -> Iterator[Draft]:
    """Cold calls that all fall on one value of an option."""
    settings: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in book.counts("phase", "cold-runs-at-level"):
        settings[fact.option or "", fact.level or ""].append(fact)
    for (option, level), facts in sorted(settings.items(), key=lambda i: (-len(i[1]), i[0])):
        setting, named = quoted_setting(option, level), quoted(option)
        where = tell_where(facts)
        yield Draft(
            severity="warning",
            headline=f"All cold calls fell on {setting}",
            sentences=(
                (
                    f"All cold calls fell on {setting} ({where}): averages by {named} that "
                    f"include them compare loading, not {named}."
                ),
                (
                    f"Averages by {named} over all calls compare loading, not {named}, where all "
                    f"cold calls fell on {setting}: {where}."
                ),
            ),
            next_step=NextStep(
                text=f"Compare values of {named} over warm calls only, or warm up "
                f"{'on' if names_machine(option) else 'before'} each"
            ),
        )
