"""Kill -9 anywhere: a backfill under fire, and what is true of it afterwards.

    python benchmarks/killed_anywhere.py --kills 50 --snapshots 6 --seed 1

Runs `benchagent ui` on a project of its own with a scripted model server, backfills all agents,
and kills run workers, steps, the daemon, the web server, the model server and `benchagent ui`
itself at random moments, starting again what a person would. docs/operations.md has the figures
of a whole run.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchagent.calls.servers import embedded_cache
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.defs.kill_plans import AtRandom
from benchagent_tests.defs.killing import kill_through


def main() -> None:
    """Prints what was killed and what came of it; ends with 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--snapshots", type=int, default=6, help="of each backfill")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plan = AtRandom(count=given.kills, rng=random.Random(given.seed))
        cache = embedded_cache(REPOSITORY / "data" / "out")
        told = kill_through(Path(folder), cache=cache, plan=plan, snapshots=given.snapshots)
    for kind, count in told.kills.most_common():
        print(f"{kind:<14} killed {count} times")
    print(
        f"{told.partitions} snapshots through all agents in {told.seconds / 60:.1f} min, "
        f"{told.restarts} restarts of the UI, {told.resumed} backfills asked to go on, "
        f"{told.calls} model calls, {told.half_written} temporary files swept away"
    )
    print("\n".join(told.wrong) or "nothing lost, nothing made twice, nobody left behind")
    sys.exit(bool(told.wrong))


if __name__ == "__main__":
    main()
