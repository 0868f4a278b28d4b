"""Subjects of one file that differ in how many of their calls were cold.

Whoever compares their means compares who had to be loaded, not who answers faster.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from benchagent.facts.derivations.comparisons.contrasts import ratio_of
from benchagent.facts.derivations.counted_once.samples import (
    Group,
    Samples,
    group_of,
    split_into_groups,
)
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.descriptions.statistics import describe_by, shared_settings
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.fact import Fact, vary
from benchagent.quantities.metrics import find_metric
from benchagent.wording import name_quantity, name_subject, quoted

_FEWEST_WARM: Final = 3
_CONTEST: Final = ["source_path", "benchmark", "workload", "metric", "definition", "unit"]
_COMPONENTS: Final = ("load_time", "prompt_eval_time")


def compare_cold_shares(samples: Samples) -> Iterator[Fact]:
    """Per file and metric: the subject whose cold calls lift its mean most, beside one without."""
    frame = samples.frame
    calls = frame.take(
        frame.known("phase")
        & frame.has("statistic", "value")
        & frame.has("metric", *filter(_is_waiting, frame.used("metric")))
        & frame.known("subject")
    )
    contests: dict[tuple[str | None, ...], list[Group]] = defaultdict(list)
    for group in split_into_groups(calls, [*_CONTEST, "series", "subject"]):
        contests[tuple(group.key[name] for name in _CONTEST)].append(group)
    for groups in contests.values():
        lifted = [group for group in groups if _of_phase(calls, group, "cold")]
        others = [group for group in groups if not _of_phase(calls, group, "cold")]
        if lifted and others:
            most = max(lifted, key=lambda group: (group.values.mean(), group.ids[0]))
            least = min(others, key=lambda group: (group.values.mean(), group.ids[0]))
            yield from _set_beside(calls, most, least)


def _is_waiting(metric: str) -> bool:
    known = find_metric(metric)
    return known is not None and known.better == "lower" and metric not in _COMPONENTS


def _of_phase(calls: Frame, group: Group, phase: str) -> Group | None:
    rows = group.rows[calls.has("phase", phase)[group.rows]]
    return group_of(calls, rows, group.key) if len(rows) else None


def _set_beside(calls: Frame, lifted: Group, other: Group) -> Iterator[Fact]:
    warm = [_of_phase(calls, group, "warm") for group in (lifted, other)]
    if any(group is None or group.n < _FEWEST_WARM for group in warm):
        return
    everything = [_describe(calls, "mean", group, "mixed") for group in (lifted, other)]
    medians = [_describe(calls, "median", group, "warm") for group in warm if group]
    cold = _of_phase(calls, lifted, "cold")
    assert cold is not None
    yield from (*everything, *medians, _count_cold(calls, cold, everything[0]))
    for what, pair in (("means-of-all", everything), ("medians-of-warm", medians)):
        upper, lower = (name_subject(fact.subject) for fact in pair)
        quantity = name_quantity(pair[0].metric or "")
        label = f"{upper} over {lower}, {what.replace('-', ' ')} calls: {quantity} in "
        label += quoted(pair[0].of or "")
        template = vary(pair[0], label=label, statistic=what, config=None, phase="mixed")
        yield from filter(None, [ratio_of(pair[0], pair[1], template, None)])


def _describe(calls: Frame, method: str, group: Group, phase: str) -> Fact:
    named = replace(group, key={**group.key, "statistic": "value", "phase": phase})
    fact = describe_by(method, named, "phase", shared_settings(calls, group))
    source = group.key["source_path"] or ""
    # Two populations in one sample, or calls of one spell: no interval describes them.
    return vary(
        fact, label=f"{fact.label} in {quoted(source)}", of=source, ci_low=None, ci_high=None
    )


def _count_cold(calls: Frame, cold: Group, mean: Fact) -> Fact:
    runs = [name_run(mean.of or "", str(record)) for record in calls.cells("record", cold.rows)]
    label = f"cold calls of {name_subject(mean.subject)} in {quoted(mean.of or '')}"
    counted = count_of("cold-calls-of-subject", "cold calls", label, runs, about="phase")
    return vary(
        counted, of=mean.of, subject=mean.subject, metric=mean.metric, benchmark=mean.benchmark,
        definition=mean.definition,
    )  # fmt: skip
