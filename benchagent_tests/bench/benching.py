"""Benchmarks as users start them, against the scripted server."""

import csv
import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner, Result

from benchagent.bench.plan import Plan
from benchagent.bench.sweeps import build_option_sets
from benchagent.cli.bench import bench
from benchagent.cli.errors import Failed
from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.scripted_replies import Script, Turn, say

PROMPTS = "# two short ones\nName a colour.\n\nCount to three, slowly.\n"
LONG = "Go on. " * 400


def arguments(*more: str, model: str = "tiny:1b") -> list[str]:
    fixed = ["--model", model, "--prompts", "prompts.txt", "--out", "out", "--out-data", "data"]
    return [*fixed, "--repeat", "2", "--seed", "7", *more]


def run_bench(*more: str, model: str = "tiny:1b") -> Path:
    """Run a benchmark to its end; the folder of its artifacts."""
    result = CliRunner().invoke(bench, arguments(*more, model=model), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def refused(*args: str) -> str:
    """The one sentence with which a benchmark does not start."""
    result: Result = CliRunner().invoke(bench, list(args))
    if isinstance(result.exception, Failed):
        return str(result.exception)
    assert result.exit_code == 2, result.exception
    return result.output.strip().splitlines()[-1]


def calls_of(artifacts: Path) -> list[dict[str, str]]:
    with (artifacts / "bench_calls.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def summary_of(artifacts: Path) -> list[dict[str, object]]:
    return json.loads((artifacts / "bench_summary.json").read_text())["option_sets"]


def parsed(path: Path) -> Parsed:
    found = parse_bytes(path.name, path.read_bytes())
    assert isinstance(found, Parsed), found.reason
    return found


def a_plan(**changed: object) -> Plan:
    plan = Plan(
        stamp="20260102T030405Z",
        models=("tiny:1b",),
        option_sets=build_option_sets(["num_ctx=512,1024", "temperature=0,0.8"], 64),
        prompts=("Name a colour.", "Count to three, slowly."),
        repeat=3,
        cold=False,
        seed=7,
    )
    return replace(plan, **changed)  # pyright: ignore[reportArgumentType]


def failing(script: Script) -> Script:
    """The same failure for the measured call about counting, a proper reply for the others."""

    def play(turn: Turn) -> None:
        (script if "Count" in turn.prompt else say("one two three four"))(turn)

    return play
