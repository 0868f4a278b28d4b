"""What people call their columns, in their own languages and in words of many meanings."""

import pytest

from benchagent.formats.tables.columns import read_column
from benchagent.measurements.locators import Places, read_value
from benchagent.quantities.names import join_words
from benchagent_tests.artifacts import parse_text, statistics_of


@pytest.mark.parametrize(
    ("heading", "metric", "unit"),
    [
        ("Temps de chargement (s)", "load_time", "ms"),
        ("Zeit bis zum ersten Token [ms]", "ttft", "ms"),
        ("tiempo_primer_token_ms", "ttft", "ms"),
        ("primeiro token (ms)", "ttft", "ms"),
        ("Tempo al primo token (s)", "ttft", "ms"),
        ("velocità prompt (token/s)", "prefill_rate", "tok/s"),
        ("Débit de génération (jetons/s)", "decode_rate", "tok/s"),
        ("tokens por segundo", "decode_rate", "tok/s"),
        ("Token pro Sekunde", "decode_rate", "tok/s"),
        ("duracion_total_ms", "total_time", "ms"),
        ("tokens_generados", "output_tokens", "tokens"),
        ("Nombre de jetons générés", "output_tokens", "tokens"),
        ("Grafikspeicher (MiB)", "vram", "bytes"),
        ("Leistung (W)", "power", "W"),
        ("Latence du premier jeton (ms)", "ttft", "ms"),
        ("Temps de réponse (s)", "latency", "ms"),
        ("Antwortlatenz (s)", "latency", "ms"),
        ("latencia media (ms)", "latency", "ms"),
        ("time (ttft ms)", "ttft", "ms"),  # which time, the brackets say
        ("time (total s)", "total_time", "ms"),
        ("time (ttft tok/s)", None, None),  # no time has this unit
        ("gen_duration_ns", "eval_time", "ms"),
        ("energía (J)", "energy", "J"),
        ("memoria (GB)", None, None),  # of the machine, or of its GPU
        ("生成速度 (tokens/s)", "decode_rate", "tok/s"),
        ("首 token 延迟（ms）", "ttft", "ms"),
        ("显存 (GB)", "vram", "bytes"),
        ("内存 (GB)", None, None),  # of the machine, or of its GPU
        ("正解率 (%)", "accuracy", "ratio"),
        ("精度 (%)", None, None),  # an accuracy, or a precision
        ("첫 토큰 지연 (ms)", "ttft", "ms"),
        ("Время до первого токена (s)", "ttft", "ms"),
        ("Скорость генерации (tok/s)", "decode_rate", "tok/s"),
        ("cpu_temp_c", "temperature_c", "°C"),
        ("energy_j", "energy", "J"),
        ("predicted_per_second", "decode_rate", "tok/s"),
        ("ppl", "perplexity", "1"),
    ],
)
def test_a_heading_is_known_by_what_its_words_mean(
    heading: str, metric: str | None, unit: str | None
) -> None:
    meaning = read_column(heading)
    told = (meaning.metric, meaning.unit.canonical) if meaning and meaning.unit else (None, None)
    assert told == (metric, unit)


@pytest.mark.parametrize(
    ("heading", "english"),
    [
        ("Stapelgröße", "batch_size"),
        ("taille du lot", "batch_size"),
        ("Fils d'exécution", "threads"),
        ("couches GPU", "gpu_layers"),
        ("Anzahl der Clients", "clients"),
        ("generation speed", "generation_speed"),
        ("cost_per_call", "cost_per_call"),
        ("a_level", "a_level"),
        ("media_type", "media_type"),
    ],
)
def test_only_a_heading_with_a_foreign_word_is_put_into_english(heading: str, english: str) -> None:
    assert join_words(heading) == english


def test_how_long_a_row_took_is_the_latency_of_one_run_and_not_that_of_many_requests() -> None:
    one = parse_text("model,elapsed_s\nwren:3b,4.5\n")
    many = parse_text("model,requests,elapsed_s,ttft_ms\nwren:3b,64,450,80\n")
    assert statistics_of(one) == {("latency", "value"): 4500}
    assert statistics_of(many) == {("duration", "value"): 450_000, ("ttft", "summary"): 80}


@pytest.mark.parametrize("beside", ["accuracy", "WER", "nDCG@10", "perplexity", "docs/s"])
def test_how_long_a_row_took_is_no_latency_beside_what_is_told_of_many_answers(beside: str) -> None:
    parsed = parse_text(f"model,{beside},wall_s\nlark:3b,0.71,812.5\nlark:1b,0.64,405\n")
    assert statistics_of(parsed)["duration", "value"] == 812_500
    assert ("latency", "value") not in statistics_of(parsed)


def test_a_rate_that_doubles_with_the_clients_is_that_of_all_of_them() -> None:
    grown = parse_text("clients,latency_ms,throughput_tok_s\n1,900,40\n8,1400,210\n")
    level = parse_text("clients,latency_ms,throughput_tok_s\n1,900,40\n8,1400,44\n")
    assert statistics_of(grown)[("throughput", "value")] == 40
    assert {metric for metric, _ in statistics_of(level)} == {"latency"}


@pytest.mark.parametrize(
    "header",
    [
        "threads,granite3:2b tok/s,olmo2:7b tok/s,granite3:2b ttft (ms),olmo2:7b ttft (ms)",
        "threads,tok/s (granite3:2b),tok/s (olmo2:7b),TTFT ms granite3:2b,TTFT ms olmo2:7b",
        "threads,granite3:2b_decode_tps,olmo2:7b_decode_tps,granite3:2b_ttft_ms,olmo2:7b_ttft_ms",
    ],
)
def test_a_row_of_several_models_side_by_side_is_a_run_of_each(header: str) -> None:
    parsed = parse_text(f"{header}\n4,31.5,20.5,88,140\n")
    told = [(r.subject, r.config, [n.value for n in r.readings]) for r in parsed.records]
    assert told == [
        ("granite3:2b", {"num_thread": 4}, [31.5, 88]),
        ("olmo2:7b", {"num_thread": 4}, [20.5, 140]),
    ]
    assert parsed.records[1].readings[0].locator == f"row=1,column={header.split(',')[2]}"


def test_words_with_a_colon_that_are_no_models_part_no_heading() -> None:
    parsed = parse_text("threads,warm:decode tok/s,cold:decode tok/s,ttft_ms\n4,31.5,20.5,88\n")
    assert statistics_of(parsed) == {("ttft", "value"): 88}


@pytest.mark.parametrize(
    "titles", ["Workshop PC,,,\nDate: 17.1.2026,,,\n,,,\n", "GPU,RTX 3060,,\n,,,\n", ""]
)
def test_titles_that_a_sheet_has_above_its_header_are_no_header(titles: str) -> None:
    parsed = parse_text(f"{titles}threads,ttft_ms,decode_tps,note\n4,88,31.5,\n8,60,44.5,hot\n")
    assert statistics_of(parsed) == {("ttft", "value"): 88, ("decode_rate", "value"): 31.5}
    assert parsed.records[0].readings[0].locator == "row=1,column=ttft_ms"
    assert [record.config for record in parsed.records] == [{"num_thread": 4}, {"num_thread": 8}]


def test_a_setting_above_the_names_of_quantities_is_that_of_the_columns_beside_it() -> None:
    parsed = parse_text("context length,2048,8192\ndecode tok/s,31.5,20.5\nTTFT (ms),88,140\n")
    assert [record.config for record in parsed.records] == [{"num_ctx": 2048}, {"num_ctx": 8192}]
    assert parsed.records[1].readings[0].locator == "row=1,column=8192"


def test_runs_that_share_the_longest_time_to_the_last_digit_were_stopped_by_a_limit() -> None:
    header = "model,status,latency_s"
    ended = [f"wren:3b,ok,{time}" for time in (41.27, 38.6, 52.91, 47.35)]
    parsed = parse_text("\n".join([header, *ended, *["wren:3b,ok,60.0"] * 3]) + "\n")
    stopped = [record.failure for record in parsed.records if record.failure]
    assert [failure.locator for failure in stopped] == [
        f"row={n},column=latency_s" for n in (5, 6, 7)
    ]
    assert {failure.recorded_as for failure in stopped} == {"result"}
    assert sum(len(record.readings) for record in parsed.records) == 4


@pytest.mark.parametrize(
    "times",
    [
        (41.27, 38.6, 52.91, 60.0, 60.0),  # two may be chance
        (41, 38, 52, 60, 60, 60),  # whole seconds, all of them
        (41.27, 38.6, 61.2, 60.0, 60.0, 60.0),  # one took longer
        (1.27, 2.61, 1.35, 3.0, 3.0, 3.0),  # nobody's limit
    ],
)
def test_equal_times_that_may_have_been_measured_are_no_limit(times: tuple[float, ...]) -> None:
    parsed = parse_text(
        "\n".join(["model,latency_s", *(f"wren:3b,{time}" for time in times)]) + "\n"
    )
    assert [record.failure for record in parsed.records] == [None] * len(times)


def test_a_write_up_tells_units_and_spreads_in_cells_and_decimals_behind_a_comma() -> None:
    table = "| quant | size | ppl | tok/s |\n|---|---|---|---|\n| Q4_0 | 4.1 GB | **6.2 \u00b1 0.1** | 31.5 |\n"
    told = [(r.metric, r.statistic, r.value) for r in parse_text(table, "a.md").records[0].readings]
    assert told == [
        ("model_size", "value", 4.1e9),
        ("perplexity", "mean", 6.2),
        ("decode_rate", "value", 31.5),
    ]
    commas = "| Modell | Token/s |\n|---|--:|\n| wren:3b | **31,5** |\n| wren:1b | 1.204,25 |\n"
    parsed = parse_text(commas, "b.md")
    assert [record.readings[0].value for record in parsed.records] == [31.5, 1204.25]
    places = Places(commas.encode())
    for reading in (record.readings[0] for record in parsed.records):
        assert read_value(places.read(reading.locator), reading.raw_unit) == reading.value
