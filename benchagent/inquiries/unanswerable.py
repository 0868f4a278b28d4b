"""Where no data can answer: what never changed apart, and how many runs there are to ask."""

from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.rows.rounds import in_shared_blocks
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.fact import Fact, vary
from benchagent.inquiries.answer import Answer
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.query import Query
from benchagent.wording import quoted


def answer_in_step(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> Answer:
    """Nothing was run alike but for what is compared: what changed with it, and how many runs."""
    arm = dimension.codes[rows]
    together = [
        each
        for each in known.dimensions.values()
        if each.name != dimension.name and each.kind in _IN_STEP and _is_in_step(each, rows, arm)
    ]
    label = f"runs of {query.whose()} in which {quoted(query.by)} never changed alone"
    count = _count_asked(query, known, rows, "runs-in-step", label)
    return Answer(
        query=query,
        kind=dimension.kind,
        outcome="not-comparable",
        facts=(count,),
        count=count,
        together=tuple(each.name for each in together),
    )


# What somebody chose; where a call stands in its file follows from the order alone.
_IN_STEP: Final = frozenset(["option", "subject", "machine", "prompt"])


def _is_in_step(other: Dimension, rows: Ints, arm: Ints) -> bool:
    """Whether each value of the other dimension was only ever run with one of these."""
    codes = other.codes[rows]
    if (codes < 0).any() or len(np.unique(codes)) < 2:
        return False
    return not in_shared_blocks(arm, codes).any()


def answer_nothing(query: Query, known: Catalogue, rows: Ints) -> Answer:
    """No calls that could be set against each other: how many there are at all."""
    label = f"runs that could answer: {query.words()}"
    count = _count_asked(query, known, rows, "runs-asked-for", label)
    kind = known.dimensions[query.by].kind
    return Answer(query=query, kind=kind, outcome="no-data", facts=(count,), count=count)


def _count_asked(query: Query, known: Catalogue, rows: Ints, what: str, label: str) -> Fact:
    counted = count_runs(known, rows, what, label, of=query.words())
    return vary(counted, metric=query.metric, subject=query.subject, option=query.by)


def count_runs(known: Catalogue, rows: Ints, what: str, label: str, *, of: str) -> Fact:
    """How many runs these numbers come from."""
    runs = known.frame.records(["source_path", "record"], rows)
    names = (name_run(path, record) for path, record in runs)
    return count_of(what, "runs", label, names, of=of, about="inquiry")
