"""Every fact that follows from a snapshot's evidence, in the order of their ids.

Pure and deterministic: rows in another order give the same facts. Each module derives the facts of
one question; a new one is a function and a line in `derive_facts`.

`rows` holds numbers beside what they are of, and `counted_once` says which of them count. On these
stand `descriptions` (what is there), `comparisons` (what differs), `doubts` (what else may have
made a difference) and `write_ups` (what people said of it).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from benchagent.facts.derivations.comparisons.baselines import compare_with_baselines
from benchagent.facts.derivations.comparisons.configurations import rank_configurations
from benchagent.facts.derivations.comparisons.failures import compare_failure_rates
from benchagent.facts.derivations.comparisons.files_apart import compare_files
from benchagent.facts.derivations.comparisons.folder_level import find_folder_level
from benchagent.facts.derivations.comparisons.options import compare_options
from benchagent.facts.derivations.comparisons.standings import rank_subjects
from benchagent.facts.derivations.comparisons.subjects import compare_subjects
from benchagent.facts.derivations.counted_once.repeated_rows import without_repeated
from benchagent.facts.derivations.counted_once.samples import select_samples
from benchagent.facts.derivations.descriptions.corpus import count_files
from benchagent.facts.derivations.descriptions.counted_runs import count_runs
from benchagent.facts.derivations.descriptions.lost_requests import count_requests
from benchagent.facts.derivations.descriptions.statistics import describe_samples
from benchagent.facts.derivations.descriptions.telemetry import count_gaps
from benchagent.facts.derivations.doubts.cold_shares import compare_cold_shares
from benchagent.facts.derivations.doubts.devices import count_mislabelled
from benchagent.facts.derivations.doubts.machines_apart import find_machines_apart
from benchagent.facts.derivations.doubts.run_order import find_order_effects
from benchagent.facts.derivations.doubts.slow_calls import find_slow_calls
from benchagent.facts.derivations.write_ups.misplaced import find_misplaced
from benchagent.facts.derivations.write_ups.statements import check_statements
from benchagent.facts.fact import Evidence, Fact, in_order

# Told how many questions are answered, and how many there are.
Progress = Callable[[int, int], None]


def unseen(done: int, total: int) -> None:
    """Nobody watches."""


def derive_facts(evidence: Evidence, progress: Progress = unseen) -> tuple[Fact, ...]:
    """What a snapshot says, each fact once."""
    samples = select_samples(evidence)
    failed = without_repeated(evidence.failed_runs, samples.repeated)
    evidence = replace(evidence, failed_runs=failed)
    described = list(describe_samples(samples))
    derived = [*described]
    questions: tuple[Callable[[], Iterable[Fact]], ...] = (
        lambda: count_files(evidence),
        lambda: count_runs(evidence, samples),
        lambda: count_gaps(evidence),
        lambda: count_mislabelled(evidence),
        lambda: compare_options(samples),
        lambda: rank_configurations(samples, described),
        lambda: compare_subjects(samples),
        lambda: rank_subjects(samples),
        lambda: find_machines_apart(samples),
        lambda: compare_files(samples),
        lambda: compare_with_baselines(samples),
        lambda: compare_cold_shares(samples),
        lambda: find_slow_calls(samples),
        lambda: compare_failure_rates(evidence, samples),
        lambda: count_requests(samples),
        lambda: find_order_effects(samples),
        lambda: check_statements(evidence, samples),
        lambda: find_misplaced(evidence),
        lambda: find_folder_level(derived, samples.frame),
    )
    for done, answer in enumerate(questions):
        progress(done, len(questions))
        derived += list(answer())
    return in_order(derived)
