"""Numbers, tables and sentences as people in other places and tools write them."""

import json

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

# Mean rates 40 and 64 tok/s, mean TTFTs 1250 and 210.5 ms; 1,23,456 tokens in all.
CALLS = """model,num_ctx,ttft_ms,tokens_per_second,output_tokens,total_time_ms,error
heron:2b,2048,1180.0,41.0,30000,61500.0,
heron:2b,8192,1320.0,39.0,33456,64500.0,
kite-nano:9b-q4_0,2048,204.5,65.5,28000,41250.5,
kite-nano:9b-q4_0,8192,216.5,62.5,32000,42250.5,
kite-nano:9b-q4_0,8192,,,,,out of memory
"""
AT_HOME = """model,ttft_s,tokens_per_second
/home/ann/models/jay.gguf,0.5,20.0
/home/ann/models/jay.gguf,0.7,22.0
/home/ann/models/daw.gguf,0.9,30.0
"""


def _lm_eval(model: str, **accuracy: float) -> str:
    results = {task: {"alias": task, "acc,none": share} for task, share in accuracy.items()}
    configs = {task: {"task": task, "metadata": {"version": 1.0}} for task in accuracy}
    return json.dumps({"results": results, "configs": configs, "model_name": model})


FOLDER = {
    "reports/calls.csv": CALLS,
    "reports/heron_tasks.json": _lm_eval("heron:2b", rivers=0.75, lakes=0.25),
    "reports/kite_tasks.json": _lm_eval("kite-nano:9b-q4_0", rivers=0.5, lakes=0.8),
    "artifacts/memory.json": json.dumps({"used": [{"vram_used_mb": 700}, {"vram_used_mb": 900}]}),
    "artifacts/card.json": json.dumps(
        {"samples": [{"power_w": 51.5, "gpu_utilization_percent": 81}, {"power_w": 53.5}]}
    ),
}


TRUE = [
    # decimal commas, points between thousands
    "The mean TTFT of kite-nano:9b-q4_0 is 210,5 ms, the mean decode rate 64,0 tok/s.",
    "The mean TTFT of heron:2b is 1.250,0 ms, of kite-nano:9b-q4_0 210,5 ms.",
    "| Model | Mean TTFT (ms) |\n|---|---|\n| kite-nano:9b-q4_0 | 210,5 |\n| heron:2b | 1.250,0 |",
    # lakhs, apostrophes, digits of another script
    "In total 1,23,456 tokens were generated.",
    "The mean TTFT of heron:2b is 1'250 ms.",
    "The mean TTFT of heron:2b is १२५० ms.",
    # what stands behind a plus-minus is a deviation, of a sample or of all there are
    "The mean TTFT of heron:2b is 1250 ± 98.99 ms.",
    "The mean TTFT of heron:2b is 1250 +/- 70 ms.",
    "| | heron:2b |\n|---|---|\n| TTFT, mean ± SD [ms] | 1250 ± 99 |",
    # a duration in two units, a sum of all, and what kind of tokens
    "All calls together took 3 min 29.5 s, which is 3.49 minutes.",
    "The total times add up to 209,501 ms.",
    "The calls wrote 123,456 output tokens in total.",
    # a chat ends its sentences with its lines
    (
        "heron:2b does 40 tok/s on average, and its mean ttft is 1250 ms, not great for a model of "
        "its size to be honest\nkite-nano does 64 tok/s on average"
    ),
    # the last word of a name that no other has, and the levels of a setting as bare numbers
    "## kite-nano\n\nThe heron's mean decode rate is 40 tok/s.",
    "Going from num_ctx=2048 to num_ctx=8192 takes heron:2b from 41.0 to 39.0 tok/s.",
    "The context grew from 2048 to 8192, and the TTFT of kite-nano from 205 ms to 217 ms.",
    # a bound compares nobody, and a ratio is one of those compared
    "kite-nano never needed more than 0.22 s for its first token, heron:2b did.",
    "kite-nano:9b-q4_0 decodes 1.6 times as fast as heron:2b.",
    # the statistic of the next clause is not that of this one
    "The slowest TTFT of heron:2b took 1.32 s and its mean decode rate was 40 tok/s.",
    # what the card draws is nobody's, whoever was named before
    "heron:2b is slow. The GPU drew 52.5 W on average.",
    "heron:2b is slow. The GPU was at 81% utilization and drew at most 53.5 W.",
    # failures, of all and of one, as counts and as shares; the name of a model begins a sentence
    "Of 5 calls, 1 failed, i.e. 20%.",
    "kite-nano:9b-q4_0 had 1 failure in 3 calls, a failure rate of 33.3%. heron:2b had 0 failures.",
    "| | heron:2b | kite-nano:9b-q4_0 |\n|---|---|---|\n| Failed calls | 0 | 1 |",
    "20% of the calls failed.",
    "| # | What | Number |\n|---|---|---|\n| 37 | failed runs | 1 |",
    # the first of a change may be of where it began
    "With num_ctx=8192 the decode rate of heron:2b fell from 41.0 to 39.0 tok/s.",
    "kite-nano:9b-q4_0 failed 1 time(s). 4 of 5 calls were successful.",
    # a range of what each one has, and a percentage between a change and its ends
    "The mean TTFT ranges from 210.5 ms (kite-nano) to 1250.0 ms (heron).",
    "kite-nano cut the mean TTFT by 83.2% (from 1250.0 ms to 210.5 ms).",
    # the best at one task is not the best of all
    "On rivers, heron:2b has the highest accuracy.",
    # what a list hangs under, and a table that does not hang under a list
    "model: heron:2b\n- mean TTFT = 1250 ms; failures: 0",
    "- The standard deviation is left out.\n\n| Model | tok/s |\n|---|---|\n| heron:2b | 40.0 |",
    # a column of changes, from numbers that were rounded
    (
        "| Model | num_ctx=2048 (tok/s) | num_ctx=8192 (tok/s) | Change |\n|---|---|---|---|\n"
        "| heron:2b | 41.0 | 39.0 | -4.9% |"
    ),
    "The card's memory peaked at 900 MB.",
    # entities and tables of HTML
    "The mean TTFT of heron:2b is <b>1250</b>&nbsp;ms &plusmn;&nbsp;99, its max TTFT &le; 1320 ms.",
    (
        "<table><tr><th>Model<th>Mean TTFT (ms)</tr>\n<tr><td>heron:2b</td><td>1250</td></tr>\n"
        "<tr><td>kite-nano:9b-q4_0</td><td>210.5</td></tr></table>"
    ),
    # settings behind their numbers; an abbreviated minimum is no minute
    "heron:2b had 41.0 tok/s at num_ctx=2048 and 39.0 tok/s at num_ctx=8192.",
    "heron:2b, decode rate: median 40.0 tok/s, sd 1.41 min 39.0.",
    # "it" is the one of the sentence before, and who is compared with is not who is told of
    "It is kite-nano. It has a mean decode rate of 64 tok/s, against 40 tok/s for heron:2b.",
    "### kite-nano\n\n1.6x the decode rate of heron:2b; lower mean TTFT (210.5 ms).",
    "Going from heron:2b to kite-nano raises the mean decode rate by 60% and cuts the TTFT too.",
    # markup between a number and its unit
    "The mean TTFT of heron:2b is **1250** ms.",
]


def test_a_cell_that_lists_failed_runs_counts_those_that_it_leaves_out(corpus: Corpus) -> None:
    text = "| What | Number | Runs |\n|---|---|---|\n| failed runs | 1 | `calls.csv#row=5`; 88 others |"
    assert dict(rulings(text, corpus)).get("88") != "contradicted"


@pytest.mark.parametrize("text", TRUE)
def test_a_true_number_is_one_in_any_spelling(text: str, corpus: Corpus) -> None:
    assert rulings(text, corpus) != []
    assert flags(text, corpus) == []


FALSE = [
    ("The mean TTFT of kite-nano:9b-q4_0 is 270,5 ms.", "270,5 ms"),
    ("The mean TTFT of heron:2b is 1.350,0 ms.", "1.350,0 ms"),
    ("The mean TTFT of heron:2b is 1,2 s, its max TTFT 1,8 s.", "1,8 s"),
    ("The mean TTFT of heron:2b is 1250 ± 45 ms.", "45 ms"),
    ("All calls together took 4 min 29.5 s.", "4 min 29.5 s"),
    ("The calls wrote 234,567 output tokens in total.", "234,567 output tokens"),
    ("kite-nano:9b-q4_0 decodes 2.6 times as fast as heron:2b.", "2.6 times"),
    ("heron:2b is slow. The GPU drew 72.5 W on average.", "72.5 W"),
    ("Of 5 calls, 3 failed.", "3"),
    ("kite-nano:9b-q4_0 had 2 failures.", "2"),
    ("kite-nano:9b-q4_0 had a failure rate of 45%.", "45%"),
    ("| | kite-nano:9b-q4_0 |\n|---|---|\n| Failed calls | 4 |", "4"),
    ("12% of the calls failed.", "12%"),
    ("heron:2b is slow. The GPU was at 91% utilization.", "91%"),
    ("kite-nano:9b-q4_0 failed 3 times.", "3 times"),
    ("2 of 5 calls were successful.", "2"),
    ("The mean TTFT ranges from 250.5 ms (kite-nano) to 1250.0 ms (heron).", "250.5 ms"),
    ("On rivers, kite-nano:9b-q4_0 has the highest accuracy.", "highest"),
    (
        (
            "| Model | num_ctx=2048 (tok/s) | num_ctx=8192 (tok/s) | Change |\n|---|---|---|---|\n"
            "| heron:2b | 41.0 | 39.0 | -9.4% |"
        ),
        "9.4%",
    ),
    ("The mean TTFT of heron:2b is <b>1350</b>&nbsp;ms.", "1350</b>&nbsp;ms"),
    (
        (
            "<table><tr><th>Model<th>Mean TTFT (ms)</tr>\n<tr><td>heron:2b</td><td>210.5</td></tr>"
            "</table>"
        ),
        "210.5",
    ),
    ("### kite-nano\n\n1.6x the decode rate of heron:2b; lower mean TTFT (1250 ms).", "1250 ms"),
    ("Two calls of kite-nano:9b-q4_0 failed.", "Two"),
    ("In total 2,34,567 tokens were generated.", "2,34,567 tokens"),
    ("The mean TTFT of heron:2b is **1250** s.", "1250** s"),
]


@pytest.mark.parametrize(("text", "quote"), FALSE)
def test_a_false_number_is_one_in_any_spelling(text: str, quote: str, corpus: Corpus) -> None:
    assert flags(text, corpus) == [quote]


def test_a_home_folder_is_known_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": AT_HOME})
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    for jay in ("/home/ann/models/jay.gguf", "~/models/jay.gguf", "/Users/bob/models/jay.gguf"):
        text = f"The mean decode rate of `{jay}` is 21.0 tok/s, its decode rate at most 30.0 tok/s."
        assert flags(text, corpus) == ["30.0 tok/s"]


def test_a_model_that_is_called_by_its_file_is_no_file_of_the_folder(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    calls = AT_HOME.replace("/home/ann/models/", "")
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": calls})
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    assert flags("jay.gguf had 22.0 tok/s at most, `daw.gguf` 30.0 tok/s.", corpus) == []
    assert flags("jay.gguf had a decode rate of 30.0 tok/s.", corpus) == ["30.0 tok/s"]
    assert flags("The weights of rook.gguf are not measured.", corpus) == ["rook.gguf"]


def test_runs_that_gave_numbers_are_no_failures_whatever_their_file_is_called(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Which setting fails is a comparison that counts the runs with and without numbers."""
    header, *_ = CALLS.splitlines()
    gave = [f"heron:2b,2048,{1180 + turn}.0,40.5,300,615.0," for turn in range(7)]
    calls = "\n".join([header, *gave, *["heron:2b,8192,,,,,out of memory"] * 6])
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/failover.csv": calls + "\n"})
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    labels = [fact.label for fact in corpus.counted if fact.value == 7]
    assert any("gave numbers in `reports/failover.csv`" in label for label in labels)
    assert flags("6 calls failed.\n\n7 calls failed.", corpus) == ["7"]
    told = "In `reports/failover.csv`, with `num_ctx=8192`, 6 runs failed and 0 runs gave numbers, "
    assert flags(f"{told}of the others 0 runs failed and 7 runs gave numbers.", corpus) == []


def test_a_failed_run_is_one_of_its_own_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = CALLS.replace(".0,", ".1,").splitlines(keepends=True)
    files = {"reports/calls.csv": CALLS, "reports/more.csv": "".join(rows[:-1])}
    folder = fill(tmp_path_factory.mktemp("data"), files)
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    text = "In `reports/calls.csv` 1 call failed.\n\nIn `reports/{}.csv` {} failed."
    assert flags(text.format("more", "0 calls"), corpus) == []
    assert flags(text.format("more", "1 call"), corpus) == ["1"]
    assert flags(text.format("calls", "0 calls"), corpus) == ["0"]


def test_a_label_may_be_long(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": CALLS})
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    label = "CSV files in the folders that were given to us by those who made them and in all below"
    assert len(label) > 80
    assert flags(f"{label}: 1\n\n{label}: 3", corpus) == ["3"]


def test_a_file_in_the_name_of_a_subject_is_no_file(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    runs = {
        "command": "serve -m jay.gguf",
        "mean": 0.5,
        "stddev": 0.1,
        "median": 0.5,
        "times": [0.4, 0.6],
    }
    startup = json.dumps(
        {"results": [{**runs, "min": 0.4, "max": 0.6, "user": 0.1, "system": 0.1}]}
    )
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/startup.json": startup})
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    text = "`serve -m jay.gguf` takes 0.5 s on average, that is 0.9 s."
    assert flags(text, corpus) == ["0.9 s"]
