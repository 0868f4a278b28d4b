"""Folders of artifacts for the tests, scanned without waiting for them to settle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchagent.inventory.no_snapshot import NoSnapshot
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import Scan, scan
from benchagent.inventory.snapshots import Snapshot, read_snapshot
from benchagent_tests.patience import PATIENCE_S

AT_ONCE = ScanOptions(settle_s=0)
RUNS = "model,tokens_s\ngemma3:270m,212.4\n"
SMALL = {
    "reports/gemma3/runs.csv": RUNS,
    "reports/notes.md": "# Notes\n\nWarm runs only.\n",
    "csv_data/sweep.json": '[{"num_gpu": 80, "tokens_s": 31.5}]',
}


def fill(folder: Path, files: Mapping[str, str | bytes] = SMALL) -> Path:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def take(folder: Path, out: Path, options: ScanOptions = AT_ONCE) -> Scan:
    """Scan a folder of which a snapshot must come."""
    found = scan(resolve_roots(folder), out, options=options)
    assert isinstance(found, Scan), found
    return found


def take_snapshot(folder: Path, out: Path, options: ScanOptions = AT_ONCE) -> Snapshot:
    return read_snapshot(out, take(folder, out, options).key)


def refusal(folder: Path, out: Path, options: ScanOptions = AT_ONCE) -> NoSnapshot:
    """Scan a folder of which no snapshot may come."""
    found = scan(resolve_roots(folder), out, options=options)
    assert isinstance(found, NoSnapshot), found
    return found


SCAN_ONCE = """
import dataclasses, json, sys
from pathlib import Path
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.scans import scan
found = scan(resolve_roots(sys.argv[1]), Path(sys.argv[2]), options=ScanOptions(settle_s=0))
sys.stdout.write(json.dumps(dataclasses.asdict(found)))
"""


def start_scan(folder: Path, out: Path, before: str = "") -> subprocess.Popen[str]:
    """Scan in a process of its own, which runs the lines of `before` first."""
    return subprocess.Popen(
        [sys.executable, "-c", before + SCAN_ONCE, str(folder), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish_scan(process: subprocess.Popen[str]) -> dict[str, object]:
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors
    return json.loads(output)


_STEPS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"}


def killed_before(step: int, out: Path, act: Callable[[], object]) -> bool:
    """Do something in a process of its own that dies by kill -9 before its nth touch of `out`.

    False if it came to its end before.
    """
    child = os.fork()
    if child == 0:
        left = step

        def die(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in _STEPS and str(args[0]).startswith(str(out)):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(die)
        try:
            act()
        except BaseException:  # noqa: BLE001 - the parent sees the status
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL)
    return status != 0
