"""One thing set against another, as a question asks: medians, the ratio of the extremes, a test."""

from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.contrasts import (
    better_first,
    compare_arms,
    interval_of_ratio,
    ratio_of,
)
from benchagent.facts.derivations.counted_once.samples import Group, group_of
from benchagent.facts.derivations.descriptions.statistics import (
    centres_of,
    describe_by,
    shared_settings,
)
from benchagent.facts.derivations.rows.rounds import Rounds, find_rounds
from benchagent.facts.fact import Fact, vary
from benchagent.inquiries.answer import Answer
from benchagent.inquiries.arms import Arms
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.family import find_test
from benchagent.inquiries.query import Query
from benchagent.quantities.metrics import metric_label
from benchagent.wording import name_phase, quoted, quoted_setting


def compare(
    query: Query, known: Catalogue, dimension: Dimension, arms: Arms, group: Group
) -> Answer:
    """Medians, the ratio of their extremes, and the test."""
    frame = known.frame
    key = {**group.key, "subject": query.subject, "series": None}
    parts = [group_of(frame, arms.rows[arms.arm == at], key) for at in range(len(arms.levels))]
    sides = [
        (_centre(query, known, dimension, part, level, method), part)
        for method, part, level in zip(centres_of(*parts), parts, arms.levels, strict=True)
    ]
    better = better_first(query.metric)
    sides.sort(key=lambda side: better(side[0]))
    (best, above), (worst, below) = sides[0], sides[-1]
    template = _template(query, best, arms.alike)
    rounds = _rounds(known, dimension, arms)
    interval = interval_of_ratio(above, below) if rounds is None else None
    label = f"{template.label}: {_level(dimension, best)} over {_level(dimension, worst)}"
    ratio = ratio_of(best, worst, vary(template, label=label), interval)
    test = vary(template, label=f"p-value of {template.label}, {arms.alike}")
    tested = list(
        compare_arms(
            frame.ids[arms.rows], frame.values[arms.rows], arms.arm, arms.block, test, rounds
        )
    )
    return Answer(
        query=query,
        kind=dimension.kind,
        outcome="too-few",
        facts=(*(fact for fact, _ in sides), *([ratio] if ratio else []), *tested),
        medians=tuple(fact for fact, _ in sides),
        ratio=ratio,
        test=find_test(tested),
        alike=arms.alike,
    )


def _level(dimension: Dimension, fact: Fact) -> str:
    return quoted_setting(dimension.name, fact.level or "")


def _centre(
    query: Query, known: Catalogue, dimension: Dimension, part: Group, level: str, method: str
) -> Fact:
    fact = describe_by(method, part, "inquiry", shared_settings(known.frame, part))
    summed = {"value": "", "share": "mean "}.get(method, f"{method} ")
    counted = f"{summed}{metric_label(query.metric)}"
    at = [quoted_setting(dimension.name, level), *(setting.words() for setting in query.where)]
    return vary(
        fact,
        label=f"{counted} of {query.whose()}{name_phase(fact.phase)}, at {', '.join(at)}",
        option=dimension.name,
        level=level,
        of=query.words(),
    )


def _template(query: Query, fact: Fact, alike: str) -> Fact:
    """A fact about the whole question, not about one of the values compared."""
    label = f"{metric_label(query.metric)} of {query.whose()} by {quoted(query.by)}"
    label += name_phase(fact.phase) + "".join(f", at {each.words()}" for each in query.where)
    return vary(fact, label=label, config=None, level=alike)


def _rounds(known: Catalogue, dimension: Dimension, arms: Arms) -> Rounds | None:
    """What counts as one observation; a question about time itself goes by single calls."""
    if dimension.kind in ("place", "repetition"):
        return None
    runs = arms.rows, arms.arm, arms.block
    if dimension.kind == "subject":
        rounds = find_rounds(known.frame, *runs, loads=True)
        return rounds if rounds is not None and rounds.paired else None
    loads = dimension.kind == "machine" or dimension.option in LOAD_OPTIONS
    return find_rounds(known.frame, *runs, loads=loads)
