"""Ways in which language models word what they found: each read as a person would read it."""

import json

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

# Per call: prompt, seconds to the first token, of these loading, tok/s, tokens.
_CALLS = {
    "wren:4b": [(1, 2.46, 2.11, 60.4, 310), (2, 0.21, 0.14, 62.2, 250), (3, 0.19, 0.12, 61.5, 280)],
    "lark:9b": [(1, 1.72, 1.53, 40.2, 410), (2, 0.34, 0.22, 41.5, 350), (3, 0.37, 0.23, 41.0, 380)],
}
CALLS = "model,prompt_index,ttft_s,load_s,tokens_s,eval_count\n" + "".join(
    f"{model},{','.join(map(str, call))}\n" for model, calls in _CALLS.items() for call in calls
)
# Mean and deviation in ms, and seconds to compile.
_BACKENDS = {
    "eager": (4.813, 0.231, 0.0),
    "torch_compile": (3.127, 0.187, 9.642),
    "onnx": (1.254, 0.064, 0.338),
}
NETS = {
    f"reports/nets/{name}_bench.json": json.dumps(
        {
            "generated_at": "2026-02-03T10:00:00+00:00",
            "model": {"name": name, "device": "cpu", "batch_size": 2},
            "settings": {"runs": 10, "warmup_runs": 2, "backends": list(_BACKENDS)},
            "backends": {
                backend: {
                    "backend": backend,
                    "compilation": {"success": True, "compile_time_s": compiling * of},
                    "benchmark": {
                        "mean_time_ms": mean * of,
                        "std_time_ms": deviation * of,
                        "min_time_ms": (mean - 2 * deviation) * of,
                        "max_time_ms": (mean + 2 * deviation) * of,
                    },
                }
                for backend, (mean, deviation, compiling) in _BACKENDS.items()
            },
        }
    )
    for name, of in (("robin", 1.0), ("finch", 2.0))
}
# A profile in which every little word is part of a name, of one column alone.
PROFILE = """kernel,board_attribute_can_stream_with_host,probe_count_for_mapped_pages,fan_speed
gemm,0,7,31
softmax,1,9,33
"""


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    files = {"csv_data/calls.csv": CALLS, "csv_data/profile.csv": PROFILE, **NETS}
    data = fill(tmp_path_factory.mktemp("data"), files)
    return measure(data, tmp_path_factory.mktemp("out"))


TRUE = [
    # what a part of a time went to
    "The first call of wren:4b needed 2.46 s to the first token, of which 2.11 s was model loading.",
    "lark:9b took 1.72 s to its first token; 1.53 s were spent on loading.",
    # a first token is slow, and not its model
    "The slowest first token took 2.46 s on wren:4b.",
    # a result after "down to" is no minimum
    "With onnx, finch is brought down to 2.508 ms.",
    # a deviation is that of its own clause
    "On robin, eager has a mean latency of 4.813 ms with a standard deviation of 0.231 ms, while onnx needs 1.254 ms.",
    "Compiling robin with torch.compile took 9.64 s.",
    "With torch_compile, the compile step of finch took 19.3 s.",
    # "its" is of the one told of, and not of the one that it was compared with
    "lark:9b decodes 33% slower than wren:4b, and its first call needed 1.72 s to the first token.",
    # of the rate, whatever times the calls have
    "lark:9b has the lowest mean decode rate.",
    # little words are no columns
    "For wren:4b, the mean with all calls is 61.4 tok/s.",
    "wren:4b has the highest mean TTFT, though its median is the lowest.",
]  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_what_is_true_is_borne_out_however_it_is_worded(text: str, birds: Corpus) -> None:
    assert rulings(text, birds)
    assert flags(text, birds) == []


FALSE = [
    ("The first call of wren:4b needed 2.46 s to the first token, of which 1.53 s was model loading.", "1.53 s"),
    ("The slowest first token in the folder took 2.11 s.", "2.11 s"),
    ("With torch.compile, the compile step of robin took 1.93 s.", "1.93 s"),
    ("lark:9b has the highest mean TTFT.", "highest"),
    ("wren:4b has the lowest mean time to first token of the two.", "lowest"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lie"), FALSE)
def test_what_is_false_is_flagged_however_it_is_worded(text: str, lie: str, birds: Corpus) -> None:
    assert flags(text, birds) == [lie]


def test_faster_is_of_the_rate_and_not_of_how_much_was_generated(birds: Corpus) -> None:
    assert flags("lark:9b is about 33% slower than wren:4b.", birds) == []
    assert flags("lark:9b is about 12% slower than wren:4b.", birds) == ["12%"]


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("For `robin`, onnx outperforms eager.", "supported"),
        ("For `robin`, eager outperforms onnx.", "contradicted"),
        ("For `robin`, onnx beats both eager and torch_compile.", "supported"),
        # of the two only one
        ("For `robin`, torch_compile beats both eager and onnx.", "contradicted"),
        ("eager trails torch_compile by a wide margin.", "supported"),
        ("wren:4b outperforms lark:9b.", "supported"),
        ("lark:9b outperforms wren:4b.", "contradicted"),
    ],
)
def test_who_beats_another_is_faster_where_it_is_not_said_in_what(
    text: str, ruling: str, birds: Corpus
) -> None:
    assert [found for _, found in rulings(text, birds)] == [ruling]


@pytest.mark.parametrize(
    "text", ["Should onnx beat eager, use it.", "Nobody said that torch_compile would beat onnx."]
)
def test_who_may_beat_another_is_no_claim(text: str, birds: Corpus) -> None:
    assert rulings(text, birds) == []


def test_numbers_after_several_levels_are_theirs_in_turn(birds: Corpus) -> None:
    told = "For `finch`, torch_compile beats eager, with {} ms against {} ms."
    assert flags(told.format("6.254", "9.626"), birds) == []
    assert "9.626 ms" in flags(told.format("9.626", "6.254"), birds)


@pytest.mark.parametrize("word", ["with", "for", "can", "host", "count", "mapped"])
def test_a_word_of_a_long_column_is_no_name_of_it(word: str, birds: Corpus) -> None:
    assert not birds.vocabulary.find(f"5.2 {word} 3")
    assert birds.vocabulary.find("the fan speed")
