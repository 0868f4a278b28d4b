"""What we print ourselves, read by the stranger's engine: what it contradicts is a bug of either."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from benchagent.agents.asking import Asking
from benchagent.agents.roster import Roster
from benchagent.agents.roster_file import read_roster
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.pipeline.kept import read_analysis
from benchagent.pipeline.knowledge import know_more, know_snapshot
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import REPOSITORY, Project
from benchagent.pipeline.stages.accounts import evidence_version, make_analysis
from benchagent.pipeline.stages.facts import make_facts
from benchagent.pipeline.stages.findings import make_findings
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.pipeline.stages.reports import make_report
from benchagent.verification.claims import Judged
from benchagent.verification.verify import verify_report
from benchagent_tests.builders import an_asking, small_corpus
from benchagent_tests.folders import fill, take
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama
from benchagent_tests.scripted_replies import at_random

SHARED = REPOSITORY.parent / "shared" / "corpus"
ROSTER = REPOSITORY / "data" / "agents.yaml"


def agents_of(roster: Roster) -> list[ScriptedModel]:
    """A server has whatever models the agents want."""
    return [ScriptedModel(name=name) for name in {a.model for a in roster.agents if a.model}]


def write_all(data: Path, out: Path) -> Partition:
    """The reports of all agents that we ship, their models answering at random."""
    roster = read_roster(ROSTER)
    project = Project.of(data=(str(data),), out=out, agents=ROSTER)
    partition = Partition(project=project, key=take(data, out).key)
    make_measurements(partition)
    make_facts(partition)
    make_findings(partition)
    with ScriptedOllama(models=agents_of(roster)) as ollama:
        ollama.always(at_random(seed=1))
        client = OllamaClient(Host(url=ollama.url))

        def ask(record: Callable[..., None]) -> Asking:
            return an_asking(client, out / "replies", record=record)

        with client:
            for agent in roster.agents:
                asking = ask if agent.model else None
                make_analysis(partition, agent, roster, asking=asking)
                make_report(partition, agent, dagster_run="0")
    return partition


def judge_all(partition: Partition) -> Mapping[str, tuple[str, list[Judged]]]:
    """Each report, its evidence included, with its claims judged."""
    snapshot = know_snapshot(partition, evidence_version(partition))
    found: dict[str, tuple[str, list[Judged]]] = {}
    for path in sorted(partition.folder.glob("reports/*.md")):
        text = path.read_text(encoding="utf-8")
        knowledge = know_more(snapshot, read_analysis(partition, path.stem).analysis.facts)
        found[path.stem] = (text, verify_report(text, knowledge))
    return found


def contradictions(judged: Mapping[str, tuple[str, list[Judged]]]) -> Iterator[str]:
    for name, (text, claims) in judged.items():
        for found in claims:
            if found.verdict.ruling == "contradicted":
                start = text.rfind("\n", 0, found.claim.start) + 1
                line = text[start : found.claim.end]
                yield f"{name}: {line!r} {found.verdict.reason}"


def check(partition: Partition, at_least: int) -> None:
    judged = judge_all(partition)

    claims = sum(len(claims) for _, claims in judged.values())
    found = list(contradictions(judged))
    assert len(judged) == len(read_roster(ROSTER).agents)
    assert claims >= at_least
    assert not found, "\n".join(found)
    assert min(len(claims) for _, claims in judged.values()) > 0


def test_nothing_of_our_reports_on_a_small_folder_is_contradicted(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", small_corpus())

    check(write_all(data, tmp_path / "out"), at_least=400)


@pytest.mark.slow
def test_nothing_of_our_reports_on_the_sample_corpus_is_contradicted(
    tmp_path: Path,
) -> None:
    check(write_all(REPOSITORY / "data", tmp_path / "out"), at_least=700)


@pytest.mark.slow
def test_nothing_of_our_reports_on_the_corpus_beside_us_is_contradicted(
    tmp_path: Path,
) -> None:
    if not SHARED.is_dir():
        pytest.skip("no corpus beside the repository")
    check(write_all(SHARED, tmp_path / "out"), at_least=2000)
