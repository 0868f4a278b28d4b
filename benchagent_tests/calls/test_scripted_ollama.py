import json
import re
from random import Random
from typing import Any

import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.request import ChatRequest
from benchagent_tests.schema_samples import matching, sample
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import at_random, say

PATTERNS = ["^[A-Z][^.]{3,20}[.]$", "^(yes|no)$", "^[0-9]+$", "^a_[a-f0-9]{12}$", r"^\d\w\s?$"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_random_text_matches_its_pattern(pattern: str) -> None:
    for seed in range(50):
        assert re.fullmatch(pattern, matching(pattern, Random(seed)))


def test_a_random_value_keeps_its_schema() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "$defs": {"id": {"enum": ["f1", "f2"]}},
        "properties": {
            "a_ids": {
                "type": "array",
                "items": {"$ref": "#/$defs/id"},
                "minItems": 1,
                "maxItems": 2,
            },
            "b_n": {"type": "integer", "minimum": 3, "maximum": 5},
            "c_why": {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 9}]},
            "d_kind": {"const": "confounds"},
        },
        "required": ["a_ids", "b_n", "c_why", "d_kind"],
    }
    for seed in range(50):
        value = sample(schema, Random(seed))
        assert set(value) == set(schema["required"])
        assert 1 <= len(value["a_ids"]) <= 2
        assert set(value["a_ids"]) <= {"f1", "f2"}
        assert 3 <= value["b_n"] <= 5
        assert value["c_why"] is None or len(value["c_why"]) <= 9
        assert value["d_kind"] == "confounds"


def test_the_same_question_gets_the_same_random_answer_and_another_another() -> None:
    with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
        texts = [
            client.chat(ChatRequest(model="tiny:1b", prompt="Why?", seed=seed)).text
            for seed in (1, 1, 2)
        ]
    assert texts[0] == texts[1] != texts[2]


def test_an_unruly_model_ignores_the_schema() -> None:
    request = ChatRequest(model="tiny:1b", prompt="Why?", schema={"type": "array", "maxItems": 2})
    with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
        assert isinstance(json.loads(client.chat(request).text or ""), list)
        ollama.always(at_random(unruly=1.0))
        assert not (client.chat(request).text or "[").startswith("[")


def test_a_reply_may_depend_on_the_request_and_is_cut_at_num_predict() -> None:
    with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
        ollama.always(say(lambda body: body["messages"][-1]["content"].upper()))
        whole = client.chat(ChatRequest(model="tiny:1b", prompt="why not?"))
        part = client.chat(ChatRequest(model="tiny:1b", prompt="why not?", num_predict=1))
    assert (whole.text, whole.outcome) == ("WHY NOT?", "ok")
    assert (part.text, part.outcome) == ("WHY ", "length")


def test_a_path_before_the_api_is_kept() -> None:
    with ScriptedOllama() as ollama, OllamaClient(Host(url=f"{ollama.url}/proxied")) as client:
        ollama.at("/proxied/api/version", lambda turn: turn.whole(200, b'{"version": "1"}'))
        assert client.version() == "1"
