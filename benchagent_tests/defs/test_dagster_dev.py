"""`dagster dev` from the repository's root, by somebody who has never heard of `benchagent ui`."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchagent.calls.log import read_calls
from benchagent.pipeline.project import REPOSITORY, Project
from benchagent_tests.builders import ROSTER, small_corpus
from benchagent_tests.defs.ui_questions import (
    Staleness,
    backfill_status,
    launch_backfill,
    made_partitions,
    reload_definitions,
    snapshots,
    staleness,
    times_made,
)
from benchagent_tests.folders import fill
from benchagent_tests.patience import eventually
from benchagent_tests.running import ModelServer, Ui, taken_down, unset

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]
EVIDENCE = ("inventory", "measurements", "facts", "findings")
COPIED = ("dagster.yaml", "workspace.yaml", "pyproject.toml")
# What Dagster itself says of a new home, of its own command and of a home that goes when it ends.
ITS_OWN = ("No cursor for event type", "SupersessionWarning", "Using temporary directory")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as Git gives it, but for its data, which are few."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(
        REPOSITORY / "benchagent", folder / "benchagent", ignore=lambda *_: ["__pycache__"]
    )
    for name in COPIED:
        shutil.copy(REPOSITORY / name, folder)
    fill(folder / "data", small_corpus())
    (folder / "data" / "agents.yaml").write_text(ROSTER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def dev(clone: Path) -> Iterator[Ui]:
    """Told nothing of a home; of the output folder only where it would be anyway."""
    server = ModelServer(folder=clone)
    environment = {
        **unset("BENCHAGENT_|DAGSTER_|OLLAMA_|PYTHONPATH"),
        "PYTHONPATH": str(clone),
        "OLLAMA_HOST": server.url,
        "BENCHAGENT_OUT": str(clone / "data" / "out"),
        "BENCHAGENT_SENSOR_SECONDS": "2",
    }
    data = clone / "data"
    project = Project.of(data=(str(data),), out=data / "out", agents=data / "agents.yaml")
    command = ("-m", "dagster", "dev")
    ui = Ui(project=project, environment=environment, command=command, folder=clone)
    with taken_down(ui, server):
        yield ui


def test_the_sensor_finds_the_files_and_their_reports_are_made(dev: Ui) -> None:
    [key] = eventually(lambda: snapshots(dev), "snapshot by the sensor")
    eventually(lambda: key in made_partitions(dev, "warehouse"), "end of the first run")

    reports = dev.project.snapshot(key) / "reports"
    assert {path.name for path in reports.glob("*.md")} == {"null.md", "collector.md", "insight.md"}


def test_a_backfill_is_carried_out(dev: Ui) -> None:
    keys = eventually(lambda: snapshots(dev), "snapshot by the sensor")
    backfill = launch_backfill(dev, ["inventory", "measurements"], keys)

    eventually(lambda: backfill_status(dev, backfill) == "COMPLETED_SUCCESS", "end of the backfill")


def test_a_changed_persona_asks_its_agent_again_and_nobody_else(dev: Ui, clone: Path) -> None:
    [key] = eventually(lambda: snapshots(dev), "snapshot by the sensor")
    eventually(lambda: key in made_partitions(dev, "warehouse"), "end of the first run")
    before = {row["call_id"] for row in read_calls(dev.project.out)}

    with (clone / "benchagent/agents/personas/insight.md").open("a", encoding="utf-8") as persona:
        persona.write("\nMind the units.\n")
    reload_definitions(dev, location="benchagent")
    stale = {agent: staleness(dev, f"analysis/{agent}", key) for agent in ("insight", "collector")}
    agents = [f"{kind}/{agent}" for kind in ("analysis", "report") for agent in stale]
    backfill = launch_backfill(dev, [*EVIDENCE, *agents], [key])
    eventually(lambda: backfill_status(dev, backfill) == "COMPLETED_SUCCESS", "end of the backfill")

    assert stale["insight"] == Staleness("STALE", ("CODE: has a new code version",))
    assert stale["collector"] == Staleness("FRESH", ())
    calls = [row for row in read_calls(dev.project.out) if row["call_id"] not in before]
    assert {row["agent"] for row in calls if not row["replayed"]} == {"insight"}
    assert times_made(dev, "report/insight")[key] == 2
    assert times_made(dev, "report/collector")[key] == 1


def test_all_state_goes_below_the_output_folder(dev: Ui, clone: Path) -> None:
    eventually(lambda: snapshots(dev), "snapshot by the sensor")

    assert (clone / "data/out/dagster/storage/history/runs/index.db").exists()
    # Dagster's own, which it takes away when it ends; the model server's log is the test's.
    strange = {path.name for path in clone.iterdir() if not path.name.startswith(".tmp_dagster")}
    assert strange == {"benchagent", "data", "chats.jsonl", *COPIED}


def test_no_warning_in_the_log_is_ours(dev: Ui) -> None:
    eventually(lambda: snapshots(dev), "snapshot by the sensor")
    warnings = [
        line
        for line in dev.log.read_text("utf-8").splitlines()
        if re.search(r"WARNING|ERROR|\w+Warning\b", line)
        and not any(own in line for own in ITS_OWN)
    ]
    assert warnings == []
