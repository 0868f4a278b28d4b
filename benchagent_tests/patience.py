"""How long a test waits for what another process or thread has to bring about."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

# Machines that many share stand still for a minute and more. Only a failing test waits so long.
PATIENCE_S: Final = 600.0


def eventually(look: Callable[[], T | None], what: str, *, every_s: float = 0.01) -> T:
    """What `look` gives as soon as it gives anything true."""
    end = time.monotonic() + PATIENCE_S
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"in {PATIENCE_S:.0f} s there was no {what}"
        time.sleep(every_s)
