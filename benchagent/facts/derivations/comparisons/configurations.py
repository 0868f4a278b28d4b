"""Which configuration did best, and whether anything sets it apart from its rivals."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.contrasts import (
    adjust_for_family,
    better_first,
    compare_arms,
    count_files,
    is_compared,
    ratio_of,
)
from benchagent.facts.derivations.counted_once.samples import Samples, correctly_labelled
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import machine_of
from benchagent.facts.derivations.rows.rounds import find_rounds, in_shared_blocks
from benchagent.facts.derivations.rows.settings import is_demand, write_json
from benchagent.facts.fact import Fact, by_name, vary
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_settings

# All pairs of a dozen are 66 comparisons; past that no repetition count in practice reaches
# significance after Holm, and a grid is better asked option by option.
MOST_PAIRED: Final = 12


def rank_configurations(samples: Samples, described: Iterable[Fact]) -> Iterator[Fact]:
    """Per subject and metric: how many configurations, the best over the next, tests of pairs."""
    tests: list[Fact] = []
    mislabelled = samples.frame.ids[~correctly_labelled(samples.frame)]
    for rivals in _fields(described, mislabelled):
        better = better_first(rivals[0].metric or "")
        ranked = sorted(rivals, key=better)
        yield from _counts(ranked)
        yield _count_files(samples.frame, ranked)
        yield from _lead(ranked)
        facts = list(_test_pairs(samples.frame, ranked))
        tests.extend(facts)
        yield from facts
    yield from adjust_for_family(tests, _family)


def _family(fact: Fact) -> str:
    parts = (
        fact.metric, fact.subject, fact.of, fact.workload, fact.benchmark, fact.definition,
        fact.phase,
    )  # fmt: skip
    return f"configurations against {' '.join(quoted(part) for part in parts if part)}"


def _fields(described: Iterable[Fact], mislabelled: Ints) -> Iterator[list[Fact]]:
    """Medians (or only values) of configurations that compete with each other.

    Configurations that record different options are no rivals: what one of them leaves out may
    have been the same. Nor are those of which more was asked, nor one that did not use the device
    that it names.
    """
    fields: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in described:
        if _competes(fact) and not _shares(mislabelled, fact):
            parts = (
                fact.benchmark,
                fact.subject,
                fact.of,
                fact.workload,
                fact.metric,
                fact.definition,
            )
            settings = json.loads(fact.config or "{}")
            asked = write_json({key: settings[key] for key in settings if is_demand(key)})
            key = (*parts, fact.unit, fact.phase, " ".join(settings), asked)
            fields[tuple(part or "" for part in key)].append(fact)
    for _, field in sorted(fields.items()):
        yield from (rivals for rivals in _by_machine(field) if len(rivals) >= 2)


def _by_machine(field: list[Fact]) -> list[list[Fact]]:
    """Configurations that ran on one machine each time, where they differ in more than that.

    The faster machine would be best with any options.
    """
    apart: dict[str, list[Fact]] = defaultdict(list)
    for fact in field:
        apart[write_json(machine_of(json.loads(fact.config or "{}")))].append(fact)
    parted = [apart[machine] for machine in sorted(apart)]
    options = {_without_machine(fact) for fact in field}
    return parted if len(options) > 1 else [field]


def _without_machine(fact: Fact) -> str:
    settings = json.loads(fact.config or "{}")
    machine = machine_of(settings)
    return write_json({key: level for key, level in settings.items() if key not in machine})


def _shares(ids: Ints, fact: Fact) -> bool:
    return bool(len(ids) and np.isin(fact.measurements, ids).any())


def _competes(fact: Fact) -> bool:
    central = fact.statistic == "value" and fact.method in ("median", "share", "value")
    measured = fact.about == "configuration" and fact.phase != "cold"
    return central and measured and is_compared(fact.metric or "")


def _counts(ranked: list[Fact]) -> Iterator[Fact]:
    best = ranked[0]
    once = [fact for fact in ranked if fact.n == 1]
    overlapping = [fact for fact in ranked[1:] if _overlap(best, fact)]
    for what, words, facts in (
        ("configurations", "configurations compared", ranked),
        ("configurations-run-once", "configurations run once", once),
        ("overlapping", "configurations whose interval overlaps the best one's", overlapping),
    ):
        label = f"{words}: {name_quantity(best.metric or '')} of "
        label += f"{name_subject(best.subject, best.of, best.workload)}{name_phase(best.phase)}"
        yield vary(
            _template(best, label),
            kind="count",
            statistic=what,
            value=len(facts),
            unit="configurations",
            method="count",
            facts=tuple(fact.id for fact in sorted(facts, key=by_name)),
        )


def _count_files(frame: Frame, ranked: list[Fact]) -> Fact:
    rows = np.searchsorted(frame.ids, np.concatenate([fact.measurements for fact in ranked]))
    best = ranked[0]
    compared = f"the configurations compared: {name_quantity(best.metric or '')} of "
    compared += f"{name_subject(best.subject, best.of, best.workload)}{name_phase(best.phase)}"
    return count_files(frame, rows, _template(best, compared), compared)


def _overlap(one: Fact, other: Fact) -> bool:
    if one.ci_low is None or one.ci_high is None or other.ci_low is None or other.ci_high is None:
        return False
    return one.ci_low <= other.ci_high and other.ci_low <= one.ci_high


def _template(fact: Fact, label: str) -> Fact:
    """A fact about the whole field that this one competes in.

    `option` names what was varied, with the machine on which all of it was run and what was asked
    of all.
    """
    settings = json.loads(fact.config or "{}")
    machine = machine_of(settings)
    named = [
        f"{key}={level}" if key in machine or is_demand(key) else key
        for key, level in settings.items()
    ]
    return vary(
        fact,
        label=label,
        option=" ".join(named),
        config=None,
        n=None,
        spread=None,
        ci_low=None,
        ci_high=None,
        measurements=(),
    )


def _lead(ranked: list[Fact]) -> Iterator[Fact]:
    best = ranked[0]
    for what, rival in (("best-over-next", ranked[1]), ("best-over-last", ranked[-1])):
        label = (
            f"{name_quantity(best.metric or '')} of {name_subject(best.subject, best.of, best.workload)}"
            f"{name_phase(best.phase)}: {quoted_settings(best.config or '{}')} over "
            f"{quoted_settings(rival.config or '{}')}"
        )
        template = vary(_template(best, label), statistic=what)
        yield from filter(None, [ratio_of(best, rival, template, None)])


def _test_pairs(frame: Frame, ranked: list[Fact]) -> Iterator[Fact]:
    """Every pair, so that the best one is not compared more kindly than it was chosen."""
    if len(ranked) > MOST_PAIRED or sum(len(fact.measurements) > 1 for fact in ranked) < 2:
        return
    ids, values = frame.ids, frame.values
    for one, other in combinations(ranked, 2):
        rows = np.sort(np.searchsorted(ids, np.concatenate([one.measurements, other.measurements])))
        arm = np.isin(ids[rows], one.measurements).astype(np.int64)
        block = _blocks(frame, rows, arm)
        shared = in_shared_blocks(arm, block)
        rows, arm, block = rows[shared], arm[shared], block[shared]
        loads = _differ_in_loading(one, other)
        rounds = find_rounds(frame, rows, arm, block, loads=loads)
        label = (
            f"p-value of {name_quantity(one.metric or '')} of {name_subject(one.subject, one.of, one.workload)}"
            f"{name_phase(one.phase)}: {quoted_settings(one.config or '{}')} against "
            f"{quoted_settings(other.config or '{}')}"
        )
        template = vary(_template(one, label), config=one.config, level=other.config)
        yield from compare_arms(ids[rows], values[rows], arm, block, template, rounds)


def _differ_in_loading(one: Fact, other: Fact) -> bool:
    mine, theirs = (json.loads(fact.config or "{}") for fact in (one, other))
    return any(mine.get(option) != theirs.get(option) for option in LOAD_OPTIONS)


def _blocks(frame: Frame, rows: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Blocks by file and item, by item where no file holds both, else one block of all."""
    source, item = (frame.codes(name)[rows] for name in ("source_path", "item"))
    for columns in ((source, item), (item,)):
        block = number_rows(*columns)
        if in_shared_blocks(arm, block).any():
            return block
    return np.zeros(len(rows), dtype=np.int64)
