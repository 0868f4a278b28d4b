"""Measuring through Dagster: only where it is asked for, and what it writes is read by a scan."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from benchagent.calls.log import read_calls
from benchagent.definitions import define
from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.builders import Place, a_place
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import say, status

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
ASKED = {"models": ["tiny:1b"], "sweeps": ["num_ctx=512,1024"], "repeat": 2, "seed": 7}


@pytest.fixture
def ollama(ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama.always(say("one two three four"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "prompts.txt").write_text("Name a colour.\nCount to three.\n")
    return a_place(tmp_path)


def run_job(place: Place, **config: Any) -> dg.ExecuteInProcessResult:
    prompts = {"prompts": str(place.folder.parent / "prompts.txt")} if config else {}
    with dg.instance_for_test() as instance:
        return (
            define(place.project)
            .resolve_job_def("bench")
            .execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"ops": {"benchmarks": {"config": {**prompts, **config}}}, **QUIET},
            )
        )


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [made] = result.asset_materializations_for_node("benchmarks")
    return {name: value.value for name, value in made.metadata.items()}


def version_of(result: dg.ExecuteInProcessResult) -> str:
    [made] = result.asset_materializations_for_node("benchmarks")
    return (made.tags or {})["dagster/data_version"]


def test_nothing_is_measured_that_nobody_asked_for(place: Place, ollama: ScriptedOllama) -> None:
    result = run_job(place)

    assert result.success
    assert ollama.requests == []
    assert metadata_of(result)["measured"] is False
    assert place.scan().key == place.key
    # Nor does a benchmark of today make yesterday's snapshots stale.
    assert version_of(result) == version_of(run_job(place, **ASKED))


def test_a_benchmark_is_artifacts_that_the_next_scan_reads(
    place: Place, ollama: ScriptedOllama
) -> None:
    ollama.then(*[say("warm up")] * 2, status(503, "busy"))
    result = run_job(place, **ASKED)

    assert result.success
    shown = metadata_of(result)
    assert (shown["measured"], shown["calls"], shown["failed_calls"]) == (True, 8, 1)
    assert "Benchmark of `tiny:1b`" in shown["write_up"]
    folder = Path(shown["path"])
    parsed = parse_bytes("bench_calls.csv", (folder / "bench_calls.csv").read_bytes())
    assert isinstance(parsed, Parsed)
    assert (len(parsed.records), sum(bool(r.failure) for r in parsed.records)) == (8, 1)
    scanned = {file.path for file in place.scan().snapshot.files}
    assert f"reports/tiny-1b/{folder.name}/bench_calls.csv" in scanned
    calls = list(read_calls(place.project.out))
    assert {call["dagster_run_id"] for call in calls} == {result.run_id}
    assert {call["stage"] for call in calls} == {"bench", "bench-warm-up"}


@pytest.mark.slow
def test_a_benchmark_that_stopped_goes_on_in_another_dagster_run(
    place: Place, ollama: ScriptedOllama
) -> None:
    ollama.then(*[say("fine")] * 3, lambda turn: ollama.refuse())
    assert not run_job(place, **ASKED).success
    [partial] = (place.folder / "reports" / "tiny-1b").iterdir()
    with ScriptedOllama() as again, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", again.always(say("one two")).url)
        shown = metadata_of(run_job(place, resume=str(partial)))

    assert (shown["measured"], shown["calls"]) == (True, 8)
    assert not partial.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"models": ["tiny:1b"], "sweeps": ["num_ctxx=5"]}, "did you mean 'num_ctx'"),
        ({"models": ["other:7b"]}, "ollama pull other:7b"),
        ({"resume": "/nowhere/at/all"}, "no such folder"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_sentence(
    place: Place, ollama: ScriptedOllama, config: dict[str, Any], said: str
) -> None:
    result = run_job(place, **config)

    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert said in str(failure.step_failure_data.error)
    assert not list((place.folder / "reports").glob("**/*.partial"))
