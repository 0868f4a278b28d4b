"""The rule about subjects of which one number each stands side by side: who came first, and if that holds."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from benchagent.facts.derivations.comparisons.contrasts import FILES_COMPARED
from benchagent.facts.derivations.comparisons.standings import SIDE_BY_SIDE
from benchagent.facts.derivations.rows.settings import is_demand, write_json
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import HEADLINE_METRICS, FactBook, precedence
from benchagent.findings.rules.further import Further
from benchagent.findings.rules.phrases import count_of_samples, superlative, value, with_interval
from benchagent.findings.rules.subject_wording import names_of
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_settings

FURTHER_STANDINGS = Further(
    headline="Other numbers side by side",
    before="Also side by side stand",
    next_step="Keep the single runs beside what is made of them, and repeat what was run once",
)
# What a reported mean hides.
_UNSEEN = (
    "the runs themselves are not in the files, so neither cold ones nor their order can be seen"
)


class Standing(NamedTuple):
    """Subjects by their numbers, the best first, with what tells them apart.

    Attributes:
        subjects: how many they are.
        ratio: the first over the next.
        adjusted: p-values after Holm of the first against others, by the rival's id.
        files: how many files they stand in; None where it is one.
    """

    ranked: list[Fact]
    subjects: Fact
    ratio: Fact
    adjusted: dict[str, Fact]
    files: Fact | None

    @property
    def not_apart(self) -> list[Fact]:
        """The rivals from which the first was tested and not set apart."""
        tested = [rival for rival in self.ranked[1:] if rival.id in self.adjusted]
        return [rival for rival in tested if self.adjusted[rival.id].value >= SIGNIFICANT]

    @property
    def is_clear(self) -> bool:
        """Whether the first was set apart from each of the others."""
        return len(self.adjusted) == len(self.ranked) - 1 and not self.not_apart


def find_standings(book: FactBook) -> Iterator[Draft]:
    """Who came first of subjects with one number each, and whether anything tells that from noise."""
    for standing in sorted(_standings(book), key=_strength):
        yield (_draft_clear if standing.is_clear else _draft_open)(book, standing)


def _strength(standing: Standing) -> tuple[bool, int, int, str]:
    first = standing.ranked[0]
    many = -len(standing.ranked)
    return not standing.is_clear, precedence(first.metric), many, first.config or ""


def _standings(book: FactBook) -> Iterator[Standing]:
    about = book.about("standing")
    ratios = {fact.facts: fact for fact in about if fact.kind == "ratio"}
    adjusted: dict[str, dict[str, Fact]] = defaultdict(dict)
    for fact in about:
        if fact.method == "holm":
            first, rival = book.by_id[fact.facts[0]].facts
            adjusted[first][rival] = fact
    for subjects in book.counts("standing", SIDE_BY_SIDE):
        ranked = book.parts(subjects)
        ratio = ratios.get((ranked[0].id, ranked[1].id))
        if ratio and ratio.value != 1 and subjects.metric in HEADLINE_METRICS:
            files = _find_files(book, subjects)
            yield Standing(ranked, subjects, ratio, adjusted[ranked[0].id], files)


def _find_files(book: FactBook, subjects: Fact) -> Fact | None:
    files = book.counts("standing", FILES_COMPARED)
    return next((fact for fact in files if fact.facts == subjects.facts), None)


def _draft_clear(book: FactBook, standing: Standing) -> Draft:
    first = standing.ranked[0]
    tested = book.say_p(*standing.adjusted.values())
    apart = f"by their spreads the first was set apart from every other one ({tested})"
    return Draft(
        severity="result",
        headline=f"{name_subject(first.subject)} had the {superlative(first.metric or '')} "
        f"{_quantity(first)}{_asked(first)}{book.say_chance(*standing.adjusted.values())}",
        sentences=(
            f"In {_say_first(standing)}. {_say_ratio(standing)}; {apart}, but {_UNSEEN}.",
            f"By {_say_first(standing)}. {_say_ratio(standing)}; {apart}, but {_UNSEEN}.",
        ),
        next_step=NextStep(
            text="Keep the single runs beside the means, and run the subjects in turns"
        ),
        clause=_in_short(standing, f"set apart from every other one, {tested}"),
    )


def _draft_open(book: FactBook, standing: Standing) -> Draft:
    first, following = standing.ranked[:2]
    named, rests, unsure = name_subject(first.subject), *_say_unsure(book, standing)
    return Draft(
        severity="warning",
        headline=f"The first place of {named} in {_quantity(first)}{_asked(first)} {rests}",
        sentences=(
            f"In {_say_first(standing)}. {_say_ratio(standing)}, but {unsure}.",
            f"By {_say_first(standing)}. {_say_ratio(standing)}, but {unsure}.",
        ),
        next_step=NextStep(
            text=f"Repeat {named} and {name_subject(following.subject)} in turns before choosing, "
            "and keep every run"
        ),
        clause=_in_short(standing, unsure),
    )


def _say_unsure(book: FactBook, standing: Standing) -> tuple[str, str]:
    """What a headline and a sentence say against a first place."""
    rivals = standing.not_apart
    if rivals:
        tested = book.say_p(*(standing.adjusted[rival.id] for rival in rivals))
        names = names_of([rival.subject or "" for rival in rivals])
        return "is within noise", f"the first was not set apart from {names} ({tested})"
    if standing.ranked[0].statistic == "value":
        return "rests on single numbers", "one number stands for each, and none for its noise"
    return "rests on means alone", _say_untold(standing)


def _say_untold(standing: Standing) -> str:
    """What a test of the means would need and does not find."""
    if any(side.spread is None for side in standing.ranked):
        return "their standard deviations and numbers of runs were not read for all of them"
    if any(side.n is None for side in standing.ranked):
        return "how many runs they are of was not read for all of them"
    return "their spreads and numbers of runs allow no test of all of them"


def _say_first(standing: Standing) -> str:
    """Each name before its number: behind it, a reader may take it for that of another one."""
    first, following, *others = standing.ranked
    said = (
        f"{_quantity(first)}{_under(first)}, {name_subject(first.subject)} came first of "
        f"{value(standing.subjects)}{_place(standing)} with {_with_runs(first)}; "
        f"{name_subject(following.subject)} came next with {_with_runs(following)}"
    )
    if not others:
        return said
    return f"{said}, and {name_subject(others[-1].subject)} last with {value(others[-1])}"


def _say_ratio(standing: Standing) -> str:
    return f"The first two differed by a ratio of {with_interval(standing.ratio)}"


def _in_short(standing: Standing, told: str) -> str:
    first, following = standing.ranked[:2]
    return (
        f"the {_quantity(first)}{_under(first)} of {value(standing.subjects)}"
        f"{_place(standing)} ({name_subject(first.subject)} first with {value(first)}, "
        f"{name_subject(following.subject)} next with {value(following)}: {told})"
    )


def _with_runs(side: Fact) -> str:
    if side.statistic == "value" or side.n is None:
        return value(side)
    return f"{value(side)} over {count_of_samples(side)} runs"


def _quantity(side: Fact) -> str:
    quantity = name_quantity(side.metric or "", side.statistic or "value")
    return f"{quantity}{name_phase(side.phase)}"


def _place(standing: Standing) -> str:
    first = standing.ranked[0]
    files = f" in {value(standing.files)}" if standing.files else ""
    return f" in {quoted(first.of)}" if first.of else files


def _under(first: Fact) -> str:
    """The work and the settings of all of them, and what they were asked."""
    return _say_with(first, first.config or "{}")


def _asked(first: Fact) -> str:
    """The work and what was asked of all of them, by which one order is known from another."""
    entries = json.loads(first.config or "{}")
    return _say_with(first, write_json({key: entries[key] for key in entries if is_demand(key)}))


def _say_with(first: Fact, settings: str) -> str:
    parts = [part for part in (first.workload, settings) if part and part != "{}"]
    said = f" with {' and '.join(map(quoted_settings, parts))}" if parts else ""
    return f"{said} for {quoted(str(json.loads(first.level)[0]))}" if first.level else said
