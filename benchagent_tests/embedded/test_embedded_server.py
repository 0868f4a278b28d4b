"""The embedded server over real HTTP: with a scripted engine, and (marked) with the real model."""

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest

from benchagent.embedded.engine.generation import Failed, Finished
from benchagent.embedded.errors import AddressError, EngineError
from benchagent.embedded.model import describe_model
from benchagent.embedded.server import DEFAULT_LIMITS, Limits
from benchagent.embedded.serving import check_host, listen
from benchagent_tests.embedded.embedded_scripts import (
    ScriptedEngine,
    Server,
    a_gguf,
    a_server,
    serving,
)
from benchagent_tests.patience import PATIENCE_S, eventually

MODEL = "smollm2:135m"
HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):
    """One server for all the tests that leave no trace in it."""
    with a_server(tmp_path_factory.mktemp("shared")) as server:
        yield server


def refused(server: Server, path: str, **body: object) -> tuple[int, str]:
    answer = server.post(path, {"model": MODEL, **body})
    return answer.status_code, answer.json()["error"]


def test_the_official_client_gets_a_whole_reply(shared: Server):
    reply = shared.client.chat(MODEL, HELLO)
    assert reply.message.content == "Hello world"
    assert reply.message.role == "assistant"
    assert (reply.done, reply.done_reason) == (True, "stop")
    assert (reply.prompt_eval_count, reply.prompt_eval_duration) == (2, 2_000_000)
    assert (reply.eval_count, reply.eval_duration) == (4, 3_000_000)
    assert 0 < (reply.load_duration or 0) < (reply.total_duration or 0)


def test_the_official_client_gets_a_stream_that_ends_with_done(shared: Server):
    chunks = list(shared.client.generate(MODEL, "hello", stream=True))
    assert [chunk.response for chunk in chunks] == ["Hello", " wor", "ld", ""]
    assert [chunk.done for chunk in chunks] == [False, False, False, True]
    assert chunks[-1].eval_count == 4
    assert chunks[0].eval_count is None
    assert chunks[-1].context == [0, 1, 7, 8, 9]


def test_a_stream_is_lines_of_ascii_json(tmp_path: Path):
    engine = ScriptedEngine(lines=("a\u0085b", "\u2028", "ü"))
    with a_server(tmp_path, engine) as server:
        answer = server.post("/api/generate", {"model": MODEL, "prompt": "hello"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.content.isascii()
    assert answer.content.endswith(b"}\n")
    lines = [json.loads(line) for line in answer.content.decode().split("\n")[:-1]]
    assert [line["response"] for line in lines] == ["a\u0085b", "\u2028", "ü", ""]


def test_the_first_piece_arrives_before_the_last_is_generated(tmp_path: Path):
    engine = ScriptedEngine(hold=threading.Event())
    assert engine.hold is not None
    with a_server(tmp_path, engine) as server:
        stream = server.client.chat(MODEL, HELLO, stream=True)
        assert next(stream).message.content == "Hello"
        engine.hold.set()
        assert [chunk.message.content for chunk in stream] == [" wor", "ld", ""]


def test_the_lists_describe_the_model_as_an_ollama_would(tmp_path: Path):
    with a_server(tmp_path) as server:
        (listed,) = server.client.list().models
        server.client.chat(MODEL, HELLO, options={"num_ctx": 256})
        (running,) = server.client.ps().models
        shown = server.client.show("SmolLM2")
        raw = server.http.get("/api/ps").json()["models"][0]
    assert (listed.model, listed.digest) == (MODEL, server.served.digest)
    assert len(listed.digest or "") == 64
    assert listed.details is not None
    assert listed.details.parameter_size == "1.50M"
    assert listed.details.quantization_level == "Q4_1"
    assert (running.model, running.context_length) == (MODEL, 256)
    assert raw["size_vram"] == 0
    assert shown.modelinfo is not None
    assert shown.modelinfo["llama.context_length"] == 512
    assert shown.modelinfo["tokenizer.ggml.tokens"] == []
    assert str(tmp_path) not in shown.model_dump_json()


def test_small_endpoints_answer_as_an_ollama_does(shared: Server):
    assert shared.http.get("/").text == "Ollama is running"
    assert shared.http.head("/").status_code == 200
    assert shared.http.get("/api/version").json()["version"].endswith("-embedded")
    assert shared.http.get("/api/nothing").text == "404 page not found"
    assert shared.http.get("/api/chat").status_code == 405
    assert shared.http.get("/api/chat").text == "405 method not allowed"
    assert shared.http.post("/api/tags").status_code == 405


@pytest.mark.parametrize(
    "name", ["smollm2:135m", "SMOLLM2:135M", "smollm2", "smollm2:latest", "library/smollm2:135m"]
)
def test_a_name_means_the_model_in_any_case_and_is_repeated_as_written(shared: Server, name: str):
    assert shared.client.chat(name, HELLO).model == name


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/api/chat", {"model": "llama3"}, 404, "model 'llama3' not found"),
        ("/api/chat", {"model": "smollm2:1.7b"}, 404, "model 'smollm2:1.7b' not found"),
        ("/api/generate", {"model": ""}, 404, "model '' not found"),
        ("/api/chat", {"model": ""}, 400, "model is required"),
        ("/api/show", {}, 400, "model is required"),
        ("/api/show", {"name": "other"}, 404, "model 'other' not found"),
        ("/api/chat", {"model": "a b"}, 400, "invalid model name"),
        ("/api/chat", {"model": 3}, 400, "model: Input should be a valid string"),
        ("/api/chat", {"model": MODEL, "messages": "hi"}, 400, "messages: Input should be"),
        (
            "/api/chat",
            {"model": MODEL, "messages": [{"role": "robot", "content": "x"}]},
            400,
            "role is 'robot', expected system, user, assistant",
        ),
        ("/api/chat", {"model": MODEL, "think": True}, 400, "does not support thinking"),
        ("/api/chat", {"model": MODEL, "think": "high"}, 400, "does not support thinking"),
        ("/api/chat", {"model": MODEL, "tools": [{}]}, 400, "does not support tools"),
        ("/api/chat", {"model": MODEL, "logprobs": True}, 400, "does not support logprobs"),
        ("/api/chat", {"model": MODEL, "top_logprobs": 21}, 400, "between 0 and 20"),
        ("/api/chat", {"model": MODEL, "keep_alive": "10"}, 400, "keep_alive: is '10'"),
        ("/api/generate", {"model": MODEL, "suffix": "x"}, 400, "does not support insert"),
        ("/api/generate", {"model": MODEL, "raw": True, "system": "x"}, 400, "raw mode does not"),
        ("/api/generate", {"model": MODEL, "template": "x"}, 400, "another template"),
        ("/api/generate", {"model": MODEL, "images": ["x"]}, 400, "does not support images"),
        ("/api/generate", {"model": MODEL, "context": [601]}, 400, "no token (0 to 599)"),
        ("/api/generate", {"model": MODEL, "format": "yaml"}, 400, "invalid format: 'yaml'"),
        (
            "/api/generate",
            {"model": MODEL, "format": {"type": "string", "not": {}}},
            400,
            "invalid format: $: keyword 'not' is not supported",
        ),
    ],
)
def test_what_cannot_be_served_is_refused_with_a_sentence(
    shared: Server, path: str, body: dict[str, object], status: int, message: str
):
    answer = shared.post(path, body)
    assert answer.status_code == status
    assert message in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "missing request body"),
        (b"{", "request body: Invalid JSON"),
        (b"[]", "request body: Input should be an object"),
        (b'{"model":"\xff"}', "Invalid JSON"),
        (b'{"model":"' + MODEL.encode() + b'","prompt":"\\ud800"}', "Invalid JSON"),
        (b"[" * 100_000, "Invalid JSON"),
    ],
)
def test_a_body_that_is_no_request_is_a_400(shared: Server, body: bytes, message: str):
    answer = shared.http.post("/api/generate", content=body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mirostat": 2}, "unknown option 'mirostat'; known are"),
        ({"num_ctx": "4096"}, "option \"num_ctx\" must be of type integer, got '4096'"),
        ({"num_ctx": 2.5}, 'option "num_ctx" must be of type integer'),
        ({"num_ctx": True}, 'option "num_ctx" must be of type integer'),
        ({"num_ctx": 3}, 'option "num_ctx" is 3, expected 4 or more'),
        ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
        ({"temperature": -1}, 'option "temperature" is -1, expected a value from 0 to 1000'),
        ({"top_p": 1.5}, 'option "top_p" is 1.5'),
        ({"min_p": 1}, 'option "min_p" is 1'),
        ({"typical_p": 0.5}, "the embedded engine has no other"),
        ({"presence_penalty": 3}, 'option "presence_penalty" is 3'),
        ({"repeat_penalty": 0}, 'option "repeat_penalty" is 0'),
        ({"num_predict": 0}, 'option "num_predict" is 0'),
        ({"stop": "END"}, 'option "stop" must be of type array of strings'),
        ({"stop": [""]}, 'option "stop" must be of type array of strings that are not empty'),
        ({"use_mmap": 1}, 'option "use_mmap" must be of type boolean'),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused(
    shared: Server, options: dict[str, object], message: str
):
    status, error = refused(shared, "/api/generate", prompt="hi", options=options)
    assert status == 400
    assert message in error


def test_options_reach_the_engine(tmp_path: Path):
    engine = ScriptedEngine()
    options = {
        "temperature": 0.5,
        "top_k": 0,
        "top_p": 1.0,
        "min_p": 0.25,
        "seed": -2,
        "repeat_penalty": 1.5,
        "num_predict": 7,
        "stop": ["END"],
        "num_ctx": None,
    }
    with a_server(tmp_path, engine) as server:
        server.client.chat(MODEL, HELLO, options=options)
    (job,) = engine.jobs
    assert job.max_new_tokens == 7
    sampling = job.sampling
    assert (sampling.temperature, sampling.top_k, sampling.top_p) == (0.5, 0, 1.0)
    assert (sampling.min_p, sampling.seed, sampling.repeat_penalty) == (0.25, 2**32 - 2, 1.5)
    assert sampling.stop == {"END"}
    assert not sampling.greedy


@pytest.mark.parametrize("options", [{"temperature": 0}, {"top_k": 1}, {"top_p": 0}])
def test_options_that_leave_one_token_mean_greedy(tmp_path: Path, options: dict[str, int]):
    engine = ScriptedEngine()
    with a_server(tmp_path, engine) as server:
        server.client.chat(MODEL, HELLO, options=options)
    assert engine.jobs[0].sampling.greedy


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"num_gpu": 80, "main_gpu": 0, "num_batch": 512}, ["main_gpu", "num_batch", "num_gpu"]),
        ({"num_gpu": 0, "num_thread": 0, "draft_num_predict": 0}, None),  # what happens anyway
        (
            {"num_thread": 2, "use_mmap": False, "num_keep": 5},
            ["num_keep", "num_thread", "use_mmap"],
        ),
        ({"repeat_last_n": 64}, ["repeat_last_n"]),  # nothing is penalised
        ({"repeat_last_n": 64, "repeat_penalty": 1.1}, ["repeat_last_n"]),  # all is looked at
        ({"repeat_last_n": -1, "repeat_penalty": 1.1}, None),
        ({"temperature": 1.0, "seed": 7, "typical_p": 1.0}, None),
    ],
)
def test_options_without_effect_are_named_in_the_reply(
    shared: Server, options: dict[str, object], named: list[str] | None
):
    body = {"model": MODEL, "messages": HELLO, "options": options, "stream": False}
    reply = shared.post("/api/chat", body).json()
    assert reply.get("options_without_effect") == named


def test_a_context_longer_than_the_models_is_lowered_and_said(shared: Server):
    body = {"model": MODEL, "prompt": "hi", "options": {"num_ctx": 4096}, "stream": False}
    reply = shared.post("/api/generate", body).json()
    assert reply["options_adjusted"] == {"num_ctx": 512}


def test_a_prompt_that_does_not_fit_is_refused_and_never_cut(tmp_path: Path):
    engine = ScriptedEngine()
    words = "word " * 99  # and one token for the role
    with a_server(tmp_path, engine) as server:
        for more in ({}, {"truncate": True, "shift": True}):
            options = {"num_ctx": 100}
            status, error = refused(server, "/api/generate", prompt=words, options=options, **more)
            assert status == 400
            assert "it has 100 tokens, num_ctx is 100" in error
        body = {"model": MODEL, "prompt": words, "options": {"num_ctx": 101}, "stream": False}
        assert server.post("/api/generate", body).json()["prompt_eval_count"] == 100
    assert [job.max_new_tokens for job in engine.jobs] == [1]


def test_what_follows_the_context_is_the_prompt_in_tokens(tmp_path: Path):
    engine = ScriptedEngine()
    with a_server(tmp_path, engine) as server:
        server.client.generate(MODEL, "and now", system="Be brief", context=[5, 6])
        server.client.generate(MODEL, "just this", raw=True)
    assert [job.prompt for job in engine.jobs] == [(5, 6, 0, 1, 2, 3, 4, 5), (0, 1)]


def test_a_schema_becomes_the_grammar_of_the_job(tmp_path: Path):
    engine = ScriptedEngine()
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    with a_server(tmp_path, engine) as server:
        server.client.chat(MODEL, HELLO, format=schema)
        server.client.chat(MODEL, HELLO, format="json")
        server.client.chat(MODEL, HELLO, format="")
    grammars = [job.grammar for job in engine.jobs]
    assert grammars[0] == 'root ::= r0\nr0 ::= "{" "\\"a\\"" ":" "1" "" "}"'
    assert grammars[1] is not None
    assert grammars[2] is None


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_frees_the_engine(tmp_path: Path, stream: bool):
    engine = ScriptedEngine(hold=threading.Event())
    with a_server(tmp_path, engine) as server:
        body = {"model": MODEL, "messages": HELLO, "stream": stream}
        with pytest.raises(httpx.ReadTimeout):
            server.http.post("/api/chat", json=body, timeout=0.3)
        assert engine.cancelled.wait(PATIENCE_S)
        assert engine.hold is not None
        engine.hold.set()
        assert server.client.chat(MODEL, HELLO).message.content == "Hello world"


def test_a_client_that_leaves_while_it_waits_is_never_generated_for(tmp_path: Path):
    engine = ScriptedEngine(hold=threading.Event())
    assert engine.hold is not None
    with a_server(tmp_path, engine, Limits(waiting=1)) as server:
        first = threading.Thread(target=server.client.chat, args=(MODEL, HELLO))
        first.start()
        eventually(lambda: len(engine.jobs) == 1, "job")
        body = {"model": MODEL, "messages": HELLO}
        with pytest.raises(httpx.ReadTimeout):
            server.http.post("/api/chat", json=body, timeout=0.3)
        # Its place in the queue is free again once the server has noticed.
        eventually(lambda: server.post("/api/generate", {"model": MODEL}).is_success, "answer")
        engine.hold.set()
        first.join(10)
        server.client.chat(MODEL, HELLO)
    assert len(engine.jobs) == 2


def test_one_request_generates_at_a_time_unless_told_otherwise(tmp_path: Path):
    for live, expected in ((1, 1), (2, 2)):
        engine = ScriptedEngine(hold=threading.Event())
        assert engine.hold is not None
        with a_server(tmp_path, engine, Limits(live=live)) as server:
            threads = [
                threading.Thread(target=server.client.chat, args=(MODEL, HELLO)) for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            eventually(lambda e=engine, n=expected: len(e.jobs) == n, "job")
            time.sleep(0.1)
            assert len(engine.jobs) == expected
            engine.hold.set()
            for thread in threads:
                thread.join(10)
            assert len(engine.jobs) == 3


def test_a_full_queue_is_a_503(tmp_path: Path):
    engine = ScriptedEngine(hold=threading.Event())
    assert engine.hold is not None
    with a_server(tmp_path, engine, Limits(waiting=0)) as server:
        first = threading.Thread(target=server.client.chat, args=(MODEL, HELLO))
        first.start()
        eventually(lambda: len(engine.jobs) == 1, "job")
        with pytest.raises(ollama.ResponseError, match="server busy") as busy:
            server.client.chat(MODEL, HELLO)
        assert busy.value.status_code == 503
        engine.hold.set()
        first.join(10)
        assert server.client.chat(MODEL, HELLO).done


def test_a_failure_before_the_first_piece_is_the_reply(tmp_path: Path):
    engine = ScriptedEngine(lines=(), ending=Failed(message="out of memory"))
    with a_server(tmp_path, engine) as server:
        for stream in (True, False):
            assert refused(server, "/api/generate", prompt="hi", stream=stream) == (
                500,
                "out of memory",
            )


def test_a_failure_in_the_middle_of_a_stream_is_its_last_line(tmp_path: Path):
    engine = ScriptedEngine(ending=Failed(message="out of memory"))
    with a_server(tmp_path, engine) as server:
        stream = server.client.chat(MODEL, HELLO, stream=True)
        with pytest.raises(ollama.ResponseError, match="out of memory"):
            list(stream)
        whole = server.post("/api/chat", {"model": MODEL, "messages": HELLO, "stream": False})
    assert whole.status_code == 500


def test_a_reply_cut_by_the_limit_says_length(tmp_path: Path):
    ending = Finished(reason="length", prompt_ns=1, eval_count=1, eval_ns=0, tokens=(1,))
    with a_server(tmp_path, ScriptedEngine(ending=ending)) as server:
        reply = server.client.chat(MODEL, HELLO)
    assert reply.done_reason == "length"
    assert reply.eval_duration == 1  # zero would be left out by an Ollama, and read as absent


class Loads:
    """Counts loads; every one gives a new engine."""

    def __init__(self, *failures: Exception) -> None:
        self.engines: list[ScriptedEngine] = []
        self.failures = list(failures)

    def __call__(self) -> ScriptedEngine:
        if self.failures:
            raise self.failures.pop(0)
        self.engines.append(ScriptedEngine())
        return self.engines[-1]


@pytest.fixture
def loads(tmp_path: Path) -> Any:
    def start(*failures: Exception, limits: Limits = DEFAULT_LIMITS):
        counted = Loads(*failures)
        served = describe_model(a_gguf(tmp_path), name=MODEL)
        return counted, serving(served, counted, limits)

    return start


def test_the_model_is_loaded_before_anybody_asks(loads: Any):
    counted, server_context = loads()
    with server_context as server:
        eventually(lambda: len(server.client.ps().models) == 1, "model that stays alone")
        server.client.chat(MODEL, HELLO)
        assert len(counted.engines) == 1


def test_an_empty_prompt_loads_and_keep_alive_zero_unloads(loads: Any):
    counted, server_context = loads()
    with server_context as server:
        loaded = server.post("/api/generate", {"model": MODEL})
        assert loaded.headers["content-type"] == "application/json; charset=utf-8"
        assert loaded.json()["done_reason"] == "load"
        assert "total_duration" not in loaded.json()
        assert server.client.chat(MODEL, []).message.content == ""
        unloaded = server.client.generate(MODEL, keep_alive=0)
        assert unloaded.done_reason == "unload"
        assert server.client.ps().models == []
        assert counted.engines[0].closed.wait(PATIENCE_S)
        server.client.chat(MODEL, HELLO)
        assert len(counted.engines) == 2


def test_keep_alive_zero_on_a_request_unloads_after_it(loads: Any):
    counted, server_context = loads()
    with server_context as server:
        assert server.client.chat(MODEL, HELLO, keep_alive=0).message.content == "Hello world"
        assert counted.engines[0].closed.wait(PATIENCE_S)
        assert server.client.ps().models == []


def test_an_unused_model_goes_when_its_time_is_up(loads: Any):
    counted, server_context = loads()
    with server_context as server:
        server.client.chat(MODEL, HELLO, keep_alive="30ms")
        assert counted.engines[0].closed.wait(PATIENCE_S)
        server.client.chat(MODEL, HELLO, keep_alive=-1)
        assert server.client.ps().models[0].expires_at.year > 2300
        assert not counted.engines[1].closed.is_set()


def test_the_time_at_which_an_unused_model_goes_is_another_one_after_each_request(loads: Any):
    _, server_context = loads()
    with server_context as server:
        listed = []
        for _ in range(2):
            server.client.chat(MODEL, HELLO)
            listed.append([server.client.ps().models[0].expires_at for _ in range(2)])
    [[first, again], [second, last]] = listed
    assert first == again < second == last


def test_a_load_that_failed_is_tried_again_by_the_next_request(loads: Any):
    _, server_context = loads(EngineError("no room"), EngineError("still no room"))
    with server_context as server:
        answers = [server.post("/api/chat", {"model": MODEL, "messages": HELLO}) for _ in range(3)]
        # The first load, begun before anybody asks, may have failed unseen.
        assert answers[0].json()["error"] in ("no room", "still no room")
        assert answers[2].is_success


def test_a_server_that_ends_while_its_model_loads_does_not_wait_for_it(tmp_path: Path):
    engine = ScriptedEngine(unready="closed")
    with a_server(tmp_path, engine) as server:
        assert server.client.ps().models == []
    assert engine.closed.is_set()


def test_a_model_unwanted_by_now_is_not_loaded_to_the_end(tmp_path: Path):
    engine = ScriptedEngine(unready="closed")
    with a_server(tmp_path, engine) as server:
        assert server.client.generate(MODEL, keep_alive=0).done_reason == "unload"
        assert engine.closed.wait(PATIENCE_S)


def test_an_engine_that_died_is_replaced(loads: Any):
    counted, server_context = loads()
    with server_context as server:
        server.client.chat(MODEL, HELLO)
        counted.engines[0].alive = False
        assert server.client.chat(MODEL, HELLO).done
        assert counted.engines[0].closed.wait(PATIENCE_S)
    assert len(counted.engines) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:11434"}, 200),
        ({"host": "127.0.0.1:9"}, 200),
        ({"host": "[::1]:9"}, 200),
        ({"host": "attacker.example"}, 403),
        ({"host": "127.0.0.1.attacker.example"}, 403),
        ({"host": "8.8.8.8"}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "https://attacker.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_page_from_elsewhere_is_refused(shared: Server, headers: dict[str, str], status: int):
    answer = shared.http.get("/api/tags", headers=headers)
    assert answer.status_code == status


def test_a_server_for_other_machines_takes_any_host(tmp_path: Path):
    with a_server(tmp_path, limits=Limits(guarded=False)) as server:
        headers = {"host": "bench.example"}
        answer = server.http.get("/api/tags", headers=headers)
    assert answer.status_code == 200


def test_a_body_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path):
    with a_server(tmp_path, limits=Limits(body_bytes=1000)) as server:
        body = {"model": MODEL, "prompt": "x" * 1000}
        answer = server.post("/api/generate", body)
    assert answer.status_code == 413
    assert answer.json()["error"] == "the request body is longer than 1000 bytes"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_other_machines_are_let_in_only_when_told_so(host: str):
    with pytest.raises(AddressError, match="is not loopback"):
        check_host(host, allow_remote=False)
    check_host(host, allow_remote=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_loopback_is_always_allowed(host: str):
    check_host(host, allow_remote=False)


def test_a_port_that_is_taken_is_named_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=f"port {port}: something already listens there"):
            listen("127.0.0.1", port)
