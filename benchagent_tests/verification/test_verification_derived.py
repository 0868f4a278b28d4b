import json
from pathlib import Path

import pyarrow as pa
import pytest

from benchagent.quantities.numbers import write_number
from benchagent.verification.evidence.contents import read_contents
from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

CALLS = """model,ttft_s,tokens_s,load_s
owl:7b-q4_0,2.105,80.0,2.00
owl:7b-q4_0,0.081,81.0,0.05
owl:7b-q8_0,3.412,50.0,3.30
owl:7b-q8_0,0.164,50.6,0.07
"""


def _benchmark(mean: float) -> dict[str, float]:
    return {"mean_time_ms": mean, "std_time_ms": 0.04, "min_time_ms": 0.11, "max_time_ms": 9.0}


COMPILED = {
    "generated_at": "2026-02-14T10:00:00+00:00",
    "model": {"name": "unet", "device": "cuda", "batch_size": 4},
    "settings": {"runs": 10, "warmup_runs": 3, "backends": ["eager", "onnx"]},
    "backends": {
        name: {
            "backend": name,
            "compilation": None,
            "benchmark": {"backend": name, **_benchmark(mean), "metadata": {"compile_time_s": 0.0}},
        }
        for name, mean in (("eager", 3.812), ("onnx", 0.693))
    },
}
MACHINE = {
    "metrics": [
        {
            "timestamp": 1771063200.0 + at,
            "system": {"memory_used_gb": 9.25, "memory_total_gb": 31.3},
            "gpu": [{"name": "Ibex GPU 90", "memory_used_mb": used, "memory_total_mb": 24564.0,
                     "memory_free_mb": 24564.0 - used}],
        }
        for at, used in enumerate((7311.0, 8402.0))
    ]
}  # fmt: skip
FOLDER = {
    "reports/owl/calls.csv": CALLS,
    "reports/unet_bench.json": json.dumps(COMPILED),
    "artifacts/shelf.csv": "shelf,books\n" + "a,7\n" * 9,
    "reports/telemetry.json": json.dumps(MACHINE),
}


TRUE = [
    # a tag alone names its model
    "Decode rate: q4_0 80.5 tok/s, q8_0 50.3 tok/s.",
    "The 7B model was fastest with q4_0.",
    # arithmetic: percent, factor, difference, from the data and from the sentence
    "q4_0 decodes 60% faster than q8_0.",
    "q4_0 raises the decode rate from 50.3 to 80.5 tok/s (+60%).",
    "q4_0 is ahead in decode rate: the gap to q8_0 is 30.2 tok/s.",
    "| Model | Mean tok/s | vs q8_0 |\n|---|---|---|\n| q4_0 | 80.5 | +60.0% |",
    # numbers in turn, names behind
    "Mean decode rates were 80.5 and 50.3 tok/s for owl:7b-q4_0 and owl:7b-q8_0, respectively.",
    "The mean decode rate rose from 50.3 tok/s (q8_0) to 80.5 tok/s (q4_0).",
    # a statistic belongs to the number that it stands beside
    "owl:7b-q4_0 took 1.09 s to its first token on average and 2.105 s at most.",
    "**owl:7b-q4_0**: 80.5 tok/s (min 80.0, max 81.0)",
    # levels of a setting by their names, a plain name in a heading
    (
        "## Unet on CUDA\n\n| Backend | Mean (ms) | vs eager |\n|---|---|---|\n"
        "| eager | 3.812 | 1.00x |\n| onnx | 0.693 | 0.18x |"
    ),
    "ONNX ran unet in 0.69 ms, 5.5x faster than eager.",
    # rows and lines of a named file, files of a folder named before
    "The file reports/owl/calls.csv has 4 rows.",
    "The folder reports/owl/ holds 1 file.",
    "Checked were 4 rows of `reports/owl/calls.csv` and 9 rows of `artifacts/shelf.csv`.",
    # a metric named behind its numbers, and one that begins like a setting of the report's own
    ("owl:7b-q4_0 shows 80.5 tok/s on average and 80.5 tok/s in the median for its decode rate."),
    "Model load time of owl:7b-q4_0: 2.00 s at most.",
    # a label over a list, a file in brackets
    "**owl:7b-q4_0** (`reports/owl/calls.csv`)\n\n- decode rate, mean: 80.5 tok/s",
    "The mean decode rate of owl:7b-q4_0 is 80.5 tok/s [reports/owl/calls.csv].",
    # what a card and a machine have, in columns that no metric is of; a GB may count in 1024s
    "- GPU[0]: Ibex GPU 90 (VRAM=24564 MB)",
    "A card with 24 GB of VRAM in a machine with 31 GB of RAM.",
    # a wish is no claim
    "A difference below 5% should not be read as real.",
]


@pytest.mark.parametrize("text", TRUE)
def test_what_follows_from_the_data_is_not_flagged(text: str, corpus: Corpus) -> None:
    assert flags(text, corpus) == []


FALSE = [
    ("Model load time of owl:7b-q4_0: 7.00 s at most.", "7.00 s"),
    ("**owl:7b-q8_0** (`reports/owl/calls.csv`)\n\n- decode rate, mean: 80.5 tok/s", "80.5 tok/s"),
    ("The mean decode rate of owl:7b-q4_0 is 80.5 tok/s [reports/owl/none.csv].", "80.5 tok/s"),
    (
        "The mean decode rate of owl:7b-q4_0 is 80.5 tok/s (`reports/unet_bench.json`).",
        "80.5 tok/s",
    ),
    ("Between 95.0 and 80.0 tok/s: that is the range of the decode rate of owl:7b-q4_0.", "95.0"),
    ("q4_0 decodes 80% faster than q8_0.", "80%"),
    ("q4_0 raises the decode rate from 50.3 to 80.5 tok/s (+47%).", "47%"),
    ("q4_0 is ahead in decode rate: the gap to q8_0 is 41.7 tok/s.", "41.7 tok/s"),
    ("Decode rate: q4_0 50.3 tok/s.", "50.3 tok/s"),
    ("The mean decode rate rose from 50.3 tok/s (q4_0) to 80.5 tok/s (q8_0).", "50.3 tok/s"),
    ("ONNX ran unet in 0.69 ms, 7.5x faster than eager.", "7.5x"),
    ("The file reports/owl/calls.csv has 9 rows.", "9"),
    ("The folder reports/owl/ holds 7 files.", "7"),
    ("- GPU[0]: Ibex GPU 90 (VRAM=16384 MB)", "16384 MB"),
    # what a card has is not what is used of it, nor what is left
    ("VRAM usage was 24564 MB.", "24564 MB"),
    ("A card with 17.25 GB of VRAM.", "17.25 GB"),
]


@pytest.mark.parametrize(("text", "quote"), FALSE)
def test_what_does_not_follow_is_flagged(text: str, quote: str, corpus: Corpus) -> None:
    found = {q: ruling for q, ruling in rulings(text, corpus) if q.startswith(quote)}
    assert min(found.values()) in ("contradicted", "unsupported")


@pytest.mark.parametrize("unit", ["calls", "configurations", "numbers", "rows", "runs"])
def test_one_of_something_is_written_and_read_as_a_count(unit: str, corpus: Corpus) -> None:
    written = write_number(1, unit)
    assert written == f"1 {unit[:-1]}"
    assert [quote for quote, _ in rulings(f"Measured was {written}.", corpus)] == ["1"]


@pytest.mark.parametrize("what", ["measurement rounds", "number columns", "config options"])
def test_a_noun_that_only_tells_which_others_are_counted_is_not_counted(
    what: str, corpus: Corpus
) -> None:
    assert rulings(f"There are 5 {what}.", corpus) == []


def test_a_size_has_the_unit_at_the_end_of_its_column() -> None:
    text = "cache_total_mb,cache_total_gib,votes_b\n16,16,7\n"
    file = {"path": "hosts.csv", "kind": "csv", "sha256": "1", "retained": True, "size": len(text)}
    contents = read_contents(pa.Table.from_pylist([file]), lambda _: text.encode(), {})
    told = [(leaf.value, leaf.unit) for leaf in contents.leaves]
    assert told == [(16e6, "bytes"), (16 * 2.0**30, "bytes"), (7, None)]


def test_a_percentile_in_an_object_is_of_what_the_object_is_called() -> None:
    tree = {
        "ttft": {"p50_s": 0.1, "p99_ms": 300},
        "energy_j": {"max": 4},
        "runs": {"p99_latency_ms": 7},
    }
    text = json.dumps(tree)
    file = {"path": "a.json", "kind": "json", "sha256": "a", "retained": True, "size": len(text)}
    contents = read_contents(pa.Table.from_pylist([file]), lambda _: text.encode(), {})
    told = [(leaf.metric, *leaf.statistics, leaf.value, leaf.unit) for leaf in contents.leaves]
    assert told == [
        ("ttft", "median", 100.0, "ms"),
        ("ttft", "p99", 300.0, "ms"),
        ("energy", "max", 4.0, "J"),
        ("latency", "p99", 7.0, "ms"),
    ]


def test_a_setting_that_is_true_or_false_is_known_by_that_word(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    entries = [
        {"model": "fox:1b", "options": {"flash_attn": on}, "tokens_s": rate + turn / 4,
         "ttft_s": 0.05, "eval_count": 40}
        for on, rate in ((True, 60.0), (False, 40.0))
        for turn in range(5)
    ]  # fmt: skip
    files = {"reports/calls.json": json.dumps({"results": entries})}
    data = fill(tmp_path_factory.mktemp("data"), files)
    corpus = measure(data, tmp_path_factory.mktemp("out"))
    text = "With `flash_attn=true` the median decode rate of `fox:1b` was 60.5 tok/s."
    assert flags(text, corpus) == []
    assert flags(text.replace("=true", "=false"), corpus) == ["60.5 tok/s"]


def test_no_correlation_is_borne_out_by_a_model_that_is_called_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = ("512,100,40", "512,110,41", "1024,120,39", "2048,,")
    calls = "\n".join(
        ("model,num_ctx,ttft_ms,tokens_per_second", *(f"correlation-net:1b,{row}" for row in rows))
    )
    data = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": calls})
    corpus = measure(data, tmp_path_factory.mktemp("out"))
    text = "There is a correlation between humidity and rainfall."
    assert any("correlation" in fact.label for fact in corpus.counted)
    assert [ruling for _, ruling in rulings(text, corpus)] == ["unsupported"]


def test_the_quantity_behind_one_of_is_no_number_of_files(corpus: Corpus) -> None:
    said = (
        "In the file, owl:7b-q4_0 had a maximum decode rate of 81.0 tok/s and owl:7b-q8_0 one of "
    )
    true = f"{said}50.6 tok/s."
    assert rulings(true, corpus) == [("81.0 tok/s", "supported"), ("50.6 tok/s", "supported")]
    assert flags(f"{said}70.6 tok/s.", corpus) == ["70.6 tok/s"]


def test_what_each_of_several_pairs_was_compared_over_is_of_none_of_them_alone(
    tmp_path: Path,
) -> None:
    runs = {"owl:7b": 7, "elk:3b": 9, "hen:1b": 11}
    rows = [f"{model},{40 + n}.{at}" for model, n in runs.items() for at in range(n)]
    table = "\n".join(["model,tokens_s", *rows, ""])
    corpus = measure(fill(tmp_path / "data", {"calls.csv": table}), tmp_path / "out")
    said = (
        "First came hen:1b, then elk:3b, then owl:7b: medians of 51.5 tok/s for hen:1b and "
        "47.3 tok/s for owl:7b, each pair over"
    )
    assert flags(f"{said} 9 calls or more.", corpus) == []
    assert flags(f"{said} 6 calls or more.", corpus) == ["6"]
