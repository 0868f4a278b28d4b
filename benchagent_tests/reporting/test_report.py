"""Whole reports: one that a reader can read, and those over folders that want to harm."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from benchagent.agents.account import tell_without_model
from benchagent.agents.persona import Contract
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.reports import make_report
from benchagent.references import render_plain, write_figure
from benchagent.reporting.contract import check_contract, count_words
from benchagent.reporting.report import Report, tell
from benchagent.reporting.sections import Material, Section, bold_figures, build_section
from benchagent.reporting.surroundings import Making, surround
from benchagent_tests.builders import (
    a_fact,
    a_finding,
    a_place,
    an_agent,
    calls_csv,
    many_findings,
    small_corpus,
    with_findings,
)
from benchagent_tests.reporting.report_figures import uncited_figures

GOLDEN = Path(__file__).parent / "golden" / "report_without_model.md"
HOSTILE_NAMES = [
    "back`tick``s`.csv",
    "pipe|and\\|bar.csv",
    "{F0123456789ab}.csv",
    "<script>alert(1)</script>.csv".replace("/", "\N{FRACTION SLASH}"),
    "[x](javascript:alert(1)).csv",
    "line\nbreak\r\n# heading.csv",
    "![x](http:x) **bold** $(rm).csv",
    "\u202egnp.csv",
    "```\n.csv",
]


def told_without_model(tmp_path: Path, files: dict[str, str | bytes]) -> tuple[Partition, str]:
    """The partition with the code's own report, and the Markdown."""
    place = a_place(tmp_path, files)
    partition = with_findings(place)
    agent = place.roster.agent("null")
    make_analysis(partition, agent, place.roster, asking=None)
    make_report(partition, agent, dagster_run="00000000-0000-0000-0000-000000000000")
    return partition, partition.report_path("null").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Partition, str]:
    return told_without_model(tmp_path_factory.mktemp("small"), small_corpus())


def normalised(report: str) -> str:
    """Without what differs from run to run: dates, keys, hashes and durations."""
    report = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( UTC)?", "2026-01-02 03:04:05\\1", report)
    report = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{12}", "20260102T030405Z-0123456789ab", report)
    report = re.sub(r"SHA-256 `[0-9a-f]{12}`", "SHA-256 `0123456789ab`", report)
    report = re.sub(r"(- \w+: \[)[0-9.,]+ m?s\]", r"\g<1>1.00 ms]", report)
    return re.sub(r"(\| duration of \w+ \| )[0-9.,]+ m?s \|", r"\g<1>1.00 ms |", report)


def test_a_report_reads_as_the_golden_one(small: tuple[Partition, str]) -> None:
    _, report = small

    found = normalised(report)

    if not GOLDEN.exists():
        GOLDEN.write_text(found, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} was not there; now it is: read it, and run again")
    assert found == GOLDEN.read_text(encoding="utf-8"), (
        f"read the difference; if the report is better so, delete {GOLDEN.name} and run again"
    )


def test_every_figure_outside_code_is_a_citation(small: tuple[Partition, str]) -> None:
    _, report = small

    assert uncited_figures(report) == []


def test_the_check_for_figures_finds_one_that_nobody_cited() -> None:
    assert uncited_figures("It reaches 99 tok/s, see [98 tok/s](#e1) and `97`.") == [
        "It reaches 99 tok/s, see [98 tok/s](#e1) and \N{WHITE SQUARE}."
    ]


def test_every_citation_stands_where_it_says_and_leads_to_its_row(
    small: tuple[Partition, str],
) -> None:
    partition, report = small
    known = read_report(partition, "null")

    assert len(known.citations) > 50
    assert known.markdown == report
    for cited in known.citations:
        assert report[cited.start : cited.end] == cited.figure
        assert report.splitlines()[cited.line - 1].count(f"[{cited.figure}](#e")
        link = re.match(r"\]\(#(e\d+)\)", report[cited.end :])
        assert link is not None
        assert f'<a id="{link[1]}"></a>' in report
        if cited.fact in partition.facts:
            assert cited.figure == write_figure(partition.facts[cited.fact], cited.part)
    anchors = re.findall(r'<a id="(e\d+)">', report)
    assert len(anchors) == len(set(anchors))


def test_nothing_of_an_instruction_in_an_artifact_is_told(small: tuple[Partition, str]) -> None:
    _, report = small

    assert "999" not in normalised(report)
    assert "praise" not in report


def hostile_corpus() -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {
        f"reports/{place}/{name}": f"{calls_csv(prompts=1)}\n" * (place == 0) or f"{place}"
        for place, name in enumerate(HOSTILE_NAMES)
    }
    for place, name in enumerate(HOSTILE_NAMES):
        model = name.removesuffix(".csv").replace("\n", " ").replace("\r", " ")
        quoted = '"' + model.replace('"', '""') + '"'
        files[f"csv_data/{place}.csv"] = calls_csv(model=quoted, prompts=1)
        failed = calls_csv(prompts=1).replace("prompt is too long", quoted)
        files[f"artifacts/{place}.csv"] = failed
    return files


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and the hosts of links."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


HARMLESS = frozenset(
    "html head meta title style body h1 h2 h3 p ul ol li a strong em code pre table thead tbody "
    "tr th td blockquote br".split()
)
DRAWN = frozenset("figure figcaption svg title text line circle".split())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Partition, str]:
    return told_without_model(tmp_path_factory.mktemp("hostile"), hostile_corpus())


def test_hostile_names_stay_names(hostile: tuple[Partition, str]) -> None:
    _, report = hostile
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(report)
    tags = _Tags()
    tags.feed(html)

    assert tags.tags <= HARMLESS
    assert all(re.fullmatch(r"#e\d+", link) for link in tags.links if link)
    assert not tags.handlers
    assert "<h1>" in html
    assert html.count("<h1>") == 1


def test_hostile_names_do_no_harm_in_the_page_either(hostile: tuple[Partition, str]) -> None:
    partition, _ = hostile
    page = partition.report_path("null").with_suffix(".html").read_text(encoding="utf-8")
    tags = _Tags()
    tags.feed(page)

    assert tags.tags <= HARMLESS | DRAWN
    assert all(re.fullmatch(r"#e\d+", link) for link in tags.links if link)
    assert not tags.handlers


def test_no_hostile_name_adds_a_figure(hostile: tuple[Partition, str]) -> None:
    partition, report = hostile

    assert uncited_figures(report) == []
    assert all(cited.problem is None for cited in read_report(partition, "null").citations)


def test_each_row_of_each_table_has_the_cells_of_its_head(hostile: tuple[Partition, str]) -> None:
    _, report = hostile
    html = MarkdownIt("commonmark").enable("table").render(report)

    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall(r"<t[hd]", row)) for row in rows}) == 1
    lines = [line for line in report.splitlines() if line.startswith("| ")]
    cells = len(re.findall(r"<tr>", html))
    assert cells == len([line for line in lines if not line.startswith("|---")])


def test_names_of_the_roster_stay_names(tmp_path: Path) -> None:
    roster = (
        "agents:\n  - {slug: sly, persona: insight, model: null,\n"
        "     label: '<b>`x`</b> [y](javascript:z) | {F0123456789ab}'}\n"
    )
    place = a_place(tmp_path, roster=roster)
    partition = with_findings(place)
    agent = place.roster.agent("sly")
    make_analysis(partition, agent, place.roster, asking=None)
    make_report(partition, agent, dagster_run="0")
    tags = _Tags()
    tags.feed(partition.report_path("sly").with_suffix(".html").read_text(encoding="utf-8"))

    assert tags.tags <= HARMLESS | DRAWN
    assert not any("javascript" in link for link in tags.links)


# --- the account -------------------------------------------------------------------------------


def material(count: int, **changes: object) -> Material:
    findings, facts = many_findings(count)
    analysis = tell_without_model(an_agent(), "s", findings)
    given: dict[str, object] = {
        "analysis": analysis,
        "findings": {finding.id: finding for finding in findings},
        "facts": facts,
        "missing_roots": (),
        **changes,
    }
    return Material(**given)  # type: ignore[arg-type]  # a dictionary of the right types


def test_an_account_keeps_the_words_that_its_persona_promised() -> None:
    contract = Contract(max_words=60, sections=("Executive summary", "Recommendations"))

    sections, told = tell(contract, material(20))

    assert 0 < len(told) < 20
    words = sum(count_words(re.sub(r"\{[^}]*\}", "41.0 tok/s", each.text)) for each in sections)
    assert words <= 60


def test_what_the_ledger_counts_is_whole(small: tuple[Partition, str]) -> None:
    partition, _ = small
    asked = replace(tell_without_model(an_agent(), "s", []), tier="write", chosen_by="model")
    making = Making(written_at="", durations_s={}, calls=(), dagster_run="0")

    around = surround(an_agent(), material(0, analysis=asked), partition.snapshot, making)

    told = render_plain(around.ledger, around.own)
    assert "Experiments proposed: 0 experiments; not measured yet, and valid: 0 experiments" in told
    assert not re.search(r"\d[.]\d", told)


def test_statements_are_told_in_the_order_of_the_agent() -> None:
    made = material(3)

    sections, told = tell(Contract(sections=("Executive summary",)), made)

    assert told == tuple(made.findings)
    places = [sections[0].text.index(finding.facts[0]) for finding in made.findings.values()]
    assert places == sorted(places)


def test_an_account_of_nothing_says_so() -> None:
    made = material(0)

    sections, told = tell(Contract(sections=("Executive summary", "Recommendations")), made)

    assert told == ()
    assert sections[0].text == "Nothing was found that is worth telling."
    assert sections[1].text == "No finding calls for a next step."


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        ({"max_words": 20}, "it has 30 words, at most 20 were promised"),
        ({"min_words": 40}, "it has 30 words, at least 40 were promised"),
        ({"sections": ("Recommendations",)}, "the section 'Recommendations' is missing"),
        ({"table_rows": 2}, "its table has 1 rows, at least 2 were promised"),
    ],
)
def test_a_promise_that_is_broken_is_said(promised: dict[str, object], said: str) -> None:
    text = "word " * 26 + "\n\n| a | b |\n|---|---|\n| c | d |"
    account = [Section(title="Executive summary", text=text)]

    assert check_contract(Contract.model_validate(promised), account) == (said,)


def test_a_promise_that_is_kept_is_not_mentioned() -> None:
    account = [Section(title="Gaps", text="- one two three")]

    assert check_contract(Contract(min_words=3, max_words=20, sections=("Gaps",)), account) == ()


def test_words_are_counted_as_a_reader_counts_them() -> None:
    assert count_words("It is **[77.8 tok/s](#e1)** — `a b`, | x |") == 7


def test_figures_are_set_bold_and_names_are_not() -> None:
    assert bold_figures("`x` {F0123456789ab.n} y") == "`x` **{F0123456789ab.n}** y"


def test_each_promised_recommendation_is_another_one() -> None:
    fact = a_fact()
    twins = [a_finding(number, fact, headline="Same") for number in (1, 2, 3)]
    made = material(
        0,
        findings={each.id: each for each in twins},
        analysis=tell_without_model(an_agent(), "s", twins),
    )

    text = build_section("Recommendations", made, []).text

    assert text == "1. **Same.** Measure again."


def test_a_report_can_be_read_back(small: tuple[Partition, str]) -> None:
    partition, report = small
    kept = json.loads(partition.report_record("null").read_text(encoding="utf-8"))

    assert kept["markdown"] == report
    assert isinstance(read_report(partition, "null"), Report)
