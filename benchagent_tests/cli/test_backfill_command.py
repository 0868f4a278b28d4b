"""`benchagent backfill`: past snapshots, and their cost before a model is asked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchagent.agents.roster import Agent
from benchagent.calls.servers import Servers
from benchagent.pipeline.cost import Cost, add_up, estimate_costs, minutes_of_calls
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent_tests.builders import Place, a_place, with_findings
from benchagent_tests.patience import PATIENCE_S
from benchagent_tests.pipeline.test_stages import asking
from benchagent_tests.scripted_ollama import ScriptedOllama

# No format knows these columns.
OWN = "engine,first,gen,count\n" + "".join(f"e{n},{n}.5,{n}.25,{n}7\n" for n in range(1, 40))


def backfill(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    project = place.project
    given = ["--data", project.data[0], "--out", str(project.out), "--agents", str(project.agents)]
    return subprocess.run(
        [
            *(sys.executable, "-c", "from benchagent.cli import main; main()", "backfill"),
            *(*given, *arguments),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "COLUMNS": "300"},
    )


@pytest.mark.slow
def test_agents_report_on_past_snapshots_once_and_the_cost_is_said_first(
    tmp_path_factory: pytest.TempPathFactory, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path_factory.mktemp("backfill"))
    (place.folder / "reports" / "more.md").write_text("# More\n", encoding="utf-8")
    newer = place.scan()

    said = backfill(place, "--dry-run")
    assert (
        "3 agents on 2 snapshots, 6 cells: 0 accounts made already, 0 replies stored, "
        "16 model calls at most, no call of these models was timed yet"
    ) in said.stderr, said
    assert ollama.chats == []

    refused = backfill(place, "--max-calls", "13")
    assert refused.returncode == 1
    assert "up to 16 model calls, --max-calls allows 13" in refused.stderr

    done = backfill(place, "--agent", "collector")
    assert done.returncode == 0, done.stderr
    for partition in (place.partition, newer):
        assert partition.report_path("collector").exists()
        assert not partition.report_path("insight").exists()

    asked = len(ollama.chats)
    again = backfill(place, "--agent", "collector")
    assert "2 accounts made already, 0 replies stored, no model call" in again.stderr
    assert len(ollama.chats) == asked


def cost_of(place: Place, partition: Partition, agent: Agent) -> Cost:
    """The agent's, with that of the one that it reads from."""
    out = place.project.out
    with Servers(out) as servers:
        costs = estimate_costs(
            partition,
            [agent],
            place.roster,
            servers.client,
            fresh=False,
            pace=minutes_of_calls(out),
        )
    return add_up(costs.values())


def test_stored_replies_are_counted_before_anything_is_asked(
    tmp_path_factory: pytest.TempPathFactory, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path_factory.mktemp("stored"))
    collector = place.roster.agent("collector")
    partition = with_findings(place)
    before = cost_of(place, partition, collector)
    make_analysis(partition, collector, place.roster, asking=asking(ollama, place, fresh=False))
    shutil.rmtree(partition.folder / "analyses")
    asked = len(ollama.chats)
    after = cost_of(place, partition, collector)

    assert (before.stored, before.calls) == (0, 1)
    assert (after.stored, after.calls) == (1, 0)
    assert len(ollama.chats) == asked


@pytest.mark.parametrize(("files", "calls"), [({}, 6), ({"reports/own.csv": OWN}, 7)])
def test_names_of_columns_are_asked_for_only_where_a_file_is_unknown(
    files: dict[str, str], calls: int, tmp_path: Path, ollama: ScriptedOllama
) -> None:
    known = {"reports/runs.csv": "model,ttft_s,tokens_s\nm:1b,0.5,20\nm:1b,0.6,21\n"}
    place = a_place(tmp_path, {**known, **files})
    insight = place.roster.agent("insight")
    partition = with_findings(place)
    cost = cost_of(place, partition, insight)

    assert cost.calls == 1 + calls  # and the one of the agent that it reads from
    assert ollama.chats == []


def test_an_unknown_snapshot_is_told_with_where_to_find_them(
    tmp_path_factory: pytest.TempPathFactory, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path_factory.mktemp("unknown"))

    said = backfill(place, "--snapshot", "20200101T000000Z-0123456789ab")

    assert said.returncode == 1
    assert "benchagent snapshots list" in said.stderr


def a_cost(calls: int, minutes: float | None) -> Cost:
    return Cost(standing=("a",), stored=1, calls=calls, minutes=minutes, unanswered={})


def test_the_cost_of_several_snapshots_is_their_sum() -> None:
    both = add_up([a_cost(1, 0.5), a_cost(2, 1.0)])

    assert (both.standing, both.stored, both.calls, both.minutes) == (("a", "a"), 2, 3, 1.5)


def test_minutes_are_not_guessed_where_a_model_was_never_timed() -> None:
    assert add_up([a_cost(1, 0.5), a_cost(2, None)]).minutes is None
