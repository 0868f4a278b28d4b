"""With a real Ollama: `make live`, with OLLAMA_HOST or an Ollama at its usual port."""

import os
from collections.abc import Iterator

import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import choose_host
from benchagent.calls.request import ChatRequest

pytestmark = pytest.mark.live

COLOURS = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "green", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def client() -> Iterator[OllamaClient]:
    host = choose_host(None, os.environ)
    if host is None:
        pytest.skip("no Ollama answers at its usual port; set OLLAMA_HOST")
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
