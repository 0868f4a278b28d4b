"""What is said of two subjects that were compared, whether they stand alone or in an order."""

from typing import Final

from benchagent.facts.fact import Fact
from benchagent.findings.rules.fact_book import LARGE, size_of
from benchagent.findings.rules.phrases import value, with_interval
from benchagent.wording import gives_answers, join_names, name_subject, quoted, quoted_settings

# They take the longer, the more is answered.
WHOLE_CALLS: Final = ("latency", "total_time")


def names_of(subjects: list[str], *, by: str = "and") -> str:
    """Subjects side by side, none of them left out."""
    return join_names([name_subject(subject) for subject in subjects], len(subjects), by=by)


def place_of(ratio: Fact) -> str:
    """In which benchmark, and at what work of it."""
    return f"{quoted(ratio.benchmark or '')}{say_workload(ratio)}"


def say_workload(*ratios: Fact) -> str:
    """At what work (a task, a dataset) subjects were compared, where a file tells of one."""
    named = [quoted_settings(ratio.workload) for ratio in ratios if ratio.workload]
    return f" with {join_names(named)}" if named else ""


def ratio_with_interval(ratio: Fact) -> str:
    """The ratio of two that a test told apart.

    Its interval looks past blocks, which the test does not: one that holds 1 would contradict it.
    """
    holds_one = (ratio.ci_low or 0.0) <= 1 <= (ratio.ci_high or 0.0)
    return value(ratio) if holds_one else with_interval(ratio)


def repeat_subjects(ratio: Fact, which: str) -> str:
    """What to do where subjects were not told apart."""
    if size_of(ratio) >= LARGE:
        return f"Repeat {which} more often: medians so far apart would matter if they were a difference"
    alike = "with the same prompts" if gives_answers(ratio.benchmark) else "in alternating order"
    return f"Repeat {which} {alike} if the difference matters"
