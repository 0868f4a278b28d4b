"""Which calls were run together, so that a test takes them for one.

A machine warms up, throttles and serves others for minutes at a time. Calls that follow each other
under one value of an option share such a spell, and so does the value: many calls in few spells
are few observations. Where values were shuffled call by call, spells fall on all of them alike.

Whether an answer is right depends on no spell but on its question: a hundred answers to three
questions say little of a fourth one, however they were ordered.
"""

import math
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import scipy

from benchagent.arrays import Floats, Integers, Ints, Mask
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, number_rows
from benchagent.facts.estimates import are_outcomes

# Values shuffled call by call change more seldom than this in one file of a hundred.
_SELDOM: Final = -2.33


# Fewer questions cannot come out significant, whatever was answered: one of two halves of 2^5.
_FEWEST_QUESTIONS: Final = 6
Kind = Literal["repetition", "succession", "question"]
_WORDS: Final[Mapping[Kind, str]] = {
    "repetition": "one median per round, paired by repetition",
    "succession": "one median per round of successive calls",
    "question": "one share per prompt of either",
}


def kind_in(words: str) -> Kind:
    """The kind of the rounds that a test over them tells of in its label."""
    found: list[Kind] = [kind for kind, told in _WORDS.items() if told in words]
    return found[0] if found else "succession"


class Rounds(NamedTuple):
    """Rounds of calls: successive ones under one value, or those of one repetition under it.

    Of what was right or wrong, all answers to one question under one value.

    Attributes:
        kept: which of the samples asked about stand in a stratum with two arms or more.
        round: the round of each sample kept.
        stratum: within what its round may change places with another: a repetition, a question, or
            what was run with all that it was compared in.
    """

    kept: Mask
    round: Ints
    stratum: Ints
    kind: Kind

    @property
    def words(self) -> str:
        """How rounds were taken together."""
        return _WORDS[self.kind]

    @property
    def paired(self) -> bool:
        """Whether the rounds of a repetition or a question are set against each other."""
        return self.kind != "succession"

    @property
    def too_few_questions(self) -> bool:
        """Whether nothing could be shown beyond the questions asked, so few are they."""
        return self.kind == "question" and len(np.unique(self.stratum)) < _FEWEST_QUESTIONS


class _Places(NamedTuple):
    """Where samples stand, sorted by file (and machine, where one has several) and place in it."""

    source: Ints
    repetition: Floats
    arm: Ints


def find_rounds(frame: Frame, rows: Ints, arm: Ints, block: Ints, *, loads: bool) -> Rounds | None:
    """The rounds in which samples were run; None where each call stands for itself.

    Args:
        frame: the samples.
        rows: places in it, by id.
        arm: what each of them is compared as.
        block: what each of them is compared in.
        loads: whether arms differ in how the model is loaded, so that successive calls under one
            of them share a load, however the calls were ordered.
    """
    if are_outcomes(frame.values[rows]):
        return _by_question(frame, rows, arm)
    source = _series_of(frame, rows, arm)
    repetition = frame.numbers("repetition")[rows].astype(np.float64)
    order = np.lexsort((rows, frame.numbers("sequence")[rows], source))
    places = _Places(source[order], repetition[order], arm[order])
    if not (loads or _was_run_in_one_go(places)):
        return None
    if _is_repeated_as_a_whole(places):
        pair = number_rows(source, repetition.astype(np.int64))
        found = number_rows(pair, arm)
        stratum = number_rows(pair, linked(found, block))
        if in_shared_blocks(arm, stratum).any():
            return _keep(arm, found, stratum, "repetition")
    found = np.empty(len(rows), dtype=np.int64)
    found[order] = _successions(places)
    if len(np.unique(found)) == len(rows):
        return None
    return _keep(arm, found, linked(found, block), "succession")


def _by_question(frame: Frame, rows: Ints, arm: Ints) -> Rounds | None:
    """All answers to a question under one value; None where each was asked once, or none is known."""
    item = frame.codes("item")[rows].astype(np.int64)
    found = number_rows(item, arm)
    if "" in frame.cells("item", rows) or len(np.unique(found)) == len(rows):
        return None
    return _keep(arm, found, item, "question")


def _series_of(frame: Frame, rows: Ints, arm: Ints) -> Ints:
    """The file of each sample, and its machine unless that is what is compared."""
    source, machine = (
        frame.codes(name)[rows].astype(np.int64) for name in ("source_path", "machine")
    )
    if in_shared_blocks(arm, machine).any():
        return number_rows(source, machine)
    return source


def _keep(arm: Ints, found: Ints, stratum: Ints, kind: Kind) -> Rounds:
    kept = in_shared_blocks(arm, stratum)
    return Rounds(kept, found[kept], stratum[kept], kind)


def linked(rounds: Integers, block: Integers) -> Ints:
    """What rounds have blocks in common with, directly or through others, by number."""
    _, one = np.unique(rounds, return_inverse=True)
    _, other = np.unique(block, return_inverse=True)
    size = int(one.max()) + int(other.max()) + 2
    links = scipy.sparse.coo_array(
        (np.ones(len(one)), (one, other + int(one.max()) + 1)), shape=(size, size)
    )
    found: Any = scipy.sparse.csgraph.connected_components(links, directed=False)
    return found[1][one].astype(np.int64)


def _successions(places: _Places) -> Ints:
    """A number per stretch of successive samples of one file and arm."""
    changed = (np.diff(places.source) != 0) | (np.diff(places.arm) != 0)
    return np.concatenate([[0], np.cumsum(changed)]).astype(np.int64)


def _is_repeated_as_a_whole(places: _Places) -> bool:
    """Whether a repetition is a round over everything, not one call after its like."""
    if np.isnan(places.repetition).any() or len(np.unique(places.repetition)) < 2:
        return False
    falls = (np.diff(places.repetition) < 0) & (np.diff(places.source) == 0)
    return not falls.any()


def _was_run_in_one_go(places: _Places) -> bool:
    """Whether arms changed more seldom along the files than shuffled calls would let them.

    Where no file holds two arms, each file is a stretch of its own.
    """
    held = in_shared_blocks(places.arm, places.source)
    if not held.any():
        return True
    found = _successions(places)[held]
    lengths = np.bincount(found)
    if lengths[lengths > 0].min() >= 2:
        return True
    changed = (np.diff(found) != 0) & (np.diff(places.source[held]) == 0)
    expected, variance = _changes_when_shuffled(places.arm[held], places.source[held])
    excess = np.count_nonzero(changed) - expected
    return variance > 0 and float(excess) / math.sqrt(variance) <= _SELDOM


def _changes_when_shuffled(arms: Ints, sources: Ints) -> tuple[float, float]:
    """Mean and variance of the changes along shuffled arms (Barton and David 1957).

    Summed up over files, each of which has two arms or more.
    """
    pair = number_rows(sources, arms)
    sizes = np.bincount(pair).astype(np.float64)
    _, file = np.unique(sources[first_of_each(pair)], return_inverse=True)
    n, squares, cubes = (np.bincount(file, weights=sizes**power) for power in (1, 2, 3))
    variances = squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3
    return float(np.sum(n - squares / n)), float(np.sum(variances / (n**2 * (n - 1))))


def in_shared_blocks(arm: Ints, block: Ints) -> Mask:
    """Which samples stand in a block that holds two arms or more."""
    one = np.zeros(int(block.max(initial=-1)) + 1, dtype=arm.dtype)
    one[block] = arm
    return (np.bincount(block, weights=arm != one[block]) > 0)[block]
