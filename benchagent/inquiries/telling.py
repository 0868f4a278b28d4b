"""How an answer is told: a true sentence with references, and a finding where it is worth one."""

from typing import Final

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, Finding, NextStep, conclude
from benchagent.findings.rules.phrases import (
    bench_command,
    calls,
    centres,
    count_of_samples,
    plain_levels,
    value,
    with_interval,
)
from benchagent.inquiries.answer import Answer
from benchagent.inquiries.query import Query
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, quoted, quoted_setting

# Beside the best that rules find, and before what they find missing.
_RANKS: Final = {"differs": 84.0, "not-comparable": 74.0}


def tell_answer(answer: Answer) -> str:
    """The answer in a sentence."""
    return _SENTENCES[answer.outcome](answer)[0]


def find_in(answer: Answer) -> Finding | None:
    """The answer as a finding: a difference that the rules do not look for, or a confound."""
    if answer.outcome == "differs" and not answer.asked_by_rules:
        draft = _draft_difference(answer)
    elif answer.outcome == "not-comparable" and answer.together:
        draft = _draft_in_step(answer)
    else:
        return None
    return conclude(draft, rule="asked", topic="method", rank=_RANKS[answer.outcome])


def _whose(query: Query) -> str:
    whose = quoted(query.subject) if query.subject else "all subjects"
    return f"the {metric_label(query.metric)} of {whose}"


def _at(query: Query) -> str:
    return f" at {' and '.join(each.words() for each in query.where)}" if query.where else ""


def _level(fact: Fact) -> str:
    return quoted_setting(fact.option or "", fact.level or "")


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _extremes(answer: Answer) -> str:
    best, worst = answer.medians[0], answer.medians[-1]
    return (
        f"{value(best)} at {_level(best)} ({count_of_samples(best)} {calls(best.phase)}) and "
        f"{value(worst)} at {_level(worst)} ({count_of_samples(worst)} {calls(worst.phase)})"
    )


def _tested(answer: Answer) -> str:
    if answer.adjusted is None or answer.test is None:
        return ""
    rounds = "rounds of " if answer.test.rounds else ""
    over = f"over {count_of_samples(answer.test)} {rounds}{calls(answer.test.phase)}"
    return f"p = {value(answer.adjusted)} after Holm over all that was asked, {over} {answer.alike}"


def _difference(answer: Answer) -> tuple[str, ...]:
    query = answer.query
    what, by = f"{_whose(query)}{_at(query)}", quoted(query.by)
    ratio = f", a ratio of {with_interval(answer.ratio)}" if answer.ratio else ""
    medians, tested = _extremes(answer), _tested(answer)
    return (
        f"{_capital(what)} differed by {by}: {centres(*answer.medians)} of {medians}{ratio} ({tested}).",
        f"By {by}, the {centres(*answer.medians)} of {what} were {medians}{ratio} ({tested}).",
    )


def _no_difference(answer: Answer) -> tuple[str, ...]:
    query = answer.query
    return (
        (
            f"{_capital(_whose(query))}{_at(query)} did not clearly differ by {quoted(query.by)}: "
            f"{centres(*answer.medians)} of {_extremes(answer)} ({_tested(answer)})."
        ),
    )


def _too_few(answer: Answer) -> tuple[str, ...]:
    query = answer.query
    return (
        (
            f"Too little was measured to tell whether {_whose(query)}{_at(query)} differs by "
            f"{quoted(query.by)}: {centres(*answer.medians)} of {_extremes(answer)}, {answer.alike}."
        ),
    )


def _in_step(answer: Answer) -> tuple[str, ...]:
    query = answer.query
    counted = value(answer.count) if answer.count else ""
    what, by = f"{_whose(query)}{_at(query)}", quoted(query.by)
    if not answer.together:
        return (
            f"What {by} does to {what} cannot be told: in {counted}, {by} never changed alone.",
        )
    others = join_names([quoted(name) for name in answer.together])
    return (
        (
            f"What {by} does to {what} cannot be told from what {others} does: they changed together "
            f"in all {counted}."
        ),
        (
            f"In all {counted}, {by} changed together with {others}, so what either does to {what} "
            "cannot be told."
        ),
    )


def _no_data(answer: Answer) -> tuple[str, ...]:
    query = answer.query
    counted = value(answer.count) if answer.count else ""
    return (
        (
            f"There is no data to compare {_whose(query)}{_at(query)} by {quoted(query.by)} "
            f"({counted} could be asked)."
        ),
    )


_SENTENCES: Final = {
    "differs": _difference,
    "no-difference": _no_difference,
    "too-few": _too_few,
    "not-comparable": _in_step,
    "no-data": _no_data,
}


def _draft_difference(answer: Answer) -> Draft:
    query = answer.query
    levels = plain_levels({fact.level for fact in answer.medians if fact.level})
    sweep = (query.by, levels) if answer.kind == "option" else ("", [])
    return Draft(
        severity="result",
        headline=_capital(f"{_whose(query)} differed by {quoted(query.by)}"),
        sentences=_difference(answer),
        next_step=NextStep(
            text=f"Measure again with {quoted(query.by)} shuffled and everything else alike",
            command=bench_command(query.subject, sweep),
        ),
    )


def _draft_in_step(answer: Answer) -> Draft:
    query, others = answer.query, join_names([quoted(name) for name in answer.together])
    return Draft(
        severity="warning",
        headline=f"{quoted(query.by)} cannot be told from {others}",
        sentences=_in_step(answer),
        next_step=NextStep(text=f"Change {quoted(query.by)} while {others} stays the same"),
    )
