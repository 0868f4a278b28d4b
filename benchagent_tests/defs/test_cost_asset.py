"""The asset that says what a backfill would cost, in one process."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from benchagent.definitions import define
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent_tests.builders import Place, a_place, with_findings
from benchagent_tests.pipeline.test_stages import asking
from benchagent_tests.scripted_ollama import ScriptedOllama


@pytest.fixture
def ollama(ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as opened:
        yield opened


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory, instance: dg.DagsterInstance) -> Place:
    place = a_place(tmp_path_factory.mktemp("cost"))
    with_findings(place)
    (place.folder / "reports" / "more.md").write_text("# More\n", encoding="utf-8")
    newer = Place(folder=place.folder, project=place.project, partition=place.scan())
    with_findings(newer)
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key, newer.key])
    return place


def materialise(
    place: Place, instance: dg.DagsterInstance, **config: list[str]
) -> dg.ExecuteInProcessResult:
    job = define(place.project).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey("cost")],
        raise_on_error=False,
        run_config={
            "ops": {"cost": {"config": config}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
    )


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [event] = result.get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    return {
        name: [dict(row.data) for row in value.records]
        if isinstance(value, dg.TableMetadataValue)
        else value.value
        for name, value in metadata.items()
    }


def test_each_agent_and_each_snapshot_is_told_apart_and_no_model_is_asked(
    place: Place, instance: dg.DagsterInstance, ollama: ScriptedOllama
) -> None:
    collector = place.roster.agent("collector")
    answered = asking(ollama, place, fresh=False)
    make_analysis(place.partition, collector, place.roster, asking=answered)
    asked = len(ollama.chats)

    found = told(materialise(place, instance))

    calls = {row["agent"]: row["calls"] for row in found["agents"]}
    assert calls == {"null": "0", "collector": "0", "insight": "12"}
    stand = {row["agent"]: row["stand"] for row in found["agents"]}
    assert stand == {"null": "0", "collector": "1", "insight": "0"}
    assert found["snapshots"][0]["snapshot"] == place.key
    assert [row["stored"] for row in found["snapshots"]] == ["0", "1"]
    # The newer snapshot has the same findings, so that the collector is asked the same there.
    assert (found["accounts_that_stand"], found["replies_stored"], found["model_calls"]) == (
        1,
        1,
        12,
    )
    assert len(ollama.chats) == asked == 1


def test_the_cells_can_be_chosen(
    place: Place, instance: dg.DagsterInstance, ollama: ScriptedOllama
) -> None:
    found = told(materialise(place, instance, agents=["collector"], snapshots=[place.key]))

    assert found["cost"].startswith("1 agent on 1 snapshot, 1 cell: 0 accounts made already")
    assert [row["agent"] for row in found["agents"]] == ["collector"]


def test_minutes_are_left_out_where_no_call_was_timed(
    place: Place, instance: dg.DagsterInstance, ollama: ScriptedOllama
) -> None:
    found = told(materialise(place, instance))

    assert "minutes" not in found
    assert {row["minutes"] for row in found["agents"]} == {"0.0", "unknown"}
    assert found["cost"].endswith("no call of these models was timed yet")


def test_what_is_no_agent_and_no_snapshot_is_said(
    place: Place, instance: dg.DagsterInstance, ollama: ScriptedOllama
) -> None:
    for config, said in (
        ({"agents": ["colector"]}, "did you mean 'collector'?"),
        ({"snapshots": ["2020"]}, "'2020': there is no such snapshot"),
    ):
        result = materialise(place, instance, **config)

        [failure] = [event for event in result.all_events if event.is_step_failure]
        assert said in str(failure.step_failure_data.error)
