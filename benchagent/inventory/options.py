"""How a scan goes about it."""

from dataclasses import dataclass
from typing import Final

from benchagent.store import FREE_FLOOR

SIZE_CAP = 256 * 1024 * 1024
SETTLE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How a scan goes about it.

    Attributes:
        rehash: read every file and store it again, whatever is remembered.
        settle_s: a file that the last scan did not see as it is now is read this many seconds
            after it was seen first; None, for a sensor, leaves it to the next scan.
        leave_out_unsettled: take the snapshot without files that are still being written.
        allow_emptied: believe that a root which had files has none.
        size_cap: a file of more bytes is hashed and not stored.
        free_floor: bytes of disk that stay free.
        wait_s: how long to wait for another scan of the same output folder; None is for ever.
    """

    rehash: bool = False
    settle_s: float | None = SETTLE_S
    leave_out_unsettled: bool = False
    allow_emptied: bool = False
    size_cap: int = SIZE_CAP
    free_floor: int = FREE_FLOOR
    wait_s: float | None = None


USUAL: Final = ScanOptions()
