import re
from dataclasses import replace
from typing import Any

import ollama as official
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.calls.identity import (
    ModelIdentity,
    ShownExtras,
    effective_options,
    identity_from,
    launch_options,
    parse_parameters,
    same_model,
)
from benchagent.calls.model_call import Asked, call_from_row, call_row
from benchagent.calls.request import ChatRequest, asked
from benchagent.calls.runners import Resident, differing_options
from benchagent.calls.settings import group_equal, setting_of
from benchagent.calls.stream import LOOP_CHARACTERS, repeats
from benchagent.calls.table import CALL_SCHEMA
from benchagent.calls.timings import (
    PhaseFound,
    call_phase,
    decode_rate,
    prefill_rate,
    truncation,
)
from benchagent_tests.builders import a_call
from benchagent_tests.paths import DOCS


def test_a_call_survives_its_row_and_its_table() -> None:
    calls = [
        a_call(),
        a_call(replayed=True, replay_of="c0").judged("off_schema", "no list", "none"),
    ]
    table = pa.Table.from_pylist([call_row(call) for call in calls], schema=CALL_SCHEMA)
    assert [call_from_row(row) for row in table.to_pylist()] == calls
    assert list(call_row(calls[0])) == CALL_SCHEMA.names


def test_the_table_has_a_column_of_the_right_type_for_every_field() -> None:
    assert len(CALL_SCHEMA.names) == len(set(CALL_SCHEMA.names))
    types = {name: CALL_SCHEMA.field(name).type for name in CALL_SCHEMA.names}
    assert types["outcome"] == types["phase"] == types["arm"] == pa.string()
    assert types["replayed"] == types["truncated"] == types["cache_hit"] == pa.bool_()
    assert types["ttft_ms"] == types["decode_rate"] == pa.float64()
    assert types["output_tokens"] == types["repetition"] == types["ps_after_size"] == pa.int64()


def test_what_a_call_does_not_know_is_null_in_its_row() -> None:
    row = call_row(a_call())
    assert (row["ttft_ms"], row["cache_hit"], row["ps_after_size"]) == (None, None, None)
    assert (row["repetition"], row["retries"]) == (0, 0)


def test_a_row_of_a_newer_version_reads_without_its_new_columns() -> None:
    assert call_from_row(call_row(a_call()) | {"fans": 2}) == a_call()


@pytest.mark.parametrize(
    ("tokens", "eval_ms", "rate"),
    [
        (11, 100.0, 100.0),  # ten intervals in a tenth of a second
        (2, 10.0, 100.0),
        (1, 0.001, None),  # one token has no interval; 1 us is the server's floor
        (0, 5.0, None),
        (None, 5.0, None),
        (5, None, None),
        (5, 0.0, None),
    ],
)
def test_a_decode_rate_needs_two_tokens(
    tokens: int | None, eval_ms: float | None, rate: float | None
) -> None:
    assert decode_rate(tokens, eval_ms) == rate


def test_a_prefill_rate_is_given_only_where_no_cache_can_have_helped() -> None:
    assert prefill_rate(100, 1000.0, None, "warm") is None
    assert prefill_rate(100, 1000.0, None, None) is None
    assert prefill_rate(100, 1000.0, None, "cold") == 100.0
    assert prefill_rate(100, 1000.0, 0, "warm") == 100.0
    assert prefill_rate(100, 1000.0, 40, "cold") is None


HERE = Resident("tiny:1b", "d", 1, 0, 4096)
PHASES: list[tuple[str, Resident | None, Resident | None, float | None, list[str], PhaseFound]] = [
    ("not in memory", None, HERE, 5.0, [], PhaseFound("cold")),
    ("as it was", HERE, HERE, 5.0, [], PhaseFound("warm")),
    ("as it was, no load time", HERE, HERE, None, [], PhaseFound("warm")),
    ("options differ", HERE, HERE, 800.0, ["num_gpu"], PhaseFound("reload", "num_gpu")),
    ("options differ, all the same", HERE, HERE, 5.0, ["num_gpu"], PhaseFound("warm")),
    (
        "context differs",
        HERE,
        HERE._replace(context_length=512),
        800.0,
        ["num_batch", "num_ctx"],
        PhaseFound("reload", "num_batch, num_ctx"),
    ),
    (
        "another context, nothing loaded for it",
        HERE,
        HERE._replace(context_length=512),
        5.0,
        [],
        PhaseFound("warm"),
    ),
    ("waited a little", HERE, HERE, 400.0, [], PhaseFound("warm")),
    (
        "loaded for no reason we know",
        HERE,
        HERE,
        3000.0,
        [],
        PhaseFound("reload", "not known: another client, or an option that ps does not show"),
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "load_ms", "differing", "found"),
    [p[1:] for p in PHASES],
    ids=[p[0] for p in PHASES],
)
def test_a_phase_is_found_from_memory_load_time_and_options(
    before: Resident | None,
    after: Resident | None,
    load_ms: float | None,
    differing: list[str],
    found: PhaseFound,
) -> None:
    assert call_phase(before, after, load_ms, differing) == found


def test_an_absent_layer_count_takes_whatever_is_loaded_and_an_absent_context_does_not() -> None:
    assert differing_options({"num_gpu": 0, "num_batch": 64}, {}) == ()
    assert differing_options({"num_gpu": 0}, {"num_gpu": 9}) == ("num_gpu",)
    assert differing_options({"num_ctx": 512}, {}) == ("num_ctx",)
    assert differing_options({}, {"num_thread": 2}) == ("num_thread",)
    assert differing_options(None, {"num_thread": 2}) == ()


CUTS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("fits", {"prompt_tokens": 100}, False),
    ("half a window, long prompt", {"prompt_tokens": 258}, True),
    ("half a window and BOS", {"prompt_tokens": 259}, True),
    ("that length by chance", {"prompt_tokens": 258, "prompt_bytes": 400}, False),
    ("that length, as counted", {"prompt_tokens": 258, "expected_tokens": 260}, False),
    ("that length, counted longer", {"prompt_tokens": 258, "expected_tokens": 600}, True),
    ("filled to the brim", {"prompt_tokens": 500, "output_tokens": 12}, False),
    ("more than fits", {"prompt_tokens": 500, "output_tokens": 13}, True),
    ("smaller context", {"prompt_tokens": 5, "context_length": 256}, True),
    ("larger context", {"prompt_tokens": 5, "context_length": 2048}, False),
    ("context not known", {"num_ctx": None, "context_length": None, "prompt_tokens": 5}, None),
    ("count not known", {"prompt_tokens": None}, None),
]


@pytest.mark.parametrize(("given_", "cut"), [c[1:] for c in CUTS], ids=[c[0] for c in CUTS])
def test_a_cut_prompt_is_known_by_its_traces(given_: dict[str, Any], cut: bool | None) -> None:
    usual: dict[str, Any] = {
        "num_ctx": 512,
        "context_length": 512,
        "num_keep": 4,
        "output_tokens": 2,
        "prompt_bytes": 3000,
    }
    found, why = truncation(**usual | given_)
    assert found is cut
    assert (why is not None) == (cut is True)


def test_a_slot_is_larger_than_its_context_by_what_llama_cpp_rounds_up() -> None:
    # A context of 500 lies in a slot of 512.
    found, _ = truncation(
        num_ctx=500,
        context_length=500,
        num_keep=4,
        prompt_tokens=490,
        output_tokens=20,
        prompt_bytes=900,
    )
    assert found is False


@given(st.text(min_size=1, max_size=48))
def test_a_short_piece_over_and_over_is_a_loop(piece: str) -> None:
    text = (piece * LOOP_CHARACTERS)[-LOOP_CHARACTERS:]
    assert repeats(text)
    assert not repeats(text[1:]), "less than the span proves nothing"


def test_a_table_of_numbers_is_no_loop() -> None:
    assert not repeats("".join(f"| {n} | 12.{n % 10} tok/s |\n" for n in range(60))[-480:])


IDENTITY = ModelIdentity(
    name="tiny:1b",
    digest="d",
    context_length=2048,
    block_count=16,
    parameters={"temperature": 0.2, "num_ctx": 1024},
)
EFFECTIVE: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("defaults below the Modelfile", {}, {"temperature": 0.2, "top_p": 0.9, "num_ctx": 1024}),
    ("the request wins", {"temperature": 1}, {"temperature": 1.0}),
    ("null says nothing", {"temperature": None}, {"temperature": 0.2}),
    ("more layers than there are", {"num_gpu": 80}, {"num_gpu": 17}),
    ("all of them", {"num_gpu": 17}, {"num_gpu": 17}),
    ("on the processor", {"num_gpu": 0}, {"num_gpu": 0}),
    ("automatic", {}, {"num_gpu": -1}),
    ("context beyond the model's", {"num_ctx": 99_999}, {"num_ctx": 2048}),
    ("a float where an int is meant", {"top_k": 7.9}, {"top_k": 7}),
    ("without limit is ten contexts", {"num_predict": -2}, {"num_predict": 10_240}),
    ("one stop or many", {"stop": ["a", "b"]}, {"stop": ("a", "b")}),
]


@pytest.mark.parametrize(
    ("requested", "part"), [e[1:] for e in EFFECTIVE], ids=[e[0] for e in EFFECTIVE]
)
def test_effective_options_are_what_the_server_makes_of_them(
    requested: dict[str, object], part: dict[str, object]
) -> None:
    effective = effective_options(IDENTITY, requested)
    assert {name: effective[name] for name in part} == part
    assert list(effective) == sorted(effective)


def test_what_ollama_ignores_has_no_effect() -> None:
    assert effective_options(IDENTITY, {"mirostat": 2}) == effective_options(IDENTITY, {})


def test_only_named_load_options_ask_for_a_runner() -> None:
    assert launch_options(IDENTITY, {"temperature": 1}) == {"num_ctx": 1024}
    assert launch_options(IDENTITY, {"num_gpu": -1, "num_ctx": 9999}) == {"num_ctx": 2048}


def test_parameters_of_a_model_are_read_as_their_types() -> None:
    text = (
        'stop                           "<|start|>"\nstop   "say \\"\n'
        "num_ctx   4096\ntop_p 0.95\nuse_mmap true\nunknown 3\nseed x"
    )
    assert parse_parameters(text) == {
        "stop": ("<|start|>", "say \\"),
        "num_ctx": 4096,
        "top_p": 0.95,
        "use_mmap": True,
    }


def test_shuffled_parameter_lines_are_the_same_model() -> None:
    def shown(parameters: str) -> ModelIdentity:
        reply = official.ShowResponse.model_validate({"model_info": {}, "parameters": parameters})
        return identity_from(None, reply, ShownExtras(), "tiny")

    one, other = shown("top_k 3\nseed 4"), shown("seed 4\ntop_k 3")
    assert one.parameters_sha256 == other.parameters_sha256
    assert one.digest is None


def test_a_home_folder_in_the_modelfile_does_not_reach_the_identity() -> None:
    weights = "ab" * 32
    reply = official.ShowResponse.model_validate(
        {"model_info": {}, "modelfile": f"FROM /home/someone/.ollama/blobs/sha256-{weights}\n"}
    )
    identity = identity_from(None, reply, ShownExtras(), "tiny")
    assert identity.weights_sha256 == weights
    assert "someone" not in repr(identity)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("gemma3", "gemma3:latest", True),
        ("Gemma3:1B", "gemma3:1b", True),
        ("library/gemma3:1b", "gemma3:1b", True),
        ("gemma3:1b", "gemma3:4b", False),
        ("host:5000/gemma3", "host:5000/gemma3:latest", True),
    ],
)
def test_names_mean_one_model_without_their_case_and_with_the_usual_tag(
    one: str, other: str, same: bool
) -> None:
    assert same_model(one, other) is same


def test_nothing_to_predict_is_refused_before_it_means_no_limit() -> None:
    for more in ({"num_predict": 0}, {"options": {"num_predict": 0}}):
        with pytest.raises(ValueError, match="num_predict is 0"):
            ChatRequest(model="tiny:1b", prompt="Why?", **more)  # pyright: ignore[reportArgumentType] -- a table of keyword arguments


@pytest.mark.parametrize(("seed", "following"), [(1, 2), (-1, 1), (2**31 - 1, 1)])
def test_another_seed_is_the_next_one(seed: int, following: int) -> None:
    request = ChatRequest(model="tiny:1b", prompt="Why?", options={"seed": seed})
    assert request.reseeded().sent_options["seed"] == following


def test_two_agents_with_equal_effective_options_ask_the_same_question() -> None:
    def question(options: dict[str, object]) -> Asked:
        return asked(
            ChatRequest(model="tiny:1b", prompt="Why?", options=options), IDENTITY, "h", None
        )

    tuned, plain = question({"num_gpu": 80, "temperature": 0.2}), question({"num_gpu": 17})
    assert tuned.request_sha256 == plain.request_sha256
    assert tuned.requested_options != plain.requested_options
    assert replace(tuned, requested_options="") == replace(plain, requested_options="")


ALIKE: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("more layers than there are", {"num_gpu": 80}, {"num_gpu": 17}, True),
    ("said and left to the Modelfile", {"temperature": 0.2}, {}, True),
    ("another temperature", {"temperature": 0.3}, {}, False),
    ("fewer layers", {"num_gpu": 5}, {"num_gpu": 17}, False),
    ("a seed of its own", {"seed": 4}, {}, False),
    ("said and without effect", {"num_thread": 2}, {}, True),
    ("automatic layers", {"num_gpu": -1}, {}, True),
]


@pytest.mark.parametrize(
    ("one", "other", "alike"), [a[1:] for a in ALIKE], ids=[a[0] for a in ALIKE]
)
def test_settings_are_equal_where_options_come_to_the_same(
    one: dict[str, Any], other: dict[str, Any], alike: bool
) -> None:
    def setting(options: dict[str, Any]) -> str | None:
        request = ChatRequest(model="tiny:1b", prompt="Why?", options=options)
        call = replace(a_call(), asked=asked(request, IDENTITY, "h", None))
        vain = '["num_thread"]'
        return setting_of(replace(call, ending=replace(call.ending, options_without_effect=vain)))

    assert (setting(one) == setting(other)) is alike


def test_settings_of_a_model_without_a_digest_are_equal_to_nothing() -> None:
    call = replace(a_call(), asked=replace(a_call().asked, manifest_digest=None))
    assert setting_of(call) is None
    assert group_equal({"a": None, "b": None, "c": "x", "d": "y", "e": "x"}) == [("c", "e")]


def test_the_page_of_calls_names_every_column_and_no_other() -> None:
    page = (DOCS / "calls.md").read_text(encoding="utf-8")
    table = page.partition("|---|---|\n")[2].partition("\n\n")[0]
    assert set(CALL_SCHEMA.names) == set(re.findall(r"`(\w+)`", table))
