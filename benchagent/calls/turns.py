"""Whose turn it is at a model server: so many agents at once on this machine, usually one.

An agent that has its turn alone is told which runners the one before left in the server's memory.

The system lets go of a turn when the process that has it dies, and keeps it while it lives: a step
that goes on after its Dagster run was given up still has the graphics processor to itself.
"""

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from getpass import getuser
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from benchagent.agents.roster import MOST_AT_ONCE
from benchagent.calls.hosts import is_loopback
from benchagent.calls.runners import LeftRunner
from benchagent.store import StoreError, StoreUnwritable, locked, locked_one_of, replacing

LOCKS = "BENCHAGENT_LOCKS"
_LEFT = TypeAdapter(dict[str, LeftRunner])


def turns_folder() -> Path:
    """Where turns are kept: one folder for all projects of a user on this machine.

    Raises:
        StoreUnwritable: somebody else has a folder of that name.
    """
    if named := os.environ.get(LOCKS):
        return Path(named)
    folder = Path(tempfile.gettempdir()) / f"benchagent-{getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (os.name != "nt" and found.st_uid != os.getuid()):
        raise StoreUnwritable(
            f"{folder}: it is another user's; name a folder of your own with {LOCKS}"
        )
    return folder


@contextmanager
def turn(name: str, *, at_once: int = 1) -> Iterator[None]:
    """Waits for a turn of that name, and has it for as long as the block lasts.

    Args:
        name: the server's, as `turn_name` gives it.
        at_once: how many may have a turn there at a time.
    """
    with locked_one_of(_places(name, at_once), doing=f"asking {name}"):
        yield


@contextmanager
def turn_alone(name: str) -> Iterator[None]:
    """Waits until nobody else has a turn of that name, and keeps everybody out.

    Whatever the rosters of this machine allow: all places that there can be are held.
    """
    with ExitStack() as held:
        # In order, so that two who want to be alone never wait for each other.
        for place in _places(name, MOST_AT_ONCE):
            held.enter_context(locked(place, doing=f"asking {name}"))
        yield


def _places(name: str, number: int) -> list[Path]:
    folder = turns_folder()
    return [folder / f"{name}.{place}.lock" for place in range(1, number + 1)]


def read_left_runners(name: str) -> dict[str, LeftRunner]:
    """What the last one who had a turn of that name alone left in memory; {} where nobody knows."""
    try:
        return _LEFT.validate_json(_left_path(name).read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def write_left_runners(name: str, left: Mapping[str, LeftRunner]) -> None:
    """Tell the next one; where that cannot be written, the next one loads its model anew."""
    with suppress(StoreError), replacing(_left_path(name), synced=False) as path:
        path.write_bytes(_LEFT.dump_json(dict(left)))


def _left_path(name: str) -> Path:
    return turns_folder() / f"{name}.left.json"


def turn_name(server: str) -> str:
    """What the turns at a server are called; all names of this machine are one."""
    parts = urlsplit(server)
    host = "this-machine" if is_loopback(server) else (parts.hostname or server)
    return "".join(c if c.isalnum() or c in "-." else "-" for c in f"{host}-{parts.port or ''}")
