"""The pictures of a report show what its tables say, and nothing that was withheld."""

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchagent.facts.fact import Fact
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.reports import make_report
from benchagent.reporting.charts import draw_charts
from benchagent.reporting.citing import Citation
from benchagent.reporting.html import render_html
from benchagent.reporting.report import Report
from benchagent_tests.builders import a_fact, a_place, calls_csv, with_findings

HOSTILE = '</text><script>alert("x")</script>' + "long" * 9
DOT = re.compile(
    r'<a href="#e(\d+)"><circle cx="([\d.]+)" cy="\d+" r="4"/><text [^>]*>([^<]+)</text></a>'
)


def a_report(*facts: Fact, withheld: str = "") -> Report:
    """A report that cites these facts, in this order."""
    return Report(
        markdown="",
        citations=tuple(
            Citation(
                fact=fact.id, part=None, figure="", line=1, start=0, end=0,
                problem="the file is gone" if fact.id == withheld else None,
            )
            for fact in facts
        ),
        account=(), broken_promises=(), told=(), evidence={},
    )  # fmt: skip


def drawn(*facts: Fact, withheld: str = "") -> Mapping[str, str]:
    return draw_charts(facts, a_report(*facts, withheld=withheld))


def models(*values: float, **changes: object) -> list[Fact]:
    return [
        a_fact(number, value, subject=f"model:{number}b", **changes)
        for number, value in enumerate(values, 1)
    ]


def test_a_dot_stands_as_far_from_zero_as_its_figure_says() -> None:
    [chart] = drawn(*models(20.0, 40.0, 50.0)).values()

    axis = float(re.findall(r'class="axis" x1="([\d.]+)"', chart)[0])
    dots = DOT.findall(chart)
    assert [(row, figure) for row, _, figure in dots] == [
        ("1", "20.0 tok/s"), ("2", "40.0 tok/s"), ("3", "50.0 tok/s"),
    ]  # fmt: skip
    reach = [float(x) - axis for _, x, _ in dots]
    assert reach[0] / reach[2] == pytest.approx(0.4, abs=0.01)
    assert reach[1] / reach[2] == pytest.approx(0.8, abs=0.01)


def test_a_bar_is_the_interval_of_its_median() -> None:
    [chart] = drawn(*models(30.0, 40.0, ci_low=20.0, ci_high=50.0)).values()

    axis = float(re.findall(r'class="axis" x1="([\d.]+)"', chart)[0])
    ends = re.findall(r'class="interval" x1="([\d.]+)" y1="\d+" x2="([\d.]+)"', chart)
    assert len(ends) == 2
    low, high = (float(end) - axis for end in ends[0])
    assert low / high == pytest.approx(0.4, abs=0.01)


def test_what_was_withheld_is_not_drawn() -> None:
    facts = models(20.0, 40.0, 50.0)

    [chart] = drawn(*facts, withheld=facts[1].id).values()

    assert [row for row, _, _ in DOT.findall(chart)] == ["1", "3"]
    assert "40.0" not in chart


@pytest.mark.parametrize("values", [[50.0], [0.0, 0.0], [-1.0, 50.0]])
def test_what_cannot_be_compared_has_no_picture(values: list[float]) -> None:
    assert drawn(*models(*values)) == {}


def test_a_hostile_name_is_text_and_whole_when_pointed_at() -> None:
    [chart] = drawn(a_fact(1), a_fact(2, subject=HOSTILE)).values()

    assert "<script" not in chart
    names = [each.text for each in ElementTree.fromstring(chart).iter() if each.tag == "title"]
    assert f"{HOSTILE}, warm" in names


def test_the_page_has_the_picture_below_its_own_table_and_nowhere_else() -> None:
    page = render_html(
        "x",
        "### one\n\n| a |\n|---|\n| b |\n\n### two\n\n| c |\n|---|\n| d |\n",
        {},
        {"two": "<svg>2</svg>"},
    )

    assert page.count("<svg>") == 1
    assert page.index("<td>d</td>") < page.index("<svg>2</svg>")


def test_each_dot_of_a_whole_report_leads_to_a_row_that_says_its_figure(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"reports/{name}.csv": calls_csv(f"{name}:1b") for name in ("fox", "owl")
    }
    place = a_place(tmp_path, files)
    partition = with_findings(place)
    agent = place.roster.agent("null")
    make_analysis(partition, agent, place.roster, asking=None)
    make_report(partition, agent, dagster_run="0")

    page = partition.report_path("null").with_suffix(".html").read_text(encoding="utf-8")
    rows = dict(
        re.findall(r'<td><a id="e(\d+)"></a>\d+</td>\n<td>.*?</td>\n<td>([^<]+)</td>', page)
    )
    dots = DOT.findall(page)
    assert len(dots) >= 4
    assert all(rows[row] == figure for row, _, figure in dots)
