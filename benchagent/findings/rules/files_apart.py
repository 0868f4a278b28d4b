"""The rule about files that gave something else for what they recorded alike."""

from collections import defaultdict
from collections.abc import Iterator

from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import SMALL, FactBook, precedence, size_of, tested_over
from benchagent.findings.rules.phrases import centres, value, whose
from benchagent.quantities.metrics import metric_label
from benchagent.wording import gives_answers, quoted, quoted_settings


def find_files_apart(book: FactBook) -> Iterator[Draft]:
    """What was run alike in several files and clearly differed between them, widest apart first."""
    apart: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for ratio in book.about("file"):
        adjusted = book.adjusted(ratio) if ratio.kind == "ratio" else None
        if adjusted and adjusted[0].value < SIGNIFICANT and size_of(ratio) >= SMALL:
            apart[ratio.benchmark, ratio.subject, ratio.workload, ratio.phase].append(ratio)
    first = [
        min(found, key=lambda fact: (precedence(fact.metric), -size_of(fact)))
        for found in apart.values()
    ]
    for ratio in sorted(first, key=lambda fact: -size_of(fact)):
        yield _draft(book, ratio)


def _draft(book: FactBook, ratio: Fact) -> Draft:
    largest, smallest = book.parts(ratio)
    quantity, who = metric_label(ratio.metric or ""), whose(ratio)
    who += f" with {quoted(ratio.option)}" if ratio.option else ""
    adjusted, test = book.adjusted(ratio) or (ratio, ratio)
    alike = "alike in all that they record of settings"
    if gives_answers(ratio.benchmark):
        alike += " and prompts"
    medians = f"{_in_file(largest)} against {_in_file(smallest)}"
    tested = f"{tested_over(book, test)} {alike}, {book.say_p(adjusted)}"
    if largest.level == smallest.level:
        apart = "no recorded setting tells the files apart"
        step = "Find out what was changed between the files and record it as a setting"
    else:
        apart = "what tells the files apart is recorded, but not as a setting"
        step = (
            "Find out whether what tells the files apart made the difference, and record it as a "
            "setting if it did"
        )
    return Draft(
        severity="warning",
        headline=f"The {quantity} of {who} differed between files{book.say_chance(adjusted)}",
        sentences=(
            (
                f"The {quantity} of {who} differed between files by more than between the runs of "
                f"one file: {centres(largest)} of {medians} ({tested}); {apart}, so a figure over all of them "
                "may describe none."
            ),
            (
                f"From file to file the {quantity} of {who} differed, with {centres(largest)} of {medians} "
                f"({tested}), and {apart}; a figure over all of them may describe none."
            ),
        ),
        next_step=NextStep(text=f"{step}, then run both in turns"),
    )


def _in_file(median: Fact) -> str:
    told = f" ({quoted_settings(median.level)})" if median.level else ""
    return f"{value(median)} in {quoted(median.of or '')}{told}"
