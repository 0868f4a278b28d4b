"""What has to be made again when something changes, and what has not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from benchagent.agents.asking import Asking
from benchagent.agents.persona import Persona, read_persona
from benchagent.agents.roster import Agent
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import ModelCall
from benchagent.calls.wire import ServerUnreachableError
from benchagent.facts.table import facts_from_table, facts_table
from benchagent.pipeline.kept import read_analysis
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import PartitionMissing, read_table, write_table
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.facts import make_facts
from benchagent.pipeline.stages.findings import make_findings
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.pipeline.stages.reports import make_comparison, make_report
from benchagent.reporting.comparison import compare_agents, describe_comparison, say_equal_settings
from benchagent_tests.builders import Place, a_copy, a_place, an_asking
from benchagent_tests.folders import killed_before
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import status

STEPS = ("measurements", "facts", "findings")


def asking(
    ollama: ScriptedOllama, place: Place, *, fresh: bool
) -> Callable[[Callable[[ModelCall], None]], Asking]:
    return lambda record: an_asking(
        OllamaClient(Host(url=ollama.url)),
        place.project.out / "replies",
        record=record,
        fresh=fresh,
    )


def make_all(
    place: Place, ollama: ScriptedOllama, *, fresh: bool = False, agents: list[Agent] | None = None
) -> set[str]:
    """Goes through all steps; gives the names of those that were really made."""
    partition, roster = place.scan(), place.roster
    made = {
        "measurements": make_measurements(partition).made,
        "facts": make_facts(partition).made,
        "findings": make_findings(partition).made,
    }
    for agent in agents or roster.agents:
        ask = asking(ollama, place, fresh=fresh) if agent.model else None
        told = make_analysis(partition, agent, roster, asking=ask, fresh=fresh)
        made[f"analysis/{agent.slug}"] = told.made
        made[f"report/{agent.slug}"] = make_report(partition, agent, dagster_run="0").made
    made["comparison"] = make_comparison(partition, roster).made
    return {name for name, new in made.items() if new}


AGENTS = {
    f"{what}/{who}" for what in ("analysis", "report") for who in ("null", "collector", "insight")
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A project of which everything has been made."""
    place = a_place(tmp_path_factory.mktemp("made"))
    with ScriptedOllama() as ollama:
        assert make_all(place, ollama) == EVERYTHING
    return place


EVERYTHING = {*STEPS, *AGENTS, "comparison"}


def test_everything_is_made_once(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)

    assert make_all(place, ollama) == EVERYTHING
    assert make_all(place, ollama) == set()


def test_a_changed_artifact_is_another_snapshot_and_everything_is_made_for_it(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)
    sweep = place.folder / "reports" / "fox" / "sweep.csv"
    sweep.write_text(sweep.read_text().replace("50.1", "51.1"))

    assert make_all(place, ollama) == EVERYTHING
    assert len(list((place.project.out / "snapshots").iterdir())) == 2


def test_files_that_were_only_touched_are_the_same(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)
    sweep = place.folder / "reports" / "fox" / "sweep.csv"
    sweep.write_bytes(sweep.read_bytes())

    assert make_all(place, ollama) == set()


def change_roster(place: Place, old: str, new: str) -> None:
    text = place.project.agents.read_text()
    assert old in text
    place.project.agents.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        # an option of one agent: it, and nobody who does not read from it
        (
            "temperature: 0.5",
            "temperature: 0.6",
            {"analysis/insight", "report/insight", "comparison"},
        ),
        # the name that readers see, of an agent: its report alone
        ("label: Insight", "label: Insights", {"report/insight", "comparison"}),
        # what it promises: its account stands on the same question, its report does not
        (
            "label: Without a model,",
            "label: Without a model, contract: {max_words: 100},",
            {"analysis/null", "report/null", "comparison"},
        ),
        # who reads from it does not care for a host
        ("tier: select}", 'tier: select, host: "127.0.0.1"}', {"comparison"}),
    ],
)
def test_a_changed_agent_makes_anew_only_what_depends_on_it(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama, old: str, new: str, made: set[str]
) -> None:
    place = a_copy(whole, tmp_path)
    change_roster(place, old, new)

    assert make_all(place, ollama) <= made
    assert make_all(place, ollama) == set()


def test_an_agent_that_is_read_from_takes_its_reader_along(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)
    change_roster(place, "tier: select}", "tier: select, options: {seed: 9}}")

    made = make_all(place, ollama)

    assert {"analysis/collector", "analysis/insight"} <= made
    assert "analysis/null" not in made


def test_a_changed_persona_makes_its_agents_anew(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_copy(whole, tmp_path)

    def changed(name: str) -> Persona:
        persona = read_persona(name)
        return replace(persona, prompt=persona.prompt + "!") if name == "insight" else persona

    for room in ("pipeline.stages.accounts", "agents.interview", "agents.prompting"):
        monkeypatch.setattr(f"benchagent.{room}.read_persona", changed)
    made = make_all(place, ollama)

    assert {"analysis/null", "analysis/insight", "report/null", "report/insight"} <= made
    assert not {"analysis/collector", "report/collector"} & made


def test_a_changed_model_under_the_same_name_is_asked_again(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)
    ollama.models[0] = type(ollama.models[0])(quantisation="Q8_0")

    assert {"analysis/collector", "analysis/insight"} <= make_all(place, ollama)
    assert len(ollama.chats) == 7


def test_a_fact_that_has_another_value_takes_every_report_along(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)
    path = place.partition.folder / "facts.parquet"
    facts = facts_from_table(read_table(path))
    # as if the derivation had been put right: the same facts by name, other values
    write_table(path, facts_table(replace(fact, label=fact.label + " ") for fact in facts))

    assert make_all(place, ollama) >= AGENTS


def test_fresh_asks_again_and_the_old_account_stands_until_then(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)

    assert "analysis/insight" in make_all(place, ollama, fresh=True)
    assert len(ollama.chats) == 7

    ollama.refuse()
    with pytest.raises(ServerUnreachableError):
        make_all(place, ollama, fresh=True)
    assert read_analysis(place.partition, "insight").analysis.statements
    compare_agents(place.reopened(), place.roster)


def test_an_account_that_a_server_in_trouble_spoilt_is_not_kept_for_good(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path)
    collector = [place.roster.agent("collector")]
    ollama.always(status(403, "no"))

    make_all(place, ollama, agents=collector)
    problem = read_analysis(place.partition, "collector").analysis.problem
    assert problem is not None
    assert problem.startswith("unauthorized")

    with ScriptedOllama() as well:
        assert "analysis/collector" in make_all(place, well, agents=collector)
    assert read_analysis(place.partition, "collector").analysis.problem is None


def test_a_step_whose_input_was_not_made_says_what_to_do(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    for step in (make_facts, make_findings):
        with pytest.raises(PartitionMissing, match="benchagent run"):
            step(place.partition)
    with pytest.raises(PartitionMissing, match="benchagent run"):
        make_report(place.partition, place.roster.agent("null"), dagster_run="0")


def evidence_of(partition: Partition) -> list[pa.Table]:
    return [partition.table(name) for name in ("measurements", "failed_runs", "files", "facts")]


@pytest.mark.slow
def test_killed_at_any_moment_the_next_run_gives_the_same(tmp_path: Path) -> None:
    wanted = a_place(tmp_path / "wanted")
    _make_evidence(wanted.partition)
    step = 0
    killed = True
    while killed:
        step += 4
        place = a_place(tmp_path / str(step))
        killed = killed_before(step, place.project.out, partial(_make_evidence, place.partition))
        _make_evidence(place.reopened())
        for found, expected in zip(
            evidence_of(place.reopened()), evidence_of(wanted.partition), strict=True
        ):
            names = [name for name in found.column_names if name != "modified_at"]
            if "id" in names and found.schema.field("id").type == pa.string():
                # a fact of time is about when this copy of the folder was written
                continue
            assert found.select(names).equals(expected.select(names))
    assert step > 12


def _make_evidence(partition: Partition) -> None:
    make_measurements(partition)
    make_facts(partition)
    make_findings(partition)


def test_a_comparison_says_first_what_the_models_added(
    tmp_path: Path, whole: Place, ollama: ScriptedOllama
) -> None:
    place = a_copy(whole, tmp_path)

    said = describe_comparison(compare_agents(place.partition, place.roster))

    assert said.startswith("No model added a finding")
    assert "**`pair`**: `collector` tells" in said


LIKENESS = """\
defaults: {model: "tiny:1b", tier: select}
agents:
  - {slug: all-layers, label: A, persona: insight, options: {num_gpu: 80, num_ctx: 4096}}
  - {slug: seventeen, label: B, persona: insight, options: {num_gpu: 17}}
  - {slug: warmer, label: C, persona: insight, options: {num_gpu: 17, temperature: 1}}
scenarios: {alike: [all-layers, seventeen]}
"""


def test_a_comparison_says_whose_options_come_to_the_same(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    # The model has 16 layers and an output layer; a context nobody names is 4096 here.
    place = a_place(tmp_path, roster=LIKENESS)
    make_all(place, ollama)

    comparison = compare_agents(place.partition, place.roster)

    [said] = say_equal_settings(comparison)
    assert said.startswith("Equal settings: `all-layers`, `seventeen` ran with the same effective")
    assert said in describe_comparison(comparison)


def test_a_comparison_names_who_has_no_report(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    make_all(place, ollama, agents=[place.roster.agent("null")])

    comparison = compare_agents(place.partition, place.roster)

    assert comparison.missing == ("collector", "insight")
    assert [row.agent for row in comparison.rows] == ["null"]
