"""Runs: their names, and by which numbers one is told from another."""

from collections.abc import Iterator, Set
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchagent.arrays import Floats, Ints, Mask
from benchagent.facts.derivations.rows.frame import Frame, first_of_each

RUN: Final = ["source_path", "record"]
Prints = NDArray[np.uint64]
# Enough digits that two runs cannot share a time by chance; fewer survive CSV and JSON alike.
_DIGITS_OF_ONE_RUN: Final = 6
_AT_ONCE: Final = 2**18


def name_run(path: str, record: str) -> str:
    """`path#record`, however much of it the record's own name holds."""
    return record if record.startswith(f"{path}#") else f"{path}#{record}"


def without_runs(frame: Frame, left_out: Set[tuple[object, object]]) -> Frame:
    """The rows of all but these runs (path and record)."""
    if not left_out:
        return frame
    near = np.flatnonzero(frame.has("source_path", *{str(path) for path, _ in left_out}))
    of_files = frame.take(near)
    numbers = of_files.number(RUN)
    runs = of_files.records(RUN, first_of_each(numbers))
    gone = np.array([run in left_out for run in runs], dtype=np.bool_)
    kept = np.ones(len(frame), dtype=np.bool_)
    kept[near] = ~gone[numbers]
    return frame.take(kept)


def print_runs(run: Ints, values: Floats, what: Ints) -> Prints:
    """A fingerprint per run, the same for runs of the same numbers of the same things.

    Args:
        run: which run each number is of; they are numbered from zero on.
        values: the numbers.
        what: of what each number is.
    """
    found = np.zeros(int(run.max(initial=-1)) + 1, dtype=np.uint64)
    for part in _parts(len(run)):
        # 0.0 and -0.0 are one number
        bits = (values[part] + 0.0).view(np.uint64)
        np.add.at(found, run[part], _mix(_mix(bits) + what[part].astype(np.uint64)))
    return found


def _mix(bits: Prints) -> Prints:
    """Each number as one that looks random, so that sums of them tell apart (SplitMix64)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def round_off(values: Floats) -> tuple[Floats, Mask]:
    """Values of so many digits as runs are told apart by, and which have enough of them."""
    rounded, telling = np.empty(len(values)), np.empty(len(values), dtype=np.bool_)
    for part in _parts(len(values)):
        rounded[part], telling[part] = _round_off(values[part])
    return rounded, telling


def _round_off(values: Floats) -> tuple[Floats, Mask]:
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    exponent[values == 0] = 0
    # Powers of ten in two steps, since of the smallest floats one step alone overflows.
    shift = _DIGITS_OF_ONE_RUN - 1 - exponent
    half = np.trunc(shift / 2)
    digits = np.rint(values * 10.0**half * 10.0 ** (shift - half))
    return digits * 16.0 ** exponent.clip(-200, 200), digits % 1000 != 0


def _parts(size: int) -> Iterator[slice]:
    """Of millions of numbers some at a time, so that what is made on the way stays small."""
    return (slice(start, start + _AT_ONCE) for start in range(0, size, _AT_ONCE))
