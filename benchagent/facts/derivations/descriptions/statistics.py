"""Medians, means and ranges: per subject, per configuration, cold against warm."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from benchagent.arrays import Mask
from benchagent.facts.derivations.comparisons.contrasts import interval_of_ratio, ratio_of
from benchagent.facts.derivations.counted_once.samples import (
    Group,
    Samples,
    split_into_groups,
    used_spreads,
)
from benchagent.facts.derivations.rows.frame import Frame, first_of_each
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.estimates import are_outcomes, depends_on_order, summarise
from benchagent.facts.fact import About, Fact, vary
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_settings

SUBJECT: Final = [
    "benchmark", "subject", "series", "workload", "metric", "definition", "unit", "statistic",
]  # fmt: skip
_BESIDE: Final = ("mean", "minimum", "maximum")


def describe_samples(samples: Samples) -> Iterator[Fact]:
    """Statistics per subject and, where it was run in several ways, per configuration.

    Cold and warm calls stand apart; a mean over both is labelled so.
    """
    spread = samples.frame.has("statistic", *used_spreads(samples.frame))
    frame = samples.frame.take(~spread)
    spreads = reported_spreads(samples.frame)
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        facts = describe(group, "subject", shared_settings(frame, group))
        yield from with_reported(facts, frame, spreads)
    several = frame.take(_run_in_several_ways(frame))
    for group in split_into_groups(several, [*SUBJECT, "phase", "settings"]):
        facts = describe(group, "configuration", group.key["settings"] or "{}")
        yield from with_reported(facts, several, spreads)
    yield from _set_cold_against_warm(frame)


def describe(group: Group, about: About, settings: str) -> Iterator[Fact]:
    """What a group says: its only value, or its median, mean and range; of outcomes their share.

    Of several reported statistics (five files' means) only the median is taken.
    """
    if group.n == 1:
        yield describe_by("value", group, about, settings)
    else:
        of_values = group.key["statistic"] == "value"
        [centre] = centres_of(group)
        beside = _BESIDE if of_values and centre != "share" else ()
        for method in (centre, *beside):
            yield describe_by(method, group, about, settings)


def centres_of(*groups: Group) -> list[str]:
    """By what each of some groups is compared with the others: its median, or its only value.

    Where all numbers are outcomes (0 or 1) it is the share of ones: a median of 1 is that of good
    models and bad.
    """
    single = all(
        group.key["unit"] == "ratio" and group.key["statistic"] == "value" for group in groups
    )
    share = single and are_outcomes(np.concatenate([group.values for group in groups]))
    return ["value" if group.n == 1 else "share" if share else "median" for group in groups]


def describe_by(method: str, group: Group, about: About, settings: str) -> Fact:
    """One statistic of a group, as a fact.

    Of all calls of a subject there is no interval where they depend on their order: it would be
    that of as many independent calls, and too narrow.
    """
    key, summary = group.key, summarise(group.values, method)
    withheld = about == "subject" and depends_on_order(group.values)
    low, high = (None if withheld else summary.interval) or (None, None)
    return Fact(
        kind="statistic",
        label=_label(key, method, about, settings),
        value=summary.value,
        unit=key["unit"],
        about=about,
        of=key["series"] or None,
        metric=key["metric"],
        definition=key["definition"],
        statistic=key["statistic"],
        method=method,
        n=summary.n,
        spread=summary.spread,
        ci_low=low,
        ci_high=high,
        benchmark=key["benchmark"],
        subject=key["subject"],
        workload=key["workload"] or None,
        config=settings,
        phase=key["phase"],
        measurements=group.ids,
    )


def _label(key: Mapping[str, str | None], method: str, about: About, settings: str) -> str:
    metric, statistic = key["metric"] or "", key["statistic"] or "value"
    quantity = name_quantity(metric, statistic)
    summed = "mean" if method == "share" else method
    counted = quantity if method == "value" else f"{summed} {quantity}"
    whose = f"{counted} of {name_subject(key['subject'], key['series'], key['workload'])}"
    defined = f" ({quoted(key['definition'])})" if key["definition"] else ""
    label = f"{whose}{defined} in {quoted(key['benchmark'] or '')}{name_phase(key['phase'])}"
    return f"{label}, with {quoted_settings(settings)}" if about == "configuration" else label


def _run_in_several_ways(frame: Frame) -> Mask:
    numbers, settings = frame.number([*SUBJECT, "phase"]), frame.codes("settings")
    differs = settings != settings[first_of_each(numbers)][numbers]
    return (np.bincount(numbers, weights=differs) > 0)[numbers]


@lru_cache(maxsize=65536)
def _read_settings(text: str) -> Mapping[str, object]:
    return MappingProxyType(json.loads(text))


def settings_of(frame: Frame, group: Group) -> list[Mapping[str, object]]:
    """The different settings that a group's numbers were measured with, in a fixed order."""
    found = frame.names("settings")
    codes = np.unique(found.codes[group.rows])
    return [_read_settings(text) for text in sorted(found.words.texts[codes].tolist())]


def shared_settings(frame: Frame, group: Group) -> str:
    """Canonical JSON of the settings that all numbers of a group have in common."""
    found = settings_of(frame, group)
    return write_json(
        {
            key: value
            for key, value in found[0].items()
            if all(key in other and other[key] == value for other in found)
        }
    )


Spreads = Mapping[tuple[str | None, ...], float]
_RUN: Final = ["source_path", "record", "metric", "definition", "unit"]


def reported_spreads(frame: Frame) -> Spreads:
    """The standard deviations that tools report, as those of samples (ddof 1)."""
    rows = np.flatnonzero(frame.has("statistic", "stddev", "stddev_population"))
    sizes, values = frame.numbers("n")[rows].tolist(), frame.values[rows].tolist()
    spreads: dict[tuple[str | None, ...], float] = {}
    told = zip(frame.records([*_RUN, "statistic"], rows), sizes, values, strict=True)
    for (*run, statistic), n, value in told:
        if statistic == "stddev_population":
            if math.isnan(n) or n < 2:
                continue
            value *= math.sqrt(n / (n - 1))
        spreads[tuple(run)] = value
    return spreads


def with_reported(facts: Iterable[Fact], frame: Frame, spreads: Spreads) -> Iterator[Fact]:
    """A mean that a tool reports stands on the samples and has the spread that the tool says."""
    for fact in facts:
        if fact.statistic == "value" or fact.method != "value":
            yield fact
            continue
        row = np.searchsorted(frame.ids, fact.measurements[:1])
        [run], [n] = frame.records(_RUN, row), frame.numbers("n")[row].tolist()
        spread = spreads.get(run) if fact.statistic == "mean" else None
        yield vary(fact, n=None if math.isnan(n) else int(n), spread=spread)


def _set_cold_against_warm(frame: Frame) -> Iterator[Fact]:
    """Means over cold and warm calls together (what a naive mean says), and how far they part."""
    calls = frame.take(frame.known("phase") & frame.has("statistic", "value"))
    phases = {
        (tuple(group.key[name] for name in SUBJECT), group.key["phase"]): group
        for group in split_into_groups(calls, [*SUBJECT, "phase"])
    }
    for group in split_into_groups(calls, SUBJECT):
        key = tuple(group.key[name] for name in SUBJECT)
        cold, warm = phases.get((key, "cold")), phases.get((key, "warm"))
        if cold and warm:
            mixed = replace(group, key={**group.key, "phase": "mixed"})
            mean = describe_by("mean", mixed, "phase", shared_settings(calls, group))
            # Two populations in one sample: no interval of a single mean describes them.
            yield vary(mean, ci_low=None, ci_high=None)
            yield from _ratio_of_phases(calls, cold, warm)


def _ratio_of_phases(calls: Frame, cold: Group, warm: Group) -> Iterator[Fact]:
    above, below = (
        describe_by(
            "value" if side.n == 1 else "median", side, "subject", shared_settings(calls, side)
        )
        for side in (cold, warm)
    )
    template = vary(
        above,
        label=f"cold over warm {name_quantity(above.metric or '')} of "
        f"{name_subject(above.subject, above.of, above.workload)}, medians",
        about="phase",
        phase="mixed",
        config=None,
    )
    ratio = ratio_of(above, below, template, interval_of_ratio(cold, warm))
    if ratio:
        yield ratio
