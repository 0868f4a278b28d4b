from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchagent.bench.forecast import forecast_minutes
from benchagent.bench.plan import Plan, order_blocks
from benchagent.bench.suite import read_prompts, read_suite
from benchagent.bench.sweeps import build_option_sets
from benchagent.cli.bench import bench
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.bench.benching import PROMPTS, a_plan, arguments, calls_of, refused, run_bench
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url


def test_every_combination_of_the_swept_values_is_an_option_set() -> None:
    found = build_option_sets(["num_ctx=512,1024", "temperature=0,0.8"], 64)
    assert [(one.name, dict(one.options)) for one in found] == [
        ("num_ctx=512 temperature=0", {"num_predict": 64, "num_ctx": 512, "temperature": 0}),
        ("num_ctx=512 temperature=0.8", {"num_predict": 64, "num_ctx": 512, "temperature": 0.8}),
        ("num_ctx=1024 temperature=0", {"num_predict": 64, "num_ctx": 1024, "temperature": 0}),
        ("num_ctx=1024 temperature=0.8", {"num_predict": 64, "num_ctx": 1024, "temperature": 0.8}),
    ]


def test_without_a_sweep_there_is_one_option_set_with_the_servers_defaults() -> None:
    [only] = build_option_sets([], 32)
    assert (only.name, dict(only.options)) == ("server defaults", {"num_predict": 32})


def test_a_swept_num_predict_wins_over_the_fixed_one() -> None:
    found = build_option_sets(["num_predict=8,16", "use_mmap=true"], 64)
    assert [one.options["num_predict"] for one in found] == [8, 16]
    assert found[0].name == "num_predict=8 use_mmap=true"


BAD_SWEEPS = [
    (["num_ctx"], "--sweep 'num_ctx': expected NAME=VALUE[,VALUE…]"),
    (["=512"], "expected NAME=VALUE[,VALUE…]"),
    (["num_ctx=512,,1024"], "expected NAME=VALUE[,VALUE…]"),
    (["num_ctx="], "as in --sweep num_ctx=512,1024"),
    (["num_cxt=512"], "Ollama has no option 'num_cxt'; did you mean 'num_ctx'?"),
    (["fan_speed=1"], "Ollama has no option 'fan_speed'; it has draft_num_predict, "),
    (["num_ctx=512,big"], "num_ctx is 'big', expected a whole number"),
    (["num_ctx=512.5"], "num_ctx is '512.5', expected a whole number"),
    (["temperature=nan"], "temperature is 'nan', expected a number"),
    (["num_gpu=1_0"], "num_gpu is '1_0', expected a whole number"),
    (["num_predict=0"], "num_predict is 0, expected 1 or more"),
    (["use_mmap=1"], "use_mmap is '1', expected true or false"),
    (["num_ctx=512,512.0"], "512.0 is named twice"),
    (["num_ctx=512", "num_ctx=1024"], "num_ctx is swept twice"),
    (["seed=1,2"], "seed cannot be swept; give --seed"),
    (["stop=a"], "stop cannot be swept"),
]


@pytest.mark.parametrize(("sweeps", "said"), BAD_SWEEPS)
def test_a_bad_sweep_is_one_clear_sentence(folder: Path, sweeps: list[str], said: str) -> None:
    options = [part for sweep in sweeps for part in ("--sweep", sweep)]
    sentence = refused(*arguments(*options))
    assert said in sentence
    assert "\n" not in sentence


def test_a_suite_is_one_prompt_per_line(folder: Path) -> None:
    assert read_suite(folder / "prompts.txt") == ("Name a colour.", "Count to three, slowly.")
    assert read_prompts("  Two\t spaces \r\n# not this\n") == ("Two spaces",)


BAD_SUITES = [
    (None, "the prompts cannot be read (No such file or directory)"),
    (b"# nothing\n\n", "has no prompt; write one per line"),
    (b"Go on.\nGo  on.\n", "has the prompt 'Go on.' twice"),
    (b"caf\xe9\n", "not UTF-8 (byte 3)"),
]


@pytest.mark.parametrize(("content", "said"), BAD_SUITES)
def test_a_bad_suite_is_one_clear_sentence(folder: Path, content: bytes | None, said: str) -> None:
    if content is None:
        (folder / "prompts.txt").unlink()
    else:
        (folder / "prompts.txt").write_bytes(content)
    assert said in refused(*arguments())


def test_the_shipped_suite_has_five_prompts() -> None:
    assert len(read_suite(REPOSITORY / "data" / "prompts.txt")) == 5


def test_a_model_has_to_be_named(folder: Path) -> None:
    assert "name what to measure" in refused("--out", "out")


def test_a_folder_read_whole_does_not_get_a_reports_folder(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "runs.csv").write_text("a,b\n")
    assert "they would no longer be read" in refused(*arguments())
    (folder / "data" / "csv_data").mkdir()
    assert CliRunner().invoke(bench, arguments("--dry-run")).exit_code == 0


# The order


@given(st.integers(0, 2**31 - 1), st.integers(1, 4), st.booleans())
def test_each_round_has_every_block_once_and_each_block_every_prompt_of_its_option_sets(
    seed: int, repeat: int, cold: bool
) -> None:
    plan = a_plan(seed=seed, repeat=repeat, cold=cold)
    blocks = order_blocks(plan)
    calls = [call for block in blocks for call in block.calls]
    assert [call.sequence for call in calls] == list(range(plan.n_calls))
    assert len(blocks) == plan.n_blocks == 2 * repeat
    for block in blocks:
        [num_ctx] = {call.option_set.options["num_ctx"] for call in block.calls}
        names = [f"num_ctx={num_ctx} temperature={t}" for t in ("0", "0.8")]
        warm = [(call.option_set.name, call.prompt_index) for call in block.calls if not call.cold]
        assert sorted(warm) == [(name, prompt) for name in names for prompt in (1, 2)]
        first = [call for call in block.calls if call.cold]
        assert sorted(call.option_set.name for call in first) == names * cold
        assert {call.prompt_index for call in first} <= {1}
        assert list(block.calls[: len(first)]) == first
    for at in range(0, len(blocks), 2):
        both = blocks[at : at + 2]
        assert {block.calls[0].option_set.options["num_ctx"] for block in both} == {512, 1024}
        assert {call.repetition for block in both for call in block.calls} == {at // 2 + 1}
    assert blocks == order_blocks(plan)


def test_no_option_set_is_always_early() -> None:
    firsts = Counter(
        order_blocks(a_plan(seed=seed))[0].calls[0].option_set.name for seed in range(200)
    )
    assert len(firsts) == 4
    assert max(firsts.values()) < 100


def test_options_that_need_no_reload_are_mixed_call_by_call() -> None:
    [block] = order_blocks(a_plan(option_sets=build_option_sets(["temperature=0,1"], 9), repeat=1))
    orders = {
        tuple(call.option_set.name for call in order_blocks(a_plan(seed=seed))[0].calls)
        for seed in range(40)
    }
    assert len(block.calls) == 4
    assert len(orders) > 6


def test_the_order_is_random_and_recorded(folder: Path, ollama: ScriptedOllama) -> None:
    artifacts = run_bench("--sweep", "num_ctx=512,1024")
    rows = calls_of(artifacts)
    assert [row["sequence"] for row in rows] == [str(at) for at in range(8)]
    nonces = [chat.json["messages"][0]["content"][:8] for chat in ollama.chats]
    assert [nonce for nonce in nonces if nonce in {row["nonce"] for row in rows}] == [
        row["nonce"] for row in rows
    ]
    assert {row["seed"] for row in rows} == {"7"}
    planned = Plan(
        stamp="",
        models=("tiny:1b",),
        option_sets=build_option_sets(["num_ctx=512,1024"], 64),
        prompts=read_prompts(PROMPTS),
        repeat=2,
        cold=False,
        seed=7,
    )
    calls = [call for block in order_blocks(planned) for call in block.calls]
    assert [(row["config_name"], row["prompt_index"]) for row in rows] == [
        (call.option_set.name, str(call.prompt_index)) for call in calls
    ]


def test_a_dry_run_asks_nobody_and_writes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", unused_url())
    result = CliRunner().invoke(
        bench, arguments("--dry-run", "--cold", "--sweep", "num_ctx=512,1024")
    )
    assert result.exit_code == 0
    assert (
        "1 model x 2 option sets x 2 prompts x 2 repetitions, and 4 cold calls: 12 calls"
        in result.stderr
    )
    assert "no estimate" in result.stderr
    assert not (folder / "data").exists()
    assert not (folder / "out").exists()


def test_an_estimate_goes_by_earlier_benchmarks_of_all_the_models() -> None:
    calls = [
        {"model": "tiny:1b", "stage": "bench", "wall_ms": 1000.0},
        {"model": "tiny:1b", "stage": "bench-warm-up", "wall_ms": 3000.0},
        {"model": "tiny:1b", "stage": "analysis", "wall_ms": 90000.0},
        {"model": "tiny:1b", "stage": "bench", "wall_ms": None},
    ]
    # 24 calls and 6 warm-ups of 2 s each
    assert forecast_minutes(a_plan(), calls) == pytest.approx(1.0)
    assert forecast_minutes(a_plan(models=("tiny:1b", "other:1b")), calls) is None


def test_a_remote_server_needs_leave(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://192.0.2.1:11434")
    result = CliRunner().invoke(bench, arguments())
    assert "not this machine" in str(result.exception)
