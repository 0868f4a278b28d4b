"""Write-ups that people made by hand, in their own languages and with their own heads."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed


def parse(text: str) -> Parsed:
    parsed = parse_bytes("notes.md", text.encode())
    assert isinstance(parsed, Parsed), parsed
    return parsed


@pytest.mark.parametrize(
    "header",
    [
        "| Modèle | Quantification | Débit (jetons/s) | Latence du premier jeton (ms) |",
        "| Modelo | Cuantización | Velocidad (tokens/s) | Tiempo hasta el primer token (ms) |",
        "| Modell | Quantisierung | Durchsatz (Token/s) | Zeit bis zum ersten Token (ms) |",
        "| Модель | Квантование | Скорость (tokens/s) | Время до первого токена (ms) |",
        "| 模型 | 量化 | 速度 (tokens/s) | 首字延迟（ms） |",
        "| モデル名 | 量子化 | 速度 (tokens/s) | TTFT (ms) |",
        "| 모델 | 양자화 | 속도 (tokens/s) | TTFT (ms) |",
    ],
)
def test_a_table_names_models_and_settings_in_other_languages_too(header: str):
    [record] = parse(f"{header}\n|---|---|--:|--:|\n| lark:3b | Q4_K_M | 61,2 | 310 |\n").records
    assert (record.subject, dict(record.config)) == ("lark:3b", {"quantization": "Q4_K_M"})
    assert {r.metric: r.value for r in record.readings} == {"decode_rate": 61.2, "ttft": 310.0}


def test_a_column_of_models_says_of_which_its_rows_are_whatever_its_head():
    text = "| Tested | tokens/s |\n|---|---|\n| llama3.2:3b | 41.5 |\n| phi3:mini | 77.0 |\n"
    assert [record.subject for record in parse(text).records] == ["llama3.2:3b", "phi3:mini"]


@pytest.mark.parametrize(
    ("heading", "subject"),
    [
        ("qwen2.5:7b", "qwen2.5:7b"),
        ("Qwen2.5-7B-Instruct-Q4_K_M", "Qwen2.5-7B-Instruct-Q4_K_M"),
        ("Llama 3.2 3B Instruct (Q4_K_M)", "Llama 3.2 3B Instruct (Q4_K_M)"),
        ("Mistral Nemo 12B", "Mistral Nemo 12B"),
        ("Llama 4090", None),  # on that card
        ("Llama 3 8B, 4 threads", None),
        ("Mistral on the 3060", None),  # a sentence about it, or about several
        ("Results", None),
    ],
)
def test_a_table_below_the_name_of_a_model_is_of_it(heading: str, subject: str | None):
    text = f"## {heading}\n\n| context | tokens/s |\n|---|---|\n| 4096 | 41.5 |\n"
    assert [record.subject for record in parse(text).records] == [subject]


def test_a_context_is_a_setting_in_other_languages_too() -> None:
    text = "| Contexto | tokens/s | GPU |\n|---|---|---|\n| 4096 | 41.5 | RTX 3060 |\n"
    [record] = parse(text).records
    assert record.config == {"num_ctx": 4096, "gpu": "RTX 3060"}


def test_columns_and_rows_of_numbers_that_are_not_read_are_named() -> None:
    text = """\
| model | tokens/s | wow | why |
|---|---|---|---|
| lark:3b | 41.5 | ~7 | as it is |

| model | marks |
|---|---|
| lark:3b | 18/20 |

| Metric | Value |
|---|---|
| TTFT (ms) | 90 |
| Charm | 12 |
"""
    parsed = parse(text)
    assert len(parsed.records) == 2
    assert parsed.reason == "numbers not understood: wow, marks, Charm"


def test_a_rate_in_a_row_that_names_its_test_is_of_that() -> None:
    text = """\
| Backend | Phase | tok/s |
|---|---|---|
| Vulkan | `pp512` | 907.5 |
| Vulkan | tg128 | 40.25 |
| Vulkan | pp512+tg128 | 200 |
"""
    parsed = parse(text)
    assert [(r.metric, r.value) for record in parsed.records for r in record.readings] == [
        ("prefill_rate", 907.5), ("decode_rate", 40.25),
    ]  # fmt: skip
    assert [dict(record.config) for record in parsed.records] == [
        {"backend": "Vulkan", "workload": "pp512"}, {"backend": "Vulkan", "workload": "tg128"},
    ]  # fmt: skip
    assert {record.benchmark for record in parsed.records} == {"llm-call"}
    assert [refusal.locator for refusal in parsed.refusals] == ["line=5,column=tok/s"]


def test_a_column_that_names_a_test_is_of_that_and_not_of_another_beside_it() -> None:
    text = "| Model | pp512 (t/s) | PP 2048 t/s | Decode (tg128) | TTFT (ms) |\n|---|---|---|---|---|\n"
    parsed = parse(text + "| lark:3b | 907.5 | 850 | 40.25 t/s | 80 |\n")
    assert [
        (r.config, [(x.metric, x.value) for x in r.readings]) for r in parsed.records
    ] == [
        ({"workload": "pp512"}, [("prefill_rate", 907.5)]),
        ({"workload": "pp2048"}, [("prefill_rate", 850.0)]),
        ({"workload": "tg128"}, [("decode_rate", 40.25)]),
        ({}, [("ttft", 80.0)]),
    ]  # fmt: skip
    assert len({r.name for r in parsed.records}) == len(parsed.records)


@pytest.mark.parametrize(
    ("setting", "rates", "metric"),
    [
        ("Concurrency", (450, 2550), "throughput"),  # no answer is that much faster beside others
        ("Concurrency", (45, 50), None),  # of one of them, or of all: nothing tells
        ("Batch size", (45, 50), "throughput"),
        ("Threads", (45, 50), "decode_rate"),
    ],
)
def test_a_bare_rate_beside_several_clients_is_no_decode_rate_in_a_write_up(
    setting: str, rates: tuple[int, int], metric: str | None
):
    head = f"| {setting} | Avg latency (s) | Tokens/sec |\n|--:|--:|--:|\n"
    text = f"{head}| 4 | 2.1 | {rates[0]} |\n| 16 | 2.9 | {rates[1]} |\n"
    found = {r.metric for record in parse(text).records for r in record.readings}
    assert found == {"latency", metric} - {None}
