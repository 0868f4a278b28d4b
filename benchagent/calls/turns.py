"""Whose turn it is at a model server: so many agents at once on this machine, usually one.

The system lets go of a turn when the process that has it dies, and keeps it while it lives: a step
that goes on after its Dagster run was given up still has the graphics processor to itself.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from urllib.parse import urlsplit

from benchagent.calls.hosts import is_loopback
from benchagent.store import StoreUnwritable, locked_one_of

LOCKS = "BENCHAGENT_LOCKS"


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
    places = [turns_folder() / f"{name}.{number}.lock" for number in range(1, at_once + 1)]
    with locked_one_of(places, doing=f"asking {name}"):
        yield


def turn_name(server: str) -> str:
    """What the turns at a server are called; all names of this machine are one."""
    parts = urlsplit(server)
    host = "this-machine" if is_loopback(server) else (parts.hostname or server)
    return "".join(c if c.isalnum() or c in "-." else "-" for c in f"{host}-{parts.port or ''}")
