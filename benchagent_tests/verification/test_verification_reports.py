import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from benchagent.verification.claims import to_json
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.named_values import EvidenceError, read_known, read_listing
from benchagent.verification.page import render_page
from benchagent_tests.verification.verifying import flags, judge, rulings

CALLS = """model,ttft_s,tokens_s,load_s
qwen2.5:1.5b,2.105,41.2,2.0
qwen2.5:1.5b,0.081,43.9,0.05
qwen2.5:1.5b,0.083,44.1,0.05
phi3:mini,3.412,88.4,3.3
phi3:mini,0.064,91.7,0.03
phi3:mini,0.066,92.3,0.03
"""
COMPILE = {"model": {"name": "unet"}, "note": "nothing measured"}
FOLDER = {
    "reports/runs_20260214-101500.csv": CALLS,
    "reports/setup.json": json.dumps(COMPILE),
    "reports/host.json": json.dumps({"hostname": "node7"}),
    "reports/README.md": "# Notes\n\nMeasured at night.\n",
}


TRUE = [
    "The folder holds 4 files, of which two files are JSON files.",
    "**Total Files:** 4",
    "- JSON: 2 (50%)",
    "CSV (1 file)",
    "`qwen2.5:1.5b` had a median decode rate of 43.9 tok/s.",
    "phi3:mini reached a maximum of 92.3 tok/s in `runs_20260214-101500.csv`.",
    "The mean throughput of qwen2.5:1.5b is 43.07 tokens per second.",
    "TTFT of phi3:mini: 64 ms when warm, 3.412 s when cold.",
    "`phi3:mini` is faster than `qwen2.5:1.5b` (91.7 tok/s against 43.9 tok/s in the median).",
    "phi3:mini has the highest decode rate.",
    "No perplexity was recorded.",
    "Time to First Token (TTFT) was measured.",
    "The run of 2026-02-14 is stamped in its name.",
    "`reports/missing.csv` does not exist.",
    "| Model | Median tok/s |\n|---|---|\n| qwen2.5:1.5b | 43.9 |\n| phi3:mini | 91.7 |",
    "### phi3:mini\n\nIts median decode rate was 91.7 tok/s.",
]


@pytest.mark.parametrize("text", TRUE)
def test_a_true_sentence_is_not_flagged_and_is_read_as_a_claim(text: str, corpus: Corpus) -> None:
    assert rulings(text, corpus)
    assert flags(text, corpus) == []


FALSE = [
    ("The folder holds 14 files.", "14"),
    ("- JSON: 2 (88%)", "88%"),
    ("`qwen2.5:1.5b` had a median decode rate of 47.9 tok/s.", "47.9 tok/s"),
    ("`qwen2.5:1.5b` had a median decode rate of 4.39 tok/s.", "4.39 tok/s"),  # the point moved
    ("`qwen2.5:1.5b` had a median decode rate of 43.9 ms.", "43.9 ms"),  # another unit
    ("`phi3:mini` had a median decode rate of 43.9 tok/s.", "43.9 tok/s"),  # another model
    ("`phi3:mini` had a mean decode rate of 92.3 tok/s.", "92.3 tok/s"),  # another statistic
    ("The qwen2.5:72b model ran at 43.9 tok/s.", "43.9 tok/s"),  # a model that nobody measured
    ("qwen2.5:1.5b is faster than phi3:mini.", "faster than"),
    ("See `reports/runs_final.csv`.", "reports/runs_final.csv"),
    (
        "The lack of latency and throughput data is a gap.",
        "The lack of latency and throughput data",
    ),
    ("Time To Finish (TTFT) was measured.", "Time To Finish (TTFT)"),
    ("| Model | Median tok/s |\n|---|---|\n| phi3:mini | 43.9 |", "43.9"),
    ("Median decode rate of phi3:mini: ٤٧.٩ tok/s.", "٤٧.٩ tok/s"),  # Arabic digits
    ("Median decode rate of phi3:mini: $47.9$ tok/s.", "47.9"),  # LaTeX
    ("[Median decode rate of phi3:mini: 47.9 tok/s](http://x.y/91.7)", "47.9 tok/s"),
]


@pytest.mark.parametrize(("text", "quote"), FALSE)
def test_a_false_sentence_is_flagged_at_the_very_words(
    text: str, quote: str, corpus: Corpus
) -> None:
    assert any(found.startswith(quote) for found in flags(text, corpus)), rulings(text, corpus)


SILENT = [
    "# 12 lessons from 2024",
    "1. Overall the results look promising.",
    "We recommend at least 30 samples and a TTFT below 200 ms.",
    "Aim for more than 120 tok/s with qwen3:32b.",
    "Consider storing results as `results/2027.csv`.",
    "Version: 1.0",
    "**Configuration:** num_gpu=80, num_ctx=512, temp=1",
    "Would you like 3 more plots?",
    "## Persona Prompt\n\nKeep it under 250 words.",
    "## Workflow Summary\n- Execution time: 58.84s (ingest 0.04s | analysis 25.60s)",
    (
        "## Metrics\n- TTFT: 849 ms\n- Total Duration: 58793 ms\n- Tokens Generated: 2262\n"
        "- Prompt Eval: 804 ms\n- Load Duration: 554 ms"
    ),
    "```bash\nbench --repeat 5 --gpu 99\n```",
    "<!-- 999 tok/s -->",
    "In my opinion this is great.",
]


@pytest.mark.parametrize("text", SILENT)
def test_opinions_advice_headings_and_settings_are_no_claims(text: str, corpus: Corpus) -> None:
    assert flags(text, corpus) == []


def test_a_contradiction_says_what_the_data_say(corpus: Corpus) -> None:
    [found] = judge("There are 9 CSV files.", corpus)
    assert found.verdict.ruling == "contradicted"
    assert "1" in found.verdict.reason


def test_an_invented_sample_is_a_claim_with_its_numbers(corpus: Corpus) -> None:
    text = 'An excerpt:\n\n```json\n{"run_id": "a", "speed_index": 12.3}\n```\n'
    block, number = judge(text, corpus)
    assert (block.claim.kind, block.verdict.ruling) == ("sample", "contradicted")
    assert (number.claim.parent, number.verdict.ruling) == (block.claim.start, "unsupported")


def test_a_line_of_json_has_the_fields_of_the_design(corpus: Corpus) -> None:
    text = "Ä: there are 9 CSV files."
    [found] = judge(text, corpus)
    row = json.loads(to_json("r", text, found))
    names = "report line start end quote kind value unit subject row column parent verdict reason evidence"
    assert list(row) == names.split()
    assert (row["line"], text[row["start"] : row["end"]], row["value"]) == (1, "9", 9.0)


def test_the_date_of_a_report_is_held_against_when_it_was_written(
    corpus: Corpus, tmp_path: Path
) -> None:
    file = tmp_path / "e.json"
    file.write_text('{"as_of": "2026-03-01T08:00:00Z", "values": {"mean_speed": 7.25}}')
    known = read_known(file)
    assert rulings("**Date:** 2026-03-01", corpus, known) == [("2026-03-01", "supported")]
    assert rulings("**Date:** October 26, 2023", corpus, known)[0][1] == "contradicted"
    assert rulings("Mean Speed: 7.25", corpus, known) == [("7.25", "supported")]


def test_an_evidence_file_that_is_none_says_so(tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    file.write_text("[1]")
    with pytest.raises(EvidenceError, match="expected a JSON object"):
        read_known(file)


def test_a_listing_is_read_as_it_is_printed() -> None:
    listing = read_listing(
        "Total files analyzed: 3\n\nCSV Files (2)\n  - a/b.csv\n  Latest modified: 2026-01-02 03:04:05 UTC"
    )
    assert (listing.total, listing.counts, listing.paths) == (3, {"csv": 2}, ("a/b.csv",))
    assert listing.latest["csv"].hour == 3


def test_a_page_shows_hostile_text_as_text(corpus: Corpus) -> None:
    text = "<script>alert(1)</script> There are 9 CSV files."
    page = render_page([("<b>", text, judge(text, corpus))])
    assert "<script>" not in page
    assert "<mark class=contradicted" in page


def test_a_page_marks_a_claim_inside_another_one_and_keeps_the_text(corpus: Corpus) -> None:
    text = "The files mostly relate to qwen2.5:1.5b, as `setup.json` shows. CSV: 9 & more.\n"
    outer, inner = judge("The folder holds 9 CSV files.", corpus)[:1] * 2
    outer = replace(outer, claim=replace(outer.claim, start=4, end=62))
    inner = replace(inner, claim=replace(inner.claim, start=45, end=55))
    page = render_page([("nested", text, [outer, inner])])

    body = page.partition("<pre>")[2].partition("</pre>")[0]
    assert unescape(re.sub(r"<[^>]*>", "", body)) == text
    assert body.count("<mark") == body.count("</mark>") == 2
    assert "</mark>` shows" in body
