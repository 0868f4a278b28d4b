"""What the measurements answer: a comparison, or why there can be none.

A comparison is made as the rules make theirs: cold calls, failed runs and copies are out, calls
are set against calls that are alike in all recorded settings, prompt and file, and successive
calls of one round count as one observation. Beyond that, what the question names is held alike.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import numpy as np

from benchagent.calls.identity import LOAD_OPTIONS
from benchagent.facts.derivations.contrasts import (
    ACROSS_FILES,
    adjust_for_family,
    better_first,
    compare_arms,
    interval_of_ratio,
    ratio_of,
)
from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.derivations.rounds import Rounds, find_rounds, in_shared_blocks, number_rows
from benchagent.facts.derivations.samples import (
    Group,
    group_of,
    name_run,
    split_into_groups,
    write_json,
)
from benchagent.facts.derivations.statistics import describe_by, shared_settings
from benchagent.facts.estimates import Ints
from benchagent.facts.fact import Fact, vary
from benchagent.inquiries.dimensions import Catalogue, Dimension, Kind
from benchagent.inquiries.query import Query
from benchagent.quantities import metric_label
from benchagent.wording import name_phase, quoted, quoted_setting

# Whoever asks has seen what the rules found, and asks where something may be: stricter than they.
SURE: Final = 0.01
# What an agent asked is one family, whatever it asked about.
ASKED: Final = "questions asked"
# The kinds of dimensions by which rules compare every snapshot.
ASKED_BY_RULES: Final = frozenset(["option", "subject"])
_POOL: Final = ["benchmark", "workload", "metric", "definition", "unit", "statistic", "phase"]

Outcome = Literal["differs", "no-difference", "too-few", "not-comparable", "no-data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the measurements say to a question.

    Attributes:
        facts: all that the answer rests on, and what it rests on in turn.
        medians: one per value compared, better first.
        ratio, test, adjusted: of the extremes; of all values; after Holm over all that was asked.
        count: what was counted, where nothing could be compared.
        together: for what cannot be told apart, the dimensions that changed in step.
        alike: in what the calls compared are alike.
    """

    query: Query
    kind: Kind
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    medians: tuple[Fact, ...] = ()
    ratio: Fact | None = None
    test: Fact | None = None
    adjusted: Fact | None = None
    count: Fact | None = None
    together: tuple[str, ...] = ()
    alike: str = ""

    @property
    def asked_by_rules(self) -> bool:
        """Whether the rules ask this of every snapshot."""
        plain = not (self.query.where or self.query.control)
        return plain and self.kind in ASKED_BY_RULES


class Arms(NamedTuple):
    """Numbers by the value compared, each in the block that it is compared in.

    Attributes:
        rows: places in the frame, by id.
        arm: which of `levels` each has.
        block: what was run alike.
        levels: the values as JSON.
    """

    rows: Ints
    arm: Ints
    block: Ints
    levels: list[str]
    alike: str


def answer_all(queries: Iterable[Query], known: Catalogue) -> tuple[Answer, ...]:
    """Each question once, in the order asked, with Holm over all of them."""
    drafts = [_answer(query, known) for query in dict.fromkeys(queries)]
    tests = [fact for draft in drafts for fact in draft.facts if fact.kind == "test"]
    family = list(adjust_for_family(tests, lambda fact: ASKED))
    made = [fact for fact in family if fact.kind == "count"]
    adjusted = {fact.facts[0]: fact for fact in family if fact.kind == "test"}
    return tuple(_settle(draft, adjusted, made) for draft in drafts)


def _settle(draft: Answer, adjusted: dict[str, Fact], made: Sequence[Fact]) -> Answer:
    if draft.test is None:
        return draft
    found = adjusted.get(draft.test.id)
    if found is None:
        return replace(draft, outcome="too-few")
    outcome: Outcome = "differs" if found.value < SURE else "no-difference"
    return replace(draft, outcome=outcome, adjusted=found, facts=(*draft.facts, found, *made))


def _answer(query: Query, known: Catalogue) -> Answer:
    """The comparison, not yet judged."""
    frame, dimension = known.frame, known.dimensions[query.by]
    chosen = _rows_of(query, known)
    levels = [each.level for each in (query.first, query.second) if each]
    wanted = [dimension.levels.index(level) for level in levels] or range(len(dimension.levels))
    chosen = chosen[np.isin(dimension.codes[chosen], list(wanted))]
    pools = [(chosen[group.rows], group) for group in split_into_groups(frame.take(chosen), _POOL)]
    arms = [_arms_of(query, known, dimension, rows) for rows, _ in pools]
    found = [(len(each.rows), at) for at, each in enumerate(arms) if each is not None]
    if found:
        _, best = max(found, key=lambda pair: (pair[0], -pair[1]))
        match, (_, group) = arms[best], pools[best]
        assert match is not None
        return _compare(query, known, dimension, match, group)
    both = [rows for rows, _ in pools if len(np.unique(dimension.codes[rows])) > 1]
    if both:
        return _in_step(query, known, dimension, max(both, key=len))
    return _nothing(query, known, chosen)


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


def _arms_of(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> Arms | None:
    """The numbers of blocks with two values or more; None where there is no such block."""
    parts = _held_alike(query, known, dimension, rows)
    source = known.frame.codes("source_path")[rows].astype(np.int64)
    arm = dimension.codes[rows]
    for across, columns in ((False, [*parts, source]), (True, parts)):
        if across and "file" in query.control:
            break
        block = number_rows(*columns)
        shared = in_shared_blocks(arm, block)
        if shared.any():
            present, renumbered = np.unique(arm[shared], return_inverse=True)
            return Arms(
                rows[shared],
                renumbered.astype(np.int64),
                block[shared],
                [dimension.levels[at] for at in present.tolist()],
                _words_alike(query, dimension, across),
            )
    return None


def _words_alike(query: Query, dimension: Dimension, across: bool) -> str:
    others = "all other" if dimension.kind == "option" else "all"
    held = ["prompt"] if dimension.kind != "prompt" else []
    held += [quoted(name) for name in query.control]
    named = "".join(f", {name}" for name in held[:-1]) + (f" and {held[-1]}" if held else "")
    where = f", {ACROSS_FILES}" if across and dimension.kind != "file" else ""
    return f"alike in {others} recorded settings{named}{where}"


def _held_alike(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> list[Ints]:
    """Codes of what the calls of one block share, one column each."""
    frame = known.frame
    columns = [_other_settings(known, dimension)[rows]]
    if dimension.kind != "prompt":
        columns.append(frame.codes("item")[rows].astype(np.int64))
    if dimension.kind != "subject":
        columns.append(frame.codes("subject")[rows].astype(np.int64))
    columns += [known.dimensions[name].codes[rows] for name in query.control]
    return columns


def _other_settings(known: Catalogue, dimension: Dimension) -> Ints:
    """A number per configuration but for the option compared."""
    codes = known.frame.codes("settings").astype(np.int64)
    if dimension.option is None:
        return codes
    return _without(known.frame.different("settings"), dimension.option)[codes]


def _without(settings: Iterable[str], option: str) -> Ints:
    """For each configuration, the number of what is left of it without the option."""
    rests: dict[str, int] = {}
    found: list[int] = []
    for text in settings:
        entry: dict[str, object] = json.loads(text)
        entry.pop(option, None)
        found.append(rests.setdefault(write_json(entry), len(rests)))
    return np.array(found, dtype=np.int64)


def _compare(
    query: Query, known: Catalogue, dimension: Dimension, arms: Arms, group: Group
) -> Answer:
    """Medians, the ratio of their extremes, and the test."""
    frame = known.frame
    sides: list[tuple[Fact, Group]] = []
    for place, level in enumerate(arms.levels):
        rows = arms.rows[arms.arm == place]
        key = {**group.key, "subject": query.subject, "series": None}
        part = group_of(frame, rows, key)
        sides.append((_median(query, known, dimension, part, level), part))
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
        test=next((fact for fact in tested if fact.method != "smallest-p"), None),
        alike=arms.alike,
    )


def _level(dimension: Dimension, fact: Fact) -> str:
    return quoted_setting(dimension.name, fact.level or "")


def _median(query: Query, known: Catalogue, dimension: Dimension, part: Group, level: str) -> Fact:
    method = "median" if part.n > 1 else "value"
    fact = describe_by(method, part, "inquiry", shared_settings(known.frame, part))
    counted = metric_label(query.metric) if part.n == 1 else f"median {metric_label(query.metric)}"
    label = f"{counted} of {_whose(query)}{name_phase(fact.phase)}, at "
    return vary(
        fact,
        label=label + ", ".join([quoted_setting(dimension.name, level), *_at(query)]),
        option=dimension.name,
        level=level,
        of=query.words(),
    )


def _whose(query: Query) -> str:
    if query.subject is not None:
        return quoted(query.subject)
    return "each subject" if query.by == "subject" else "all subjects"


def _at(query: Query) -> list[str]:
    return [setting.words() for setting in query.where]


def _template(query: Query, fact: Fact, alike: str) -> Fact:
    """A fact about the whole question, not about one of the values compared."""
    label = f"{metric_label(query.metric)} of {_whose(query)} by {quoted(query.by)}"
    label += name_phase(fact.phase) + "".join(f", at {each}" for each in _at(query))
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


def _in_step(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> Answer:
    """Nothing was run alike but for what is compared: what changed with it, and how many runs."""
    arm = dimension.codes[rows]
    together = [
        each
        for each in known.dimensions.values()
        if each.name != dimension.name and each.kind in _IN_STEP and _is_in_step(each, rows, arm)
    ]
    label = f"runs of {_whose(query)} in which {quoted(query.by)} never changed alone"
    count = _count_runs(query, known, rows, "runs-in-step", label)
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


def _nothing(query: Query, known: Catalogue, rows: Ints) -> Answer:
    label = f"runs that could answer: {query.words()}"
    count = _count_runs(query, known, rows, "runs-asked-for", label)
    kind = known.dimensions[query.by].kind
    return Answer(query=query, kind=kind, outcome="no-data", facts=(count,), count=count)


def _count_runs(query: Query, known: Catalogue, rows: Ints, what: str, label: str) -> Fact:
    runs = known.frame.records(["source_path", "record"], rows)
    names = (name_run(path, record) for path, record in runs)
    counted = count_of(what, "runs", label, names, of=query.words(), about="inquiry")
    return vary(counted, metric=query.metric, subject=query.subject, option=query.by)
