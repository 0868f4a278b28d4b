"""Rules about how it was measured: repetitions, run order, drift."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import (
    SIGNIFICANT,
    FactBook,
    count_of_samples,
    out_of,
    unit_of,
    value,
)
from benchagent.quantities.metrics import metric_label
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
        headline="Configurations run once",
        sentences=(
            (
                f"{out_of(lone, runs)} had no repetition under the same settings and prompt, so "
                "nothing tells their noise from an effect."
            ),
            (
                f"Nothing tells noise from an effect in {value(lone)} out of {value(runs)}: they had no "
                "repetition under the same settings and prompt."
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
        where = _tell_where(facts)
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
            next_step=NextStep(text="Shuffle the order of configurations, or repeat it reversed"),
        )


def _tell_where(facts: list[Fact]) -> str:
    """How many runs of which file, and of whom where one file is about several."""
    paths = [fact.of for fact in facts]
    listed: list[str] = []
    for fact in facts:
        whose = f" of {name_subject(fact.subject)}" if paths.count(fact.of) > 1 else ""
        listed.append(f"{value(fact)}{whose} in {quoted(fact.of or '')}")
    return join_names(listed)


def find_cold_levels(book: FactBook) -> Iterator[Draft]:
    """Cold calls that all fall on one value of an option."""
    settings: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in book.counts("phase", "cold-runs-at-level"):
        settings[fact.option or "", fact.level or ""].append(fact)
    for (option, level), facts in sorted(settings.items(), key=lambda i: (-len(i[1]), i[0])):
        setting, named = quoted_setting(option, level), quoted(option)
        where = _tell_where(facts)
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
                text=f"Compare values of {named} over warm calls only, or warm up before each"
            ),
        )


def find_drift(book: FactBook) -> Iterator[Draft]:
    """Values that rise or fall along a file."""
    found: list[tuple[float, Draft]] = []
    for tau in book.about("order"):
        # memory in use follows the settings and not the hour
        drifts = tau.method == "kendall-tau" and unit_of(tau.metric) != "bytes"
        adjusted = book.adjusted(tau) if drifts else None
        if adjusted and adjusted[0].value < SIGNIFICANT:
            found.append((abs(tau.value), _draft_drift(tau, adjusted[0])))
    found.sort(key=lambda pair: -pair[0])
    yield from (draft for _, draft in found)


def _draft_drift(tau: Fact, adjusted: Fact) -> Draft:
    quantity, where = metric_label(tau.metric or ""), quoted(tau.of or "")
    moved = "rose" if tau.value > 0 else "fell"
    tested = f"Kendall's tau {value(tau)}, p = {value(adjusted)} after Holm"
    runs = f"{count_of_samples(tau)} runs"
    subject = name_subject(tau.subject, None, tau.workload)
    return Draft(
        severity="warning",
        headline=f"The {quantity} of {subject} drifted with run order",
        sentences=(
            (
                f"The {quantity} of {subject} {moved} along the {runs} of {where} ({tested}); "
                "settings changed in the same order could look like an effect, or hide one."
            ),
            (
                f"Along the {runs} of {where} the {quantity} of {subject} {moved} ({tested}), which "
                "settings changed in the same order could mimic or hide."
            ),
        ),
        next_step=NextStep(text="Repeat in shuffled order, and watch temperature and clock rates"),
    )
