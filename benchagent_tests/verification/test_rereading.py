"""A figure is printed only if the stored files give it again; else it is withheld, and why."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchagent.defs.execution import Progress, StepDone, execute, job_of, selection_of
from benchagent.facts.fact import Fact, vary
from benchagent.facts.table import facts_from_table, facts_table
from benchagent.inventory.blobs import blob_path
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import forget, read_table, write_table
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.reports import make_report
from benchagent.reporting.report import Report
from benchagent.verification.guard.rereading import MeasuredCells, describe_places, reread
from benchagent_tests.builders import Place, a_copy, a_fact, a_place, with_findings


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A snapshot with findings, and the code's own account of them."""
    place = a_place(tmp_path_factory.mktemp("told"))
    make_analysis(with_findings(place), place.roster.agent("null"), place.roster, asking=None)
    return place


@pytest.fixture
def place(told: Place, tmp_path: Path) -> Place:
    """A copy of it to do harm to."""
    return a_copy(told, tmp_path)


def report_on(place: Place) -> Report:
    partition = place.reopened()
    forget(partition.report_record("null"))
    make_report(partition, place.roster.agent("null"), dagster_run="0")
    return read_report(partition, "null")


def problems_of(report: Report) -> set[str]:
    return {cited.problem for cited in report.citations if cited.problem}


def tamper(place: Place, change: Callable[[Fact], Fact]) -> None:
    """Change facts in the stored file, and leave everything else."""
    path = place.partition.folder / "facts.parquet"
    changed = [change(fact) for fact in facts_from_table(read_table(path))]
    write_table(path, facts_table(changed))


def overwrite(place: Place, old: bytes, new: bytes) -> str:
    """Change a stored content under its old name; gives its path in the snapshot."""
    sweep = next(
        file for file in place.partition.snapshot.files if file.path.endswith("fox/sweep.csv")
    )
    path = blob_path(place.project.out, sweep.sha256)
    path.chmod(0o600)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    return sweep.path


def test_files_as_they_were_give_every_figure_again(place: Place) -> None:
    report = report_on(place)

    assert len(report.citations) > 50
    assert problems_of(report) == set()


def test_a_stored_file_that_was_changed_prints_none_of_its_figures(place: Place) -> None:
    path = overwrite(place, b"fox:1b,512,1,1,cold", b"fox:1b,512,1,1,wolf")

    report = report_on(place)

    # two files hold that content
    assert {said.partition(": ")[0] for said in problems_of(report)} == {
        path,
        "csv_data/copy of sweep.csv",
    }
    withheld = [cited for cited in report.citations if cited.problem]
    assert len(withheld) > 10
    assert {cited.figure for cited in withheld} == {"withheld"}
    assert "[withheld](#e" in report.markdown
    rows = [line for line in report.markdown.splitlines() if "| withheld: " in line]
    assert rows
    assert all("| none | none |" in row for row in rows), "no n and no interval either"
    assert not any("withheld" not in shown for shown in map(str, _evidence(report, withheld)))


@pytest.mark.parametrize(("old", "compared"), [(b"", True), (b"fox:1b,512,1,1,cold", False)])
def test_only_a_report_whose_figures_hold_is_compared(
    place: Place, old: bytes, compared: bool
) -> None:
    agents = [place.roster.agent("null")]
    overwrite(place, old, old.replace(b"cold", b"wolf"))
    ended: list[StepDone] = []

    with dg.DagsterInstance.ephemeral() as instance:
        failure = execute(
            job_of(place.project),
            instance,
            place.key,
            selection_of(agents, place.roster),
            Progress(begun=lambda name: None, done=ended.append),
        )

    assert (failure is None) is compared
    assert [step.asset for step in ended if step.failed] == ([] if compared else ["report/null"])
    assert ("comparison" in [step.asset for step in ended]) is compared
    assert place.partition.report_record("null").exists()


def _evidence(report: Report, withheld: list[Any]) -> list[str]:
    """What the page shows on hover for those figures."""
    numbers = {
        int(report.markdown[cited.end :].removeprefix("](#e").split(")")[0]) for cited in withheld
    }
    return [report.evidence[number] for number in numbers]


def test_a_stored_file_that_is_gone_prints_none_of_its_figures(place: Place) -> None:
    sweep = next(f for f in place.partition.snapshot.files if f.path.endswith("sweep.csv"))
    blob_path(place.project.out, sweep.sha256).unlink()

    report = report_on(place)

    assert any("sweep.csv" in said for said in problems_of(report))


@pytest.mark.parametrize(
    "change",
    [
        {"value": 999.0},
        {"n": 999},
        {"ci_low": 1.0},
        {"ci_high": 999.0},
        {"spread": 0.001},
    ],
)
def test_a_fact_that_was_tampered_with_is_withheld(place: Place, change: dict[str, Any]) -> None:
    def worse(fact: Fact) -> Fact:
        told = fact.statistic == "value" and fact.ci_low is not None
        return vary(fact, **{**change, "id": fact.id}) if told else fact

    tamper(place, worse)

    report = report_on(place)

    assert problems_of(report)
    # A snapshot's key may have these digits, and so may what the run took.
    told = report.markdown.split("Workflow summary")[0]
    assert not re.search(r"(?<![0-9a-f])999(?![0-9a-f])", told)


def test_a_fact_that_rests_on_other_cells_than_it_did_is_withheld(place: Place) -> None:
    def moved(fact: Fact) -> Fact:
        return vary(fact, id=fact.id, measurements=tuple(n + 1 for n in fact.measurements))

    tamper(place, moved)

    assert any("not what was derived" in said for said in problems_of(report_on(place)))


def test_a_fact_whose_cells_are_nowhere_is_withheld_and_the_report_is_written(
    place: Place,
) -> None:
    def lost(fact: Fact) -> Fact:
        return vary(fact, id=fact.id, measurements=tuple(-1 for _ in fact.measurements))

    tamper(place, lost)

    assert problems_of(report_on(place))


def reread_with(partition: Partition, **changes: str) -> set[str | None]:
    """What rereading says of the medians where the cells say something else."""
    table = partition.table("measurements")
    for name, value in changes.items():
        column = table.schema.get_field_index(name)
        changed = pa.array([value] * table.num_rows, pa.string())
        table = table.set_column(column, name, changed)
    cited = [fact.id for fact in partition.facts.values() if fact.method == "median"]
    cells = MeasuredCells(table)
    behind = cells.read(cells.behind(cited, partition.facts))
    blobs = {
        file.sha256: blob_path(partition.project.out, file.sha256).read_bytes()
        for file in partition.snapshot.files
    }
    return set(reread(cited, partition.facts, behind, blobs.__getitem__, {}).values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"locator": "row=999,column=ttft_ms"}, "'row=999,column=ttft_ms' is not in the file"),
        ({"locator": "row=1,column=none"}, "is not in the file"),
        ({"locator": "/0/ttft_ms"}, ""),
        ({"locator": "somewhere"}, "is no locator"),
        ({"raw_value": "77.7"}, "expected '77.7'"),
        ({"raw_unit": "s"}, "reads as"),
    ],
)
def test_a_place_that_does_not_give_the_number_again_is_said(
    place: Place, changes: dict[str, str], said: str
) -> None:
    found = reread_with(place.reopened(), **changes)

    assert None not in found
    assert all(said in (reason or "") for reason in found)


def test_the_same_places_give_the_same_numbers(place: Place) -> None:
    assert reread_with(place.reopened()) == {None}


def test_a_fact_names_its_first_places_and_how_many_more_there_are(place: Place) -> None:
    partition = place.reopened()
    fact = next(f for f in partition.facts.values() if len(f.measurements) == 11)
    cells = MeasuredCells(partition.measurements)
    behind = cells.behind([fact.id], partition.facts)

    said = describe_places(fact, list(cells.read(behind[:3])), len(behind))

    assert said.count("`reports/fox/sweep.csv` at `row=") == 3
    assert said.endswith("; 8 more")


def test_a_fact_without_cells_names_its_files_or_the_listing() -> None:
    assert describe_places(a_fact(sources=("a|b.csv",)), [], 0) == "`a\\|b.csv`"
    assert describe_places(a_fact(), [], 0) == "the listing of the snapshot"


def test_every_measurement_of_the_snapshot_is_found_again(place: Place) -> None:
    partition = place.reopened()
    measured = partition.table("measurements")
    counted = measured.filter(pc.field("duplicate_of").is_null())
    number = next(fact for fact in partition.facts.values() if fact.statistic == "measurements")

    cells = MeasuredCells(measured)
    read = list(cells.read(cells.behind([number.id], partition.facts)))

    assert len(read) >= counted.num_rows > 0
