# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Cold and warm model calls, told apart by the data themselves.

A call that had to load the model waited for it; one that found it loaded did not. The load times
of one subject's calls then fall into two heaps, and the widest gap between them (as a ratio) is
the threshold. Where no gap is clear there is no threshold, and the calls have no phase.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.parsed_store import ParsedContents

# Ollama's bookkeeping for a loaded model varies by a factor of two and stays below 300 ms;
# loading weights takes several times the slowest of it.
_CLEAR_GAP: Final = 3.0
_SMALLEST_MS: Final = 1.0
_FEWEST_CALLS: Final = 3


class Gap(NamedTuple):
    """The place between warm and cold load times, in milliseconds, and how wide it is."""

    threshold_ms: float
    ratio: float


def find_gap(load_times_ms: Sequence[float]) -> Gap | None:
    """Where the load times of calls part into warm and cold, if they clearly do.

    The threshold is the geometric middle of the gap. Below one millisecond all times count as
    equal: nothing is loaded in that time.
    """
    if len(load_times_ms) < _FEWEST_CALLS:
        return None
    times = sorted(max(time, _SMALLEST_MS) for time in load_times_ms)
    below, above = max(pairwise(times), key=lambda pair: pair[1] / pair[0])
    ratio = above / below
    return Gap((below * above) ** 0.5, ratio) if ratio >= _CLEAR_GAP else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseThreshold:
    """Where cold and warm calls part, found from the data of one (benchmark, subject).

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
    counts = runs["duplicate_of"].is_null().to_numpy(zero_copy_only=False)
    subject = runs["subject"].to_pylist()
    benchmark = runs["benchmark"].to_pylist()
    phase = runs["recorded_phase"].to_pylist()
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at in np.flatnonzero(~np.isnan(load)):
        if subject[at] is not None:
            groups[benchmark[at], subject[at]].append(int(at))
    thresholds: list[PhaseThreshold] = []
    for (kind, of), rows in sorted(groups.items()):
        times = [float(load[at]) for at in rows if counts[at]]
        if not (gap := find_gap(times)):
            continue
        for at in rows:
            phase[at] = phase[at] or ("cold" if load[at] > gap.threshold_ms else "warm")
        n_cold = sum(time > gap.threshold_ms for time in times)
        thresholds.append(
            PhaseThreshold(
                benchmark=kind,
                subject=of,
                threshold_ms=gap.threshold_ms,
                gap=gap.ratio,
                n_cold=n_cold,
                n_warm=len(times) - n_cold,
            )
        )
    return runs.append_column("phase", pa.array(phase, pa.string())), thresholds


def _load_times(parsed: ParsedContents) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The measured load time of each record in milliseconds, NaN where it has none."""
    readings = parsed.readings
    wanted = pc.and_(
        pc.equal(readings["metric"].cast(pa.string()), "load_time"),
        pc.and_(
            pc.equal(readings["statistic"].cast(pa.string()), "value"),
            pc.equal(readings["kind"].cast(pa.string()), "measured"),
        ),
    )
    found = readings.filter(wanted)
    times = np.full(parsed.records.num_rows, np.nan)
    times[found["record"].to_numpy()] = found["value"].to_numpy()
    return times
