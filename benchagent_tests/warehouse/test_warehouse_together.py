"""The warehouse among many processes: writers at once, readers that stay, and kill -9.

The children are forked from a process of its own that has never opened a database, since threads
do not survive a fork.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchagent.warehouse.building import rebuild, update
from benchagent.warehouse.questions import WarehouseBusy, query
from benchagent_tests.builders import Place, a_place, with_findings
from benchagent_tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow

SETTING = """
import os, sys
from pathlib import Path
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.warehouse.building import update
from benchagent.warehouse.questions import query
from benchagent_tests.folders import killed_before

project = Project.of(data=(sys.argv[1],), out=sys.argv[2], agents=sys.argv[3])

def in_a_child(act):
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child

def ended_well(child):
    return os.waitpid(child, 0)[1] == 0
"""
WRITERS = """
def write(key):
    partition = Partition(project=project, key=key)
    make_measurements(partition)
    update(project)

children = [in_a_child(lambda key=key: write(key)) for key in list_snapshots(project.out)]
assert len(children) == 20
assert all([ended_well(child) for child in children])
"""
KILLED = """
def has_the_last_good_state():
    [row] = query(project, "SELECT count(*) AS n FROM measurements").to_pylist()
    assert row["n"] == 385, row

step = 1
while killed_before(step, project.out, lambda: update(project)):
    assert ended_well(in_a_child(has_the_last_good_state)), step
    step += 1
assert step > 5, step
assert ended_well(in_a_child(has_the_last_good_state))
"""
NOTEBOOK = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE mine AS SELECT 1 AS x")
print("open", flush=True)
time.sleep(600)
"""


def run(place: Place, script: str) -> None:
    project = place.project
    done = subprocess.run(
        [
            *(sys.executable, "-c", SETTING + script),
            *(project.data[0], str(project.out), str(project.agents)),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def measured(place: Place) -> dict[str, int]:
    sql = "SELECT snapshot, count(*) AS n FROM measurements GROUP BY snapshot"
    return {row["snapshot"]: row["n"] for row in query(place.project, sql).to_pylist()}


def test_twenty_processes_that_write_partitions_at_once_lose_nothing(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    keys = [place.key]
    for number in range(19):
        (place.folder / "reports" / "note.md").write_text(f"# Note {number}\n", encoding="utf-8")
        keys.append(place.scan().key)

    run(place, WRITERS)

    assert measured(place) == dict.fromkeys(keys, 385)


def test_killed_at_any_step_it_still_holds_the_last_good_state(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with_findings(place)
    update(place.project)

    run(place, KILLED)

    assert [path.name for path in place.project.out.glob(".*.tmp")] == []


@contextmanager
def notebook(place: Place) -> Iterator[None]:
    """Somebody who has the file open and writes into it."""
    process = subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK, str(place.project.warehouse)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
    finally:
        process.kill()
        process.communicate()


def test_a_notebook_that_writes_holds_up_no_run_and_only_itself(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with_findings(place)
    rebuild(place.project)
    with notebook(place):
        with pytest.raises(WarehouseBusy, match="duckdb -readonly"):
            measured(place)

        rebuild(place.project)

        assert measured(place) == {place.key: 385}
    # what the notebook had not written through does not spoil the new file
    assert measured(place) == {place.key: 385}
