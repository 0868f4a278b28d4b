"""How long from the command to the first report, and where the time goes.

Runs `benchagent run` twice in a new output folder (the embedded model's weights are fetched
before, unless they are there) and prints seconds, tokens and ratios.

The rival is the program that benchagent replaces, as its own reports tell (two of them, on a
GPU): 58 to 60 s and about 2,300 generated tokens for one report. Its model wrote the
whole report; ours chooses from what the code found, so the ratio of tokens is the fair one, and
that of seconds compares a GPU with this machine.

    python benchmarks/first_report.py [--data DIR]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchagent.calls.log import read_calls
from benchagent.calls.servers import embedded_cache
from benchagent.pipeline.project import REPOSITORY

RIVAL_SECONDS = 59.0
RIVAL_TOKENS = 2300


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: seconds to its first report and to its end, and what its calls took."""

    first_report_s: float | None
    total_s: float
    call_s: float
    tokens: Sequence[int]


def measure(data: Path, out: Path) -> Run:
    """Runs the command and watches for reports."""
    known = {str(row["call_id"]) for row in read_calls(out)}
    command = [sys.executable, "-c", "from benchagent.cli import main; main()"]
    command += ["run", "--data", str(data), "--out", str(out)]
    start, started_at, first = time.monotonic(), time.time(), None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            if first is None and _reports_since(out, started_at):
                first = time.monotonic() - start
            time.sleep(0.05)
        if running.returncode:
            sys.exit(running.returncode)
    total = time.monotonic() - start
    calls = [row for row in read_calls(out) if row["call_id"] not in known and not row["replayed"]]
    return Run(
        first_report_s=first,
        total_s=total,
        call_s=sum(float(row["wall_ms"] or 0) for row in calls) / 1000,
        tokens=[int(row["output_tokens"] or 0) for row in calls],
    )


def _reports_since(out: Path, moment: float) -> bool:
    found = out.glob("snapshots/*/reports/*.md")
    return any(path.stat().st_mtime >= moment for path in found)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=REPOSITORY / "data")
    data = parser.parse_args().data.absolute()
    os.environ.setdefault("BENCHAGENT_CACHE", str(embedded_cache(REPOSITORY / "data" / "out")))
    with tempfile.TemporaryDirectory() as warm_up:
        measure(data, Path(warm_up))
    with tempfile.TemporaryDirectory() as folder:
        first, second = measure(data, Path(folder)), measure(data, Path(folder))
    per_report = max(first.tokens, default=0)
    print(f"to the first report            {first.first_report_s or 0:7.1f} s")
    print(f"all agents                     {first.total_s:7.1f} s")
    print(f"of that outside model calls    {first.total_s - first.call_s:7.1f} s")
    print(f"tokens generated, all agents   {sum(first.tokens):7d}   {list(first.tokens)}")
    print(f"most tokens for one report     {per_report:7d}")
    print(f"second run, nothing changed    {second.total_s:7.1f} s   {len(second.tokens)} calls")
    print(f"tokens a report / rival's      {per_report / RIVAL_TOKENS:7.3f}")
    print(f"all agents / rival's one       {first.total_s / RIVAL_SECONDS:7.2f}")


if __name__ == "__main__":
    main()
