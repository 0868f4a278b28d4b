"""What a command imports: the packages that take long to import, and only those that it needs."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchagent.cli import COMMANDS, SCANNING, commands
from benchagent.inventory import second_reader
from benchagent.measurements.parsed.second_parser import SecondParser
from benchagent_tests.patience import PATIENCE_S

HEAVY = (
    "dagster", "duckdb", "httpx", "jinja2", "numpy", "ollama", "openvino_genai", "pandas",
    "pyarrow", "pydantic", "scipy", "scipy.stats", "sqlalchemy", "starlette",
)  # fmt: skip
TABLES = {"numpy", "pyarrow", "pydantic"}
PROGRAM = f"""
import sys
from benchagent.cli import main
try:
    main()
finally:
    print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""


def imported_by(*arguments: str, out: Path) -> set[str]:
    environment = {**os.environ, "BENCHAGENT_OUT": str(out)}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        ("--help", set[str]()),
        ("columns list", TABLES),
        ("facts --help", {"numpy", "pyarrow"}),
        ("findings --help", {"numpy", "pyarrow"}),
        # questions in SQL are DuckDB's
        ("calls --help", {"duckdb", "numpy", "pyarrow"}),
        # what is reachable is asked through the client
        ("doctor --help", {"httpx", "ollama", "pydantic"}),
        ("compare --help", TABLES | {"jinja2"}),
        ("inventory {folder}", TABLES),
        # SciPy by itself loads nothing; its statistics come with the first interval
        ("facts {folder} --where n=1", TABLES | {"scipy", "duckdb"}),
        ("findings {folder}", TABLES | {"scipy"}),
        ("verify {folder}/notes.md --data {folder}", TABLES | {"scipy"}),
    ],
)
def test_a_command_imports_no_large_package_that_it_does_not_need(
    command: str, allowed: set[str], tmp_path: Path
) -> None:
    folder = tmp_path / "numbers"
    folder.mkdir()
    (folder / "rates.csv").write_text("model,tokens_s\ngemma3:270m,41.2\n", encoding="utf-8")
    (folder / "notes.md").write_text("gemma3:270m made 41.2 tokens/s.\n", encoding="utf-8")
    arguments = command.format(folder=folder).split()

    assert imported_by(*arguments, out=tmp_path / "out") <= allowed


def test_the_commands_that_scan_are_known_before_they_are_imported() -> None:
    steps = {"take_snapshot", "measure_snapshot", "derive_snapshot"}
    modules = {name: import_module(f"benchagent.cli.{name}") for name in COMMANDS}
    assert {name for name, module in modules.items() if steps & vars(module).keys()} == SCANNING


@pytest.mark.parametrize(
    ("arguments", "times"),
    [("facts no-such-folder", 1), ("facts --help", 0), ("snapshots list", 0), ("--help", 0)],
)
def test_a_second_process_is_started_for_a_command_that_scans_alone(
    arguments: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected: list[None] = []
    monkeypatch.setattr(second_reader, "expect_scan", lambda: expected.append(None))
    CliRunner().invoke(commands, arguments.split())
    assert len(expected) == times


def test_the_second_process_that_parses_imports_no_pandas() -> None:
    program = f"""
import sys
from {SecondParser.MODULE} import answer
assert "pyarrow" in sys.modules
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)


@pytest.mark.parametrize(
    "made",
    [
        # by PyArrow, which is asked for it
        'frame = pyarrow.table({"rate": [41.2, None]}).to_pandas()',
        # by somebody else, as a format of another package may
        'import pandas; frame = pandas.DataFrame({"rate": [41.2, float("nan")]})',
    ],
)
def test_pandas_is_there_for_whoever_uses_data_frames(made: str) -> None:
    program = f"""
from benchagent.cli import commands
commands.get_command(None, "inventory")
import sys, pyarrow
assert "pandas" not in sys.modules
{made}
import pandas
assert isinstance(frame, pandas.DataFrame)
assert pyarrow.table(frame)["rate"].null_count == 1
assert pyarrow.array(pandas.Series([41.2, float("nan")])).null_count == 1
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)


@pytest.mark.parametrize(
    ("processor", "pool"),
    [("x86_64", "jemalloc"), ("aarch64", "system")],  # Arrow's packages for ARM have no jemalloc
)
@pytest.mark.skipif(sys.platform != "linux", reason="the pools of Arrow's packages for Linux")
def test_arrow_is_asked_for_a_pool_of_memory_that_it_has(processor: str, pool: str) -> None:
    program = f"""
import os
os.uname = lambda: os.uname_result(("Linux", "a", "6", "1", {processor!r}))
import benchagent
print(os.environ["ARROW_DEFAULT_MEMORY_POOL"])
"""
    without = {k: v for k, v in os.environ.items() if k != "ARROW_DEFAULT_MEMORY_POOL"}
    command = [sys.executable, "-c", program]
    assert (
        subprocess.check_output(command, env=without, text=True, timeout=PATIENCE_S) == f"{pool}\n"
    )
