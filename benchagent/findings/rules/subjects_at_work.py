"""Two subjects that were compared at several kinds of work (tasks, datasets), told in one."""

from typing import Final

from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook, tested_over
from benchagent.findings.rules.lengths import say_shorter_answers
from benchagent.findings.rules.phrases import centres, comparative, value
from benchagent.findings.rules.places import Pair
from benchagent.findings.rules.subject_reserves import prefer, weigh_up
from benchagent.findings.rules.subject_wording import (
    repeat_subjects,
    say_workload,
)
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, name_subject, quoted

_MOST_LISTED: Final = 4


def draft_workloads(book: FactBook, pairs: list[Pair]) -> Draft:
    """At what work one did better, at what work the other, and where nothing was told apart."""
    clear = [pair for pair in pairs if pair.is_clear]
    open_ = [pair for pair in pairs if not pair.is_clear]
    if not clear:
        return _draft_open(book, open_)
    leader, other = (side.subject or "" for side in book.parts(clear[0].ratio))
    ahead = [pair for pair in clear if pair.ratio.subject == leader]
    behind = [pair for pair in clear if pair.ratio.subject != leader]
    ratio, quantity = clear[0].ratio, metric_label(clear[0].ratio.metric or "")
    way = comparative(ratio.metric or "")
    reserves = weigh_up(book, clear, [leader])
    first = f"{name_subject(leader)} had a {way} {quantity} than {name_subject(other)}"
    listed = _list(book, ahead, pairs, leader)
    against = f"; it was the other way round {_list(book, behind, pairs, leader)}" if behind else ""
    alike = f"; no clear difference was seen {_list(book, open_, pairs, leader)}" if open_ else ""
    where = _where(pairs)
    # What may be chance is not in the headline where something else is not.
    sure = [pair for pair in ahead if not book.may_be_chance(pair.adjusted)] or ahead
    headed = f"{first}{say_workload(*(pair.ratio for pair in sure))}"
    named = say_workload(*(pair.ratio for pair in ahead)) if behind or open_ else ""
    return Draft(
        severity="result",
        headline=f"{headed}{book.say_chance(*(pair.adjusted for pair in sure))}",
        sentences=(
            f"{first} {listed}{against}{alike}, {where}{reserves.said}.",
            f"{_capital(where)}, {first} {listed}{against}{alike}{reserves.said}.",
        ),
        next_step=reserves.step or prefer(clear[0], [leader], named),
    )


def _draft_open(book: FactBook, pairs: list[Pair]) -> Draft:
    ratio = pairs[0].ratio
    one, other = (side.subject or "" for side in book.parts(ratio))
    both, quantity = (
        f"{name_subject(one)} and {name_subject(other)}",
        metric_label(ratio.metric or ""),
    )
    where, listed = _where(pairs), _list(book, pairs, pairs, one)
    return Draft(
        severity="result",
        headline=f"No clear difference in {quantity} between {both} at any work",
        sentences=(
            f"The {quantity} of {both} showed no clear difference {listed}, {where}.",
            f"{_capital(where)}, the {quantity} of {both} showed no clear difference {listed}.",
        ),
        next_step=NextStep(text=repeat_subjects(ratio, "both")),
    )


def _list(book: FactBook, some: list[Pair], pairs: list[Pair], first: str) -> str:
    """Some kinds of work out of all, with the numbers of both, those of `first` first."""
    shared = _alike_in(pairs)
    listed: list[str] = []
    for pair in some:
        sides = book.parts(pair.ratio)
        best, worst = sides
        one, other = sides if best.subject == first else (worst, best)
        ratio = ""
        if pair.is_clear and best.subject == first:
            ratio = f", a ratio of {value(pair.ratio)}"
        own = [each for each in (pair.ratio.level or "").split(", ") if each not in shared]
        listed.append(
            f"{say_workload(pair.ratio).strip()} ({centres(best, worst)} of {value(one)} and "
            f"{value(other)}{ratio}{say_shorter_answers(book, best, worst)}, {tested_over(book, pair.test)}, "
            f"{''.join(f'{each}, ' for each in own)}"
            f"{book.say_p(pair.adjusted)})"
        )
    return join_names(listed, _MOST_LISTED)


def _where(pairs: list[Pair]) -> str:
    """In which benchmark, and in what the runs were alike at all work."""
    return f"in {quoted(pairs[0].ratio.benchmark or '')} {', '.join(_alike_in(pairs))}"


def _alike_in(pairs: list[Pair]) -> list[str]:
    first, *others = ((pair.ratio.level or "").split(", ") for pair in pairs)
    return [words for words in first if all(words in other for other in others)]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
