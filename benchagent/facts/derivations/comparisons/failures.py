"""Whether runs fail more often under one value of an option than under the others."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.facts.derivations.comparisons.contrasts import adjust_for_family
from benchagent.facts.derivations.comparisons.option_levels import varied_options
from benchagent.facts.derivations.counted_once.samples import Samples
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.machines import (
    NO_MACHINE,
    Run,
    machine_of,
    names_machine,
    tell_machines,
)
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.derivations.rows.settings import split_config, write_json
from benchagent.facts.fact import Evidence, Fact, vary
from benchagent.facts.significance import SIGNIFICANT, fisher_p
from benchagent.wording import quoted, quoted_setting, quoted_settings

_SUBJECT: Final = "subject"
_COLUMNS: Final = [
    "source_path", "record", "sequence", "subject", "config", "environment", "duplicate_of",
]  # fmt: skip


class _Outcome(NamedTuple):
    """What became of one run of a file: as it was run, in its order, and whether it failed."""

    name: str
    sequence: int
    subject: str | None
    run: Run
    failed: bool


class _Tried(NamedTuple):
    """One run of a file, in its order: what it was run with, and whether it failed."""

    name: str
    settings: dict[str, object]
    failed: bool

    @property
    def subject(self) -> str | None:
        """What was run, where the file says so."""
        named = self.settings.get(_SUBJECT)
        return str(named) if named is not None else None


class _Field(NamedTuple):
    """Runs of one file that are compared: on one machine, or on all where that is compared.

    Attributes:
        machine: canonical JSON, None where the file was run on one or is compared whole.
    """

    path: str
    machine: str | None
    runs: list[_Tried]

    @property
    def where(self) -> str:
        """The file, and the machine where its runs were made on several."""
        on = f" on {quoted_settings(self.machine)}" if self.machine else ""
        return f"{quoted(self.path)}{on}"

    def only_failing(self, option: str, level: str) -> str | None:
        """The subject whose runs alone failed with a setting, where it is a single one."""
        subjects = {
            run.subject
            for run in self.runs
            if run.failed and option in run.settings and write_json(run.settings[option]) == level
        }
        return subjects.pop() if len(subjects) == 1 else None


def compare_failure_rates(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Per file with failed and measured runs: each value of each option against the others.

    Where a file was run on several machines, within each; and each of these against the others.
    """
    tests: list[Fact] = []
    for path, runs in _runs_by_file(evidence, samples).items():
        told: set[tuple[str, ...]] = set()
        for option in varied_options([run.settings for run in runs]):
            for field in _fields(path, option, runs):
                for facts in _compare_levels(field, option, told):
                    tests += [fact for fact in facts if fact.kind == "test"]
                    yield from facts
    yield from adjust_for_family(
        tests, lambda fact: f"failures against {quoted(fact.option or '')}"
    )


def _fields(path: str, option: str, runs: list[_Tried]) -> list[_Field]:
    by_machine: dict[str, list[_Tried]] = defaultdict(list)
    for run in runs:
        by_machine[write_json(machine_of(run.settings))].append(run)
    if len(by_machine) < 2 or names_machine(option):
        return [_Field(path, None, runs)]
    # Of runs that name no machine nobody knows whether they were made on one.
    named = sorted(by_machine.keys() - {NO_MACHINE})
    return [_Field(path, machine, by_machine[machine]) for machine in named]


def _compare_levels(field: _Field, option: str, told: set[tuple[str, ...]]) -> Iterator[list[Fact]]:
    """Each value against the others. A run that records none may have had any, and is no arm."""
    given = [run for run in field.runs if option in run.settings]
    for level in sorted({write_json(run.settings[option]) for run in given}):
        arm = [run for run in given if write_json(run.settings[option]) == level]
        names = tuple(run.name for run in arm)
        # Two options that were always changed together make one comparison.
        if names not in told and _could_differ(arm, field.runs):
            told.add(names)
            yield list(_compare(field, option, level, arm))


def _could_differ(arm: list[_Tried], runs: list[_Tried]) -> bool:
    """Whether the failures of a file, had all that fit fallen on the arm, would show anything."""
    failed, inside = sum(run.failed for run in runs), sum(run.failed for run in arm)
    most = min(failed, len(arm))
    others = len(runs) - len(arm) - (failed - most)
    return inside > 0 and fisher_p(most, len(arm) - most, failed - most, others) < SIGNIFICANT


def _runs_by_file(evidence: Evidence, samples: Samples) -> dict[str, list[_Tried]]:
    failed = Frame.of(evidence.failed_runs, _COLUMNS)
    failed = failed.take(~failed.known("duplicate_of"))
    told = samples.told.take(samples.told.has("source_path", *failed.used("source_path")))
    told = told.take(told.first_of_each(["source_path", "record"]))
    found: dict[str, list[_Outcome]] = defaultdict(list)
    for path, outcome in _outcomes(told, "settings", failed=False):
        found[path].append(outcome)
    for path, outcome in _outcomes(failed, "config", failed=True):
        if path in found:
            found[path].append(outcome)
    return {
        path: _in_order(outcomes)
        for path, outcomes in sorted(found.items())
        if any(outcome.failed for outcome in outcomes)
    }


def _outcomes(runs: Frame, settings: str, *, failed: bool) -> Iterator[tuple[str, _Outcome]]:
    """Path and outcome of each run."""
    named = runs.records(["source_path", "record", "subject", "environment", settings])
    for (path, record, subject, environment, said), sequence in zip(
        named, runs.numbers("sequence").tolist(), strict=True
    ):
        own = split_config(said, subject).settings if failed else said
        run = Run(environment, own)
        yield path, _Outcome(name_run(path, record), sequence, subject, run, failed)


def _in_order(outcomes: list[_Outcome]) -> list[_Tried]:
    told = tell_machines(outcome.run for outcome in outcomes)
    return [
        _Tried(name, {**json.loads(told[run]), **({_SUBJECT: subject} if subject else {})}, failed)
        for name, _, subject, run, failed in sorted(outcomes, key=lambda o: (o.sequence, o.name))
    ]


def _compare(field: _Field, option: str, level: str, arm: list[_Tried]) -> Iterator[Fact]:
    inside = {run.name for run in arm}
    rest = [run for run in field.runs if run.name not in inside]
    asked = quoted_setting(option, level)
    counts: list[Fact] = []
    for where, words, group in (("arm", f"with {asked}", arm), ("others", "of the others", rest)):
        for what, failed in (("failed", True), ("measured", False)):
            label = f"runs {words} that {'failed' if failed else 'gave numbers'} in {field.where}"
            names = [run.name for run in group if run.failed is failed]
            counts.append(_count(f"{what}-{where}", label, names, field, option, level))
    label = f"stretches of failed runs with {asked} in {field.where}"
    yield from counts
    yield _count(
        "failure-stretches", label, _first_of_stretches(arm, field.runs), field, option, level
    )
    yield vary(
        counts[0],
        kind="test",
        label=f"p-value of failures with {asked} against the others in {field.where}",
        value=fisher_p(*(int(fact.value) for fact in counts)),
        unit=None,
        statistic=None,
        method="fisher-exact",
        n=len(field.runs),
        sources=(),
        facts=tuple(fact.id for fact in counts),
    )


def _count(what: str, label: str, names: list[str], field: _Field, option: str, level: str) -> Fact:
    counted = count_of(what, "runs", label, names, of=field.path, about="failure")
    whose = field.only_failing(option, level)
    return vary(counted, subject=whose, config=field.machine, option=option, level=level)


def _first_of_stretches(arm: list[_Tried], runs: list[_Tried]) -> list[str]:
    """The first of each row of failed runs of an arm that no other run interrupts."""
    inside = {run.name for run in arm if run.failed}
    return [
        run.name
        for before, run in zip([None, *runs], runs, strict=False)
        if run.name in inside and (before is None or before.name not in inside)
    ]
