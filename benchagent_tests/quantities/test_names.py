"""The unit at the end of a column's name, in the spellings that people give it."""

import pytest

from benchagent.formats.tables.columns import read_column, unit_at_end
from benchagent.quantities.names import find_named_unit, join_words
from benchagent.quantities.units import Unit
from benchagent.verification.evidence.own_columns import read_own_column
from benchagent.verification.text.vocabulary import build_vocabulary

MS, SECONDS, MICROSECONDS = Unit("ms"), Unit("ms", 3), Unit("ms", -3)
GIB, TOKENS_PER_S = Unit("bytes", 0, 2**30), Unit("tok/s")

SPELLINGS = [
    ("ttft_ms", MS),
    ("Ttft[ms]", MS),
    ("TTFT (in ms)", MS),
    ("TTFT in ms", MS),
    ("Latency, ms", MS),
    ("ttftMs", MS),
    ("warm-up s", SECONDS),
    ("Load (s)", SECONDS),
    ("queue_s_mean", SECONDS),  # the statistic behind it
    ("gap µs", MICROSECONDS),
    ("gap_us", MICROSECONDS),
    ("prefill_minutes", Unit("ms", 3, 60)),
    ("peak_gib", GIB),
    ("vramGiB", GIB),
    ("clock_khz", Unit("Hz", 3)),
    ("clockKHz", Unit("Hz", 3)),
    ("util_%", Unit("ratio", -2)),
    ("util%", Unit("ratio", -2)),
    ("util_pct", Unit("ratio", -2)),
    ("probe_c", Unit("°C")),
    ("time_per_token_ms", MS),  # per something, and yet in ms
    ("tokens/s", TOKENS_PER_S),
    ("tok_s", TOKENS_PER_S),
    ("decode_tokens_per_sec", TOKENS_PER_S),
    ("tokensPerSecond", TOKENS_PER_S),
    ("requests_per_s", Unit("req/s")),
    ("output_tokens", Unit("tokens")),
]

NO_UNITS = [
    "wall_min",  # the least
    "first_token",
    "size_b",  # billions, as often as bytes
    "score_b",
    "level_h",
    "block_dim_x",
    "distance_m",
    "top_1",
    "images_s",  # images each second
    "decompress_mb_s",
    "words_per_min",
    "loads",  # how many
    "s",  # a column of its own
]


@pytest.mark.parametrize(("name", "unit"), SPELLINGS)
def test_a_unit_is_read_from_the_end_of_a_name(name: str, unit: Unit) -> None:
    end = unit_at_end(name)
    assert end is not None
    assert end[1] == unit


@pytest.mark.parametrize("name", NO_UNITS)
def test_what_may_be_something_else_is_no_unit(name: str) -> None:
    assert unit_at_end(name) is None


@pytest.mark.parametrize(("name", "unit"), SPELLINGS)
def test_the_checker_reads_the_unit_that_the_formats_read(name: str, unit: Unit) -> None:
    own = read_own_column(name)
    assert own is not None
    assert own.unit == unit


@pytest.mark.parametrize(
    ("name", "metric"),
    [("promptEvalDurationMs", "prompt_eval_time"), ("Latency, ms", "latency"), ("loadTimeMs", "load_time")],
)  # fmt: skip
def test_a_name_is_the_same_however_its_words_are_joined(name: str, metric: str) -> None:
    found = read_column(name)
    assert found is not None
    assert (found.metric, found.unit) == (metric, MS)


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("index_size_mb", "index_size"),
        ("output_tokens", "output_tokens"),  # named by what is counted
        ("cache_ratio", "cache_ratio"),
        ("requests_per_s", "requests_per_s"),
    ],
)
def test_a_quantity_that_its_unit_names_keeps_it(name: str, quantity: str) -> None:
    end = find_named_unit(join_words(name))
    assert end is not None
    assert end.quantity == quantity


def test_what_is_counted_is_a_part_of_the_name_that_a_text_gives() -> None:
    vocabulary = build_vocabulary(["reply_words", "reply_lines"])
    assert vocabulary.find("the reply of last week") == ()
    assert [word.meaning for word in vocabulary.find("its reply words")] == [("reply_words",)]
