"""kill -9 at random moments of a backfill: it completes, nothing is half-written, nobody is left."""

from pathlib import Path

import pytest

from benchagent_tests.killing import kill_through


@pytest.mark.kills
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")
def test_a_backfill_whose_processes_are_killed_completes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Few moments; `benchmarks/killed_anywhere.py` takes as many as one likes."""
    told = kill_through(tmp_path_factory.mktemp("killed"), kills=3, snapshots=2, seed=7)

    assert told.kills.total() == 3
    assert told.partitions >= 2
    assert told.wrong == []
