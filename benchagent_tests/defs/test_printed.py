"""What a run prints, in its file and on the terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchagent_tests.patience import PATIENCE_S

PRINTS = """
import os, subprocess, sys
from benchagent.defs.printed import ShownComputeLogs

started = []
class Counted(subprocess.Popen):
    def __init__(self, *args, **options):
        started.append(args)
        super().__init__(*args, **options)
subprocess.Popen = Counted

print("before", flush=True)
logs = ShownComputeLogs(sys.argv[1])
with logs.capture_logs(["run", "compute_logs", "key"]):
    print("told by Python")
    os.write(1, b"told by C\\n")
    print("complained", file=sys.stderr)
    print("the last line")
assert logs.is_capture_complete(["run", "compute_logs", "key"])
assert not started, started
print("after")
"""


def run(logs: Path, script: str, stdout: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(logs)]
    return subprocess.run(
        command, text=True, timeout=PATIENCE_S, check=False, stdout=stdout, stderr=subprocess.PIPE
    )


def kept(logs: Path, kind: str) -> list[str]:
    [path] = logs.rglob(f"*.{kind}")
    return path.read_text(encoding="utf-8").splitlines()


def test_what_a_run_prints_is_in_its_file_and_on_the_terminal_to_the_last_line(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, PRINTS, subprocess.PIPE)

    assert done.returncode == 0, done.stderr
    told = ["told by C", "told by Python", "the last line"]
    assert sorted(kept(tmp_path, "out")) == sorted(told)
    first, *between, last = done.stdout.splitlines()
    assert (first, last) == ("before", "after")
    assert between == kept(tmp_path, "out"), "each line once, in the order of the file"
    assert kept(tmp_path, "err") == ["complained"]
    assert "complained" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a pipe without a reader is another error there")
def test_a_run_whose_reader_has_gone_keeps_what_it_prints(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    script = PRINTS.replace('print("before", flush=True)', "").replace('print("after")', "")
    done = run(tmp_path, script, writer)
    os.close(writer)

    assert done.returncode == 0, done.stderr
    assert "the last line" in kept(tmp_path, "out")
    assert "Traceback" not in done.stderr
