"""Subjects of one file that differ in how many of their calls were cold.

Whoever compares their means compares who had to be loaded, not who answers faster.
"""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from benchagent.facts.derivations.contrasts import ratio_of
from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.derivations.samples import Group, Samples, name_run, split_into_groups
from benchagent.facts.derivations.statistics import describe_by, shared_settings
from benchagent.facts.fact import Fact, vary
from benchagent.quantities import find_metric
from benchagent.wording import name_quantity, name_subject, quoted

_FEWEST_WARM: Final = 3
_CONTEST: Final = ["source_path", "benchmark", "workload", "metric", "definition", "unit"]
_COMPONENTS: Final = ("load_time", "prompt_eval_time")


def compare_cold_shares(samples: Samples) -> Iterator[Fact]:
    """Per file and metric: the subject whose cold calls lift its mean most, beside one without."""
    frame = samples.frame
    waiting = [name for name in frame["metric"].unique() if _is_waiting(str(name))]
    calls = frame[
        frame["phase"].notna()
        & (frame["statistic"] == "value")
        & frame["metric"].isin(waiting)
        & frame["subject"].notna()
    ].reset_index(drop=True)
    for contest in split_into_groups(calls, _CONTEST):
        rows = calls.iloc[contest.rows]
        groups = list(split_into_groups(rows, [*_CONTEST, "series", "subject"]))
        cold = {name: _of_phase(rows, group, "cold") for name, group in _by_subject(groups)}
        lifted = [group for name, group in _by_subject(groups) if cold[name]]
        others = [group for name, group in _by_subject(groups) if not cold[name]]
        if lifted and others:
            most = max(lifted, key=lambda group: (group.values.mean(), group.ids))
            least = min(others, key=lambda group: (group.values.mean(), group.ids))
            yield from _set_beside(rows, most, least)


def _is_waiting(metric: str) -> bool:
    known = find_metric(metric)
    return known is not None and known.better == "lower" and metric not in _COMPONENTS


def _by_subject(groups: list[Group]) -> Iterator[tuple[str, Group]]:
    for group in groups:
        yield group.key["subject"] or "", group


def _of_phase(rows: pd.DataFrame, group: Group, phase: str) -> Group | None:
    chosen = rows[rows["id"].isin(group.ids) & (rows["phase"] == phase)]
    found = list(split_into_groups(chosen, [*_CONTEST, "series", "subject"]))
    return found[0] if found else None


def _set_beside(rows: pd.DataFrame, lifted: Group, other: Group) -> Iterator[Fact]:
    warm = [_of_phase(rows, group, "warm") for group in (lifted, other)]
    if any(group is None or group.n < _FEWEST_WARM for group in warm):
        return
    everything = (_describe(rows, "mean", lifted, "mixed"), _describe(rows, "mean", other, "mixed"))
    one, other_warm = (group for group in warm if group)
    medians = (
        _describe(rows, "median", one, "warm"),
        _describe(rows, "median", other_warm, "warm"),
    )
    cold = _of_phase(rows, lifted, "cold")
    assert cold is not None
    yield from (*everything, *medians, _count_cold(rows, cold, everything[0]))
    for what, pair in (("means-of-all", everything), ("medians-of-warm", medians)):
        upper, lower = (name_subject(fact.subject) for fact in pair)
        quantity = name_quantity(pair[0].metric or "")
        label = f"{upper} over {lower}, {what.replace('-', ' ')} calls: {quantity} in "
        label += quoted(pair[0].of or "")
        template = vary(pair[0], label=label, statistic=what, config=None, phase="mixed")
        yield from filter(None, [ratio_of(*pair, template, None)])


def _describe(rows: pd.DataFrame, method: str, group: Group, phase: str) -> Fact:
    key = {**group.key, "statistic": "value", "phase": phase}
    whole = rows.reset_index(drop=True)
    places = whole.index[whole["id"].isin(group.ids)].to_numpy()
    placed = Group(key, group.values, group.ids, places)
    fact = describe_by(method, placed, "phase", shared_settings(whole, placed))
    source = group.key["source_path"] or ""
    # Two populations in one sample, or calls of one spell: no interval describes them.
    return vary(
        fact, label=f"{fact.label} in {quoted(source)}", of=source, ci_low=None, ci_high=None
    )


def _count_cold(rows: pd.DataFrame, cold: Group, mean: Fact) -> Fact:
    records = rows.loc[rows["id"].isin(cold.ids), "record"].astype("object")
    runs = [name_run(mean.of or "", record) for record in records]
    label = f"cold calls of {name_subject(mean.subject)} in {quoted(mean.of or '')}"
    counted = count_of("cold-calls-of-subject", "cold calls", label, runs, about="phase")
    return vary(
        counted, of=mean.of, subject=mean.subject, metric=mean.metric, benchmark=mean.benchmark,
        definition=mean.definition,
    )  # fmt: skip
