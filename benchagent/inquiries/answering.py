"""What the measurements answer: a comparison, or why there can be none.

A comparison is made as the rules make theirs: cold calls, failed runs and copies are out, calls
are set against calls that are alike in all recorded settings, prompt and file, and successive
calls of one round count as one observation. Beyond that, what the question names is held alike.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.subjects import CONTEST
from benchagent.facts.derivations.counted_once.samples import split_into_groups
from benchagent.inquiries.answer import Answer, Outcome
from benchagent.inquiries.arms import find_arms
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.comparing import compare
from benchagent.inquiries.family import Family, adjust_together
from benchagent.inquiries.query import Query
from benchagent.inquiries.unanswerable import answer_in_step, answer_nothing

# Stricter than for rules: who asks has seen what they found, and asks where an effect is likely.
SURE: Final = 0.01
# What an agent asked is one family, whatever it asked about.
ASKED: Final = "questions asked"


def answer_all(queries: Iterable[Query], known: Catalogue) -> tuple[Answer, ...]:
    """Each question once, in the order asked, with Holm over all of them."""
    drafts = [_answer(query, known) for query in dict.fromkeys(queries)]
    family = adjust_together((fact for draft in drafts for fact in draft.facts), ASKED)
    return tuple(_settle(draft, family) for draft in drafts)


def _settle(draft: Answer, family: Family) -> Answer:
    if draft.test is None:
        return draft
    found = family.adjusted.get(draft.test.id)
    if found is None:
        return replace(draft, outcome="too-few")
    outcome: Outcome = "differs" if found.value < SURE else "no-difference"
    facts = (*draft.facts, found, *family.counts)
    return replace(draft, outcome=outcome, adjusted=found, facts=facts)


def _answer(query: Query, known: Catalogue) -> Answer:
    """The comparison, not yet judged."""
    frame, dimension = known.frame, known.dimensions[query.by]
    chosen = _rows_of(query, known)
    levels = [each.level for each in (query.first, query.second) if each]
    wanted = [dimension.levels.index(level) for level in levels] or range(len(dimension.levels))
    chosen = chosen[np.isin(dimension.codes[chosen], list(wanted))]
    pools = [
        (chosen[group.rows], group) for group in split_into_groups(frame.take(chosen), CONTEST)
    ]
    found = [
        (arms, group)
        for rows, group in pools
        if (arms := find_arms(query, known, dimension, rows)) is not None
    ]
    if found:
        arms, group = max(found, key=lambda pair: len(pair[0].rows))
        return compare(query, known, dimension, arms, group)
    both = [rows for rows, _ in pools if len(np.unique(dimension.codes[rows])) > 1]
    if both:
        return answer_in_step(query, known, dimension, max(both, key=len))
    return answer_nothing(query, known, chosen)


def _rows_of(query: Query, known: Catalogue) -> Ints:
    """Places of the numbers that the question is about."""
    frame = known.frame
    kept = frame.has("metric", query.metric)
    if query.subject is not None:
        kept = kept & frame.has("subject", query.subject)
    for setting in query.where:
        dimension = known.dimensions[setting.dimension]
        kept = kept & (dimension.codes == dimension.levels.index(setting.level))
    return np.flatnonzero(kept).astype(np.int64)
