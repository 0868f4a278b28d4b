"""A benchmark from its beginning, or from where it was stopped, to its artifacts."""

from datetime import UTC, datetime
from pathlib import Path

from benchagent.bench.journal import Journal, State
from benchagent.bench.measuring import Watcher, measure
from benchagent.bench.plan import Plan
from benchagent.bench.subjects import identify_subjects, require_same
from benchagent.bench.summary import write_summary
from benchagent.bench.write_up import write_report
from benchagent.calls.client import OllamaClient
from benchagent.formats.bench_calls import REPORT_FILE, SUMMARY_FILE


def begin_benchmark(client: OllamaClient, plan: Plan, folder: Path) -> Journal:
    """Make sure that the server has the models, and the folder in which calls are kept.

    Args:
        client: the server to measure on.
        plan: what to measure.
        folder: where the artifacts will be; until then it is called `<folder>.partial`.

    Raises:
        OllamaError: no server answers, or it does not have a model.
        StoreError: the folder cannot be written.
    """
    return Journal.begin(folder, State(plan=plan, subjects=identify_subjects(client, plan.models)))


def resume_benchmark(client: OllamaClient, folder: Path) -> Journal:
    """Open a benchmark that was stopped, on the same server with the same models.

    Raises:
        BenchError: the folder is none, or server or models are others now.
        OllamaError: no server answers, or it does not have a model.
    """
    journal = Journal.resume(folder)
    require_same(journal.state.subjects, identify_subjects(client, journal.state.plan.models))
    return journal.resumed(datetime.now(UTC))


def finish_benchmark(client: OllamaClient, journal: Journal, watcher: Watcher) -> Path:
    """Make the calls that are missing and write the artifacts.

    Returns:
        The folder that holds them.

    Raises:
        OllamaError: the server or a model has gone; the journal can be resumed.
    """
    measure(client, journal, watcher)
    rows = journal.rows()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return journal.finish(
        {
            SUMMARY_FILE: write_summary(journal.state, rows, now),
            REPORT_FILE: write_report(journal.state, rows, now),
        }
    )
