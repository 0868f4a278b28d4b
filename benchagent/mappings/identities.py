"""Arithmetic that holds between the numbers of one run, by which a reading of columns is tested.

An identity holds in a row if it is true to within the last digits that the row writes, and it
holds in a file if it does in nearly all rows. What rounding alone could make true says nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats, Mask
from benchagent.measurements.json_trees import Json
from benchagent.quantities.numbers import parse_number, rounding_of
from benchagent.quantities.units import Unit

FEWEST_ROWS: Final = 5
NEARLY_ALL: Final = 0.95
# A row whose digits leave more room than this share of its number bears nothing out.
COARSEST: Final = 0.05
# What computing with floats adds to the rounding of digits.
_NOISE: Final = 1e-6
# The unit of whole numbers, which nobody rounds.
COUNTED: Final = "tokens"


class Numbers(NamedTuple):
    """The numbers of a column in their canonical unit; NaN where a row has none.

    Attributes:
        steps: the size of one unit in the last digit; 0 for counts, which nobody rounds.
    """

    values: Floats
    steps: Floats

    @classmethod
    def of(cls, cells: Sequence[Json]) -> "Numbers":
        """The numbers as they stand, in no unit."""
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        numbers = [parse_number(text) for text in texts]
        return cls(
            np.array([np.nan if each is None else each for each in numbers], np.float64),
            np.array(
                [
                    np.nan if each is None else 2 * rounding_of(text.strip())
                    for text, each in zip(texts, numbers, strict=True)
                ],
                np.float64,
            ),
        )

    def read_in(self, unit: Unit) -> "Numbers":
        """The same numbers, said to be in that unit."""
        is_counted = unit.canonical == COUNTED
        steps = np.zeros_like(self.steps) if is_counted else unit.worth * self.steps
        return Numbers(unit.worth * self.values, steps)


class Identity(NamedTuple):
    """A metric as others give it.

    Attributes:
        of: the metrics that it is computed from, in the order of `compute`.
        formula: in words, for people.
        definition: what the metric is then known by, where definitions differ.
    """

    metric: str
    of: tuple[str, ...]
    formula: str
    compute: Callable[..., Floats]
    definition: str | None = None

    @property
    def name(self) -> str:
        """The identity in words."""
        return f"{self.metric} = {self.formula}"

    @property
    def metrics(self) -> tuple[str, ...]:
        """All that it ties together."""
        return (self.metric, *self.of)


def _sum(*parts: Floats) -> Floats:
    return np.sum(parts, axis=0)


def _per_second(count: Floats, time_ms: Floats) -> Floats:
    return 1000 * count / time_ms


IDENTITIES: Final = (
    Identity(
        "ttft",
        ("load_time", "prompt_eval_time"),
        "load_time + prompt_eval_time",
        _sum,
        "ttft.load+prompt_eval",
    ),
    Identity(
        "decode_rate",
        ("output_tokens", "eval_time"),
        "output_tokens / eval_time",
        _per_second,
        "decode.eval_count/eval",
    ),
    Identity(
        "decode_rate",
        ("output_tokens", "eval_time"),
        "(output_tokens - 1) / eval_time",
        lambda count, time_ms: _per_second(count - 1, time_ms),
        "decode.(n-1)/eval",
    ),
    Identity(
        "prefill_rate",
        ("prompt_tokens", "prompt_eval_time"),
        "prompt_tokens / prompt_eval_time",
        _per_second,
    ),
    Identity(
        "throughput",
        ("output_tokens", "total_time"),
        "output_tokens / total_time",
        _per_second,
        "throughput.tokens/total",
    ),
    Identity(
        "throughput",
        ("output_tokens", "latency"),
        "output_tokens / latency",
        _per_second,
        "throughput.tokens/total",
    ),
    Identity(
        "tpot",
        ("eval_time", "output_tokens"),
        "eval_time / output_tokens",
        np.divide,
        "tpot.eval/eval_count",
    ),
    Identity(
        "tpot",
        ("latency", "output_tokens"),
        "latency / output_tokens",
        np.divide,
        "tpot.including_first",
    ),
    Identity(
        "tpot",
        ("latency", "ttft", "output_tokens"),
        "(latency - ttft) / (output_tokens - 1)",
        lambda whole, first, count: (whole - first) / (count - 1),
        "tpot.excluding_first",
    ),
    Identity(
        "total_tokens",
        ("prompt_tokens", "output_tokens"),
        "prompt_tokens + output_tokens",
        _sum,
    ),
    Identity(
        "total_time",
        ("load_time", "prompt_eval_time", "eval_time"),
        "load_time + prompt_eval_time + eval_time",
        _sum,
    ),
    Identity("total_time", ("ttft", "eval_time"), "ttft + eval_time", _sum),
    Identity("latency", ("ttft", "eval_time"), "ttft + eval_time", _sum),
)
BY_NAME: Final[Mapping[str, Identity]] = {identity.name: identity for identity in IDENTITIES}
TESTABLE: Final = tuple(dict.fromkeys(name for each in IDENTITIES for name in each.metrics))


class Tried(NamedTuple):
    """What an identity's arithmetic gave, row by row.

    Attributes:
        tested: the rows that have all its numbers.
        kept: those of them in which it is true.
        sharp: those of `kept` whose digits are fine enough to be evidence.
        shown_by: for each of its metrics, in how many of these another number would not do.
    """

    tested: Mask
    kept: Mask
    sharp: Mask
    shown_by: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether it is true in nearly all rows that have its numbers."""
        rows = int(self.tested.sum())
        return rows > 0 and int(self.kept.sum()) >= NEARLY_ALL * rows

    @property
    def bears_out(self) -> bool:
        """Whether it holds, and in enough rows that this is no accident."""
        return self.holds and int(self.sharp.sum()) >= FEWEST_ROWS


def try_identity(identity: Identity, numbers: Mapping[str, Numbers]) -> Tried:
    """Try an identity on the numbers of one file or several, given for each of its metrics."""
    said = numbers[identity.metric]
    given = [numbers[metric] for metric in identity.of]
    with np.errstate(all="ignore"):
        computed = identity.compute(*(each.values for each in given))
        room = said.steps + _NOISE * np.abs(computed)
        for at, each in enumerate(given):
            room = room + np.abs(_changed(identity, given, at, each.values + each.steps) - computed)
        some = np.any([each.values != 0 for each in (said, *given)], axis=0)
        tested = np.isfinite(said.values) & np.isfinite(computed) & np.isfinite(room) & some
        kept = tested & (np.abs(said.values - computed) <= room)
        sharp = kept & (room <= COARSEST * np.abs(said.values))
        doubled = [
            np.abs(_changed(identity, given, at, 2 * each.values) - computed) > 2 * room
            for at, each in enumerate(given)
        ]
    shown = [sharp, *(sharp & each for each in doubled)]
    counts = {metric: int(rows.sum()) for metric, rows in zip(identity.metrics, shown, strict=True)}
    return Tried(tested, kept, sharp, counts)


def _changed(identity: Identity, given: Sequence[Numbers], at: int, values: Floats) -> Floats:
    """The identity's result with other numbers for one of its metrics."""
    parts = [each.values for each in given]
    return identity.compute(*parts[:at], values, *parts[at + 1 :])
