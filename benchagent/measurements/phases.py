# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Cold and warm model calls, told apart by the data themselves.

A call that had to load the model waited for it; one that found it loaded did not. The load times
of one subject's calls then fall into two heaps, and the widest gap between them (as a ratio) is
the threshold. Where no gap is clear there is no threshold, and the calls have no phase, unless
other subjects of the benchmark show what cold and warm take there and all are as fast as warm ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.named_columns import codes_of, encode, find_word
from benchagent.measurements.segments import ParsedContents

# Ollama's bookkeeping for a loaded model varies by a factor of two and stays below 300 ms;
# loading weights takes several times the slowest of it.
_CLEAR_GAP: Final = 3.0
_VARIES: Final = 2.0
_SMALLEST_MS: Final = 1.0
_FEWEST_CALLS: Final = 3


Floats = np.ndarray[Any, np.dtype[np.float64]]


class Gap(NamedTuple):
    """The place between warm and cold load times, in milliseconds, and how wide it is."""

    threshold_ms: float
    ratio: float


def find_gap(load_times_ms: Sequence[float] | Floats) -> Gap | None:
    """Where the load times of calls part into warm and cold, if they clearly do.

    The threshold is the geometric middle of the gap. Below one millisecond all times count as
    equal: nothing is loaded in that time.
    """
    if len(load_times_ms) < _FEWEST_CALLS:
        return None
    times = np.sort(np.maximum(np.asarray(load_times_ms, dtype=np.float64), _SMALLEST_MS))
    ratios = times[1:] / times[:-1]
    widest = int(np.argmax(ratios))
    below, above = float(times[widest]), float(times[widest + 1])
    ratio = above / below
    return Gap((below * above) ** 0.5, ratio) if ratio >= _CLEAR_GAP else None


def find_gaps(times: Mapping[str, Floats]) -> dict[str, Gap]:
    """Where the load times of the subjects of one benchmark part, for those of which it is clear.

    A subject whose calls do not part was loaded beforehand if they are as fast as the warm calls of
    those that do, and far from the cold ones.
    """
    own = {of: gap for of, each in times.items() if (gap := find_gap(each))}
    if not own:
        return {}
    loads = np.concatenate([times[of] for of in own])
    is_cold = np.concatenate([times[of] > gap.threshold_ms for of, gap in own.items()])
    warm = max(float(loads[~is_cold].max()), _SMALLEST_MS)
    cold = float(loads[is_cold].min())
    found: dict[str, Gap] = {}
    for of, each in times.items():
        if of in own:
            found[of] = own[of]
        elif len(each) and (slowest := float(each.max())) <= _VARIES * warm:
            below = max(warm, slowest)
            if cold >= _CLEAR_GAP * below:
                found[of] = Gap((below * cold) ** 0.5, cold / below)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseThreshold:
    """Where cold and warm calls part, found from the data of one (benchmark, subject).

    Of a subject that was never loaded (`n_cold` is 0), it is found beside others of the benchmark.

    Attributes:
        threshold_ms: load time above which a call is cold, in milliseconds.
        gap: how many times the fastest cold load is slower than the slowest warm one.
    """

    benchmark: str
    subject: str
    threshold_ms: float
    gap: float
    n_cold: int
    n_warm: int


def tell_phases(runs: pa.Table, parsed: ParsedContents) -> tuple[pa.Table, list[PhaseThreshold]]:
    """Call each run cold or warm, where its source did or the data part clearly.

    Args:
        runs: one row per record and file that holds it; `at` is its row in `parsed.records`.
        parsed: the contents; load times are taken from their readings.

    Returns:
        The runs with a column `phase`, and the thresholds found.
    """
    load = _load_times(parsed)[runs["at"].to_numpy()]
    counts = runs["duplicate_of"].is_null().to_numpy()
    subject, benchmark = (_encode(runs[name]) for name in ("subject", "benchmark"))
    phase = _Encoded(np.full(len(load), -1), ["cold", "warm"])
    thresholds: list[PhaseThreshold] = []
    timed = np.flatnonzero(~np.isnan(load) & (subject.codes >= 0))
    for kind, groups in groupby(_groups(benchmark, subject, timed), key=lambda group: group[0]):
        times = {of: (rows, load[rows][counts[rows]]) for _, of, rows in groups}
        gaps = find_gaps({of: counted for of, (_, counted) in times.items()})
        for of, gap in gaps.items():
            rows, counted = times[of]
            phase.codes[rows] = np.where(load[rows] > gap.threshold_ms, 0, 1)
            n_cold = int((counted > gap.threshold_ms).sum())
            thresholds.append(
                PhaseThreshold(
                    benchmark=kind,
                    subject=of,
                    threshold_ms=gap.threshold_ms,
                    gap=gap.ratio,
                    n_cold=n_cold,
                    n_warm=len(counted) - n_cold,
                )
            )
    found = pa.array(phase.names, pa.string()).take(
        pa.array(phase.codes, pa.int64(), mask=phase.codes < 0)
    )
    recorded = runs["recorded_phase"].cast(pa.string())
    return runs.append_column("phase", pc.coalesce(recorded, found)), thresholds


class _Encoded(NamedTuple):
    """A column as codes, -1 where it is null, and the names that they stand for."""

    codes: np.ndarray[Any, np.dtype[np.int64]]
    names: list[str]


def _encode(column: pa.ChunkedArray) -> _Encoded:
    encoded = encode(column)
    return _Encoded(codes_of(encoded).astype(np.int64), encoded.dictionary.to_pylist())


def _groups(
    benchmark: _Encoded, subject: _Encoded, rows: np.ndarray[Any, np.dtype[np.int64]]
) -> list[tuple[str, str, np.ndarray[Any, np.dtype[np.int64]]]]:
    """The rows of each benchmark and subject, by their names."""
    pairs = benchmark.codes[rows] * len(subject.names) + subject.codes[rows]
    order = np.argsort(pairs, kind="stable")
    kinds, starts = np.unique(pairs[order], return_index=True)
    parts = np.split(rows[order], starts[1:]) if len(kinds) else []
    named = zip(kinds.tolist(), parts, strict=True)
    found = [
        (benchmark.names[pair // len(subject.names)], subject.names[pair % len(subject.names)], at)
        for pair, at in named
    ]
    return sorted(found, key=lambda group: group[:2])


def _load_times(parsed: ParsedContents) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The measured load time of each record in milliseconds, NaN where it has none."""
    readings = parsed.readings
    wanted = (
        find_word(readings["metric"], "load_time")
        & find_word(readings["statistic"], "value")
        & find_word(readings["kind"], "measured")
    )
    times = np.full(parsed.records.num_rows, np.nan)
    times[readings["record"].to_numpy()[wanted]] = readings["value"].to_numpy()[wanted]
    return times
