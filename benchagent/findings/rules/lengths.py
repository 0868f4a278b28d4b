"""What is said of a result whose prompts or answers were not equally long.

Where nothing names the prompts they cannot be held alike; how many tokens they had may be known.
"""

from dataclasses import replace

from benchagent.facts.derivations.rows.settings import is_demand
from benchagent.facts.fact import Fact
from benchagent.findings.rules.fact_book import SMALL, FactBook
from benchagent.findings.rules.phrases import value
from benchagent.findings.rules.subject_wording import WHOLE_CALLS


def unlike_prompts(book: FactBook, best: Fact, worst: Fact) -> str:
    """How long the prompts of two sides were, where that differs; after a `;`."""
    one, other = (_length(book, side, "prompt_tokens") for side in (best, worst))
    if one is None or other is None or is_demand(best.option or ""):
        return ""
    if max(one.value, other.value) < SMALL * min(one.value, other.value):
        return ""
    return (
        f"; the prompts were not alike (medians of {value(one)} against {value(other)}), which could "
        "look the same"
    )


def say_shorter_answers(book: FactBook, best: Fact, worst: Fact) -> str:
    """How long the answers were, where the faster side gave the shorter ones; after a `,`."""
    if best.metric not in WHOLE_CALLS:
        return ""
    one, other = (_length(book, side, "output_tokens") for side in (best, worst))
    if one is None or other is None or other.value < SMALL * one.value:
        return ""
    return f", for answers of {value(one)} against {value(other)} (medians)"


def _length(book: FactBook, side: Fact, metric: str) -> Fact | None:
    """The median length of what a side is of: a subject, a value of an option, a configuration."""
    if side.about == "comparison":  # of one subject with another: all that it ran counts
        side = replace(side, about="subject", of=None)
    found = [
        fact
        for fact in book.about(side.about)
        if (fact.metric, fact.kind, fact.statistic) == (metric, "statistic", "value")
        and fact.method in ("median", "value")
        and _names_of(fact) == _names_of(side)
    ]
    return found[0] if len(found) == 1 else None


def _names_of(fact: Fact) -> tuple[str | None, ...]:
    config = fact.config if fact.about == "configuration" else None
    return (
        fact.benchmark, fact.subject, fact.of, fact.workload, fact.option, fact.level, fact.phase,
        config,
    )  # fmt: skip
