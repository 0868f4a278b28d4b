"""Every rule that finds something worth telling, and how much it matters to a reader.

A rule reads facts alone and stays silent where its effect is absent. It gives its drafts in order
of strength; each further one of a rule matters less, and where a folder gives many of a kind all
but the first are told in one, so that a reader of the first dozen findings sees the whole range
and not twelve of a kind.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, Finding, Topic, by_rank, conclude
from benchagent.findings.rules.baselines import (
    FURTHER_UNTESTED,
    find_faster_variants,
    find_scattered_means,
    find_slower_variants,
    find_untested_variants,
)
from benchagent.findings.rules.cold_starts import (
    FURTHER_COLD_STARTS,
    find_cold_shares,
    find_cold_starts,
)
from benchagent.findings.rules.configurations import find_best_configurations
from benchagent.findings.rules.coverage import (
    find_colliding_names,
    find_inventory,
    find_misnamed_files,
    find_missing_roots,
    find_unknown_formats,
    find_unreadable_files,
)
from benchagent.findings.rules.drift import find_drift
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.failures import (
    find_failed_runs,
    find_failure_rates,
    find_failures_as_results,
    find_lost_requests,
)
from benchagent.findings.rules.files_apart import find_files_apart
from benchagent.findings.rules.further import Further, told_together
from benchagent.findings.rules.idle_options import (
    FURTHER_WITHOUT_EFFECT,
    find_options_without_effect,
)
from benchagent.findings.rules.machines import find_machines_apart
from benchagent.findings.rules.method import (
    find_blocked_options,
    find_cold_levels,
    find_single_repetitions,
)
from benchagent.findings.rules.options import find_option_effects
from benchagent.findings.rules.quality import (
    find_averaged_files,
    find_duplicates,
    find_misplaced_numbers,
    find_near_copies,
    find_repeated_runs,
    find_retold_runs,
    find_right_statements,
    find_wrong_statements,
)
from benchagent.findings.rules.slow_tails import find_slow_tails
from benchagent.findings.rules.standings import FURTHER_STANDINGS, find_standings
from benchagent.findings.rules.subjects import find_subject_differences
from benchagent.findings.rules.telemetry import (
    find_mislabelled_devices,
    find_missing_telemetry,
    find_naive_times,
    find_unknown_models,
)
from benchagent.findings.rules.within_noise import FURTHER_WITHIN_NOISE, find_best_within_noise


class Rule(NamedTuple):
    """A rule and where its findings stand among the others.

    Attributes:
        rank: of its strongest finding.
        fading: what each further finding keeps of the rank of the one before.
        further: how those beyond the first few are told together; None where each is told alone.
    """

    name: str
    topic: Topic
    rank: float
    find: Callable[[FactBook], Iterator[Draft]]
    fading: float = 0.8
    further: Further | None = None

    def drafts(self, book: FactBook) -> Iterator[Draft]:
        """What it finds, told as a page has it."""
        found = self.find(book)
        return told_together(found, self.further) if self.further else found


# What makes the figures wrong comes first, then what they say, then what they leave open.
RULES: Final = (
    Rule("failed-runs", "quality", 95, find_failed_runs),
    Rule("failures-as-results", "quality", 93, find_failures_as_results),
    Rule("lost-requests", "quality", 92, find_lost_requests),
    # Each is about a write-up of its own, with readers of its own.
    Rule("statement-disagrees", "quality", 91, find_wrong_statements, fading=0.93),
    Rule("cold-share", "speed", 90, find_cold_shares),
    Rule("cold-start", "speed", 89, find_cold_starts, further=FURTHER_COLD_STARTS),
    Rule("device-label", "quality", 88, find_mislabelled_devices),
    Rule("best-within-noise", "options", 87, find_best_within_noise, further=FURTHER_WITHIN_NOISE),
    Rule("best-configuration", "options", 86, find_best_configurations),
    Rule("failure-rates", "quality", 86, find_failure_rates),
    Rule("slower-than-baseline", "speed", 86, find_slower_variants),
    Rule("files-apart", "method", 83.5, find_files_apart),
    Rule("subjects-compared", "speed", 83, find_subject_differences),
    Rule("subjects-side-by-side", "speed", 82.8, find_standings, further=FURTHER_STANDINGS),
    Rule("inventory", "coverage", 82.5, find_inventory),
    Rule("misplaced-numbers", "quality", 82.2, find_misplaced_numbers),
    Rule("option-effect", "options", 82, find_option_effects),
    Rule("faster-than-baseline", "speed", 81, find_faster_variants),
    Rule("scattered-mean", "quality", 80, find_scattered_means),
    Rule(
        "untested-beside-baseline", "speed", 79.7, find_untested_variants, further=FURTHER_UNTESTED
    ),
    Rule("slow-tail", "speed", 79.5, find_slow_tails),
    Rule(
        "no-option-effect",
        "options",
        79,
        find_options_without_effect,
        further=FURTHER_WITHOUT_EFFECT,
    ),
    Rule("duplicates", "quality", 78, find_duplicates),
    Rule("repeated-runs", "quality", 77.5, find_repeated_runs),
    Rule("near-duplicates", "quality", 77, find_near_copies),
    Rule("drift", "method", 77, find_drift),
    Rule("machines-apart", "method", 76.5, find_machines_apart),
    Rule("cold-on-one-setting", "method", 76, find_cold_levels),
    Rule("missing-telemetry", "coverage", 75, find_missing_telemetry),
    Rule("missing-root", "coverage", 73, find_missing_roots),
    Rule("run-order", "method", 71, find_blocked_options),
    Rule("single-repetitions", "method", 70, find_single_repetitions),
    Rule("averages-as-runs", "quality", 69, find_averaged_files),
    Rule("runs-told-twice", "quality", 68, find_retold_runs),
    Rule("unreadable", "coverage", 66, find_unreadable_files),
    Rule("misnamed", "coverage", 65, find_misnamed_files),
    Rule("unknown-model", "coverage", 64, find_unknown_models),
    Rule("unknown-format", "coverage", 62, find_unknown_formats),
    Rule("naive-times", "coverage", 58, find_naive_times),
    Rule("name-collisions", "coverage", 56, find_colliding_names),
    Rule("statement-agrees", "quality", 50, find_right_statements),
)


def find(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """All findings of a snapshot, the one that matters most first."""
    book = FactBook(facts)
    findings = [
        conclude(draft, rule=rule.name, topic=rule.topic, rank=rule.rank * rule.fading**place)
        for rule in RULES
        for place, draft in enumerate(rule.drafts(book))
    ]
    return tuple(by_rank(findings))
