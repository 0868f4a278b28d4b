"""Below what a p-value counts for the folder as a whole, and not for its own question alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.fact import Fact, by_name, vary
from benchagent.facts.rank_tests import aligned_f_p, round_centres
from benchagent.facts.significance import SIGNIFICANT, level_over_families

FOLDER_LEVEL: Final = "significance-level"


def find_folder_level(facts: Sequence[Fact], frame: Frame) -> Iterator[Fact]:
    """The level at which p-values after Holm hold over all families of tests, if there are any.

    Of those that count for their family alone, how far apart the values lie (`aligned-f`).
    """
    families: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.method == "holm":
            families[fact.facts[1]].append(fact)
    if not families:
        return
    smallest = [
        min(tests, key=lambda fact: (fact.value, by_name(fact)))
        for _, tests in sorted(families.items())
    ]
    level = level_over_families([fact.value for fact in smallest], SIGNIFICANT)
    yield Fact(
        kind="statistic",
        label="below what a p-value after Holm counts over all comparisons of the folder",
        value=level,
        unit=None,
        statistic=FOLDER_LEVEL,
        method="level-over-families",
        facts=tuple(fact.id for fact in smallest),
    )
    doubtful = {
        fact.facts[0]
        for tests in families.values()
        for fact in tests
        if level <= fact.value < SIGNIFICANT
    }
    yield from (_by_size(test, frame) for test in facts if test.id in doubtful and test.arms)


def _by_size(test: Fact, frame: Frame) -> Fact:
    """The same test by how far apart its values lie, over rounds where it was over rounds."""
    places = np.searchsorted(frame.ids, np.asarray(test.measurements))
    values, arms, blocks = frame.values[places], np.asarray(test.arms), np.asarray(test.blocks)
    if test.rounds:
        values, arms, blocks = round_centres(
            values, arms, blocks, np.asarray(test.rounds), np.asarray(test.strata)
        )
    return vary(
        test,
        label=f"{test.label}, by how far apart the values lie",
        value=aligned_f_p(values, arms, blocks),
        method="aligned-f",
        facts=(test.id,),
    )
