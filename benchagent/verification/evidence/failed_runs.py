"""How many runs failed and how many gave numbers, as far as the data tell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.verification.evidence.datums import Datum

_OF_ALL: Final = "failed-runs"
_OF_SUBJECT: Final = "failed-runs-of-subject"


class Failures(NamedTuple):
    """So many of so many runs failed, in words."""

    failed: int
    runs: int
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRuns:
    """Failed and measured runs of a folder, each counted once.

    Attributes:
        of_subject: the failed runs of each subject; those of all under None.
        in_file: the failed runs of each file.
        measured: the runs that gave numbers, by file and subject.
    """

    of_subject: Mapping[str | None, int]
    in_file: Mapping[str, int]
    measured: Mapping[tuple[str, str | None], int]

    def holds(self, path: str) -> bool:
        """Whether a file has runs of its own, failed or measured."""
        return path in self.in_file or any(own == path for own, _ in self.measured)

    def find(self, subjects: Set[str] | None, paths: Iterable[str]) -> Iterator[Failures]:
        """The failures that a text may mean: in these files or all, of these subjects or all."""
        paths = tuple(paths)
        if subjects:
            failed = sum(self.of_subject.get(subject, 0) for subject in subjects)
            whose = f"of {', '.join(sorted(subjects))}"
            for where, files in (("in the files with failures", self.in_file), ("in all", None)):
                runs = sum(
                    number
                    for (path, subject), number in self.measured.items()
                    if subject in subjects and (files is None or path in files)
                )
                yield Failures(failed, failed + runs, f"{whose}, {where}")
            return
        if not paths:
            failed = self.of_subject.get(None, 0)
            yield Failures(failed, failed + sum(self.measured.values()), "in all")
        measured_in: Counter[str] = Counter()
        for (path, _), number in self.measured.items():
            measured_in[path] += number
        if len(paths) > 1:
            failed = sum(self.in_file.get(path, 0) for path in paths)
            yield Failures(failed, failed + sum(measured_in[path] for path in paths), "in these")
        for path in paths or self.in_file:
            failed = self.in_file.get(path, 0)
            yield Failures(failed, failed + measured_in[path], f"in {path}")


def without_failed(leaves: Iterable[Datum], failed_runs: pa.Table) -> Iterator[Datum]:
    """These numbers without the zeros that stand for the results of failed runs.

    Args:
        leaves: numbers that no format reads, each at one place of one file.
        failed_runs: `FAILED_RUN_SCHEMA`.
    """
    records = set(failed_runs["record"].to_pylist())
    for leaf in leaves:
        if leaf.value or not _is_below(f"{leaf.source.path}#{leaf.source.locator}", records):
            yield leaf


def _is_below(place: str, records: Set[str]) -> bool:
    """Whether a place (`runs.csv#row=3,column=ttft_s`, `a.json#/runs/3/ttft`) lies in a record."""
    row, comma, _ = place.partition(",column=")
    if comma:
        return row in records
    return any(above in records for above in accumulate(place.split("/"), "{}/{}".format))


def count_failed_runs(
    files: Sequence[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]], facts: Iterable[Fact]
) -> FailedRuns:
    """What of a folder's runs failed.

    Args:
        files: rows of the file table.
        rows: of the measurements, nothing that is only claimed.
        facts: what was derived from them.
    """
    of_subject: dict[str | None, int] = {}
    for fact in facts:
        if fact.statistic in (_OF_ALL, _OF_SUBJECT):
            of_subject[fact.of.lower() if fact.of else None] = int(fact.value)
    runs: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for row in rows:
        if not row["duplicate_of"]:
            subject = row["subject"].lower() if row["subject"] else None
            runs[row["source_path"], subject].add(row["record"])
    # of what was left out, a hidden file for one, nobody counted any
    failed = Counter({f["path"]: f["n_failed"] or 0 for f in files if not f["duplicate_of"]})
    return FailedRuns(
        of_subject=of_subject,
        in_file=+failed,
        measured={place: len(records) for place, records in runs.items()},
    )
