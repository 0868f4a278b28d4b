"""Rivals of a competition over what all of them ran, each prompt of it equally often.

Where one configuration ran mostly the slow prompt and another mostly the fast one, their medians
rank prompts, and may even rank the configurations the other way than each prompt does.
"""

from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.comparisons.contrasts import MOST_PAIRED
from benchagent.facts.derivations.comparisons.evenness import (
    take_as_many,
    would_part_otherwise,
    would_rank_otherwise,
)
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.rounds import in_shared_blocks
from benchagent.facts.estimates import summarise
from benchagent.facts.fact import Fact, vary
from benchagent.facts.ids import Ids

AS_MANY_OF_PROMPTS: Final = "as many runs of each prompt that all of them ran"
AS_MANY_OF_FILES: Final = "as many runs of each file that holds them all"


class Matched(NamedTuple):
    """Rivals by numbers that can be ranked; `taken` says what they are of, blank where it is all."""

    rivals: list[Fact]
    taken: str


def match_rivals(frame: Frame, rivals: list[Fact]) -> Matched:
    """The rivals as they are, or over as many runs of each block where that ranks them otherwise.

    As they are too where a rival would be left with one run or none, and where they are so many
    that nothing is tested and none is called the best.
    """
    rows, arm = _rows_of(frame, rivals)
    block = blocks_of(frame, rows, arm)
    if len(rivals) > MOST_PAIRED or _are_alike(arm, block):
        return Matched(rivals, "")
    taken = _taken(arm, block)
    fewest = np.bincount(arm[taken], minlength=len(rivals)).min()
    if fewest < 2 or _tell_alike(frame.values[rows], arm, taken):
        return Matched(rivals, "")
    words = _say_taken(frame, rows)
    parts = [rows[taken[arm[taken] == at]] for at in range(len(rivals))]
    over = [_over(frame, fact, part, words) for fact, part in zip(rivals, parts, strict=True)]
    return Matched(over, words)


def _taken(arm: Ints, block: Ints) -> Ints:
    """Which samples to take: of blocks that several arms share, as many of each."""
    shared = np.flatnonzero(in_shared_blocks(arm, block))
    return shared[take_as_many(arm[shared], block[shared])] if len(shared) else shared


def _tell_alike(values: Floats, arm: Ints, taken: Ints) -> bool:
    otherwise = would_part_otherwise(values, arm, taken)
    return not otherwise and not would_rank_otherwise(values, arm, taken)


def _say_taken(frame: Frame, rows: Ints) -> str:
    several = len(np.unique(frame.codes("item")[rows])) > 1
    return AS_MANY_OF_PROMPTS if several else AS_MANY_OF_FILES


def blocks_of(frame: Frame, rows: Ints, arm: Ints) -> Ints:
    """Blocks by file and item, or by item where no file holds both."""
    source, item = (frame.codes(name)[rows] for name in ("source_path", "item"))
    block = number_rows(source, item)
    return block if in_shared_blocks(arm, block).any() else number_rows(item)


def _are_alike(arm: Ints, block: Ints) -> bool:
    """Whether each arm has the same share of its runs in each block."""
    size = int(block.max()) + 1
    cells, counts = np.unique(arm * size + block, return_counts=True)
    of_arm, of_block = np.bincount(arm), np.bincount(block)
    if len(cells) < len(of_arm) * len(of_block):
        return False
    return bool(np.all(counts * len(arm) == of_arm[cells // size] * of_block[cells % size]))


def _rows_of(frame: Frame, rivals: list[Fact]) -> tuple[Ints, Ints]:
    """Rows by their ids, with the number of the rival that each is of."""
    rows = np.searchsorted(frame.ids, np.concatenate([fact.measurements for fact in rivals]))
    arm = np.repeat(np.arange(len(rivals)), [len(fact.measurements) for fact in rivals])
    order = np.argsort(rows)
    return rows[order], arm[order]


def _over(frame: Frame, fact: Fact, rows: Ints, words: str) -> Fact:
    """The same statistic of some of a configuration's numbers."""
    if len(rows) == len(fact.measurements):
        return fact
    summary = summarise(frame.values[rows], fact.method or "median")
    low, high = summary.interval or (None, None)
    return vary(
        fact,
        label=f"{fact.label}, {words}",
        value=summary.value,
        n=summary.n,
        spread=summary.spread,
        ci_low=low,
        ci_high=high,
        measurements=Ids(frame.ids[rows]),
    )
