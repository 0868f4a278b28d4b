import json
import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import Conversation, converse
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.exchange import Exchange
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest
from benchagent.store import StoreError
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import cut, say


def ask(
    ollama: ScriptedOllama, store: ReplyStore, *, fresh: bool = False, agent: str = "a", **more: Any
) -> tuple[Conversation, list[ModelCall]]:
    calls: list[ModelCall] = []
    request = replace(ChatRequest(model="tiny:1b", prompt="Why?"), **more)
    with OllamaClient(Host(url=ollama.url), Deadlines(total=20)) as client:
        conversation = converse(
            client,
            request,
            CallContext(agent=agent),
            record=calls.append,
            store=store,
            fresh=fresh,
            sleep=lambda seconds: None,
        )
    return conversation, calls


def test_a_question_that_was_answered_is_not_asked_again(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(say("because", thinking="hm"))
    first, [asked] = ask(ollama, ReplyStore(tmp_path), agent="one")
    again, [replay] = ask(ollama, ReplyStore(tmp_path), agent="two")
    assert len(ollama.chats) == 1
    assert (
        (again.final.text, again.final.thinking)
        == ("because", "hm")
        == (
            first.final.text,
            first.final.thinking,
        )
    )
    assert (asked.replayed, replay.replayed, replay.replay_of) == (False, True, asked.call_id)
    assert (asked.context.agent, replay.context.agent) == ("one", "two")
    assert replay.call_id != asked.call_id


def test_a_replay_has_no_timings_to_be_averaged(ollama: ScriptedOllama, tmp_path: Path) -> None:
    _, [asked] = ask(ollama, ReplyStore(tmp_path))
    _, [replay] = ask(ollama, ReplyStore(tmp_path))
    assert asked.timings.wall_ms is not None
    timings = replay.timings
    assert (timings.wall_ms, timings.ttft_ms, timings.decode_rate) == (None, None, None)
    assert (replay.runner.phase, timings.total_ms) == (None, None)
    assert timings.output_tokens == asked.timings.output_tokens


def test_fresh_asks_again_and_keeps_the_new_answer(ollama: ScriptedOllama, tmp_path: Path) -> None:
    ollama.then(say("old"), say("new"))
    store = ReplyStore(tmp_path)
    ask(ollama, store)
    ask(ollama, store, fresh=True)
    assert ask(ollama, store)[0].final.text == "new"
    assert len(ollama.chats) == 2


OTHER_QUESTIONS: list[dict[str, Any]] = [
    {"prompt": "Why not?"},
    {"system": "You are terse."},
    {"options": {"temperature": 0.1}},
    {"seed": 2},
    {"num_predict": 100},
    {"think": True},
    {"schema": {"type": "object", "properties": {"a": {}, "b": {}}}},
    {"schema": {"type": "object", "properties": {"b": {}, "a": {}}}},  # order is part of a schema
]
SAME_QUESTION: list[dict[str, Any]] = [
    {"options": {"temperature": 0.8}},  # the default
    {"options": {"top_k": 20, "seed": 1}},  # the Modelfile's, and ours
    {"options": {"num_gpu": None, "mirostat": 2}},  # nothing, and what Ollama ignores
    {"keep_alive": 60},
]


def test_only_an_equal_question_finds_the_answer(ollama: ScriptedOllama, tmp_path: Path) -> None:
    ollama.always(say('{"a": 1}'))
    for more in ({}, *OTHER_QUESTIONS):
        ask(ollama, ReplyStore(tmp_path), **more)
    assert len(ollama.chats) == 1 + len(OTHER_QUESTIONS)
    for more in SAME_QUESTION:
        _, [call] = ask(ollama, ReplyStore(tmp_path), **more)
        assert call.replayed
    assert len(ollama.chats) == 1 + len(OTHER_QUESTIONS)


def test_other_weights_under_the_same_name_are_another_question(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ask(ollama, ReplyStore(tmp_path))
    ollama.models[0] = type(ollama.models[0])(quantisation="Q8_0")
    _, calls = ask(ollama, ReplyStore(tmp_path))
    assert not calls[0].replayed


def test_an_unusable_reply_is_kept_with_its_retry_and_a_broken_wire_is_not(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(say("", reason="stop"), cut(2), say("fine"))
    _, first = ask(ollama, ReplyStore(tmp_path))
    _, again = ask(ollama, ReplyStore(tmp_path))
    assert [(c.outcome, c.replayed) for c in first] == [
        ("empty", False),
        ("dropped", False),
        ("ok", False),
    ]
    assert [(c.outcome, c.replayed) for c in again] == [("empty", True), ("ok", True)]
    assert len(ollama.chats) == 3


def test_a_file_that_is_not_ours_is_named(ollama: ScriptedOllama, tmp_path: Path) -> None:
    store = ReplyStore(tmp_path)
    _, [call] = ask(ollama, store)
    path = store.path_of(call.asked.request_sha256)
    path.write_text('{"text": "half a re')
    with pytest.raises(ValueError, match=r"\.json: not a stored reply.*delete it to ask again"):
        ask(ollama, store)


def test_a_stored_reply_is_readable_by_people(ollama: ScriptedOllama, tmp_path: Path) -> None:
    ollama.then(say("müde\u2028\U0001f600"))
    _, [call] = ask(ollama, ReplyStore(tmp_path))
    stored = json.loads(ReplyStore(tmp_path).path_of(call.asked.request_sha256).read_text())
    assert stored["text"] == "müde\u2028\U0001f600"
    assert stored["call"]["manifest_digest"] == ollama.models[0].digest


def test_a_store_that_cannot_be_written_does_not_lose_the_record(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    calls: list[ModelCall] = []
    with (
        OllamaClient(Host(url=ollama.url), Deadlines(total=20)) as client,
        pytest.raises(StoreError, match=r"store.*the output folder failed"),
    ):
        converse(
            client,
            ChatRequest(model="tiny:1b", prompt="Why?"),
            CallContext(),
            record=calls.append,
            store=ReplyStore(tmp_path / "store"),
            fresh=True,
        )
    assert [c.outcome for c in calls] == ["ok"]


def _keep_many(folder: Path, exchange: Exchange) -> None:
    for _ in range(50):
        ReplyStore(folder).keep(exchange)


def test_writers_side_by_side_leave_one_whole_file(ollama: ScriptedOllama, tmp_path: Path) -> None:
    exchange = ask(ollama, ReplyStore(tmp_path / "first"))[0].final
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_keep_many, args=(tmp_path / "x", exchange)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [w.exitcode for w in writers] == [0, 0]
    [left] = [p for p in (tmp_path / "x").rglob("*") if p.is_file()]
    assert left.suffix == ".json"
    found = ReplyStore(tmp_path / "x").find(exchange.call.asked.request_sha256, CallContext())
    assert found is not None
    assert found.text == exchange.text
