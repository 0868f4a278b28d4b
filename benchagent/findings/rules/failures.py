"""Rules about runs that failed: how many, how they were written down, where they crowd."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.descriptions.lost_requests import COMPLETED, SENT
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.baselines import name_variant
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import bench_command, value
from benchagent.findings.rules.survivors import Outcomes
from benchagent.wording import join_names, quoted, quoted_settings

_SEEMING: Final = {
    "zero": "with results of zero",
    "blank": "with blank results and no error",
    "result": "as successful",
}

_MOST_REASONS: Final = 3


def find_failed_runs(book: FactBook) -> Iterator[Draft]:
    """Runs that failed, and the most frequent reason."""
    failed, runs = book.count("corpus", "failed-runs"), book.count("corpus", "runs")
    files = book.count("corpus", "files-with-failed-runs")
    reasons = book.counts("corpus", "failed-runs-by-reason")
    if not (failed and runs and files and failed.value and reasons):
        return
    why = _name_reasons(reasons)
    subjects = book.counts("corpus", "failed-runs-of-subject")
    worst = subjects[0].of if subjects else None
    whose = _all_of_one(book, failed, subjects)
    yield Draft(
        severity="problem",
        headline="Failed runs",
        sentences=(
            (
                f"{value(failed)} failed{whose}, beside {value(runs)} that gave measurements; failed runs "
                f"enter no average here, and {why}."
            ),
            (
                f"In {value(files)} stood {value(failed)} that failed, beside {value(runs)} that gave "
                f"measurements; {why}."
            ),
            (
                f"No average here includes the {value(failed)} that failed, beside {value(runs)} that "
                f"gave measurements; {why}."
            ),
        ),
        next_step=NextStep(
            text="Remove what the reasons name, then repeat the failed runs"
            + (f", those of {quoted(worst)} first" if worst else ""),
            command=bench_command(worst),
        ),
    )


def _all_of_one(book: FactBook, failed: Fact, subjects: list[Fact]) -> str:
    """Whose failures they all are, where others were measured too."""
    if not subjects or subjects[0].value != failed.value:
        return ""
    measured = {fact.subject for fact in book.about("subject")} - {None, subjects[0].of}
    return f", all of them of {quoted(subjects[0].of or '')}" if measured else ""


def _name_reasons(reasons: list[Fact]) -> str:
    most = [fact for fact in reasons if fact.value == reasons[0].value]
    named = join_names([f"{quoted(fact.of or '')} ({value(fact)})" for fact in most], _MOST_REASONS)
    if len(reasons) == 1:
        return f"the only reason given was {named}"
    plural = "reasons were" if len(most) > 1 else "reason was"
    return f"the most frequent {plural} {named}"


def find_failures_as_results(book: FactBook) -> Iterator[Draft]:
    """Failures that their file records as zeros, blanks or successes, as if it had measured."""
    for fact in book.counts("corpus", "failed-runs-as-results"):
        seeming = _SEEMING[fact.of or ""]
        files = join_names([quoted(path) for path in _files_of(fact)], _MOST_REASONS)
        yield Draft(
            severity="problem",
            headline=f"Failed runs recorded {seeming}",
            sentences=(
                (
                    f"{value(fact)} failed and yet stood in the files {seeming} ({files}); whoever "
                    "averages these files as they stand averages failures."
                ),
                (
                    f"An average over the files as they stand would take in {value(fact)} that "
                    f"failed and yet stood there {seeming}, in {files}."
                ),
            ),
            next_step=NextStep(
                text="Let the script that wrote them record the error in place of a result"
            ),
        )


def _files_of(fact: Fact) -> list[str]:
    return sorted({run.partition("#")[0] for run in fact.sources})


def find_lost_requests(book: FactBook) -> Iterator[Draft]:
    """Runs of a server's benchmark of which not every request completed."""
    of_runs: dict[tuple[str, ...], dict[str | None, Fact]] = defaultdict(dict)
    for fact in book.about("failure"):
        if fact.metric in (SENT, COMPLETED):
            of_runs[fact.sources][fact.metric] = fact
    pairs = [(run[COMPLETED], run[SENT]) for run in of_runs.values() if len(run) == 2]
    pairs.sort(key=lambda pair: pair[0].value / pair[1].value)
    if not pairs:
        return
    named = join_names(
        [
            f"{value(sent)} sent and {value(done)} completed in {quoted(done.of or '')}"
            for done, sent in pairs
        ]
    )
    yield Draft(
        severity="problem",
        headline="Requests that did not complete",
        sentences=(
            (
                f"Only a part of the requests completed: {named}; times and rates there are of those "
                "that completed, and those that took too long or failed are in none of them."
            ),
            (
                "Times and rates leave out what took too long or failed where only a part of the "
                f"requests completed: {named}."
            ),
        ),
        next_step=NextStep(
            text="Repeat these runs with a load that the server answers, or compare the share of "
            "requests completed first"
        ),
    )


def find_failure_rates(book: FactBook) -> Iterator[Draft]:
    """Values of an option under which runs fail more often than under the others."""
    tests = [fact for fact in book.about("failure") if fact.method == "holm"]
    for adjusted in sorted(tests, key=lambda fact: fact.value):
        test = book.by_id[adjusted.facts[0]]
        outcomes = Outcomes(*book.parts(test))
        if adjusted.value < SIGNIFICANT and outcomes.fails_more:
            yield _draft_rate(book, adjusted, outcomes)


def _name_place(failed: Fact) -> str:
    """The file, and the machine where its runs were made on several."""
    file = quoted(failed.of or "")
    return f"{file} on {quoted_settings(failed.config)}" if failed.config else file


def _draft_rate(book: FactBook, adjusted: Fact, outcomes: Outcomes) -> Draft:
    failed, held, others_failed, others_held = outcomes
    named, where = name_variant(failed), _name_place(failed)
    [stretches] = [
        fact
        for fact in book.beside(failed)
        if fact.statistic == "failure-stretches"
        and (fact.level, fact.config) == (failed.level, failed.config)
    ]
    reserve = (
        "; they failed one right after the other, so what they share may be the moment"
        if stretches.value == 1
        else ""
    )
    seen = (
        f"with {named}, {value(failed)} failed and {value(held)} gave numbers; of the others, "
        f"{value(others_failed)} failed and {value(others_held)} gave numbers"
    )
    tested = book.say_p(adjusted)
    return Draft(
        severity="problem",
        headline=f"Runs with {named} failed more often than others{book.say_chance(adjusted)}",
        sentences=(
            f"In {where}, {seen} ({tested}){reserve}.",
            (
                f"Runs with {named} failed more often than the others of {where} ({tested}): "
                f"{seen}{reserve}."
            ),
        ),
        next_step=NextStep(
            text=f"Find out why runs with {named} fail before its averages are compared with others: "
            "those are of the runs that survived"
        ),
    )
