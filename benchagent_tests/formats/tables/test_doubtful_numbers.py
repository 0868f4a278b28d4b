"""Numbers that are not what their column promises are refused, and the others are read."""

import json

import pytest

from benchagent.formats.tables.doubtful_numbers import (
    ANSWER_ALONE,
    CUMULATIVE,
    OF_CHANGES,
)
from benchagent.formats.tables.two_units import A_STRAY, TWO_UNITS
from benchagent_tests.artifacts import parse_text


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def refused(text: str, name: str = "x.csv") -> dict[str, str]:
    return {each.locator: each.reason for each in parse_text(text, name=name).refusals}


def metrics_read(text: str, name: str = "x.csv") -> list[set[str]]:
    return [{r.metric for r in record.readings} for record in parse_text(text, name=name).records]


MIXED = table(
    "model,ttft_ms,decode_tok_s",
    *(f"owl:3b,{number},31.5" for number in ("812", "790", "805", "0.811", "0.798", "0.803")),
)


def test_a_column_in_which_milliseconds_became_seconds_is_refused_and_its_rows_are_runs():
    assert refused(MIXED) == {f"row={at},column=ttft_ms": TWO_UNITS for at in range(1, 7)}
    assert metrics_read(MIXED) == [{"decode_rate"}] * 6
    assert all(record.failure is None for record in parse_text(MIXED).records)


@pytest.mark.parametrize(
    "numbers",
    [
        ("5210.4", "5190.1", "5205.9", "5.2", "5.1", "5.3"),  # cold and warm, written alike
        ("8120", "7900", "8050", "80.11", "79.80", "80.31"),  # a hundred apart
        ("812", "790", "805", "0.811", "0.798"),  # too few of one to be a heap
    ],
)
def test_heaps_that_may_be_of_one_unit_are_read(numbers: tuple[str, ...]):
    assert not refused(table("model,ttft_ms,decode_tok_s", *(f"owl:3b,{n},31.5" for n in numbers)))


@pytest.mark.parametrize(
    ("header", "slow", "fast"),
    [
        ("model,device,latency_ms", "owl:3b,cpu,", "owl:3b,cuda,"),
        ("model,phase,ttft_ms", "owl:3b,cold,", "owl:3b,warm,"),
        ("load_time_ms,model,ttft_ms", "4100,owl:3b,", "12,owl:3b,"),
    ],
)
def test_heaps_that_something_tells_apart_are_read(header: str, slow: str, fast: str):
    rows = [f"{slow}{n}" for n in ("5170", "5040", "5310")]
    assert not refused(table(header, *rows, *(f"{fast}{n}" for n in ("5.21", "5.17", "5.33"))))


@pytest.mark.parametrize(
    ("stray", "others"),
    [
        ("0.2000", ("190.463", "194.008", "207.217", "196.631", "191.163", "203.019")),
        # written alike, and a thousand times it is one of them
        ("0.200", ("190.463", "194.008", "207.217", "196.631", "191.163", "203.019")),
        ("203", ("0.190", "0.194", "0.207", "0.196", "0.191", "0.203")),
    ],
)
def test_a_number_a_thousand_times_off_its_column_is_refused_alone(
    stray: str, others: tuple[str, ...]
):
    text = table("model,ttft_ms,decode_tok_s", *(f"owl:3b,{n},31.5" for n in (*others, stray)))
    assert refused(text) == {"row=7,column=ttft_ms": A_STRAY}


@pytest.mark.parametrize(
    "numbers",
    [
        ("190.4", "194.0", "207.2", "196.6", "191.1", "203.0", "0.9"),  # no thousand
        ("190.4", "594.0", "207.2", "896.6", "191.1", "203.0", "0.2"),  # the others differ much
        ("190.4", "194.0", "207.2", "196.6", "0.2"),  # too few to know what is usual
        # written alike, and as much too short
        ("190.4", "194.0", "207.2", "196.6", "191.1", "203.0", "0.3"),
        ("15012.4", "15.1", "14.8", "15.3", "15.2", "14.9", "15.0"),  # a cold start
    ],
)
def test_a_number_far_off_others_is_read_where_it_may_be_of_their_unit(numbers: tuple[str, ...]):
    assert not refused(table("model,ttft_ms,decode_tok_s", *(f"owl:3b,{n},31.5" for n in numbers)))


def test_a_number_far_off_others_is_read_where_a_setting_tells_why():
    rows = [f"owl:3b,4,{n}" for n in ("190.4", "194.0", "207.2", "196.6", "191.1", "203.0")]
    assert not refused(table("model,threads,ttft_ms", *rows, "owl:3b,8,0.2000"))


def test_a_column_of_sizes_that_goes_below_zero_is_one_of_changes_and_refused():
    told = table("model,tps,ram_gb", "owl:3b,31.5,0.41", "owl:3b,31.0,-0.12", "owl:3b,30.8,0.02")
    assert refused(told) == {f"row={at},column=ram_gb": OF_CHANGES for at in (1, 2, 3)}
    assert metrics_read(told) == [{"decode_rate"}] * 3


def test_a_time_that_runs_on_from_row_to_row_is_refused():
    rows = [f"{model},{9.5 * at:.2f},40.1" for model in ("owl:3b", "jay:7b") for at in range(1, 9)]
    text = table("model,total_time_s,decode_tok_s", *rows)

    assert set(refused(text).values()) == {CUMULATIVE}
    assert metrics_read(text) == [{"decode_rate"}] * 16


def test_a_time_that_runs_on_over_numbered_prompts_is_refused():
    rows = [f"owl:3b,p{at},{at},{9.5 * at:.2f}" for at in range(1, 9)]
    assert CUMULATIVE in refused(table("model,prompt_id,run,total_time_s", *rows)).values()


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        # longer and longer prompts
        ("model,prompt_len,latency_s", [f"owl:3b,{at * 512},{1.5 * at}" for at in range(1, 9)]),
        ("model,prompt_tokens,latency_s", [f"owl:3b,{at * 512},{1.5 * at}" for at in range(1, 9)]),
        # more and more clients, who wait for each other, of one model and of two
        ("model,concurrency,latency_s", [f"owl:3b,{at},{1.5 * at}" for at in range(1, 9)]),
        (
            "model,num_clients,latency_s",
            [f"{m},{at},{1.5 * at}" for m in ("owl:3b", "jay:7b") for at in range(1, 9)],
        ),
        # a table of models, the fastest first
        ("model,latency_s", [f"owl:{at}b,{1.5 * at}" for at in range(1, 9)]),
        # each of its own size
        ("model,latency_s", [f"owl:3b,{9.5 + at / 10}" for at in range(1, 9)]),
        # no start at zero
        ("model,latency_s", [f"owl:3b,{n}" for n in (1.5, 3.0, 4.5, 4.4, 6.0, 7.5, 9.0, 10.5)]),
    ],
)
def test_times_that_rise_for_a_reason_are_read(header: str, rows: list[str]):
    assert not refused(table(header, *rows))


def thinking(rate: str) -> str:
    calls = [
        {
            "model": "owl:8b",
            "thinking_tokens": thought,
            "answer_tokens": 200,
            "duration_s": (thought + 200) / 50,
            "tokens_per_second": 50 * (200 / (thought + 200) if rate == "answer" else 1),
            "ttft_ms": 240.5,
        }
        for thought in (800, 600, 0)
    ]
    return json.dumps(calls)


def test_the_rate_of_an_answer_over_the_time_of_thinking_too_is_no_decode_rate():
    text = thinking("answer")

    found = refused(text, "x.json")
    assert found == {f"/{at}/tokens_per_second": ANSWER_ALONE for at in (0, 1)}
    assert ["decode_rate" in each for each in metrics_read(text, "x.json")] == [False, False, True]


def test_a_rate_that_counts_what_was_thought_is_read():
    assert not refused(thinking("all"), "x.json")


def test_a_row_whose_note_says_warm_up_and_why_is_no_run():
    text = table(
        "model,ttft_ms,decode_tok_s,note",
        "owl:3b,4100,30.2,warm-up after reload",
        "owl:3b,310,30.1,",
        "owl:3b,308,30.3,warm-up was skipped",
    )

    assert refused(text) == {"row=1": "a warm-up, which is no run of what was measured"}


def timed(*times: str) -> list[int]:
    rows = [f"{time},owl:3b,31.{at}" for at, time in enumerate(times)]
    return [r.sequence for r in parse_text(table("timestamp,model,decode_tok_s", *rows)).records]


def test_rows_that_were_sorted_by_something_else_are_in_the_order_of_their_times():
    assert timed(*(f"2026-03-01T10:{m:02}:00Z" for m in (0, 4, 8, 2, 6))) == [0, 2, 4, 1, 3]
    assert timed(*(f"2026-03-01T10:{m:02}:00" for m in (0, 4, 8, 2, 6, 1))) == [0, 3, 5, 2, 4, 1]


@pytest.mark.parametrize(
    "times",
    [
        # the clock was set back for the winter
        ("2026-10-25T02:50:00", "2026-10-25T02:58:00", "2026-10-25T02:06:00"),
        # a stretch that was written twice
        ("2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:05:00Z", "", "2026-03-01T10:00:00Z"),
    ],
)
def test_rows_stay_where_they_stand_if_their_times_tell_no_order(times: tuple[str, ...]):
    assert timed(*times) == [0, 1, 2]


@pytest.mark.parametrize(
    ("cells", "n_read"),
    [
        (["4202.421426773071"] * 3, 0),
        # as few digits as a clock may show again and again, or as few rows
        (["4202.42"] * 3, 3),
        (["4202.421426773071"] * 2, 2),
        (["4202.421426773071", "4202.421426773071", "4202.421426773072"], 3),
    ],
)
def test_a_time_that_is_the_same_to_its_last_digit_in_every_row_is_one_of_them_all(
    cells: list[str], n_read: int
) -> None:
    rows = "".join(f"lark:3b,{at},{cell},{30 + at}\n" for at, cell in enumerate(cells))
    parsed = parse_text("model,prompt_id,latency_ms,ttft_ms\n" + rows)
    read = [r for record in parsed.records for r in record.readings if r.metric == "latency"]
    assert len(read) == n_read
    assert len(parsed.refusals) == len(cells) - n_read
