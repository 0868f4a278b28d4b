"""What terminals printed: MLX LM's statistics, and logs in which several tools follow one another."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchagent.formats import parse_bytes, terminal_log
from benchagent.formats.engines import ollama_verbose
from benchagent.formats.load_testers import wrk_text
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_the_trials_of_mlx_lm_are_measured_and_their_averages_derived():
    records = parse_sample("mlx_lm.txt").records
    trials, averages = records[:3], records[3]
    assert [record.repetition for record in records] == [0, 1, 2, None, 0, 1, None, None, None]
    assert {r.kind for record in trials for r in record.readings} == {"measured"}
    assert {(r.kind, r.statistic, r.n) for r in averages.readings} == {("derived", "mean", 3)}
    assert numbers_of(trials[0]) == {
        "prefill_rate": 4912.903,
        "decode_rate": 372.073,
        "mlx-lm:peak_memory": 1_000_000.0,
        "total_time": 99.0,
    }
    assert trials[0].config == {"n_prompt": 64, "n_gen": 32, "batch_size": 1}
    assert {record.subject for record in records} == {"rivers-tiny-4bit"}


def test_the_rates_of_a_batch_are_not_those_of_an_answer():
    records = parse_sample("mlx_lm.txt").records
    told = [
        {(r.metric, r.definition) for r in records[at].readings if r.metric.endswith("_rate")}
        for at in (0, 4)
    ]
    assert told == [
        {
            ("prefill_rate", "prefill.prompt/first_token"),
            ("decode_rate", "decode.n/after_first"),
        },
        {("prefill_rate", None), ("decode_rate", None)},
    ]


def test_an_answer_of_one_token_has_no_decode_rate():
    parsed = parse_sample("mlx_lm.txt")
    answer, single = parsed.records[-2:]
    assert numbers_of(answer)["decode_rate"] == 284.499
    assert numbers_of(answer)["output_tokens"] == 24.0
    # 10612.782 tokens per second, it says
    assert numbers_of(single).keys() == {
        "prompt_tokens",
        "prefill_rate",
        "output_tokens",
        "mlx-lm:peak_memory",
    }
    assert [refusal.reason for refusal in parsed.refusals] == [
        "of an answer of one token there is no time after the first"
    ]


def test_a_command_that_names_no_model_takes_none_from_the_one_before():
    text = (SAMPLES / "mlx_lm.txt").read_text()
    parsed = parse_text(text.replace("generate --model rivers-tiny-4bit", "generate"), name="x.txt")
    assert [record.subject for record in parsed.records[-2:]] == [None, None]


def test_a_log_of_llm_benchmark_names_the_model_of_all_its_answers():
    records = parse_sample("llm_benchmark.log").records
    assert [record.subject for record in records] == ["smollm2:135m"] * 2
    assert [numbers_of(record)["decode_rate"] for record in records] == [10.03, 12.98]


def test_of_koboldcpps_benchmark_the_speeds_are_read_and_not_the_times_made_of_them():
    first, second = parse_sample("koboldcpp.csv").records
    assert numbers_of(first) == {"prefill_rate": 2628.95, "decode_rate": 43.29}
    assert first.subject == "wren-7b.Q4_K_M"
    assert first.measured_at == ("2026-11-20T10:11:12.131415Z", "utc")
    assert (first.config["offloaded_layers"], second.config["offloaded_layers"]) == (33, 20)
    assert first.config["flags"] != second.config["flags"]


def test_a_log_of_several_tools_is_read_by_the_formats_of_all():
    parsed = parse_sample("terminal_log.txt")
    assert [(record.benchmark, record.subject) for record in parsed.records] == [
        ("llm-call", "smollm2:135m"),
        ("llm-call", "smollm2:135m"),
        ("llm-bench", "llama 256M Q4_1"),
        ("llm-bench", "llama 256M Q4_1"),
        ("command", "sleep 0.02"),
        ("command", "sleep 0.01; exit 2"),
    ]
    assert [record.sequence for record in parsed.records] == [0, 1, 2, 3, 4, 5]
    assert parsed.records[-1].failure is not None


_PRINTED = (
    "google_benchmark.txt",
    "hey.txt",
    "hyperfine.txt",
    "llama_server_log.txt",
    "mlx_lm.txt",
    "ollama_verbose.txt",
    "pytest_benchmark.txt",
    "serving_result.txt",
    "wrk.txt",
)


@pytest.mark.parametrize("second", _PRINTED)
@pytest.mark.parametrize("first", _PRINTED)
def test_what_stands_below_another_tools_output_says_what_it_says_alone(first: str, second: str):
    if first == second:
        return
    texts = [(SAMPLES / name).read_text() for name in (first, second)]
    together = parse_text("\n$ ./next\n".join(texts), name="x.log")
    alone = [record for name in (first, second) for record in parse_sample(name).records]
    told = [numbers_of(record) for record in together.records]
    assert sorted(map(str, told)) == sorted(str(numbers_of(record)) for record in alone)


def test_timings_beside_a_perplexity_are_not_taken_for_calls():
    names = ("llama_completion.txt", "llama_perplexity.txt")
    text = "\n".join((SAMPLES / name).read_text() for name in names)
    outcome = parse_bytes("x.log", text.encode())
    assert isinstance(outcome, Parsed)
    assert {r.metric for record in outcome.records for r in record.readings} == {"perplexity"}


def test_a_line_that_two_formats_read_is_read_by_neither(monkeypatch: pytest.MonkeyPatch):
    def parse(artifact: Artifact) -> Parsed:
        return replace(ollama_verbose.parse(artifact), format="another")

    names = ("wrk.txt", "ollama_verbose.txt")
    of_wrk, of_ollama = (parse_sample(name).records for name in names)
    another = SimpleNamespace(detect=ollama_verbose.detect, parse=parse)
    monkeypatch.setattr(terminal_log, "_PRINTED", (ollama_verbose, another, wrk_text))
    text = "\n".join((SAMPLES / name).read_text() for name in names)
    outcome = parse_text(text, name="x.log")

    assert list(map(numbers_of, outcome.records)) == list(map(numbers_of, of_wrk))
    reasons = [refusal.reason for refusal in outcome.refusals]
    said = "read by another and ollama-verbose: whose it is cannot be told"
    assert reasons.count(said) == 2 * len(of_ollama)
