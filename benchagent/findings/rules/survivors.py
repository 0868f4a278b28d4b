"""What is said of a result whose runs are those that survived.

Where calls that take too long are stopped, or prompts that are too large run out of memory, the
runs that are left may be the quick ones: the setting that fails most then looks the fastest.
"""

from collections.abc import Iterable
from typing import NamedTuple

from benchagent.facts.derivations.comparisons.baselines import SUBJECT
from benchagent.facts.derivations.comparisons.contrasts import FILES_COMPARED
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.rules.baselines import name_variant
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import value
from benchagent.wording import join_names, quoted


class Outcomes(NamedTuple):
    """Of the runs of a file, those with one value of an option and the others, by what they became."""

    failed: Fact
    held: Fact
    others_failed: Fact
    others_held: Fact

    @property
    def fails_more(self) -> bool:
        """Whether a larger share of the runs with this value failed."""
        runs = self.failed.value + self.held.value
        others = self.others_failed.value + self.others_held.value
        return self.failed.value * others > self.others_failed.value * runs


def find_survivors(
    book: FactBook, result: Fact, settings: Iterable[tuple[str, str]]
) -> list[Outcomes]:
    """The settings (option, JSON) of a result whose runs fail more often, file by file.

    A reserve needs less than a claim: the test need not count among all that were made.
    """
    files = {path for fact in book.beside(result) for path in _compared_in(fact)}
    wanted = set(settings)
    found: list[Outcomes] = []
    for test in book.about("failure"):
        if test.method != "fisher-exact" or test.of not in files or test.value >= SIGNIFICANT:
            continue
        of_it = test.option == SUBJECT or test.subject in (None, result.subject)
        if of_it and (test.option or "", test.level or "") in wanted:
            outcomes = Outcomes(*book.parts(test))
            found += [outcomes] if outcomes.fails_more else []
    return found


def subject_survivors(book: FactBook, result: Fact, subject: str | None) -> list[Outcomes]:
    """The same of a subject, whose runs fail more often than those of others in their file."""
    return find_survivors(book, result, [(SUBJECT, write_json(subject))])


def _compared_in(fact: Fact) -> tuple[str, ...]:
    return fact.sources if fact.statistic == FILES_COMPARED else ()


def say_survivors(found: list[Outcomes]) -> str:
    """How many runs failed, so that a result is of the others; after a `;`."""
    if not found:
        return ""
    counted = [
        f"{value(each.failed)} with {name_variant(each.failed)} failed and {value(each.held)} gave "
        f"numbers in {quoted(each.failed.of or '')}, of the others {value(each.others_failed)} and "
        f"{value(each.others_held)}"
        for each in found
    ]
    return f"; {join_names(counted)}, so what is compared are runs that survived"


def advise_survivors(found: list[Outcomes]) -> str:
    """What to do first where the better side is of runs that survived."""
    named = join_names(list(dict.fromkeys(name_variant(each.failed) for each in found)))
    return f"Find out why runs with {named} fail before anything is chosen by those that did not"
