"""The whole graph in one process, against the scripted Ollama."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
import pytest

from benchagent.calls.log import read_calls
from benchagent.definitions import define
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.defs.resources import ProjectResource
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.kept import read_analysis
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.builders import Place, a_place, a_project
from benchagent_tests.patience import PATIENCE_S
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import at_random, say

AGENTS = ("null", "collector", "insight")
EVIDENCE = ("inventory", "measurements", "facts", "findings")


class Ran(NamedTuple):
    """A project through which the whole graph was run once."""

    place: Place
    ollama: ScriptedOllama
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult


def run_all(place: Place, instance: dg.DagsterInstance, **more: Any) -> dg.ExecuteInProcessResult:
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
    return (
        define(place.project, **more)
        .resolve_job_def("reports")
        .execute_in_process(
            instance=instance,
            partition_key=place.key,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    )


def failures_of(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """The steps that failed, each with the whole trace."""
    return {
        event.step_key or "": str(event.step_failure_data.error)
        for event in result.all_events
        if event.is_step_failure
    }


def checks_of(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        f"{'/'.join(check.asset_key.path)}:{check.check_name}": check.passed
        for check in result.get_asset_check_evaluations()
    }


def metadata_of(result: dg.ExecuteInProcessResult, *asset: str) -> dict[str, Any]:
    [made] = [
        event.step_materialization_data.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(list(asset))
    ]
    return {name: value.value for name, value in made.metadata.items()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    place = a_place(tmp_path_factory.mktemp("graph"))
    with (
        pytest.MonkeyPatch.context() as patch,
        ScriptedOllama() as ollama,
        dg.instance_for_test() as instance,
    ):
        patch.setenv("OLLAMA_HOST", ollama.url)
        yield Ran(place, ollama, instance, run_all(place, instance))


@pytest.fixture
def ollama(ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama


def test_one_dagster_run_takes_a_snapshot_to_the_reports_of_all_agents(ran: Ran) -> None:
    assert failures_of(ran.result) == {}
    for slug in AGENTS:
        report = ran.place.partition.report_path(slug).read_text(encoding="utf-8")
        assert report.startswith("# Technical report: ")
    made = {event.asset_key for event in ran.result.get_asset_materialization_events()}
    assert len(made) == len(EVIDENCE) + 2 * len(AGENTS) + 2


def test_the_assets_are_the_nouns_and_a_pair_for_each_agent(tmp_path: Path) -> None:
    defs = define(a_project(tmp_path))
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}

    assert keys == {
        "benchmarks",
        *EVIDENCE,
        "cost",
        *(f"analysis/{slug}" for slug in AGENTS),
        *(f"report/{slug}" for slug in AGENTS),
        "comparison",
        "warehouse",
    }


def test_the_definitions_can_be_loaded_whole(tmp_path: Path) -> None:
    dg.Definitions.validate_loadable(define(a_project(tmp_path)))


@pytest.mark.parametrize(
    ("asset", "reads"),
    [
        # measuring is where the lineage begins
        (["inventory"], {"benchmarks"}),
        (["measurements"], {"inventory"}),
        (["facts"], {"measurements"}),
        (["findings"], {"facts"}),
        (["analysis", "collector"], {"findings"}),
        # an agent that reads from another one waits for its account, not for its report
        (["analysis", "insight"], {"findings", "analysis/collector"}),
        (["report", "insight"], {"analysis/insight"}),
        # what agents would cost is told of findings, and nothing waits for it
        (["cost"], {"findings"}),
        (["comparison"], {"report/null", "report/collector", "report/insight"}),
        (["warehouse"], {"comparison"}),
    ],
)
def test_each_asset_depends_on_what_it_reads(
    tmp_path: Path, asset: list[str], reads: set[str]
) -> None:
    graph = define(a_project(tmp_path)).resolve_asset_graph()

    parents = graph.get(dg.AssetKey(asset)).parent_keys

    assert {key.to_user_string() for key in parents} == reads


def test_what_is_made_of_a_snapshot_is_partitioned_by_snapshot(tmp_path: Path) -> None:
    graph = define(a_project(tmp_path)).resolve_asset_graph()

    of_all = {dg.AssetKey("benchmarks"), dg.AssetKey("cost")}
    assert {graph.get(key).partitions_def for key in of_all} == {None}
    for key in set(graph.get_all_asset_keys()) - of_all:
        assert graph.get(key).partitions_def == SNAPSHOTS, key


HOSTS = """\
agents:
  - {slug: "null", label: N, persona: insight, model: null}
  - {slug: here, label: H, persona: insight, model: "tiny:1b"}
  - {slug: there, label: T, persona: insight, model: "tiny:1b", host: "http://127.0.0.1:4242"}
"""


def test_what_calls_a_model_waits_in_the_pool_of_its_host_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    graph = define(a_project(tmp_path, roster=HOSTS)).resolve_asset_graph()
    nodes = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}

    pools = {name: node.pools for name, node in nodes.items() if node.pools}

    assert pools == {
        "analysis/here": {"gpu"},
        "analysis/there": {"gpu_http___127_0_0_1_4242"},
        "benchmarks": {"gpu"},
        "warehouse": {"warehouse"},
    }
    assert {name for name, node in nodes.items() if "gpu" in node.tags} == {
        "analysis/here",
        "analysis/there",
        "benchmarks",
    }
    assert {name for name, node in nodes.items() if "ollama" in node.kinds} == {
        "analysis/here",
        "analysis/there",
        "benchmarks",
    }


def test_checks_are_recorded_beside_what_they_check(ran: Ran) -> None:
    checks = checks_of(ran.result)
    # whether the account of a model that answers at random keeps a contract is chance
    contracts = {f"report/{slug}:contract" for slug in AGENTS}

    assert contracts <= checks.keys()
    assert {name: passed for name, passed in checks.items() if name not in contracts} == {
        "measurements:read": False,
        **{f"analysis/{slug}:usable": True for slug in AGENTS},
        **{f"analysis/{slug}:whole": True for slug in AGENTS},
        **{f"analysis/{slug}:steady": True for slug in AGENTS},
        **{f"report/{slug}:grounded": True for slug in AGENTS},
    }


def test_a_check_tells_which_files_gave_nothing_and_plots_how_many_did(ran: Ran) -> None:
    [check] = [
        found for found in ran.result.get_asset_check_evaluations() if found.check_name == "read"
    ]

    assert check.severity is dg.AssetCheckSeverity.WARN
    assert check.metadata["parse_rate"].value == 0.75
    silent = check.metadata["not_read"]
    assert isinstance(silent, dg.TableMetadataValue)
    assert [row.data["path"] for row in silent.records] == ["csv_data/odd.json"]


def test_every_asset_has_an_owner_and_facts_tell_where_their_columns_come_from(ran: Ran) -> None:
    graph = define(ran.place.project).resolve_asset_graph()
    for key in graph.get_all_asset_keys() - {dg.AssetKey("benchmarks")}:
        assert graph.get(key).owners == ["team:benchagent"], key
    lineage = metadata_of(ran.result, "facts")["dagster/column_lineage"]
    [source] = lineage.deps_by_column["value"]
    assert (source.asset_key, source.column_name) == (dg.AssetKey("measurements"), "value")


def test_the_ui_is_given_the_report_as_markdown_and_numbers_to_plot(ran: Ran) -> None:
    report = metadata_of(ran.result, "report", "insight")
    analysis = metadata_of(ran.result, "analysis", "insight")

    assert report["report"] == ran.place.partition.report_path("insight").read_text("utf-8")
    assert report["claims"] > 10
    assert report["claims_withheld"] == 0
    assert analysis["calls"] == 6
    assert analysis["decode_rate"] == pytest.approx(100.0, rel=0.01)
    assert metadata_of(ran.result, "measurements")["dagster/row_count"] == 385


def test_the_facts_that_a_report_cites_lead_to_their_cells_in_the_ui(ran: Ran) -> None:
    # The code's own report, which tells the same whatever a model answers.
    report = metadata_of(ran.result, "report", "null")
    cited = [record.data for record in report["cited_facts"].records]

    assert [row["row"] for row in cited[:3]] == ["1", "2", "3"]
    assert all(f'<a id="e{row["row"]}"></a>' in report["report"] for row in cited)
    medians = [row["evidence"] for row in cited if row["evidence"].startswith("median decode rate")]
    assert any("reports/fox/sweep.csv at row=" in evidence for evidence in medians)


def test_a_second_run_makes_nothing_again_and_asks_nobody(ran: Ran) -> None:
    asked = len(ran.ollama.chats)
    before = sorted(path.stat().st_mtime_ns for path in ran.place.partition.folder.rglob("*"))

    again = run_all(ran.place, ran.instance)

    assert failures_of(again) == {}
    assert len(ran.ollama.chats) == asked == 7
    assert before == sorted(p.stat().st_mtime_ns for p in ran.place.partition.folder.rglob("*"))
    for name in (["measurements"], ["analysis", "insight"], ["report", "insight"]):
        assert metadata_of(again, *name)["already_made"] is True
    assert checks_of(again) == checks_of(ran.result)


@pytest.mark.slow
def test_equal_files_have_equal_data_versions_in_both_runs(ran: Ran) -> None:
    run_all(ran.place, ran.instance)
    records = ran.instance.fetch_materializations(
        dg.AssetRecordsFilter(
            asset_key=dg.AssetKey(["report", "insight"]), asset_partitions=[ran.place.key]
        ),
        limit=2,
    ).records

    versions = {
        (record.asset_materialization.tags or {})["dagster/data_version"]
        for record in records
        if record.asset_materialization
    }
    assert len(records) == 2
    assert len(versions) == 1


@pytest.mark.slow
def test_a_replayed_reply_costs_no_request(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    with dg.instance_for_test() as instance:
        run_all(place, instance)
        asked = len(ollama.chats)
        shutil.rmtree(place.partition.folder / "analyses")
        again = run_all(place, instance)

    assert failures_of(again) == {}
    assert len(ollama.chats) == asked
    replayed = [row["replayed"] for row in read_calls(place.project.out)]
    assert replayed.count(True) == replayed.count(False) == asked


@pytest.mark.slow
def test_fresh_asks_again(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    with dg.instance_for_test() as instance:
        run_all(place, instance)
        asked = len(ollama.chats)
        run_all(place, instance, fresh=True)

    assert len(ollama.chats) == 2 * asked


@pytest.mark.slow
def test_one_agent_whose_replies_are_no_use_stops_nobody(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path)
    # the collector is asked first, and once more with another seed
    ollama.then(say("no JSON"), say("{}"))
    with dg.instance_for_test() as instance:
        result = run_all(place, instance)

    assert failures_of(result) == {}
    checks = checks_of(result)
    assert checks["analysis/collector:usable"] is False
    assert checks["analysis/insight:usable"] is True
    kept = read_analysis(place.partition, "collector")
    assert kept.analysis.problem is not None
    assert kept.analysis.statements, "the code's own account stands"
    assert [row["outcome"] for row in kept.calls] == ["off_schema", "off_schema"]
    report = place.partition.report_path("collector").read_text("utf-8")
    assert "**The model's reply could not be used** (`off_schema: " in report


@pytest.mark.slow
def test_a_server_that_is_not_there_fails_its_agents_and_nobody_else(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path)
    ollama.refuse()
    with dg.instance_for_test() as instance:
        result = run_all(place, instance)

    assert not result.success
    assert place.partition.report_path("null").exists()
    assert not place.partition.report_path("collector").exists()
    assert list(failures_of(result)) == ["analysis__collector"], "its readers are skipped"


@pytest.mark.slow
def test_the_next_run_goes_on_where_a_server_had_gone_away(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path)
    ollama.at("/api/chat", lambda turn: turn.connection.close())
    with dg.instance_for_test() as instance:
        run_all(place, instance)
        ollama.at("/api/chat", None)
        assert failures_of(run_all(place, instance)) == {}
    assert read_analysis(place.partition, "insight").analysis.problem is None


@pytest.mark.slow
def test_a_snapshot_that_nobody_took_is_named(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    gone = "20200101T000000Z-0123456789ab"
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [gone])
        result = (
            define(place.project)
            .resolve_job_def("reports")
            .execute_in_process(instance=instance, partition_key=gone, raise_on_error=False)
        )
    [(step, said)] = failures_of(result).items()
    assert step == "inventory"
    assert gone in said


def sense(place: Place, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    defs = define(place.project)
    # Left open, a context undoes its instance's settings whenever it happens to be collected.
    with dg.build_sensor_context(
        instance=instance,
        definitions=defs,
        resources={"project": ProjectResource.of(place.project)},
    ) as context:
        answer: Any = defs.resolve_sensor_def("new_files")(context)
    return answer


def settled(place: Place, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    """What the sensor says once it has seen the files twice."""
    sense(place, instance)
    return sense(place, instance)


def test_the_sensor_registers_new_content_and_requests_its_reports(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with dg.DagsterInstance.ephemeral() as instance:
        found = settled(place, instance)

    assert isinstance(found, dg.SensorResult)
    [request] = found.run_requests or []
    assert request.partition_key == request.run_key == place.key
    [added] = found.dynamic_partitions_requests or []
    assert list(added.partition_keys) == [place.key]


def test_the_sensor_is_silent_where_nothing_is_new(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
        found = settled(place, instance)

    assert isinstance(found, dg.SkipReason)
    assert "nothing new" in (found.skip_message or "")


def test_the_sensor_waits_until_a_file_has_settled(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with dg.DagsterInstance.ephemeral() as instance:
        settled(place, instance)
        (place.folder / "reports" / "new.csv").write_text("still being wri")
        first, second = sense(place, instance), sense(place, instance)

    assert isinstance(first, dg.SkipReason)
    assert "new.csv" in (first.skip_message or "")
    assert isinstance(second, dg.SensorResult)


def test_the_sensor_says_that_a_folder_is_gone_and_makes_no_empty_snapshot(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path)
    shutil.rmtree(place.folder)
    with dg.DagsterInstance.ephemeral() as instance:
        found = settled(place, instance)

    assert isinstance(found, dg.SkipReason)
    assert str(place.folder) in (found.skip_message or "")
    assert list(list_snapshots(place.project.out)) == [place.key]


def test_the_sensor_takes_no_root_that_was_emptied_for_new_content(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    for path in (place.folder / "reports" / "fox").iterdir():
        path.unlink()
    with dg.DagsterInstance.ephemeral() as instance:
        found = settled(place, instance)

    assert isinstance(found, dg.SkipReason)
    assert "reports" in (found.skip_message or "")


def test_content_that_comes_back_is_not_reported_on_again(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    notes = place.folder / "reports" / "fox" / "notes.md"
    text = notes.read_text(encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
        notes.write_text("other", encoding="utf-8")
        other = settled(place, instance)
        notes.write_text(text, encoding="utf-8")
        back = settled(place, instance)

    assert isinstance(other, dg.SensorResult)
    assert isinstance(back, dg.SkipReason)


def plan_night(place: Place, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    defs = define(place.project)
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 1, 2, 2, tzinfo=UTC),
        resources={"project": ProjectResource.of(place.project)},
    ) as context:
        answer: Any = defs.resolve_schedule_def("nightly")(context)
    return answer


def test_the_night_requests_the_current_snapshot_where_it_never_got_to_the_end(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path)
    with dg.instance_for_test() as instance:
        before = plan_night(place, instance)
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
        missing = plan_night(place, instance)
        *most, last = (
            define(place.project).resolve_job_def("reports").asset_layer.selected_asset_keys
        )
        for asset in most:
            instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=place.key))
        almost = plan_night(place, instance)
        instance.report_runless_asset_event(dg.AssetMaterialization(last, partition=place.key))
        done = plan_night(place, instance)

    assert isinstance(before, dg.SkipReason), "the sensor registers, not the schedule"
    assert isinstance(missing, dg.RunRequest)
    assert (missing.partition_key, missing.run_key) == (place.key, f"2026-01-02-{place.key}")
    assert isinstance(almost, dg.RunRequest), "one asset is missing, though not the last"
    assert isinstance(done, dg.SkipReason)


@pytest.mark.slow
def test_a_new_snapshot_leaves_the_old_ones_alone(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    with dg.instance_for_test() as instance:
        run_all(place, instance)
        old = place.partition.report_path("insight").read_bytes()
        (place.folder / "reports" / "more.md").write_text("# More\n", encoding="utf-8")
        newer = Place(folder=place.folder, project=place.project, partition=place.scan())
        assert newer.key != place.key
        assert failures_of(run_all(newer, instance)) == {}

    assert place.partition.report_path("insight").read_bytes() == old
    assert newer.partition.report_path("insight").exists()


@pytest.mark.slow
def test_a_lying_server_changes_no_figure(tmp_path: Path, ollama: ScriptedOllama) -> None:
    place = a_place(tmp_path)
    ollama.always(at_random(unruly=0.5))
    with dg.instance_for_test() as instance:
        result = run_all(place, instance)

    assert failures_of(result) == {}
    checks = checks_of(result)
    assert all(checks[f"report/{slug}:grounded"] for slug in AGENTS)


QUERY = """
query Read($key: AssetKeyInput!, $partition: String!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      pools
      assetMaterializations(partitions: [$partition], limit: 1) {
        partition
        metadataEntries { label ... on MarkdownMetadataEntry { mdStr } }
      }
      assetChecksOrError {
        ... on AssetChecks { checks { name executionForLatestMaterialization { status } } }
      }
    }
  }
}
"""


@pytest.mark.slow
def test_dagsters_own_command_line_materializes_and_graphql_reads_it_back(
    tmp_path: Path, ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_place(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    for name, value in {**place.project.environment(), "DAGSTER_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
    select = ["--select", "+key:report/insight", "--partition", place.key]
    _dagster("asset", "materialize", "-m", "benchagent.definitions", *select)

    answer = _ask_graphql(QUERY, {"key": {"path": ["report", "insight"]}, "partition": place.key})

    [made] = answer["assetNodeOrError"]["assetMaterializations"]
    assert made["partition"] == place.key
    texts = {entry["label"]: entry.get("mdStr") for entry in made["metadataEntries"]}
    assert texts["report"] == place.partition.report_path("insight").read_text("utf-8")
    found = answer["assetNodeOrError"]["assetChecksOrError"]["checks"]
    statuses = {check["name"]: check["executionForLatestMaterialization"] for check in found}
    assert statuses["grounded"] == {"status": "SUCCEEDED"}


def _dagster(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _ask_graphql(query: str, variables: dict[str, Any]) -> Any:
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import ModuleTarget
    from dagster_webserver.webserver import DagsterWebserver
    from starlette.testclient import TestClient

    target = ModuleTarget(
        module_name="benchagent.definitions",
        attribute=None,
        working_directory=str(REPOSITORY),
        location_name="benchagent",
    )
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, target) as workspace,
        TestClient(DagsterWebserver(workspace).create_asgi_app()) as client,
    ):
        response = client.post("/graphql", json={"query": query, "variables": variables})
    answer = json.loads(response.content)
    assert "errors" not in answer, answer
    return answer["data"]
