"""A number that a write-up states, and what a file that it is of has in its place."""

from typing import Final, NamedTuple

from benchagent.facts.derivations.write_ups.raw_numbers import METHODS, ByFile, Candidate
from benchagent.facts.derivations.write_ups.stated_numbers import Statement

# A number of three digits or more is seldom another one by chance.
_COARSEST: Final = 0.005


class Traced(NamedTuple):
    """A statement whose table is of one file.

    Attributes:
        statement: with the subject that the file tells.
        found: the file's numbers that it can mean.
        near: what of them bears it out, if anything.
    """

    statement: Statement
    found: ByFile
    near: Candidate | None


def find_near(statement: Statement, found: ByFile) -> Candidate | None:
    """What bears the statement out."""
    named = METHODS.get(statement.statistic)
    return found.first_near(
        statement.value,
        [named] if named else ["mean", "median"],
        statement.rounding + 1e-9 * abs(statement.value),
        beside_median=statement.kind == "derived" and statement.statistic == "median",
    )


def tells(statement: Statement) -> bool:
    """Whether a number has digits enough to be known by them."""
    return 0 < statement.rounding <= _COARSEST * abs(statement.value)
