"""The rule about what no machine has in common, so that nothing tells it from the machines."""

from collections import defaultdict
from collections.abc import Iterator

from benchagent.facts.derivations.doubts.machines_apart import RUNS_APART
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import value
from benchagent.wording import join_names, name_subject, quoted


def find_machines_apart(book: FactBook) -> Iterator[Draft]:
    """Subjects, and values of an option, that differ in their machine too."""
    of_subjects: dict[str | None, list[Fact]] = defaultdict(list)
    for fact in book.counts("comparison", RUNS_APART):
        of_subjects[fact.benchmark].append(fact)
    for facts in of_subjects.values():
        yield _draft_subjects(facts)
    of_options: dict[str, list[Fact]] = defaultdict(list)
    for fact in book.counts("option", RUNS_APART):
        of_options[fact.option or ""].append(fact)
    for option, facts in of_options.items():
        yield _draft_option(option, facts)


def _draft_subjects(facts: list[Fact]) -> Draft:
    where = quoted(facts[0].benchmark or "")
    pairs = join_names(
        [
            f"{name_subject(fact.subject, None, fact.workload)} and {name_subject(fact.of)} "
            f"({value(fact)})"
            for fact in facts
        ]
    )
    return Draft(
        severity="warning",
        headline="Subjects that share no machine",
        sentences=(
            (
                f"Never run alike on one machine in {where}: {pairs}; what sets them apart cannot be "
                "told from what sets the machines apart, and they are not compared here."
            ),
            (
                "Not compared here, since a difference could be one between machines: "
                f"{pairs}, never run alike on one machine in {where}."
            ),
        ),
        next_step=NextStep(text="Run them on one machine, or each of them on every machine"),
    )


def _draft_option(option: str, facts: list[Fact]) -> Draft:
    named = quoted(option)
    where = join_names(
        [f"{value(fact)} of {name_subject(fact.subject, None, fact.workload)}" for fact in facts]
    )
    return Draft(
        severity="warning",
        headline=f"{named} changed only with the machine",
        sentences=(
            (
                f"{named} changed only together with the machine ({where}), so what it does cannot "
                "be told from what the machines do."
            ),
            (
                f"What {named} does cannot be told from what the machines do where it changed only "
                f"together with them: {where}."
            ),
        ),
        next_step=NextStep(text=f"Change {named} while the machine stays the same"),
    )
