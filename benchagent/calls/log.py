"""Every model call as a file of its own, written when the call ends: nothing waits, nothing locks."""

import json
from collections.abc import Iterator
from pathlib import Path

from benchagent.calls.model_call import Cell, ModelCall, call_row
from benchagent.store import write_atomically


def log_call(out: Path, call: ModelCall) -> None:
    """Keeps the record of a call."""
    day = call.started_at[:10]
    write_atomically(out / "calls" / day / f"{call.call_id}.json", json.dumps(call_row(call)))


def read_calls(out: Path) -> Iterator[dict[str, Cell]]:
    """All records, in the order of their days."""
    yield from map(read_call, call_paths(out))


def call_paths(out: Path) -> list[Path]:
    """Where each record is, named by its call's id; a record never changes."""
    return sorted((out / "calls").glob("*/*.json"))


def read_call(path: Path) -> dict[str, Cell]:
    """One record."""
    return json.loads(path.read_bytes())
