"""The real model behind the real server in its own process, driven by the official client."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import ollama
import pytest
from click.testing import CliRunner
from pydantic import BaseModel, Field, TypeAdapter

from benchagent.calls.log import read_calls
from benchagent.cli.bench import bench
from benchagent.embedded.errors import ServerStartError
from benchagent.embedded.process import ServerProcess, start_server
from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.embedded.embedded_scripts import a_gguf
from benchagent_tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.embedded

MODEL = "smollm2:135m"
FRANCE = [{"role": "user", "content": "What is the capital of France?"}]
GREEDY = {"temperature": 0, "num_predict": 40}
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads processes from /proc")


@pytest.fixture(scope="module")
def server(cache: Path) -> Iterator[ServerProcess]:
    with start_server(cache) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Iterator[ollama.Client]:
    with ollama.Client(server.url, trust_env=False, timeout=PATIENCE_S) as opened:
        yield opened


def children_of(pid: int) -> list[int]:
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for children in lists for child in children.split()]


def is_running(pid: int) -> bool:
    """Whether a process does anything: a dead one that nobody has reaped has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def test_the_engine_reports_to_nobody_and_writes_nothing_at_home(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    with start_server(cache) as running, ollama.Client(running.url, timeout=PATIENCE_S) as asked:
        asked.chat(MODEL, FRANCE, options={"num_predict": 2})

    assert list(tmp_path.iterdir()) == []


def test_the_model_knows_the_capital_of_france(client: ollama.Client):
    reply = client.chat(MODEL, FRANCE, options=GREEDY)
    assert "Paris" in (reply.message.content or "")
    assert reply.done_reason == "stop"
    assert reply.prompt_eval_count == 37
    assert (reply.eval_count or 0) > 1
    assert (reply.eval_duration or 0) + (reply.prompt_eval_duration or 0) < (
        reply.total_duration or 0
    )


def test_a_stream_adds_up_to_the_whole_reply(client: ollama.Client):
    whole = client.chat(MODEL, FRANCE, options=GREEDY)
    chunks = list(client.chat(MODEL, FRANCE, options=GREEDY, stream=True))
    assert "".join(chunk.message.content or "" for chunk in chunks) == whole.message.content
    assert len(chunks) > 3
    assert chunks[-1].eval_count == whole.eval_count


def test_text_beyond_ascii_arrives_whole(client: ollama.Client):
    grammar_of_text = {"type": "string", "enum": ["größer als 中文 😀"]}
    chunks = client.generate(MODEL, "Say it", format=grammar_of_text, stream=True)
    assert "".join(chunk.response or "" for chunk in chunks) == '"größer als 中文 😀"'


SELECTION = {
    "type": "object",
    "properties": {
        "a_headline": {"type": "string", "enum": ["decode rate", "cold starts", "duplicates"]},
        "b_order": {
            "type": "array",
            "items": {"type": "string", "enum": ["A", "B", "C", "D", "E", "F"]},
            "minItems": 3,
            "maxItems": 6,
            "uniqueItems": True,
        },
        "c_wording": {
            "type": "object",
            "properties": {"A": {"enum": ["a", "b", "c"]}, "B": {"enum": ["a", "b"]}},
            "required": ["A", "B"],
            "additionalProperties": False,
        },
        "d_next": {"type": "array", "items": {"enum": ["rerun", "warm-up"]}, "maxItems": 2},
    },
    "required": ["a_headline", "b_order", "c_wording", "d_next"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("temperature", [0.0, 2.0])
def test_a_selection_keeps_to_its_schema(client: ollama.Client, temperature: float):
    for seed in range(3):
        options = {"temperature": temperature, "seed": seed, "top_p": 1.0, "num_predict": 200}
        reply = client.chat(MODEL, FRANCE, format=SELECTION, options=options)
        assert reply.done_reason == "stop"
        chosen = json.loads(reply.message.content or "")
        assert list(chosen) == ["a_headline", "b_order", "c_wording", "d_next"]
        assert 3 <= len(chosen["b_order"]) == len(set(chosen["b_order"])) <= 6
        assert set(chosen["c_wording"]) == {"A", "B"}


class Cold(BaseModel):
    kind: Literal["cold"]
    share: float = Field(ge=0, le=1)


class Noise(BaseModel):
    kind: Literal["noise"]
    runs: int = Field(ge=2, le=250)


class Statement(BaseModel):
    fact: str = Field(pattern=r"^F[0-9a-f]{3}$")
    title: str = Field(min_length=3, max_length=40)
    cause: Annotated[Cold | Noise, Field(discriminator="kind")]
    note: str | None
    counts: list[int] = Field(min_length=1, max_length=3)


def test_a_pydantic_model_comes_back_as_itself(client: ollama.Client):
    schema = Statement.model_json_schema()
    for seed in range(2):
        options = {"seed": seed, "temperature": 1.2, "num_predict": 400}
        reply = client.chat(MODEL, FRANCE, format=schema, options=options)
        assert reply.done_reason == "stop"
        Statement.model_validate_json(reply.message.content or "")


def test_json_without_a_schema_is_an_object(client: ollama.Client):
    options = {"temperature": 0, "num_predict": 300}
    reply = client.generate(MODEL, "Describe a dog as JSON", format="json", options=options)
    assert (reply.response or "").startswith("{")
    if reply.done_reason == "stop":
        assert TypeAdapter(dict[str, Any]).validate_json(reply.response or "")


def test_the_same_seed_gives_the_same_reply(client: ollama.Client):
    def say(seed: int) -> str:
        options = {"seed": seed, "temperature": 1.5, "num_predict": 30}
        return client.generate(MODEL, "Tell me a story", options=options).response or ""

    assert say(7) == say(7)
    assert say(7) != say(8)


def test_a_greedy_reply_does_not_depend_on_what_was_asked_before(client: ollama.Client):
    prompt = "Speed of run number one, two, three. " * 12
    first = client.generate(MODEL, prompt, options=GREEDY).response
    client.generate(MODEL, prompt + "And now?", options=GREEDY)
    assert client.generate(MODEL, prompt, options=GREEDY).response == first


def test_the_end_of_a_reply_is_told_by_its_reason(client: ollama.Client):
    cut = client.generate(MODEL, "Tell me a story", options={"num_predict": 5})
    assert (cut.done_reason, cut.eval_count) == ("length", 5)
    stopped = client.chat(MODEL, FRANCE, options={**GREEDY, "stop": ["of France"]})
    assert stopped.message.content == "The capital"
    assert stopped.done_reason == "stop"


def test_a_prompt_that_is_too_long_is_refused_with_its_length(client: ollama.Client):
    with pytest.raises(ollama.ResponseError, match=r"it has \d+ tokens, num_ctx is 64") as small:
        client.generate(MODEL, "word " * 100, options={"num_ctx": 64})
    with pytest.raises(ollama.ResponseError, match="at least 8192 tokens") as large:
        client.generate(MODEL, "word " * 20_000, options={"num_ctx": 8192})
    assert small.value.status_code == large.value.status_code == 400


def test_a_control_word_in_a_text_is_only_text(client: ollama.Client):
    def tokens(text: str) -> int:
        return client.generate(MODEL, text, options={"num_predict": 1}).prompt_eval_count or 0

    plain = tokens("stop")
    assert tokens("<|im_end|>") > plain  # several tokens, not the one that ends a turn
    assert tokens("<file_sep>") > plain


def test_a_client_that_leaves_frees_the_engine(server: ServerProcess, client: ollama.Client):
    row = {"type": "array", "items": {"enum": ["A", "B"]}, "minItems": 250, "maxItems": 250}
    endless = {"type": "array", "items": row, "minItems": 250, "maxItems": 250}
    body = {"model": MODEL, "prompt": "Go on", "stream": False, "format": endless}
    body["options"] = {"num_predict": 8000, "num_ctx": 8192}
    with (
        httpx.Client(base_url=server.url, trust_env=False) as impatient,
        pytest.raises(httpx.ReadTimeout),
    ):
        impatient.post("/api/generate", json=body, timeout=1.0)
    # At some 100 tokens a second the abandoned reply would take longer than this client waits.
    with ollama.Client(server.url, trust_env=False, timeout=60) as next_one:
        assert next_one.chat(MODEL, FRANCE, options=GREEDY).done


def test_keep_alive_zero_unloads_and_the_next_request_loads(client: ollama.Client):
    assert client.generate(MODEL, keep_alive=0).done_reason == "unload"
    assert client.ps().models == []
    reply = client.chat(MODEL, FRANCE, options=GREEDY)
    assert "Paris" in (reply.message.content or "")
    (running,) = client.ps().models
    assert running.context_length == 4096
    assert running.expires_at is not None


@on_linux
def test_an_engine_that_is_killed_fails_one_request_and_no_more(
    server: ServerProcess, client: ollama.Client
):
    client.generate(MODEL)
    (engine,) = children_of(server.pid)
    stream = client.generate(
        MODEL, "Count for ever", stream=True, options={"num_predict": 2000, "seed": 1}
    )
    next(stream)
    os.kill(engine, signal.SIGKILL)
    with pytest.raises(ollama.ResponseError, match="the engine's process has ended"):
        list(stream)
    assert client.chat(MODEL, FRANCE, options=GREEDY).done


PARENT = """
import sys, time
from pathlib import Path
from benchagent.embedded.process import start_server

with start_server(Path(sys.argv[1])) as server:
    print(server.url, server.pid, flush=True)
    time.sleep(600)
"""


@on_linux
def test_a_parent_that_is_killed_leaves_no_server(cache: Path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(cache)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        try:
            url, pid = parent.stdout.readline().split()
            eventually(lambda: len(children_of(int(pid))) == 1, "child")
            family = [int(pid), *children_of(int(pid))]
            httpx.get(f"{url}/api/version", trust_env=False).raise_for_status()
        finally:
            parent.kill()
    eventually(lambda: not any(map(is_running, family)), "end of the processes")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/api/version", trust_env=False)


def test_a_server_that_cannot_start_says_why(cache: Path, tmp_path: Path):
    with (
        pytest.raises(ServerStartError, match="is not a GGUF weights file"),
        start_server(cache, model=Path(__file__)),
    ):
        pass


def test_a_model_that_the_engine_cannot_read_is_named_in_the_reply(cache: Path, tmp_path: Path):
    model = a_gguf(tmp_path, "mine.gguf", general__architecture="gemma3")
    with start_server(tmp_path / "cache", model=model) as running:
        assert running.model == "mine:latest"
        with ollama.Client(running.url, trust_env=False, timeout=PATIENCE_S) as client:
            with pytest.raises(ollama.ResponseError, match="is a gemma3 model") as refused:
                client.generate("mine", "hi")
            assert refused.value.status_code == 500


def test_importing_the_engine_leaves_no_trace_in_the_home_folder(cache: Path, tmp_path: Path):
    code = "from benchagent.embedded.engine.loading import import_engine; import_engine()"
    environment = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=PATIENCE_S)
    assert list(tmp_path.iterdir()) == []


def test_requests_side_by_side_all_end_when_allowed(cache: Path):
    command = [sys.executable, "-m", "benchagent.embedded", "--cache", str(cache)]
    with subprocess.Popen(
        [*command, "--parallel", "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        url = json.loads(child.stdout.readline())["url"]
        done: list[str | None] = []

        def ask(number: int) -> None:
            with ollama.Client(url, trust_env=False, timeout=PATIENCE_S) as client:
                reply = client.generate(MODEL, f"Number {number}", options={"num_predict": 20})
                done.append(reply.done_reason)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(PATIENCE_S) == 0
    assert len(done) == 4


def test_a_benchmark_of_the_model_is_read_back_with_every_call_accounted_for(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    (tmp_path / "prompts.txt").write_text("Name a colour.\nCount to three.\n")
    what = ["--model", MODEL, "--prompts", "prompts.txt", "--num-predict", "8", "--cold"]
    sweep = ["--sweep", "num_ctx=512,1024", "--repeat", "1"]

    ran = CliRunner().invoke(
        bench, [*what, *sweep, "--out", "out", "--out-data", "data"], catch_exceptions=False
    )

    assert ran.exit_code == 0, ran.output
    artifacts = tmp_path / ran.stdout.strip()
    # Two prompts under two contexts, and a cold call under each.
    parsed = parse_bytes("bench_calls.csv", (artifacts / "bench_calls.csv").read_bytes())
    assert isinstance(parsed, Parsed)
    assert (parsed.reason, parsed.refusals) == (None, ())
    assert len(parsed.records) == 6
    assert [record.failure for record in parsed.records if record.failure] == []
    measured = {reading.metric for record in parsed.records for reading in record.readings}
    assert {"ttft", "decode_rate", "load_time", "prompt_eval_time", "eval_time"} <= measured
    assert {"output_tokens", "prompt_tokens", "total_time"} & measured
    made = list(read_calls(tmp_path / "out"))
    by_stage = Counter(call["stage"] for call in made)
    assert by_stage == {"bench": 6, "bench-warm-up": 2}
    # A context is no reload here: one loaded model gives each request the one that it asks for.
    phases = Counter(call["phase"] for call in made if call["stage"] == "bench")
    assert phases == {"warm": 4, "cold": 2}
    assert all(call["ps_after_context_length"] in (512, 1024) for call in made)
