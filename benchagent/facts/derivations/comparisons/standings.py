"""Subjects of which one number each stands side by side: a row for each model, or reported means.

Nobody can test single numbers; means can be, where a file tells their spread and how many runs they
are of. Subjects with several numbers are compared by them (`comparisons.subjects`).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from benchagent.arrays import Mask
from benchagent.facts.derivations.comparisons.contrasts import (
    ACROSS_FILES,
    adjust_for_family,
    better_first,
    count_files,
    is_compared,
    ratio_of,
)
from benchagent.facts.derivations.comparisons.reported_means import (
    compare_means,
    interval_of_means,
)
from benchagent.facts.derivations.comparisons.subjects import CONTEST
from benchagent.facts.derivations.comparisons.variants import of_files_with_baselines
from benchagent.facts.derivations.counted_once.samples import (
    Group,
    Samples,
    correctly_labelled,
    group_of,
    split_into_groups,
)
from benchagent.facts.derivations.descriptions.statistics import (
    Spreads,
    describe_by,
    reported_spreads,
    with_reported,
)
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.fact import Fact, vary
from benchagent.wording import name_quantity, name_subject, quoted

SIDE_BY_SIDE: Final = "subjects-side-by-side"
FIRST_OVER_NEXT: Final = "first-over-next"
_ALIKE: Final = [*CONTEST, "settings", "item"]


def rank_subjects(samples: Samples) -> Iterator[Fact]:
    """The numbers side by side, how many there are, the first over the next, and tests of means."""
    spreads = reported_spreads(samples.frame)
    tests: list[Fact] = []
    for frame, group in _fields(samples.frame):
        facts = list(_stand(frame, spreads, group))
        tests += [fact for fact in facts if fact.kind == "test"]
        yield from facts
    yield from adjust_for_family(tests, lambda test: f"reported means, {quoted(test.metric or '')}")


def _fields(frame: Frame) -> Iterator[tuple[Frame, Group]]:
    """Numbers of different subjects that were run alike, one of each."""
    baselines = of_files_with_baselines(frame).used("source_path")
    frame = frame.take(
        frame.has("statistic", "value", "mean")
        & frame.known("subject")
        & frame.has("metric", *filter(is_compared, frame.used("metric")))
        & correctly_labelled(frame)
        & ~frame.has("phase", "cold")
        & ~frame.has("source_path", *baselines)
    )
    frame = frame.take(~_is_one_of_several(frame))
    alone = np.ones(len(frame), dtype=np.bool_)
    for group in _of_one_each(frame, [*_ALIKE, "source_path"]):
        alone[group.rows] = False
        yield frame, group
    frame = frame.take(alone)
    for group in _of_one_each(frame, _ALIKE):
        yield frame, group


def _of_one_each(frame: Frame, alike: list[str]) -> Iterator[Group]:
    for group in split_into_groups(frame, alike):
        subjects = Counter(frame.cells("subject", group.rows))
        if len(subjects) > 1 and subjects.total() == len(subjects):
            yield group


def _is_one_of_several(frame: Frame) -> Mask:
    """Whether a single number's subject has more of them, by which it is compared."""
    number = frame.number([*CONTEST, "subject"])
    return frame.has("statistic", "value") & (np.bincount(number)[number] > 1)


def _stand(frame: Frame, spreads: Spreads, group: Group) -> Iterator[Fact]:
    metric = group.key["metric"] or ""
    sides = (_describe(frame, spreads, group, at) for at in range(group.n))
    ranked = sorted(sides, key=better_first(metric))
    first, following, *_ = ranked
    yield from ranked
    quantity = name_quantity(metric, first.statistic or "value")
    where = f"in {quoted(first.of)}" if first.of else ACROSS_FILES
    template = vary(
        first, label=f"{quantity} beside others {where}", measurements=(), n=None, spread=None
    )
    yield vary(
        template,
        kind="count",
        label=f"subjects with a {quantity} beside that of {name_subject(first.subject)} {where}",
        value=len(ranked),
        unit="subjects",
        statistic=SIDE_BY_SIDE,
        method="count",
        facts=tuple(fact.id for fact in ranked),
    )
    if not first.of:
        counted = count_files(frame, group.rows, template, f"what stands beside {first.label}")
        # several prompts, and single numbers beside means, may stand in the same files
        yield vary(counted, facts=tuple(fact.id for fact in ranked))
    for rival in ranked[1:]:
        over = f"{name_subject(first.subject)} over {name_subject(rival.subject)}"
        pair = vary(
            template,
            label=f"{quantity}: {over} {where}",
            statistic=FIRST_OVER_NEXT,
        )
        if rival is following:
            yield from filter(None, [ratio_of(first, rival, pair, interval_of_means(first, rival))])
        yield from compare_means(first, rival, pair)


def _describe(frame: Frame, spreads: Spreads, group: Group, at: int) -> Fact:
    row = group.rows[at : at + 1]
    [subject] = frame.cells("subject", row)
    alone = group_of(frame, row, {**group.key, "subject": subject, "series": None})
    described = [describe_by("value", alone, "standing", group.key["settings"] or "{}")]
    [fact] = with_reported(described, frame, spreads)
    source = group.key.get("source_path")
    where = f"in {quoted(source)}" if source else ACROSS_FILES
    label = f"{fact.label}, beside others {where}"
    return vary(fact, of=source, level=group.key["item"] or None, label=label)
