"""How many numbers and runs there are, how many of them are told twice, and how many failed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from benchagent.facts.derivations.counted_once.repeated_rows import Repeated
from benchagent.facts.derivations.counted_once.samples import Samples
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.fact import Evidence, Fact
from benchagent.facts.ids import Ids
from benchagent.wording import quoted

# How a failed run may be written down so that a reader takes it for a result.
_SEEMING = {"zero": "results of zero", "blank": "blank results", "result": "as successful"}


def count_runs(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Counts of numbers, of runs and of failed runs."""
    numbers = np.sort(evidence.measurements.select(["id"])["id"].to_numpy())
    yield Fact(
        kind="count",
        label="numbers found in all files",
        value=len(numbers),
        unit="numbers",
        statistic="measurements",
        method="count",
        measurements=Ids(numbers),
    )
    frame = _without_wholes(samples.frame)
    yield Fact(
        kind="count",
        label="numbers measured in runs, each counted once",
        value=len(frame),
        unit="numbers",
        statistic="measured-numbers",
        method="count",
        measurements=Ids(frame.ids),
    )
    run = ["source_path", "record"]
    named = {name_run(*each) for each in frame.records(run, frame.first_of_each(run))}
    yield count_of("runs", "runs", "measured runs, each counted once", named)
    lone = named.intersection(name_run(path, record) for path, record in samples.lone_runs())
    label = "runs that are the only ones of their subject, settings and item"
    yield count_of("lone-runs", "runs", label, lone)
    label = "runs left out because another file tells of them too"
    whole = samples.near.keys() | samples.averaged.keys()
    exactly = [run for run in samples.retold if run.partition("#")[0] not in whole]
    yield count_of("retold-runs", "runs", label, exactly)
    for path, runs in _by_path(samples.repeated):
        label = f"runs in {quoted(path)} that repeat earlier ones of it"
        yield count_of("repeated-runs", "runs", label, runs, of=path)
    label = "files with the numbers of another one, rounded"
    yield count_of("near-copies", "files", label, samples.near)
    label = "files of whose numbers another one gives fewer digits"
    yield count_of("nearly-copied", "files", label, samples.near.values())
    if samples.averaged:
        label = "files of means or medians over the runs of another one"
        yield count_of("averaged", "files", label, samples.averaged)
        label = "files whose runs another one averages"
        yield count_of("averaged-of", "files", label, set(samples.averaged.values()))
    retelling = {run.partition("#")[0] for run in exactly}
    label = "files that tell of runs which another file tells of too"
    yield count_of("retelling-files", "files", label, retelling)
    yield from _count_failed(evidence)


def _by_path(repeated: Iterable[Repeated]) -> Iterable[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in repeated:
        found[each.path] += [name_run(each.path, record) for record in each.records]
    return sorted(found.items())


def _without_wholes(frame: Frame) -> Frame:
    """The rows of single runs: without records that others of their file are parts of.

    A load of requests (`#`, `#line=3`) is no run beside its requests (`#/ttfts/0`,
    `#line=3/ttfts/0`).
    """
    records = set(frame.used("record"))
    wholes = {whole for record in records for whole in _wholes_of(record) if whole in records}
    return frame.take(~frame.has("record", *wholes)) if wholes else frame


def _wholes_of(record: str) -> Iterator[str]:
    whole = record.rpartition("/")[0]
    while "#" in whole:
        yield whole
        whole = whole.rpartition("/")[0]


def _count_failed(evidence: Evidence) -> Iterator[Fact]:
    columns = ["source_path", "record", "subject", "recorded_as", "reason", "duplicate_of"]
    by_reason: dict[str, list[str]] = defaultdict(list)
    by_subject: dict[str, list[str]] = defaultdict(list)
    as_results: dict[str, list[str]] = defaultdict(list)
    for row in evidence.failed_runs.select(columns).to_pylist():
        if row["duplicate_of"] is None:
            run = name_run(row["source_path"], row["record"])
            by_reason[row["reason"]].append(run)
            if row["recorded_as"] in _SEEMING:
                as_results[row["recorded_as"]].append(run)
            if row["subject"]:
                by_subject[row["subject"]].append(run)
    everything = [run for runs in by_reason.values() for run in runs]
    yield count_of("failed-runs", "runs", "failed runs", everything)
    files = {run.partition("#")[0] for run in everything}
    yield count_of("files-with-failed-runs", "files", "files that hold failed runs", files)
    for reason, runs in sorted(by_reason.items()):
        label = f"failed runs with the reason {quoted(reason)}"
        yield count_of("failed-runs-by-reason", "runs", label, runs, of=reason)
    for recorded_as, runs in sorted(as_results.items()):
        label = f"failed runs whose file gives them {_SEEMING[recorded_as]}"
        yield count_of("failed-runs-as-results", "runs", label, runs, of=recorded_as)
    for subject, runs in sorted(by_subject.items()):
        label = f"failed runs of {quoted(subject)}"
        yield count_of("failed-runs-of-subject", "runs", label, runs, of=subject)
