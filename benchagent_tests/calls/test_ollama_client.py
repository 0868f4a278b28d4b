import contextlib
import json
import logging
import os
import signal
import threading
import time
from dataclasses import replace
from typing import Any

import ollama as official
import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import Conversation, Judge, Patience, converse
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.exchange import Exchange
from benchagent.calls.hosts import Host, RemoteRefusedError
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.outcomes import OUTCOMES, RULES, Outcome
from benchagent.calls.request import ChatRequest
from benchagent.calls.wire import BadAnswerError, ModelMissingError, ServerUnreachableError
from benchagent_tests.patience import PATIENCE_S
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import (
    Script,
    cut,
    drip,
    error_in_stream,
    hang,
    html,
    raw_lines,
    redirect,
    say,
    status,
    token_loop,
    without_done,
)

SHORT = Deadlines(connect=1.0, load=0.05, first_token=0.15, between_tokens=0.15, total=0.4)
STANDS_STILL = Deadlines(first_token=60.0, between_tokens=0.15, total=60.0)
PATIENT = Deadlines(connect=1.0, first_token=10.0, between_tokens=10.0, total=20.0)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"b_choice": {"enum": ["x", "y"]}, "a_why": {"type": "string"}},
    "required": ["b_choice", "a_why"],
}


def a_client(server: ScriptedOllama | str, deadlines: Deadlines = PATIENT) -> OllamaClient:
    return OllamaClient(Host(url=server if isinstance(server, str) else server.url), deadlines)


def a_request(prompt: str = "Which is faster?", model: str = "tiny:1b", **more: Any) -> ChatRequest:
    return ChatRequest(model=model, prompt=prompt, **more)


def ask(server: ScriptedOllama, deadlines: Deadlines = PATIENT, **more: Any) -> Exchange:
    with a_client(server, deadlines) as client:
        return client.chat(a_request(**more))


def held(
    server: ScriptedOllama, deadlines: Deadlines = PATIENT, judge: Judge | None = None, **more: Any
) -> tuple[Conversation, list[ModelCall], list[float]]:
    calls: list[ModelCall] = []
    waits: list[float] = []
    with a_client(server, deadlines) as client:
        conversation = converse(
            client,
            a_request(**more),
            CallContext(agent="chimera-agent-a"),
            record=calls.append,
            judge=judge,
            patience=Patience(waits_s=(0.5, 2.0)),
            sleep=waits.append,
        )
    return conversation, calls, waits


def test_the_bytes_on_the_wire_are_exactly_these(ollama: ScriptedOllama) -> None:
    with a_client(ollama) as client:
        client.chat(
            a_request(
                "Why?",
                system="Du bist müde.",
                schema=SCHEMA,
                options={"temperature": 1, "top_p": None},
            )
        )
    assert ollama.chats[0].body == (
        rb'{"model":"tiny:1b","messages":[{"role":"system","content":"Du bist m\u00fcde."},'
        rb'{"role":"user","content":"Why?"}],"stream":true,"think":false,"truncate":false,'
        rb'"shift":false,"format":{"type":"object","properties":{"b_choice":{"enum":["x","y"]},'
        rb'"a_why":{"type":"string"}},"required":["b_choice","a_why"]},'
        rb'"options":{"temperature":1,"num_predict":512,"seed":1}}'
    )


def test_what_we_add_is_listed_as_ours_and_never_overrides_the_agent(
    ollama: ScriptedOllama,
) -> None:
    call = ask(ollama, options={"num_predict": 40, "temperature": 0.5}, keep_alive="10m").call
    assert json.loads(call.asked.added_options) == {
        "seed": 1,
        "shift": False,
        "think": False,
        "truncate": False,
    }
    assert json.loads(call.asked.requested_options) == {"num_predict": 40, "temperature": 0.5}
    assert ollama.chats[0].json["options"] == {"num_predict": 40, "temperature": 0.5, "seed": 1}
    assert ollama.chats[0].json["keep_alive"] == "10m"


def test_an_answer_comes_back_whole_with_both_clocks(ollama: ScriptedOllama) -> None:
    ollama.then(say("gemma3 is faster", thinking="hm", gap_s=0.002))
    exchange = ask(ollama)
    call = exchange.call
    assert (exchange.text, exchange.thinking, call.outcome) == ("gemma3 is faster", "hm", "ok")
    assert call.ending.error_class is None
    assert call.timings.output_tokens == 6
    assert call.timings.decode_rate == pytest.approx(100.0)
    assert call.timings.residual_ms == pytest.approx(1.0)
    first = call.timings.first_thinking_ms
    answer = call.timings.first_answer_ms
    assert first is not None
    assert answer is not None
    assert call.timings.ttft_ms == first < answer
    assert call.asked.manifest_digest == ollama.models[0].digest
    assert json.loads(call.ending.raw_final or "")["eval_count"] == 6


STALLS: list[tuple[str, Script, Deadlines]] = [
    ("no headers", hang(), SHORT),
    ("drips headers", drip(headers=True), SHORT),
    ("stops in the middle", hang(after_chunks=2), STANDS_STILL),
]


@pytest.mark.parametrize(
    ("script", "deadlines"), [s[1:] for s in STALLS], ids=[s[0] for s in STALLS]
)
def test_a_deadline_stops_the_server(
    ollama: ScriptedOllama, script: Script, deadlines: Deadlines
) -> None:
    ollama.then(script)
    assert ask(ollama, deadlines).outcome.startswith("timeout")
    assert ollama.left.wait(PATIENCE_S), "the server must see that nobody listens any more"


def test_a_deadline_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="deadline total is 0"):
        Deadlines(total=0)


def test_only_a_call_that_may_have_to_load_gets_the_time_for_loading(
    ollama: ScriptedOllama,
) -> None:
    waiting = Deadlines(load=0.4, first_token=0.2, between_tokens=60, total=60)

    def waited(client: OllamaClient, options: dict[str, object]) -> str:
        ollama.then(hang())
        call = client.chat(a_request(options=options, deadlines=waiting)).call
        return (call.ending.detail or "").partition(" s passed")[0]

    with a_client(ollama) as client:
        assert waited(client, {}) == "0.6"
        assert client.chat(a_request()).outcome == "ok"
        assert waited(client, {}) == "0.2"
        assert waited(client, {"num_ctx": 512}) == "0.6"


def test_nothing_listening_is_a_record_too() -> None:
    call = a_client(unused_url()).chat(a_request()).call
    assert (call.outcome, call.ending.error_class) == ("refused", "setup")
    assert call.asked.manifest_digest is None
    assert call.runner.phase is None


def test_lines_end_at_newlines_and_nowhere_else(ollama: ScriptedOllama) -> None:
    ollama.then(
        raw_lines(
            lambda turn: turn.line("one\u0085two\u2028three\u2029four\x0b"),
            b"\n",
            b"  \r\n",
            lambda turn: turn.final("stop", 2),
        )
    )
    exchange = ask(ollama)
    assert (exchange.outcome, exchange.text) == ("ok", "one\u0085two\u2028three\u2029four\x0b")


def test_the_last_text_may_come_with_done(ollama: ScriptedOllama) -> None:
    ollama.then(
        raw_lines(lambda t: t.line("al"), lambda t: t.line("l", done=True, done_reason="stop"))
    )
    assert ask(ollama).text == "all"


METRICS: list[tuple[str, dict[str, Any]]] = [
    ("missing", {}),
    ("zero", {"total_duration": 0, "eval_count": 0, "eval_duration": 0, "load_duration": 0}),
    ("negative, as after a clock jump", {"total_duration": -5, "eval_duration": -1}),
    ("not numbers", {"total_duration": "1s", "eval_count": True, "prompt_eval_count": 3.5}),
]


@pytest.mark.parametrize("metrics", [m[1] for m in METRICS], ids=[m[0] for m in METRICS])
def test_an_absent_metric_is_not_a_zero(ollama: ScriptedOllama, metrics: dict[str, Any]) -> None:
    ollama.then(say("fine", metrics=metrics))
    call = ask(ollama).call
    assert call.outcome == "ok"
    timings = call.timings
    assert (timings.total_ms, timings.eval_ms, timings.load_ms) == (None, None, None)
    assert (timings.output_tokens, timings.prompt_tokens, timings.residual_ms) == (None, None, None)
    assert (timings.decode_rate, timings.overhead_ms) == (None, None)
    assert timings.wall_ms is not None


def test_a_server_that_claims_more_time_than_passed_leaves_no_overhead(
    ollama: ScriptedOllama,
) -> None:
    ollama.then(say("fine", metrics={"total_duration": 3_600 * 10**9}))
    timings = ask(ollama).call.timings
    assert timings.total_ms == 3_600_000
    assert timings.overhead_ms is None


def test_the_cache_is_known_only_where_the_server_counts_it(ollama: ScriptedOllama) -> None:
    counted = {"prompt_eval_count": 80, "prompt_eval_duration": 10**9}
    ollama.load_with("tiny:1b")
    ollama.then(
        say("a", metrics=counted),
        say("b", metrics=counted | {"prompt_eval_cached_count": 60}),
        say("c", metrics=counted | {"prompt_eval_cached_count": 0}),
    )
    with a_client(ollama) as client:
        found = [client.chat(a_request()).call.timings for _ in range(3)]
    assert [t.cache_hit for t in found] == [None, True, False]
    assert [t.prefill_rate for t in found] == [None, None, 80.0]


def test_options_that_a_server_did_not_honour_stay_in_the_record(ollama: ScriptedOllama) -> None:
    ollama.then(say("fine", metrics={"options_without_effect": ["num_gpu", "main_gpu"]}))
    call = ask(ollama).call
    assert json.loads(call.ending.options_without_effect or "") == ["num_gpu", "main_gpu"]


def test_the_first_call_is_cold_the_next_warm_and_another_context_reloads(
    ollama: ScriptedOllama,
) -> None:
    with a_client(ollama) as client:
        runners = [
            client.chat(a_request(options=options)).call.runner
            for options in ({}, {}, {"num_ctx": 512}, {"num_ctx": 512, "num_thread": 2})
        ]
    assert [(r.phase, r.reload_because) for r in runners] == [
        ("cold", None),
        ("warm", None),
        ("reload", "num_ctx"),
        ("reload", "num_thread"),
    ]
    assert [r.ps_before_context_length for r in runners] == [None, 4096, 4096, 512]
    assert [r.ps_after_context_length for r in runners] == [4096, 4096, 512, 512]


def test_an_agent_with_defaults_gets_a_fresh_load_after_another_ones_options(
    ollama: ScriptedOllama,
) -> None:
    ollama.unload_polls = 3
    ollama.load_with("tiny:1b", num_gpu=0)
    with a_client(ollama) as client:
        assert client.prepare("tiny:1b", {})
        assert client.running() == []
        assert client.chat(a_request()).call.runner.phase == "cold"
        assert not client.prepare("tiny:1b", {}), "its own runner may stay"
        assert client.prepare("tiny:1b", {"num_gpu": 0})
    assert [s.json["keep_alive"] for s in ollama.requests if s.path == "/api/generate"] == [0, 0]


def test_a_model_that_does_not_go_is_an_error_and_not_an_endless_wait(
    ollama: ScriptedOllama,
) -> None:
    ollama.unload_polls = 10_000
    ollama.load_with("tiny:1b")
    with (
        a_client(ollama) as client,
        pytest.raises(BadAnswerError, match=r"still loaded 0\.2 s after"),
    ):
        client.unload("tiny:1b", within=0.2)


def test_a_load_sends_the_switches_of_a_chat_and_makes_it_warm(ollama: ScriptedOllama) -> None:
    with a_client(ollama) as client:
        client.load("tiny:1b", {"num_ctx": 512, "num_gpu": None})
        assert client.chat(a_request(options={"num_ctx": 512})).call.runner.phase == "warm"
    load = next(s.json for s in ollama.requests if s.path == "/api/generate")
    assert load == {
        "model": "tiny:1b",
        "stream": False,
        "truncate": False,
        "shift": False,
        "options": {"num_ctx": 512},
    }


def test_a_prompt_cut_in_half_is_no_answer(ollama: ScriptedOllama) -> None:
    # 512 - (512 - 4) // 2: what is left when the middle of a longer prompt is cut out.
    ollama.always(say("fine", metrics={"prompt_eval_count": 258, "eval_count": 2}))
    call = ask(ollama, prompt="n " * 900, options={"num_ctx": 512}).call
    assert (call.outcome, call.ending.truncated) == ("truncated", True)
    short = ask(ollama, prompt="n " * 200, options={"num_ctx": 512}).call
    assert (short.outcome, short.ending.truncated) == ("ok", False)


def test_a_context_smaller_than_asked_for_is_no_answer(ollama: ScriptedOllama) -> None:
    ollama.shrink_to = 1024
    call = ask(ollama, options={"num_ctx": 2048}).call
    assert call.outcome == "truncated"
    assert call.ending.detail == "the server runs with a context of 1024, asked for 2048"


def test_a_context_beyond_the_models_own_is_the_models_own(ollama: ScriptedOllama) -> None:
    call = ask(ollama, options={"num_ctx": 100_000}).call
    assert (call.outcome, call.asked.num_ctx) == ("ok", 8192)


def test_a_prompt_over_the_context_is_refused_and_not_cut(ollama: ScriptedOllama) -> None:
    conversation, calls, _ = held(ollama, prompt="n" * 4000, options={"num_ctx": 512})
    assert conversation.final.outcome == "prompt_too_long"
    assert len(calls) == 1


def test_a_tag_that_moved_during_the_call_is_noticed(ollama: ScriptedOllama) -> None:
    with a_client(ollama) as client:
        client.identify("tiny:1b")
        ollama.models[0] = replace(ollama.models[0], template="another")
        assert client.chat(a_request()).outcome == "wrong_model"
        assert client.identify("tiny:1b", fresh=True).digest == ollama.models[0].digest


def test_a_missing_model_is_one_sentence_with_the_command_and_what_is_there(
    ollama: ScriptedOllama,
) -> None:
    ollama.models.append(ScriptedModel(name="llama3.1:8b"))
    with a_client(ollama) as client, pytest.raises(ModelMissingError) as raised:
        client.identify("gemma3:1b")
    assert str(raised.value) == (
        f"{ollama.url} has no model 'gemma3:1b': run `ollama pull gemma3:1b`, or name one that is "
        "there (llama3.1:8b, tiny:1b)"
    )


def test_what_is_not_an_ollama_is_named(ollama: ScriptedOllama) -> None:
    with a_client(ollama) as client:
        ollama.at("/api/tags", html())
        with pytest.raises(BadAnswerError, match="does something else listen there"):
            client.models()
        ollama.at("/api/ps", redirect())
        with pytest.raises(BadAnswerError, match="/api/ps: status 307"):
            client.running()
        assert client.chat(a_request()).call.runner.phase is None


def test_a_cloud_model_is_refused_before_a_prompt_leaves(ollama: ScriptedOllama) -> None:
    ollama.models.append(ScriptedModel(name="big:1t", remote_host="https://ollama.com:443"))
    for name in ("big:1t", "gpt-oss:120b-cloud"):
        with a_client(ollama) as client, pytest.raises(RemoteRefusedError, match="allow_remote"):
            client.chat(a_request(model=name))
    assert ollama.chats == []
    allowed = OllamaClient(Host(url=ollama.url, allow_remote=True), PATIENT)
    assert allowed.chat(a_request(model="big:1t")).outcome == "ok"


def test_proxies_and_keys_of_the_environment_stay_away_from_this_machine(
    ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", unused_url())
    monkeypatch.setenv("ALL_PROXY", unused_url())
    monkeypatch.setenv("OLLAMA_API_KEY", "secret-key")
    assert ask(ollama).outcome == "ok"
    assert all(b"secret-key" not in seen.raw for seen in ollama.requests)


def test_a_key_that_was_meant_for_the_server_is_sent_and_never_shown(
    ollama: ScriptedOllama,
) -> None:
    host = Host(url=ollama.url, api_key="secret-key")
    OllamaClient(host, PATIENT).version()
    assert ollama.requests[0].headers["authorization"] == "Bearer secret-key"
    assert "secret-key" not in repr(host)


RETRIES: list[tuple[str, list[Script], list[Outcome], list[float]]] = [
    ("cut, then fine", [say("", reason="length"), say("fine")], ["length", "ok"], []),
    ("loops twice: no third", [token_loop(), token_loop()], ["repetition", "repetition"], []),
    ("empty", [say(""), say("fine")], ["empty", "ok"], []),
    ("no done", [without_done("x"), say("fine")], ["no_done", "ok"], []),
    ("malformed", [raw_lines(b"{\n"), say("fine")], ["malformed", "ok"], []),
    ("busy, then fine", [status(503, "busy"), say("fine")], ["busy", "ok"], [0.5]),
    (
        "stays down",
        [status(500, "crash"), cut(1), error_in_stream(1)],
        ["server_error", "dropped", "stream_error"],
        [0.5, 2.0],
    ),
    ("busy, then empty", [status(503, "b"), say(""), say("y")], ["busy", "empty", "ok"], [0.5]),
    ("a refusal is final", [status(400, "no")], ["bad_request"], []),
    ("so is a redirect", [redirect()], ["redirected"], []),
    ("so is another model", [say("hi", model="other")], ["wrong_model"], []),
]


@pytest.mark.parametrize(
    ("scripts", "outcomes", "waited"), [r[1:] for r in RETRIES], ids=[r[0] for r in RETRIES]
)
def test_what_can_help_is_tried_again_and_each_attempt_recorded(
    ollama: ScriptedOllama, scripts: list[Script], outcomes: list[Outcome], waited: list[float]
) -> None:
    ollama.then(*scripts)
    conversation, calls, waits = held(ollama)
    assert [e.outcome for e in conversation.attempts] == outcomes
    assert [c.outcome for c in calls] == outcomes
    assert waits == waited
    assert [c.context.attempt for c in calls] == list(range(1, len(calls) + 1))
    assert [c.context.retry_because for c in calls] == [None, *outcomes[:-1]]
    assert {c.context.agent for c in calls} == {"chimera-agent-a"}
    assert len({c.call_id for c in calls}) == len(calls)


def test_a_timeout_is_not_asked_again(ollama: ScriptedOllama) -> None:
    ollama.then(hang())
    _, calls, waits = held(ollama, SHORT)
    assert ([c.outcome for c in calls], waits) == (["timeout_first_token"], [])


def test_an_unusable_reply_is_asked_again_with_another_seed_and_nothing_else(
    ollama: ScriptedOllama,
) -> None:
    ollama.then(say(""), status(503, "busy"))
    _, calls, _ = held(ollama, options={"seed": 41, "temperature": 0.3})
    sent = [seen.json for seen in ollama.chats]
    assert [body["options"].pop("seed") for body in sent] == [41, 42, 42]
    assert sent[0] == sent[1] == sent[2]
    assert [json.loads(c.asked.added_options).get("seed") for c in calls] == [None, 42, 42]


def test_a_reply_that_ignores_the_schema_is_named_and_asked_again(ollama: ScriptedOllama) -> None:
    ollama.then(say("Sure! Here is the JSON: {}"))
    conversation, calls, _ = held(ollama, schema=SCHEMA)
    assert [c.outcome for c in calls] == ["off_schema", "ok"]
    assert calls[0].ending.error_class == "model"
    assert set(json.loads(conversation.final.text or "")) == {"a_why", "b_choice"}


def test_a_judge_decides_what_can_be_used(ollama: ScriptedOllama) -> None:
    ollama.always(say("yes"))
    conversation, calls, _ = held(ollama, judge=lambda text: f"{text!r} is not a finding")
    assert [c.outcome for c in calls] == ["off_schema", "off_schema"]
    ending = conversation.final.call.ending
    assert (ending.detail, ending.unusable_text) == ("'yes' is not a finding", "yes")


def test_only_what_nobody_can_report_about_raises_and_it_too_is_recorded(
    ollama: ScriptedOllama,
) -> None:
    calls: list[ModelCall] = []
    context, once = CallContext(), Patience(waits_s=())
    nobody = a_client(unused_url())
    with pytest.raises(ServerUnreachableError, match="ollama serve"):
        converse(nobody, a_request(), context, record=calls.append, patience=once)
    with pytest.raises(ModelMissingError, match=r"ollama pull none:1b.*there \(tiny:1b\)"):
        converse(a_client(ollama), a_request(model="none:1b"), context, record=calls.append)
    assert [c.outcome for c in calls] == ["refused", "model_missing"]


def test_an_interrupt_stops_the_server_and_leaves_a_record(ollama: ScriptedOllama) -> None:
    ollama.always(hang(after_chunks=3))
    calls: list[ModelCall] = []
    timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    with a_client(ollama) as client, contextlib.suppress(KeyboardInterrupt):
        converse(client, a_request(), CallContext(), record=calls.append)
        pytest.fail("the interrupt must travel")
    timer.join()
    assert [c.outcome for c in calls] == ["cancelled"]
    assert (calls[0].ending.error_class, calls[0].ending.chunks) == ("person", 3)
    assert ollama.left.wait(PATIENCE_S), "the server must learn that it can stop"


def test_every_outcome_has_a_rule_and_no_test_names_another() -> None:
    assert set(RULES) == set(OUTCOMES)


def test_the_official_client_takes_the_scripted_server_for_an_ollama(
    ollama: ScriptedOllama,
) -> None:
    client = official.Client(ollama.url)
    assert client.list().models[0].digest == ollama.models[0].digest
    assert client.show("tiny:1b").capabilities == ["completion"]
    stream = client.chat("tiny:1b", [{"role": "user", "content": "hi"}], stream=True)
    assert [part.done for part in stream][-1] is True
    assert client.ps().models[0].context_length == 4096
    assert client.generate("tiny:1b", "hi", format=SCHEMA).done_reason == "stop"


def test_many_calls_leave_no_thread_behind(ollama: ScriptedOllama) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with a_client(ollama) as client:
        for _ in range(20):
            client.chat(a_request())
    time.sleep(0.05)
    assert [t for t in threading.enumerate() if t.name == "call-deadline"] == []
