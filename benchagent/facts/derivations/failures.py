"""Whether runs fail more often under one value of an option than under the others."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.facts.derivations.contrasts import SIGNIFICANT, adjust_for_family
from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.derivations.frame import Frame
from benchagent.facts.derivations.options import varied_options
from benchagent.facts.derivations.samples import Samples, name_run
from benchagent.facts.derivations.settings import split_config, write_json
from benchagent.facts.fact import Evidence, Fact, vary
from benchagent.facts.significance import fisher_p
from benchagent.wording import quoted, quoted_setting

_SUBJECT: Final = "subject"
_COLUMNS: Final = ["source_path", "record", "sequence", "subject", "config", "duplicate_of"]


class _Run(NamedTuple):
    """One run of a file, in its order: what it was run with, and whether it failed."""

    name: str
    sequence: int
    settings: dict[str, object]
    failed: bool


def compare_failure_rates(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Per file with failed and measured runs: each value of each option against the others."""
    tests: list[Fact] = []
    for path, runs in _runs_by_file(evidence, samples).items():
        told: set[tuple[str, ...]] = set()
        for option in varied_options([run.settings for run in runs]):
            for level in sorted({write_json(run.settings.get(option)) for run in runs}):
                arm = [run for run in runs if write_json(run.settings.get(option)) == level]
                names = tuple(run.name for run in arm)
                # Two options that were always changed together make one comparison.
                if names in told or not _could_differ(arm, runs):
                    continue
                told.add(names)
                facts = list(_compare(path, option, level, arm, runs))
                tests += [fact for fact in facts if fact.kind == "test"]
                yield from facts
    yield from adjust_for_family(
        tests, lambda fact: f"failures against {quoted(fact.option or '')}"
    )


def _could_differ(arm: list[_Run], runs: list[_Run]) -> bool:
    """Whether the failures of a file, had all that fit fallen on the arm, would show anything."""
    failed, inside = sum(run.failed for run in runs), sum(run.failed for run in arm)
    most = min(failed, len(arm))
    others = len(runs) - len(arm) - (failed - most)
    return inside > 0 and fisher_p(most, len(arm) - most, failed - most, others) < SIGNIFICANT


def _runs_by_file(evidence: Evidence, samples: Samples) -> dict[str, list[_Run]]:
    failed = Frame.of(evidence.failed_runs, _COLUMNS)
    failed = failed.take(~failed.known("duplicate_of"))
    told = samples.told.take(samples.told.has("source_path", *failed.used("source_path")))
    told = told.take(told.first_of_each(["source_path", "record"]))
    runs: dict[str, list[_Run]] = {}
    for (path, record, subject, settings), sequence in _in_sequence(told, "settings"):
        named = _settings(settings, subject)
        runs.setdefault(path, []).append(_Run(name_run(path, record), sequence, named, False))
    for (path, record, subject, config), sequence in _in_sequence(failed, "config"):
        if path in runs:
            named = _settings(split_config(config, subject).settings, subject)
            runs[path].append(_Run(name_run(path, record), sequence, named, True))
    return {
        path: sorted(found, key=lambda run: (run.sequence, run.name))
        for path, found in sorted(runs.items())
        if any(run.failed for run in found)
    }


def _in_sequence(runs: Frame, settings: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Path, record, subject and settings of each run, with its place in its file."""
    named = runs.records(["source_path", "record", "subject", settings])
    return zip(named, runs.numbers("sequence").tolist(), strict=True)


def _settings(settings: str, subject: str | None) -> dict[str, object]:
    named = {} if subject is None else {_SUBJECT: subject}
    return {**json.loads(settings), **named}


def _compare(
    path: str, option: str, level: str, arm: list[_Run], runs: list[_Run]
) -> Iterator[Fact]:
    inside = {run.name for run in arm}
    rest = [run for run in runs if run.name not in inside]
    asked = quoted_setting(option, level)
    counts: list[Fact] = []
    for where, words, group in (("arm", f"with {asked}", arm), ("others", "of the others", rest)):
        for what, failed in (("failed", True), ("measured", False)):
            label = f"runs {words} that {'failed' if failed else 'gave numbers'} in {quoted(path)}"
            names = [run.name for run in group if run.failed is failed]
            counts.append(_count(f"{what}-{where}", label, names, path, option, level))
    label = f"stretches of failed runs with {asked} in {quoted(path)}"
    yield from counts
    yield _count("failure-stretches", label, _first_of_stretches(arm, runs), path, option, level)
    yield vary(
        counts[0],
        kind="test",
        label=f"p-value of failures with {asked} against the others in {quoted(path)}",
        value=fisher_p(*(int(fact.value) for fact in counts)),
        unit=None,
        statistic=None,
        method="fisher-exact",
        n=len(runs),
        sources=(),
        facts=tuple(fact.id for fact in counts),
    )


def _count(what: str, label: str, names: list[str], path: str, option: str, level: str) -> Fact:
    counted = count_of(what, "runs", label, names, of=path, about="failure")
    return vary(counted, option=option, level=level)


def _first_of_stretches(arm: list[_Run], runs: list[_Run]) -> list[str]:
    """The first of each row of failed runs of an arm that no other run interrupts."""
    inside = {run.name for run in arm if run.failed}
    return [
        run.name
        for before, run in zip([None, *runs], runs, strict=False)
        if run.name in inside and (before is None or before.name not in inside)
    ]
