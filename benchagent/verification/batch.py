"""Many reports at once: each is read alone, so several processes read several of them.

A process that is forked has the corpus already; where there is no safe fork (macOS, Windows) each
is sent a copy, which takes seconds and pays only for many reports.
"""

import gc
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from benchagent.side_process import count_cores
from benchagent.verification.claims import Judged
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.named_values import Known
from benchagent.verification.verify import know, verify_report

# Below these a process costs more than it saves.
_CHARACTERS_FORKED: Final = 250_000
_CHARACTERS_SPAWNED: Final = 10_000_000
_FORKS: Final = sys.platform == "linux"
_AT_A_TIME: Final = 4


class Report(NamedTuple):
    """A report's text, and what its writer knew beside the data."""

    text: str
    known: Known


def verify_reports(
    reports: Sequence[Report], corpus: Corpus, processes: int | None = None
) -> list[list[Judged]]:
    """The judged claims of each report, in their order.

    Args:
        reports: what to check.
        corpus: the data that all of them are about.
        processes: how many to use; as many as pay for None.

    Raises:
        concurrent.futures.process.BrokenProcessPool: a process was killed.
    """
    number = processes or count_processes(sum(len(report.text) for report in reports))
    number = min(number, len(reports))
    if number < 2:
        return [_verify(report, corpus) for report in reports]
    context = multiprocessing.get_context("fork" if _FORKS else "spawn")
    with ProcessPoolExecutor(number, context, _remember, (corpus,)) as pool:
        return list(pool.map(_verify_remembered, reports, chunksize=_AT_A_TIME))


def count_processes(characters: int) -> int:
    """How many processes pay for texts of so many characters together."""
    worth = characters // (_CHARACTERS_FORKED if _FORKS else _CHARACTERS_SPAWNED)
    return max(1, min(worth, count_cores()))


def _verify(report: Report, corpus: Corpus) -> list[Judged]:
    return verify_report(report.text, know(corpus, report.known))


# The corpus of a process that was started for one, kept for all reports that it is sent.
_remembered: list[Corpus] = []


def _remember(corpus: Corpus) -> None:
    _remembered[:] = [corpus]
    gc.freeze()


def _verify_remembered(report: Report) -> list[Judged]:
    return _verify(report, _remembered[0])
