"""Cold and warm model calls, told apart by the data themselves.

A call that had to load the model waited for it; one that found it loaded did not. Where no gap
between load times is clear there is no threshold, and the calls have no phase, unless other
subjects of the benchmark show what cold and warm take there and all are as fast as warm ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.arrays import Ints
from benchagent.measurements.held_files import JoinedFile
from benchagent.measurements.load_times import LoadTimes, find_gaps
from benchagent.measurements.named_columns import codes_of, encode, fill_in, name_codes
from benchagent.measurements.parsed.kept_contents import KeptContents
from benchagent.measurements.parsed.spans import take_rows


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


class Calls(NamedTuple):
    """The benchmark and subject whose calls some load times are of."""

    benchmark: str
    subject: str


def gather_loads(files: Sequence[JoinedFile], kept: KeptContents) -> dict[Calls, LoadTimes]:
    """The load times of all calls, each once however often its file lies there."""
    subjects = list({file.subject.subject: None for file in files if file.subject})
    names = pa.array(subjects, pa.string())
    number = {None: -1} | {subject: at for at, subject in enumerate(subjects)}
    # of each content the subject of the file that counts; one that lies nowhere else counts not
    counts = np.zeros(kept.told.num_rows, np.bool_)
    told = np.full(kept.told.num_rows, -1)
    for file in files:
        if file.duplicate_of is None:
            counts[file.content] = True
            told[file.content] = number[file.subject.subject if file.subject else None]
    loads: defaultdict[Calls, LoadTimes] = defaultdict(LoadTimes)
    for place, records in kept.records("benchmark", "subject", "load_ms"):
        timed = np.flatnonzero(records["load_ms"].is_valid().to_numpy() & counts[place])
        calls = take_rows(records, timed)
        subject = fill_in(calls["subject"], name_codes(told[place[timed]], names))
        for of, rows in _group(encode(calls["benchmark"]), subject):
            loads[of].add(calls["load_ms"].to_numpy()[rows])
    return loads


def _group(
    benchmark: pa.DictionaryArray, subject: pa.DictionaryArray
) -> Iterator[tuple[Calls, Ints]]:
    """The rows of each benchmark and subject."""
    benchmarks, subjects = (column.dictionary.to_pylist() for column in (benchmark, subject))
    known = np.flatnonzero(codes_of(subject) >= 0)
    pairs = codes_of(benchmark)[known].astype(np.int64) * len(subjects) + codes_of(subject)[known]
    order = np.argsort(pairs, kind="stable")
    found, starts = np.unique(pairs[order], return_index=True)
    parts = np.split(known[order], starts)[1:]
    for pair, rows in zip(found.tolist(), parts, strict=True):
        yield Calls(benchmarks[pair // len(subjects)], subjects[pair % len(subjects)]), rows


def find_thresholds(loads: Mapping[Calls, LoadTimes]) -> list[PhaseThreshold]:
    """Where calls part, by benchmark and subject, for those of which it is clear."""
    thresholds: list[PhaseThreshold] = []
    for benchmark, calls in groupby(sorted(loads), key=lambda calls: calls.benchmark):
        times = {of.subject: loads[of] for of in calls}
        for subject, gap in find_gaps(times).items():
            n_cold = times[subject].count_cold(gap)
            thresholds.append(
                PhaseThreshold(
                    benchmark=benchmark,
                    subject=subject,
                    threshold_ms=gap.threshold_ms,
                    gap=gap.ratio,
                    n_cold=n_cold,
                    n_warm=len(times[subject]) - n_cold,
                )
            )
    return thresholds


def tell_phases(runs: pa.Table, thresholds: Iterable[PhaseThreshold]) -> pa.DictionaryArray:
    """Cold or warm for each run, where its source says so or its subject's calls part clearly.

    Args:
        runs: one row per record and file that holds it.
        thresholds: by benchmark and subject, found from the data of all files.
    """
    benchmark, subject = encode(runs["benchmark"]), encode(runs["subject"])
    above = np.full((len(benchmark.dictionary) + 1, len(subject.dictionary) + 1), np.nan)
    of_benchmark, of_subject = (
        {name: at for at, name in enumerate(column.dictionary.to_pylist())}
        for column in (benchmark, subject)
    )
    for each in thresholds:
        if each.benchmark in of_benchmark and each.subject in of_subject:
            above[of_benchmark[each.benchmark], of_subject[each.subject]] = each.threshold_ms
    load = runs["load_ms"].to_numpy()
    own = above[codes_of(benchmark), codes_of(subject)]
    codes = np.where(np.isnan(load) | np.isnan(own), -1, np.where(load > own, 0, 1))
    return fill_in(runs["recorded_phase"], name_codes(codes, pa.array(["cold", "warm"])))
