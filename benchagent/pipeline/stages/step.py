"""A step from a snapshot to its reports: a file, made once for each version of its inputs and code."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from benchagent.pipeline.partition_files import digest_of, make_once, stamp_of

_LARGE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step made, or found made.

    Attributes:
        path: the file.
        digest: of its content.
        made: False where it stood there already, made from the same inputs by the same code.
    """

    path: Path
    digest: str
    made: bool
    seconds: float


def step_once(path: Path, version: str, make: Callable[[Path], None]) -> Step:
    """The step's file, made if it does not stand there from the same version.

    Args:
        path: the file.
        version: of its inputs and of the code that makes it.
        make: writes it.
    """
    made = make_once(path, version, make)
    if made and path.stat().st_size > _LARGE:
        _let_freed_memory_go()
    stamp = stamp_of(path)
    seconds = stamp.seconds if stamp else 0.0
    return Step(path=path, digest=digest_of(path), made=made, seconds=seconds)


def _let_freed_memory_go() -> None:
    """Give freed memory back to the system; kept, it would come on top of what the next step takes.

    The second pool is that of the C library, which NumPy and Python use too.
    """
    for pool in (pa.default_memory_pool(), pa.system_memory_pool()):
        pool.release_unused()
