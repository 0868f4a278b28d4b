"""kill -9 of each process of a backfill: it completes, nothing is half-written, nobody is left."""

from pathlib import Path

import pytest

from benchagent_tests.defs.kill_plans import IN_TURN, OneOfEach
from benchagent_tests.defs.killing import kill_through


@pytest.mark.kills
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")
def test_a_backfill_whose_processes_are_killed_one_by_one_completes(
    tmp_path: Path, cache: Path
) -> None:
    """In turn and while work goes on; `benchmarks/killed_anywhere.py` leaves it to chance."""
    told = kill_through(tmp_path, cache=cache, plan=OneOfEach(), snapshots=3)

    assert told.kills == dict.fromkeys(IN_TURN, 1)
    assert told.wrong == []
