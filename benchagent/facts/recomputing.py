"""A fact's value, computed again from what it rests on, as the files give it now."""

from collections.abc import Iterable, Mapping, MutableMapping

import numpy as np

from benchagent.arrays import Floats
from benchagent.facts.estimates import summarise
from benchagent.facts.fact import Fact
from benchagent.facts.ids import Values
from benchagent.facts.rank_tests import (
    aligned_f_p,
    multiples_of_medians,
    rank_test,
    round_centres,
    smallest_p,
)
from benchagent.facts.significance import (
    SIGNIFICANT,
    fisher_p,
    holm,
    level_over_families,
    order_stretches,
    order_trend,
    welch_p,
)


class IrreproducibleError(ValueError):
    """A fact whose value does not follow from the evidence offered; says which and why."""


def recompute(
    fact: Fact,
    values: Values,
    facts: Mapping[str, Fact],
    *,
    modified_at: Mapping[str, float] | None = None,
    known: MutableMapping[str, float] | None = None,
) -> float:
    """The value of a fact, computed again from values freshly read by measurement id.

    Args:
        fact: the fact to compute again.
        values: the value of each measurement, in its canonical unit, as the file now gives it.
        facts: the facts of the snapshot by id; those that `fact` rests on are recomputed too.
        modified_at: modification times by path, in seconds since the epoch, for facts of time.
        known: values recomputed before, kept up to date; pass one mapping for many facts.

    Raises:
        IrreproducibleError: when something that the fact rests on was not offered.
    """
    known = {} if known is None else known
    if fact.id not in known:
        try:
            known[fact.id] = _recompute(fact, values, facts, modified_at or {}, known)
        except KeyError as missing:
            raise IrreproducibleError(
                f"{fact.id} ({fact.label}) rests on {missing.args[0]!r}, which was not offered"
            ) from missing
    return known[fact.id]


def _recompute(
    fact: Fact,
    values: Values,
    facts: Mapping[str, Fact],
    modified_at: Mapping[str, float],
    known: MutableMapping[str, float],
) -> float:
    if fact.method == "count":
        return len(values.at(fact.measurements)) or len(fact.sources or fact.facts)
    if fact.method == "pairs":
        return len(fact.facts) * (len(fact.facts) - 1) / 2
    if fact.method == "latest":
        return max(modified_at[path] for path in fact.sources)
    if fact.measurements:
        return _from_measurements(fact, values.at(fact.measurements))

    def again(ids: Iterable[str]) -> list[float]:
        return [
            recompute(facts[id], values, facts, modified_at=modified_at, known=known) for id in ids
        ]

    if fact.method == "holm":
        own, family = fact.facts
        members = facts[family].facts
        return holm(again(members))[members.index(own)]
    if fact.method == "welch-of-means":
        return _from_reported(again(fact.facts), [facts[id] for id in fact.facts])
    return _from_facts(fact, again(fact.facts))


def _from_reported(means: list[float], sides: list[Fact]) -> float:
    """The p-value of means that were read again, with the spreads and sizes beside them."""
    one, other = (
        (mean, side.spread or 0.0, side.n or 0) for mean, side in zip(means, sides, strict=True)
    )
    p = welch_p(one, other)
    return 1.0 if p is None else p


def _from_measurements(fact: Fact, numbers: Floats) -> float:
    if fact.method == "kendall-tau":
        return order_trend(numbers)[0]
    if fact.method == "kendall-tau-p":
        return order_trend(numbers)[1]
    if fact.method == "succession":
        return order_stretches(numbers, fact.blocks)[0]
    if fact.method == "succession-p":
        return order_stretches(numbers, fact.blocks)[1]
    if fact.method == "mean-of-multiples":
        return float(np.mean(multiples_of_medians(numbers, fact.blocks)))
    if fact.kind == "test":
        return _from_arms(fact, numbers)
    return summarise(numbers, fact.method or "value").value


def _from_arms(fact: Fact, numbers: Floats) -> float:
    """The p-value of a rank test over single calls, or over rounds of them."""
    values, arms, blocks = numbers, fact.arms, fact.blocks
    if fact.rounds:
        values, arms, blocks = round_centres(numbers, arms, blocks, fact.rounds, fact.strata)
    if fact.method == "smallest-p":
        return smallest_p(arms, blocks)
    if fact.method == "aligned-f":
        return aligned_f_p(values, arms, blocks)
    test = rank_test(values, arms, blocks)
    return test.p if test else 1.0


def _from_facts(fact: Fact, parts: list[float]) -> float:
    if fact.method == "ratio":
        return parts[0] / parts[1]
    if fact.method == "fisher-exact":
        return fisher_p(*(round(part) for part in parts))
    if fact.method == "level-over-families":
        return level_over_families(parts, SIGNIFICANT)
    if fact.method == "difference":
        return parts[0] - parts[1]
    raise IrreproducibleError(
        f"{fact.id} ({fact.label}) has the method {fact.method!r}, which nothing here computes"
    )
