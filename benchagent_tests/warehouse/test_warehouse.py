"""The DuckDB file: what is in it, that nothing is lost, and what a question may not do."""

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchagent.calls.log import log_call
from benchagent.calls.model_call import CallContext, Ending, ModelCall, Timings
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.partition_files import forget
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.reports import make_report
from benchagent.store import remove_folder
from benchagent.warehouse.building import rebuild, update
from benchagent.warehouse.questions import (
    LOCKED,
    QuestionRefused,
    WarehouseMissing,
    query,
    saved_query,
)
from benchagent_tests.builders import Place, a_call, a_place, with_findings
from benchagent_tests.patience import PATIENCE_S


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A snapshot with a report, and the warehouse built of it."""
    place = a_place(tmp_path_factory.mktemp("warehouse"))
    tell(place)
    rebuild(place.project)
    return place


def tell(place: Place) -> None:
    partition, agent = with_findings(place), place.roster.agent("null")
    make_analysis(partition, agent, place.roster, asking=None)
    make_report(partition, agent, dagster_run="0")


def ask(place: Place, sql: str) -> list[dict[str, Any]]:
    return query(place.project, sql).to_pylist()


def count(place: Place, table: str) -> int:
    return ask(place, f"SELECT count(*) AS n FROM {table}")[0]["n"]  # noqa: S608 - our own names


def test_every_table_holds_what_the_files_hold(place: Place) -> None:
    partition = place.reopened()

    assert {table: count(place, table) for table in ("files", "measurements", "failed_runs")} == {
        "files": 4,
        "measurements": 385,
        "failed_runs": partition.table("failed_runs").num_rows,
    }
    assert count(place, "facts") == len(partition.facts)
    assert count(place, "findings") == len(partition.findings)
    assert count(place, "reports") == 1
    assert count(place, "claims") == len(read_report(partition, "null").citations)
    assert count(place, "model_calls") == 0


def test_a_figure_leads_from_the_report_to_its_cell_in_one_question(place: Place) -> None:
    [row, *_] = ask(
        place,
        """
        SELECT c.quote, m.source_path, m.locator, m.raw_value
        FROM claims c
        JOIN facts f ON f.snapshot = c.snapshot AND f.id = c.fact
        JOIN measurements m ON m.snapshot = f.snapshot AND list_contains(f.measurements, m.id)
        WHERE f.method = 'median' AND f.metric = 'load_time' AND f.phase = 'warm'
        ORDER BY m.locator
        """,
    )

    assert row["source_path"] == "reports/fox/sweep.csv"
    assert row["locator"].endswith(",column=load_ms")
    assert float(row["raw_value"]) == 4.0


def test_every_row_names_its_snapshot(place: Place) -> None:
    for table in ("files", "measurements", "failed_runs", "facts", "findings", "reports", "claims"):
        found = ask(place, f"SELECT DISTINCT snapshot FROM {table}")  # noqa: S608 - our own names
        assert found == [{"snapshot": place.key}]


def contents(place: Place) -> dict[str, list[dict[str, Any]]]:
    tables = ("files", "measurements", "failed_runs", "facts", "findings", "reports", "claims")
    return {
        table: ask(place, f"SELECT * FROM {table} ORDER BY ALL")  # noqa: S608 - our own names
        for table in tables
    }


def test_a_rebuild_from_nothing_gives_the_same(place: Place) -> None:
    before = contents(place)
    place.project.warehouse.unlink()
    for path in (place.project.out / "warehouse").glob("writer.duckdb*"):
        path.unlink()

    rebuild(place.project)

    assert contents(place) == before


def test_a_damaged_writer_is_built_anew(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with_findings(place)
    update(place.project)
    (place.project.out / "warehouse" / "writer.duckdb").write_bytes(b"no database")

    assert update(place.project)["measurements"] == 385


def test_a_writer_whose_last_writer_did_not_come_to_its_end_is_built_anew(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with_findings(place)
    update(place.project)
    (place.project.out / "warehouse" / "writer.whole").unlink()
    writer = place.project.out / "warehouse" / "writer.duckdb"
    with closing(duckdb.connect(writer)) as halfway:
        halfway.execute("DELETE FROM measurements")
    spilled = writer.with_name("writer.duckdb.tmp")  # what did not fit into its memory
    spilled.mkdir()
    (spilled / "duckdb_temp_storage-0.tmp").write_bytes(b"rows")

    assert update(place.project)["measurements"] == 385


def test_an_update_takes_in_what_changed_and_gives_what_a_rebuild_gives(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    tell(place)
    log_call(place.project.out, dropped_call(1))
    (place.folder / "reports" / "note.md").write_text("# Another one\n", encoding="utf-8")
    second = replace(place, partition=place.scan())
    tell(second)
    update(place.project)
    agent = place.roster.agent("collector")
    # of the first snapshot a report more, of the second one no findings any more
    make_analysis(place.partition, agent, place.roster, asking=None)
    make_report(place.partition, agent, dagster_run="1")
    (second.partition.folder / "findings.json").unlink()
    log_call(place.project.out, dropped_call(2))
    next((place.project.out / "calls").glob("*/c0001.json")).unlink()

    rows = update(place.project)

    assert (rows["reports"], rows["model_calls"]) == (3, 1)
    assert {row["snapshot"] for row in ask(place, "SELECT snapshot FROM findings")} == {place.key}
    updated = contents(place)
    assert rebuild(place.project) == rows
    assert contents(place) == updated


def two_snapshots(tmp_path: Path) -> list[Place]:
    """Both with a report, in the order of their keys: of one second, chance decides it."""
    place = a_place(tmp_path)
    tell(place)
    (place.folder / "reports" / "note.md").write_text("# Another one\n", encoding="utf-8")
    other = replace(place, partition=place.scan())
    tell(other)
    update(place.project)
    return sorted([place, other], key=lambda each: each.key)


def test_an_update_leaves_the_rows_of_all_that_did_not_change(tmp_path: Path) -> None:
    first, second = two_snapshots(tmp_path)
    forget(first.partition.report_record("null"))
    make_report(first.partition, first.roster.agent("null"), dagster_run="1")

    update(first.project)

    # what was taken in last stands last: a report of the first snapshot, and nothing else of it
    last = [
        ask(first, f"SELECT snapshot FROM {table} ORDER BY rowid DESC LIMIT 1")  # noqa: S608
        for table in ("reports", "claims", "facts", "measurements")
    ]
    assert [row["snapshot"] for [row] in last] == [*[first.key] * 2, *[second.key] * 2]


def test_a_snapshot_that_was_retired_is_gone_from_the_warehouse(tmp_path: Path) -> None:
    place, second = two_snapshots(tmp_path)
    remove_folder(place.partition.folder)

    update(place.project)

    for table, rows in contents(place).items():
        assert {row["snapshot"] for row in rows} <= {second.key}, table


def test_an_open_reader_keeps_what_it_opened_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with_findings(place)
    rebuild(place.project)
    with closing(duckdb.connect(place.project.warehouse, read_only=True)) as reader:
        tell(place)
        rebuild(place.project)

        assert reader.execute("SELECT count(*) FROM reports").fetchone() == (0,)
    assert count(place, "reports") == 1


def test_a_snapshot_of_which_only_a_part_is_made_has_the_rows_of_that_part(tmp_path: Path) -> None:
    place = a_place(tmp_path)

    assert rebuild(place.project)["measurements"] == 0
    with_findings(place)
    rows = rebuild(place.project)
    assert (rows["measurements"], rows["reports"]) == (385, 0)


def dropped_call(number: int) -> ModelCall:
    return a_call(
        call_id=f"c{number:04}",
        started_at=f"2026-01-02T03:04:{number % 60:02}.000000+00:00",
        context=CallContext(agent="a", stage="choice"),
        ending=Ending(outcome="dropped"),
    )


def test_every_call_is_a_row_failures_too(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    for number in range(3):
        log_call(place.project.out, dropped_call(number))
    rebuild(place.project)

    assert [row["call_id"] for row in ask(place, saved_query("every_call"))] == [
        "c0000",
        "c0001",
        "c0002",
    ]
    [line] = ask(place, saved_query("calls_by_agent"))
    assert (line["agent"], line["calls"], line["ok"]) == ("a", 3, 0)


def test_a_notebook_gets_a_data_frame(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    for number, rate in enumerate((40.0, 50.0, 60.0)):
        timings = Timings(decode_rate=rate, ttft_ms=None)
        log_call(place.project.out, replace(dropped_call(number), timings=timings))
    rebuild(place.project)

    said = "SELECT agent, ttft_ms, decode_rate FROM model_calls"
    medians = query(place.project, said).to_pandas().groupby("agent").median()

    assert medians.loc["a", "decode_rate"] == 50.0
    assert medians["ttft_ms"].isna().all()


WRITER = """
import sys
from pathlib import Path
from benchagent.pipeline.project import Project
from benchagent.store import remove_folder
from benchagent.warehouse.building import update
from benchagent.calls.log import log_call
from benchagent_tests.warehouse.test_warehouse import dropped_call
project = Project.of(data=(sys.argv[1],), out=sys.argv[2], agents=sys.argv[3])
for turn in range(3):
    log_call(project.out, dropped_call(int(sys.argv[4]) * 10 + turn))
    update(project)
"""


@pytest.mark.slow
def test_several_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    tell(place)
    project = place.project
    where = [project.data[0], str(project.out), str(project.agents)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, *where, str(number)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=PATIENCE_S)
        assert writer.returncode == 0, errors

    assert count(place, "model_calls") == 12
    assert count(place, "measurements") == 385
    assert count(place, "reports") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM 'https://example.org/x.parquet'",
        "COPY files TO '/tmp/benchagent-should-not-exist.csv'",
        "EXPORT DATABASE '/tmp/benchagent-should-not-exist'",
        "ATTACH '/tmp/benchagent-should-not-exist.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA threads = 1",
        "CREATE TABLE x AS SELECT 1",
        "DELETE FROM files",
        "DROP TABLE files",
        # a variable of the program
        "SELECT * FROM parameters",
        # no answer at all
        "",
        "nonsense",
        "SELECT 1; DELETE FROM files",
    ],
)
def test_a_question_reads_the_warehouse_and_nothing_else(place: Place, sql: str) -> None:
    with pytest.raises(QuestionRefused):
        query(place.project, sql)
    assert count(place, "files") == 4


def test_the_locked_settings_are_those_of_a_question(place: Place) -> None:
    found = ask(
        place,
        "SELECT name, value FROM duckdb_settings() WHERE name IN "
        "('enable_external_access', 'lock_configuration') ORDER BY name",
    )

    assert {row["name"]: row["value"] for row in found} == {
        name: str(value).lower() for name, value in LOCKED.items()
    }


def test_a_warehouse_that_is_not_there_yet_is_said_with_what_makes_it(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with pytest.raises(WarehouseMissing, match="benchagent run"):
        query(place.project, "SELECT 1")


def test_the_warehouse_is_readable_by_its_owner_alone(place: Place) -> None:
    assert place.project.warehouse.stat().st_mode & 0o077 == 0
