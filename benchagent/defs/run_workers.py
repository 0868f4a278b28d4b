"""The process that executes a Dagster run, told from a later one that was given its number."""

import os
import signal
from pathlib import Path
from typing import NamedTuple, Self

WORKER_TAG = ".dagster/forked_worker"  # so begin the tags that Dagster's pages do not show


class Worker(NamedTuple):
    """A process of this machine.

    Attributes:
        pid: its number, which the system gives again once it has ended.
        started: when it was started, in ticks since the machine was.
        boot: which start of the machine that was.
    """

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process that has this number now; None where there is none."""
        try:
            said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # After the name, which may hold anything: state, parent, ..., the 20th is the start.
        fields = said.rpartition(")")[2].split()
        if fields[0] in "ZX":
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return cls(pid, int(fields[19]), boot)

    @classmethod
    def from_tag(cls, tag: str, run_id: str) -> Self | None:
        """What `as_tag` wrote; None where a run has it from the run that it tries again."""
        of_run, pid, started, boot = tag.split()
        return cls(int(pid), int(started), boot) if of_run == run_id else None

    def as_tag(self, run_id: str) -> str:
        """How a run remembers its process. A run that is tried again inherits what was remembered."""
        return f"{run_id} {self.pid} {self.started} {self.boot}"

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return Worker.of(self.pid) == self

    def ask_to_end(self) -> bool:
        """Sends SIGTERM, which a run takes for a cancellation; False where the process is gone."""
        try:
            held = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.is_alive():
                return False
            signal.pidfd_send_signal(held, signal.SIGTERM)
        except ProcessLookupError:
            return False
        finally:
            os.close(held)
        return True
