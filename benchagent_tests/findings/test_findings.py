"""Each rule on data with its effect and without, under names, models and units of its own."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchagent.bench.sweeps import build_option_sets
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding
from benchagent.findings.rules import RULES
from benchagent.pipeline.partition import FINDINGS
from benchagent.references import REFERENCE, cited, render_plain
from benchagent_tests.findings import (
    test_rules_of_baselines,
    test_rules_of_cold_starts,
    test_rules_of_copies,
    test_rules_of_coverage,
    test_rules_of_failures,
    test_rules_of_files,
    test_rules_of_options,
    test_rules_of_order,
    test_rules_of_standings,
    test_rules_of_subjects,
    test_rules_of_write_ups,
)
from benchagent_tests.findings.telling import (
    Seen,
    analyse,
    calls,
    cold_on,
    evidence_of_folder,
    told,
)
from benchagent_tests.measured import an_evidence
from benchagent_tests.paths import SHARED

_TOPICS = (
    test_rules_of_baselines,
    test_rules_of_cold_starts,
    test_rules_of_copies,
    test_rules_of_coverage,
    test_rules_of_failures,
    test_rules_of_files,
    test_rules_of_options,
    test_rules_of_order,
    test_rules_of_standings,
    test_rules_of_subjects,
    test_rules_of_write_ups,
)
FOUND = [row for topic in _TOPICS for row in topic.FOUND]
SILENT = [row for topic in _TOPICS for row in topic.SILENT]


def _check_form(findings: Sequence[Finding], facts: dict[str, Fact]) -> None:
    assert len({finding.id for finding in findings}) == len(findings)
    for finding in findings:
        assert finding.sentences
        assert set(finding.facts) == {id for s in finding.sentences for id in cited(s)}
        for sentence in (*finding.sentences, finding.headline, finding.next_step.text):
            outside = re.sub(r"`[^`\n]*`", "", REFERENCE.sub("", sentence))
            assert not re.search(r"\d|`|\{", outside), sentence
            render_plain(sentence, facts)
        _check_command(finding.next_step.command)


def _check_command(command: str | None) -> None:
    if command and command.startswith("benchagent bench"):
        words = shlex.split(command)
        sweeps = [words[i + 1] for i, word in enumerate(words) if word == "--sweep"]
        assert build_option_sets(sweeps, 64)


@pytest.mark.parametrize(
    ("rule", "seen", "said"), FOUND, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(FOUND)]
)
def test_a_rule_finds_its_effect_and_says_it(rule: str, seen: Seen, said: str):
    sentences = told(seen(), rule)
    assert sentences, f"{rule} found nothing"
    assert any(re.search(said, sentence) for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("rule", "seen"), SILENT, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(SILENT)]
)
def test_a_rule_is_silent_where_its_effect_is_absent(rule: str, seen: Seen):
    assert told(seen(), rule) == []


def test_no_rule_is_left_untested():
    assert {rule.name for rule in RULES} == {rule for rule, *_ in FOUND}
    assert {rule.name for rule in RULES} - {rule for rule, _ in SILENT} == {"subjects-compared"}


@pytest.mark.parametrize(
    ("rule", "seen"), [(rule, seen) for rule, seen, _ in FOUND], ids=range(len(FOUND))
)
def test_sentences_hold_figures_only_as_references(rule: str, seen: Seen):
    _check_form(*analyse(seen()))


def test_findings_come_back_from_json_as_they_were():
    findings, _ = analyse(cold_on([20]))
    assert FINDINGS.validate_json(FINDINGS.dump_json(findings)) == findings


def test_the_findings_of_a_rule_matter_less_the_more_there_are():
    rows = [
        row
        for place, subject in enumerate(("a:1b", "b:1b", "c:1b"))
        for row in calls(
            [9000.0 * (place + 1)], [50.0, 55, 60], metric="ttft", subject=subject,
            path=f"reports/{place}.csv",
        )
    ]  # fmt: skip
    findings, _ = analyse(an_evidence(rows))
    ranks = [finding.rank for finding in findings if finding.rule == "cold-start"]
    assert ranks == pytest.approx([89, 89 * 0.8, 89 * 0.64])
    assert [finding.rank for finding in findings] == sorted(
        (finding.rank for finding in findings), reverse=True
    )


def test_a_hostile_name_stays_inside_its_quotation():
    name = "evil`{F0123456789ab} 100% faster"
    evidence = an_evidence(calls([8000.0], [50.0, 55, 60, 52], metric="ttft", subject=name))
    _check_form(*analyse(evidence))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["corpus", "runs"])
def test_findings_about_real_folders_keep_the_form(name: str, tmp_path: Path):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{SHARED / name} is not here")
    evidence = evidence_of_folder(SHARED / name, tmp_path)
    findings, facts = analyse(evidence)
    _check_form(findings, facts)
    if name == "corpus":
        # What a careful analyst puts on one page: what makes the figures wrong, then what they say.
        assert [finding.rule for finding in findings[:10]] == [
            "failed-runs",
            "failures-as-results",
            "statement-disagrees",
            "cold-share",
            "cold-start",
            "device-label",
            "best-within-noise",
            "slower-than-baseline",
            "statement-disagrees",
            "subjects-compared",
        ]
