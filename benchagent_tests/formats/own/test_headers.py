"""What the headers of people's tables hold: units, settings, repetitions, second headers."""

import json
from typing import Any

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.grids import read_grid
from benchagent.measurements.locators import Places
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import parse_text, statistics_of, values_of

TWO_TABLES = """\
variant,size_gb,decode_tps
q4,1.8,30.1
q8,3.4,17.2

# by context
variant,context,decode_tps
q4,512,31.5
"""


def test_a_second_table_is_not_read_by_the_columns_of_the_first():
    parsed = parse_text(TWO_TABLES)
    assert [statistics_of(parsed, row) for row in range(2)] == [
        {("model_size", "value"): 1.8e9, ("decode_rate", "value"): 30.1},
        {("model_size", "value"): 3.4e9, ("decode_rate", "value"): 17.2},
    ]
    assert len(parsed.records) == 2
    assert any("another table begins" in refusal.reason for refusal in parsed.refusals)


@pytest.mark.parametrize(
    "below",
    [
        # a blank line, or a title, parts them
        "\nquant,perplexity,size_gb\nq4,9.81,2.4\n",
        "by quantisation\nquant,perplexity,size\nq4,9.81,2.4\n",
        # a name with a unit where numbers stood is a header without either
        "quant,perplexity,size_gb\nq4,9.81,2.4\n",
    ],
)
def test_a_table_with_other_columns_is_not_read_by_those_of_the_first(below: str) -> None:
    parsed = parse_text("model,ttft_ms,decode_tps\nlark:3b,212,41.2\n" + below)
    [record] = parsed.records
    assert [reading.value for reading in record.readings] == [212, 41.2]
    assert parsed.refusals[-1].reason == "another table begins below row 1" or (
        parsed.refusals[-1].reason == "another table begins below row 2"  # the title is one
    )


@pytest.mark.parametrize(
    "row",
    [
        "\nwren:7b,failed,timed out after 30 s\n",
        "wren:7b,CUDA out of memory,not measured\n",
        "wren:7b,N/A (oom),n/a\n",
        "\nwren:7b,-,-\n",
        "\nwren:7b,,\n",
    ],
)
def test_a_row_of_texts_begins_no_table(row: str) -> None:
    parsed = parse_text(f"model,ttft_ms,decode_tps\nlark:3b,212,41.2\n{row}swift:1b,90,80.1\n")
    assert [r.subject for r in parsed.records if r.readings] == ["lark:3b", "swift:1b"]


def test_a_header_that_comes_again_is_no_other_value_of_an_option():
    header, row = "model,num_ctx,ttft_s,tokens_s", "kiwi:1b,4096,0.5,40"
    parsed = parse_text("\n".join([header, row, header, row]) + "\n")
    assert {record.benchmark for record in parsed.records} == {"llm-call"}


def test_rows_that_repeat_the_first_name_are_data():
    parsed = parse_text("variant,decode_tps\nvariant 1,30.1\nvariant 2,17.2\n")
    assert len(parsed.records) == 2


def test_a_first_row_of_words_is_no_row_of_units() -> None:
    parsed = parse_text("engine,mode,decode tok/s\ns,ms,31.5\nwren,b,32.5\n")
    assert [dict(record.config) for record in parsed.records] == [
        {"engine": "s", "mode": "ms"},
        {"engine": "wren", "mode": "b"},
    ]


def test_an_object_of_too_many_fields_says_from_where_on_they_are_not_read() -> None:
    counters = {f"counter_{at}": at for at in range(202)}
    text = json.dumps([{"timings": {"ttft_ms": 91}, "counters": counters}])
    [refusal] = parse_text(text, "own.json").refusals
    assert refusal.locator == "/0/counters/counter_199"
    assert refusal.reason.startswith("this and 2 more fields are not read")


def test_a_cell_with_a_unit_of_another_kind_is_refused() -> None:
    parsed = parse_bytes("own.csv", b"engine,ttft_ms,tps\nwren,12 GB,31.5\nlark,90 ms,30\n")
    assert isinstance(parsed, Parsed)
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1,column=ttft_ms"]


@pytest.mark.parametrize(
    ("heading", "metric", "setting"),
    [
        ("decode tok/s @ bs={}", "decode_rate", "batch_size"),
        ("prefill t/s (threads={})", "prefill_rate", "num_thread"),
        ("ttft_ms [ctx = {}]", "ttft", "num_ctx"),
    ],
)
def test_a_setting_in_a_heading_is_one_of_its_numbers(
    heading: str, metric: str, setting: str
) -> None:
    text = f"model,{heading.format(4)},{heading.format(16)}\nlark:3b,90,81\n"
    found = [
        (record.config, {r.metric: (r.value, r.locator) for r in record.readings})
        for record in parse_text(text).records
    ]
    assert found == [
        ({setting: n}, {metric: (value, f"row=1,column={heading.format(n)}")})
        for n, value in ((4, 90), (16, 81))
    ]


@pytest.mark.parametrize(
    "heading", ["ttft_ms_{}", "ttft {} (ms)", "ttft_run{}_ms", "run {} ttft (ms)"]
)
def test_repetitions_side_by_side_are_runs_of_one_row(heading: str) -> None:
    headings = [heading.format(n) for n in (1, 2, 3)]
    parsed = parse_text(f"model,{','.join(headings)},mean ttft_ms\nlark:3b,90,81,,85.5\n")
    assert [(record.subject, record.repetition) for record in parsed.records] == [
        ("lark:3b", 1),
        ("lark:3b", 2),
    ]
    assert [statistics_of(parsed, at) for at in (0, 1)] == [
        {("ttft", "value"): 90},
        {("ttft", "value"): 81},
    ]
    refused = {refusal.locator for refusal in parsed.refusals}
    assert refused == {"row=1,column=mean ttft_ms", f"row=1,column={headings[2]}"}


@pytest.mark.parametrize("ends", [(1, 2), (1, 2, 4), (2, 3, 4), (512, 1024, 2048)])
def test_numbers_at_the_end_of_headings_that_do_not_count_runs_are_not_read(
    ends: tuple[int, ...],
) -> None:
    headings = ",".join(f"ttft_ms_{n}" for n in ends)
    outcome = parse_bytes("own.csv", f"model,{headings}\nlark:3b{',90' * len(ends)}\n".encode())
    assert not isinstance(outcome, Parsed)


def test_a_unit_may_stand_behind_a_stroke() -> None:
    assert values_of("model,ttft/ms,latency / s,total/s\nlark:3b,90,2.5,3\n") == [
        {"ttft": 90, "latency": 2500}
    ]


def test_a_table_of_very_many_columns_is_refused_at_once() -> None:
    rows = ("a", "mean", "1")
    found = read_grid("\n".join(",".join([cell] * 200_000) for cell in rows))
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("200,000 columns")


def test_a_first_row_of_levels_is_no_row_of_headings() -> None:
    parsed = parse_text("effort,precision,ttft_ms\nmin,max,88\nmax,min,99\n")
    assert [statistics_of(parsed, at)["ttft", "value"] for at in (0, 1)] == [88, 99]
    parsed = parse_text("effort,budget,ttft_ms\nmin,max,\nmax,min,99\n")
    assert [record.config for record in parsed.records] == [
        {"effort": "min", "budget": "max"},
        {"effort": "max", "budget": "min"},
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"model": {"0": "lark:3b", "1": "lark:1b"}, "ttft_ms": {"0": 88.2, "1": 70}},
        {
            "columns": ["model", "ttft_ms"],
            "index": [0, 1],
            "data": [["lark:3b", 88.2], ["lark:1b", 70]],
        },
        {"ttft_ms": {"lark:3b": 88.2, "lark:1b": 70}, "score": {"lark:3b": 3, "lark:1b": 2}},
        {"columns": ["ttft_ms"], "index": ["lark:3b", "lark:1b"], "data": [[88.2], [70]]},
    ],
)
def test_a_table_that_pandas_wrote_as_json_has_rows(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    parsed, places = parse_text(text, "own.json"), Places(text.encode())
    found = [(record.subject, record.readings[0]) for record in parsed.records]
    assert [(subject, reading.value) for subject, reading in found] == [
        ("lark:3b", 88.2),
        ("lark:1b", 70),
    ]
    assert [places.read(reading.locator) for _, reading in found] == ["88.2", "70"]


@pytest.mark.parametrize(
    "text",
    [
        "Modell;Kontext;TTFT (ms);Durchsatz (Token/s);Bemerkung\n{};leise\nMittelwert{};\n",
        "Modèle;Contexte;TTFT (ms);Débit (tokens/s);Remarque\n{};\nMoyenne{};\n",
    ],
)
def test_columns_are_known_in_other_languages_too(text: str) -> None:
    parsed = parse_text(text.format("lark:3b;4096;88,2;61,5", ";;88,2;61,5"))
    [record] = parsed.records
    assert (record.subject, record.config) == ("lark:3b", {"num_ctx": 4096})
    assert statistics_of(parsed) == {("ttft", "value"): 88.2, ("decode_rate", "value"): 61.5}
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]


def test_minutes_in_cells_are_no_least_of_anything_and_a_runtime_in_numbers_no_engine() -> None:
    parsed = parse_text(
        "model,Duration,Runtime,ttft_ms\nlark:3b,1.2min,70,88\nlark:1b,1.5min,90,70\n"
    )
    assert statistics_of(parsed) == {("latency", "value"): 72000, ("ttft", "value"): 88}
    assert parsed.records[0].config == {}


@pytest.mark.parametrize(
    "header",
    [
        "Modell;Eingabe-Token;Ausgabe-Token;Zeit bis zum ersten Token (ms);Gesamtdauer (s);Token/s",
        "Modèle;Jetons en entrée;Jetons en sortie;Temps au premier jeton (ms);Durée totale (s);Débit (jetons/s)",
        "Modelo;Tokens de entrada;Tokens de salida;Tiempo al primer token (ms);Tiempo total (s);Tokens/s",
    ],
)
def test_the_quantities_of_a_call_are_known_in_other_languages(header: str):
    parsed = parse_text(f"{header}\ncondor:3b;412;256;1.305,8;23,41;11,58\n")

    assert [record.subject for record in parsed.records] == ["condor:3b"]
    assert statistics_of(parsed) == {
        ("prompt_tokens", "value"): 412,
        ("output_tokens", "value"): 256,
        ("ttft", "value"): 1305.8,
        ("total_time", "value"): 23410,
        ("decode_rate", "value"): 11.58,
    }
