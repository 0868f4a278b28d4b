"""With a real Ollama: `make live`, with OLLAMA_HOST or an Ollama at its usual port."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import converse
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.hosts import Host, answers_as_ollama, choose_host
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest
from benchagent.calls.settings import setting_of
from benchagent.calls.wire import ModelMissingError
from benchagent.cli.bench import bench
from benchagent.definitions import define
from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent.pipeline.kept import read_analysis
from benchagent_tests.builders import a_place

pytestmark = pytest.mark.live

COLOURS = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "green", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def host() -> Host:
    # A person who runs these tests lets the server read their prompts, wherever it is.
    chosen = choose_host(None, os.environ, allow_remote=True)
    if chosen is None:
        pytest.skip("no Ollama answers at its usual port; start one, or set OLLAMA_HOST")
    if not answers_as_ollama(chosen.url):
        pytest.skip(f"OLLAMA_HOST is {chosen.url}, and no Ollama answers there")
    return chosen


@pytest.fixture(scope="module")
def client(host: Host) -> Iterator[OllamaClient]:
    with OllamaClient(host) as opened:
        yield opened


@pytest.fixture(scope="module")
def model(client: OllamaClient) -> str:
    there = [found for found in client.models() if found.model]
    if not there:
        pytest.skip(
            f"{client.host.url} has no model; `ollama pull smollm2:135m` fetches a small one"
        )
    smallest = min(there, key=lambda found: found.size or 0)
    return smallest.model or ""


def test_a_model_is_known_by_its_digest(client: OllamaClient, model: str) -> None:
    identity = client.identify(model)

    assert identity.digest is not None
    assert len(identity.digest) == 64


def test_a_choice_keeps_to_its_schema_and_leaves_a_full_record(
    client: OllamaClient, model: str
) -> None:
    exchange = client.chat(
        ChatRequest(
            model=model,
            prompt="Name the colour of grass as JSON.",
            schema=COLOURS,
            options={"num_ctx": 512, "temperature": 0},
            num_predict=48,
        )
    )

    call = exchange.call
    assert (exchange.outcome, call.ending.truncated) == ("ok", False)
    assert '"colour"' in (exchange.text or "")
    assert call.timings.ttft_ms is not None
    assert call.timings.output_tokens is not None
    assert call.runner.ps_after_context_length is not None


def test_a_prompt_that_does_not_fit_is_never_cut_silently(client: OllamaClient, model: str) -> None:
    exchange = client.chat(
        ChatRequest(model=model, prompt="word " * 4000, options={"num_ctx": 512}, num_predict=8)
    )

    assert exchange.outcome in ("prompt_too_long", "truncated")


def short(model: str, prompt: str = "Count to five.", **more: Any) -> ChatRequest:
    return ChatRequest(model=model, prompt=prompt, num_predict=24, **more)


def test_the_first_call_is_cold_the_next_warm_and_another_context_known(
    client: OllamaClient, model: str
) -> None:
    client.unload(model)
    cold, warm, other = (
        client.chat(short(model, options={"num_ctx": num_ctx})).call for num_ctx in (512, 512, 1024)
    )

    assert (cold.runner.phase, warm.runner.phase) == ("cold", "warm")
    # The embedded server needs no other runner for another context.
    assert (other.runner.phase, other.runner.reload_because) in (
        ("reload", "num_ctx"),
        ("warm", None),
    )
    assert (cold.timings.load_ms or 0) > (warm.timings.load_ms or 0)
    sizes = [call.runner.ps_after_context_length for call in (cold, warm, other)]
    assert sizes == [512, 512, 1024]


def test_both_clocks_agree_and_no_field_of_an_answer_is_missing(
    client: OllamaClient, model: str
) -> None:
    client.load(model, {"num_ctx": 512})
    call = client.chat(short(model, options={"num_ctx": 512})).call
    timings = call.timings

    assert call.outcome in ("ok", "length")
    known = (timings.total_ms, timings.load_ms, timings.prompt_eval_ms, timings.eval_ms)
    assert None not in known
    assert timings.overhead_ms is not None, "the server says it took longer than we waited"
    assert timings.residual_ms is not None, "its parts are longer than the whole"
    assert timings.ttft_ms is not None
    assert (timings.wall_ms or 0) >= timings.ttft_ms
    assert (timings.output_tokens or 0) >= 2
    assert timings.decode_rate is not None
    assert json.loads(call.asked.effective_options)["num_ctx"] == 512


def test_another_way_to_say_the_same_options_is_the_same_setting(
    client: OllamaClient, model: str
) -> None:
    layers = client.identify(model).block_count
    if layers is None:
        pytest.skip(f"the server does not say how many layers {model} has")
    one, other = (
        client.chat(short(model, options={"num_ctx": 512, "num_gpu": num_gpu})).call
        for num_gpu in (layers + 1, layers + 50)
    )

    assert setting_of(one) is not None
    assert setting_of(one) == setting_of(other)
    assert other.runner.phase == "warm"


def test_an_answer_is_kept_and_not_asked_for_again(
    client: OllamaClient, model: str, tmp_path: Path
) -> None:
    request = short(model, options={"num_ctx": 512, "temperature": 0})
    store = ReplyStore(tmp_path)
    calls: list[ModelCall] = []
    for _ in range(2):
        converse(client, request, CallContext(), record=calls.append, store=store)

    made = [call for call in calls if not call.replayed]
    assert len(made) < len(calls)
    assert calls[-1].replay_of in {call.call_id for call in made}


def test_a_call_that_is_given_up_frees_the_server(client: OllamaClient, model: str) -> None:
    client.load(model, {"num_ctx": 2048})
    # Far more than anybody waits for, and cut off after a second.
    long = ChatRequest(
        model=model,
        prompt="Write a very long story about a lighthouse.",
        options={"num_ctx": 2048},
        num_predict=1500,
        deadlines=Deadlines(total=1.0),
    )
    given_up = client.chat(long)
    if given_up.outcome in ("ok", "length", "repetition"):
        pytest.skip("this server is too fast to be stopped: the story was done in a second")

    after = client.chat(short(model, options={"num_ctx": 2048})).call

    assert given_up.outcome.startswith("timeout")
    assert after.outcome in ("ok", "length", "repetition")
    assert after.runner.phase == "warm"


def test_a_model_that_is_not_there_is_named_with_those_that_are(
    client: OllamaClient, model: str
) -> None:
    with pytest.raises(ModelMissingError, match="ollama pull benchagent-has-no-such-model") as said:
        client.identify("benchagent-has-no-such-model")
    assert model in str(said.value)


def test_a_benchmark_leaves_artifacts_that_are_read_back_whole(
    host: Host, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OLLAMA_HOST", host.url)
    (tmp_path / "prompts.txt").write_text("Name a colour.\nCount to three.\n")
    what = ["--model", model, "--prompts", "prompts.txt", "--num-predict", "8", "--repeat", "1"]

    ran = CliRunner().invoke(
        bench,
        [*what, "--sweep", "temperature=0,0.8", "--out", "o", "--out-data", "d", "--allow-remote"],
        catch_exceptions=False,
    )

    assert ran.exit_code == 0, ran.output
    calls = tmp_path / ran.stdout.strip() / "bench_calls.csv"
    parsed = parse_bytes(calls.name, calls.read_bytes())
    assert isinstance(parsed, Parsed)
    assert len(parsed.records) == 4
    assert [record.failure for record in parsed.records if record.failure] == []


def test_a_run_goes_from_files_to_a_report(
    host: Host, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host.url)
    agents = (
        "agents:\n"
        f'  - {{slug: live, label: Live, persona: insight, tier: select, model: "{model}",\n'
        "     allow_remote: true, options: {num_ctx: 4096}}\n"
    )
    place = a_place(tmp_path, roster=agents)
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("snapshot", [place.key])
        ran = (
            define(place.project)
            .resolve_job_def("reports")
            .execute_in_process(instance=instance, partition_key=place.key, raise_on_error=False)
        )

    assert ran.success
    kept = read_analysis(place.partition, "live")
    assert kept.calls
    assert {row["agent"] for row in kept.calls} == {"live"}
    assert place.partition.report_path("live").exists()
