import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.verification import kept
from benchagent.verification.text.figures import find_figures, find_numerals, read_outside
from benchagent.verification.text.markup import mask
from benchagent.verification.text.names import find_days, find_paths
from benchagent.verification.text.passages import read_passages
from benchagent.verification.text.subject_patterns import build_finder
from benchagent.verification.text.terms import find_metrics, find_statistics

REPORT = """# Title

**Date:** 2026-03-01
**Model:** x

- **Speed:** [42.5 tok/s](#e1) in `a.csv`.
    - Nested: 3 files

| Model | TTFT (ms) |
|---|---|
| m:1b | **12.5** |

```json
{"a": 1}
```
Key Findings**
"""


def test_a_passage_is_the_very_span_of_the_report_that_it_came_from() -> None:
    for passage in read_passages(REPORT):
        assert REPORT[passage.start : passage.start + len(passage.raw)] == passage.raw
        assert len(passage.text) == len(passage.raw)


@given(st.text(alphabet="ab1 .\n*_`|#-[]()<>é٣\U0001f600", max_size=120))
def test_any_text_keeps_its_places(text: str) -> None:
    for passage in read_passages(text):
        assert text[passage.start : passage.start + len(passage.raw)] == passage.raw
        assert len(mask(passage.raw)) == len(passage.raw)


def test_a_cell_knows_its_row_and_column() -> None:
    [cell] = [p for p in read_passages(REPORT) if p.shape == "cell" and "12.5" in p.text]
    assert (cell.row, cell.column) == ("m:1b", "TTFT (ms)")


def test_a_table_in_html_is_one() -> None:
    report = (
        "<table>\n<tr><th>Model</th><th>TTFT (ms)</th></tr>\n"
        "<tr><td>m:1b</td>\n<td><b>12.5</b></td></tr><tr><td>n:2b<td>14.5\n</table>\n\nEnd."
    )
    cells = [p for p in read_passages(report) if p.shape == "cell"]
    told = [(p.row, p.column, p.text.strip()) for p in cells if p.row]
    assert told == [("m:1b", "TTFT (ms)", "12.5"), ("n:2b", "TTFT (ms)", "14.5")]
    assert all(report[p.start : p.start + len(p.raw)] == p.raw for p in cells)


def test_a_table_in_html_that_never_ends_is_none() -> None:
    assert [p.shape for p in read_passages("<table>\n<tr><td>12.5</td></tr>")] == ["sentence"]


def test_an_item_knows_what_it_hangs_under() -> None:
    [nested] = [p for p in read_passages(REPORT) if p.text.startswith("Nested")]
    assert nested.above[0].split()[0] == "Speed:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about 1,234.5 ms", [(1234.5, "ms")]),
        ("34% faster, 2.5x", [(34.0, "%"), (2.5, "x")]),
        ("twenty-two files", [(22.0, "")]),
        ("３４ tok/s", [(34.0, "tok/s")]),  # full-width digits
        ("1.2e3 ms", [(1200.0, "ms")]),
        ("10 min 8 s, 300 s", [(608.0, "s"), (300.0, "s")]),
        ("2 hours and 5 minutes", [(125.0, "minutes")]),
        ("90 output tokens, 5 tokens/s", [(90.0, "output tokens"), (5.0, "tokens/s")]),
        ("12,34,567 bytes", [(1234567.0, "bytes")]),  # crores and lakhs
        ("1'250 ms of '5' ms", [(1250.0, "ms"), (5.0, "")]),
        ("sizes 1,2,4 and 16,32", [(1.0, ""), (2.0, ""), (4.0, ""), (16.0, ""), (32.0, "")]),
        ("-3.5 points", [(-3.5, "")]),
        ("8.0 - 22.0", [(8.0, ""), (22.0, "")]),  # a dash between numbers is no sign
        ("over the past two weeks", [(2.0, "weeks")]),
        ("byte for byte", []),
        ("at 10:30:00", []),
    ],
)
def test_numbers_are_read_with_their_units(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(figure.value, figure.unit) for figure in find_figures(text)] == expected


def test_a_figure_covers_number_and_unit_and_nothing_else() -> None:
    text = "It took ≈ 4372 bytes here."
    [figure] = find_figures(text)
    assert text[figure.start : figure.end] == "4372 bytes"
    assert figure.hedged


def test_a_number_inside_a_name_is_none() -> None:
    assert list(read_outside([(4, 10)], find_numerals("see run_12 now"))) == []


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("November 14th, 2025", "2025-11-14"),
        ("14 Nov 2025", "2025-11-14"),
        ("2025-11-14 18:53:30 UTC", "2025-11-14T18:53:30"),
        ("November 2025", "2025-11"),
        ("11/14/2025", "2025-11-14"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, iso: str) -> None:
    assert [day.iso() for day in find_days(text)] == [iso]


def test_a_pattern_of_names_is_no_file() -> None:
    text = "`out/<model>_*.json` such as `out/m_1.json`"
    assert [name.text for name in find_paths(text)] == ["out/m_1.json"]


def test_a_mean_time_to_first_token_is_no_mean_time() -> None:
    assert [word.meaning for word in find_metrics("mean time to first token")] == [("ttft",)]


def test_a_percentile_is_a_statistic_and_the_fiftieth_a_median() -> None:
    said = [word.meaning for word in find_statistics("p95, 50th percentile, none above")]
    assert said == ["p95", "median", "max"]


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("Prompt tok/s", "prefill_rate"),
        ("PP tok/s", "prefill_rate"),
        ("prefill tps", "prefill_rate"),
        ("the prompt tokens", "prompt_tokens"),
        ("12 requests per second", "request_rate"),
        ("30 words per second", "word_rate"),
        ("its storage requirements", "model_size"),
        ("the disk space", "model_size"),
        ("weight on disk", "model_size"),
        ("GPU\u00a045%", "gpu_utilization"),
    ],
)
def test_no_cheap_look_hides_a_metric(text: str, metric: str) -> None:
    assert [word.meaning for word in find_metrics(text)] == [(metric,)]


@pytest.mark.parametrize(
    ("text", "statistic"),
    [
        ("stddev 3 ms", "stddev"),
        ("both stdevs", "stddev"),
        ("the stderrs", "stderr"),
        ("it spreads over 3 ms", "range"),
        ("95% intervals", "ci"),
    ],
)
def test_no_cheap_look_hides_a_statistic(text: str, statistic: str) -> None:
    assert [word.meaning for word in find_statistics(text)] == [statistic]


def test_a_tag_may_be_glued_to_the_name_of_its_model() -> None:
    finder = build_finder(["codellama:python", "phi-3b:it"])
    for text in ("codellamapython took 3 ms", "phi-3bit took 3 ms"):
        assert [mention.start for mention in finder.find(text, text)] == [0]


SUBJECTS = ("qwen2.5:1.5b", "qwen2.5:7b-instruct-q4_K_M", "fusion")


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("qwen2.5:1.5b", {"qwen2.5:1.5b"}),
        ("Qwen 2.5 1.5b", {"qwen2.5:1.5b"}),
        ("qwen2.5 q4_K_M", {"qwen2.5:7b-instruct-q4_k_m"}),  # what it leaves out is understood
        ("qwen2.5", {"qwen2.5:1.5b", "qwen2.5:7b-instruct-q4_k_m"}),  # the whole family
        ("`fusion`", {"fusion"}),
    ],
)
def test_a_subject_is_found_in_the_ways_people_shorten_it(text: str, subjects: set[str]) -> None:
    [mention] = build_finder(SUBJECTS).find(mask(text), text)
    assert mention.subjects == subjects


def test_the_last_word_of_a_name_is_its_name_where_no_other_has_it() -> None:
    finder = build_finder(["grey-heron:2b", "night-heron:2b", "kite-nano:9b", "sea-tern:1b-q4_0"])
    text = "the heron, a nano kite and the tern (q4_0)"
    assert [m.text for m in finder.find(text, text)] == ["tern (q4_0"]


def test_latest_is_a_tag_in_any_case() -> None:
    finder = build_finder(["heron:latest", "heron:2b"])
    assert [m.text for m in finder.find("TAG: LATEST.", "TAG: LATEST.")] == ["LATEST"]


def test_texts_are_forgotten_before_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(kept, "_MOST_CHARACTERS", 10)
    monkeypatch.setattr(kept, "_CLEARS", [])
    find = kept.remember(8)(asked.append)
    known = kept.Kept[None]()

    def ask() -> int:
        find("text")
        known.ask("word", lambda: asked.append("word"))
        return len(asked)

    kept.make_room(100)  # whatever was read before
    kept.make_room(6)
    assert (ask(), ask()) == (2, 2)
    kept.make_room(3)  # nine characters may be known
    assert ask() == 2
    kept.make_room(3)  # and twelve may not
    assert (ask(), ask()) == (4, 4)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("kite is fast\nheron is slow, at least it seems so", 2),  # the next word had room
        ("heron is slow, at least it seems\nso-so-so-so", 1),  # and here it had none
        ("kite is fast,\nheron is slow, at least it seems so", 1),
        ("kite is fast\nand heron is slow, at least it seems so", 1),
        ("TTFT of these:\nkite 12 ms\nheron 30 ms, at least it seems so", 1),  # a list
        ("x" * 130 + "\nkite is fast", 2),  # nobody breaks such lines by hand
    ],
)
def test_a_line_that_ends_early_ends_its_sentence(text: str, sentences: int) -> None:
    assert len(list(read_passages(text))) == sentences


def test_a_plain_word_is_a_subject_only_in_quotes() -> None:
    assert build_finder(SUBJECTS).find("the fusion of both", "the fusion of both") == []
