"""How much of a short command is its start: CPU seconds beside those of its largest packages.

Runs each command over a folder of one small file, in turns with `python -c pass` and
`python -c "import duckdb, pyarrow"`, modules compiled before, and prints the best CPU seconds
(user and system) of each and the ratios. A ratio holds on a busy machine, seconds do not.

    python benchmarks/start_up.py [--rounds 5]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = "from benchagent.cli import main; main()"
NOTHING = "python -c pass"
RIVAL = "python -c 'import duckdb, pyarrow'"


def commands(folder: Path) -> Mapping[str, Sequence[str]]:
    """What is run, by the name under which it is printed."""
    numbers = str(folder / "numbers")
    asked = {
        "--help": ["--help"],
        "findings --help": ["findings", "--help"],
        "doctor --help": ["doctor", "--help"],
        "snapshots list": ["snapshots", "list"],
        "columns list": ["columns", "list"],
        "calls --help": ["calls", "--help"],
        "inventory ROOT": ["inventory", numbers],
        "measurements ROOT": ["measurements", numbers],
        "facts ROOT": ["facts", numbers],
        "findings ROOT": ["findings", numbers],
        "verify REPORT": ["verify", f"{numbers}/notes.md", "--data", numbers],
    }
    ours = {f"benchagent {name}": ["-c", PROGRAM, *rest] for name, rest in asked.items()}
    return {NOTHING: ["-c", "pass"], RIVAL: ["-c", "import duckdb, pyarrow"], **ours}


def cpu_seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """User and system time of one Python program and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "numbers").mkdir()
        (folder / "numbers" / "rates.csv").write_text("model,tokens_s\ngemma3:270m,41.2\n")
        (folder / "numbers" / "notes.md").write_text("gemma3:270m made 41.2 tokens/s.\n")
        environment = {
            **{each: os.environ[each] for each in os.environ if each != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "BENCHAGENT_OUT": str(folder / "out"),
        }
        asked = commands(folder)
        spent: dict[str, list[float]] = {each: [] for each in asked}
        for _ in range(1 + rounds):
            for each, arguments in asked.items():
                spent[each].append(cpu_seconds(arguments, environment))
    # The first round compiles.
    best = {each: min(seconds[1:]) for each, seconds in spent.items()}
    print("| command | CPU s | of nothing | of duckdb and pyarrow |\n| --- | ---: | ---: | ---: |")
    for each, seconds in best.items():
        of_nothing, of_rival = seconds / best[NOTHING], seconds / best[RIVAL]
        print(f"| `{each}` | {seconds:.2f} | {of_nothing:.1f} | {of_rival:.2f} |")


if __name__ == "__main__":
    main()
