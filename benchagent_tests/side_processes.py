"""Second processes that are waited for, and ones that are killed at a chosen moment."""

import os
import signal
import time
from typing import Any

from benchagent.side_process import SideProcess, Work


class Waited(SideProcess[Any]):
    """It is given its first item as soon as there is one, however long it takes to start."""

    def give(self, work: Work[Any]) -> None:
        super().give(work)
        while work.queue and not self.is_busy and not self.has_ended:
            time.sleep(0.001)  # until it is ready
            super().give(work)


class Killed(Waited):
    """It is killed when it was given items `TURN` times; at 0 before it is ready."""

    TURN = 0
    turns = 0

    def start(self) -> None:
        super().start()
        self._kill_in_turn()

    def give(self, work: Work[Any]) -> None:
        super().give(work)
        self.turns += 1
        self._kill_in_turn()

    def _kill_in_turn(self) -> None:
        if self.turns == self.TURN and not self.has_ended:
            assert self.pid
            os.kill(self.pid, signal.SIGKILL)
