"""Which process of a project is killed next, and when."""

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from benchagent_tests.running import Running

# What a process is, by its command line; a run worker looks like the process it was forked from.
KINDS = {
    "web server": re.compile("-m dagster_webserver"),
    "daemon": re.compile("-m dagster._daemon"),
    "dagster dev": re.compile("-m dagster dev"),
    "code server": re.compile("dagster (api grpc|code-server)"),
    "benchagent ui": re.compile(" ui --port"),
    "embedded server": re.compile("-m benchagent.embedded "),
    "embedded engine": re.compile("-m benchagent.embedded.engine.child"),
    "step process": re.compile(r"multiprocessing\.spawn"),
    "run worker": re.compile("-m benchagent.defs.warm_process"),
}
MODEL_SERVER = "model server"
# With each of these, the UI ends as a whole.
ENDS_THE_UI = frozenset(["web server", "daemon", "benchagent ui"])
# With how often each is chosen: a restart of the UI takes its time, in which nothing else can die.
WEIGHTS = {
    "run worker": 5,
    "step process": 4,
    MODEL_SERVER: 2,
    "embedded server": 2,
    "embedded engine": 1,
    "warm process": 1,
    "daemon": 1,
    "web server": 1,
    "benchagent ui": 1,
}
# A step process first, and then no more of them: they are slow to start.
IN_TURN = (
    "step process",
    "web server",
    "run worker",
    "embedded engine",
    MODEL_SERVER,
    "warm process",
    "embedded server",
    "daemon",
    "benchagent ui",
)
FIRST_S, BETWEEN_S = 40.0, 12.0


def kind_of(process: Running, all_of_them: list[Running]) -> str | None:
    """What a process of a project does."""
    kind = next((name for name, found in KINDS.items() if found.search(process.command)), None)
    parents = [each for each in all_of_them if each.pid == process.parent]
    if kind == "run worker" and parents and KINDS["daemon"].search(parents[0].command):
        return "warm process"
    return kind


@dataclass(slots=True, kw_only=True)
class AtRandom:
    """Any kind at any moment; what is not there at that moment is missed.

    Attributes:
        count: how many are to be killed.
        rng: of the moments and of what is killed.
    """

    count: int
    rng: random.Random
    killed: Counter[str] = field(default_factory=Counter[str])
    _next: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether that many were killed."""
        return self.killed.total() >= self.count

    def choose(self, progress: int, *, ending: bool) -> str | None:
        """What is killed now, also while the UI goes down."""
        now = time.monotonic()
        if self._next is None:
            self._next = now + self.rng.uniform(0, FIRST_S)
        if now < self._next:
            return None
        [kind] = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self.rest()
        return kind

    def hit(self, kind: str, progress: int) -> None:
        """It was there, and is dead."""
        self.killed[kind] += 1

    def rest(self) -> None:
        """The next one dies some seconds after this moment."""
        self._next = time.monotonic() + self.rng.uniform(0, BETWEEN_S)

    def executor(self, *, restarts: int) -> str:
        """Both ways to execute steps are killed in."""
        return ("multiprocess", "in-process")[restarts % 2]


@dataclass(slots=True, kw_only=True)
class OneOfEach:
    """Each kind once, in turn: as soon as work has gone on since the last, and one is there."""

    killed: Counter[str] = field(default_factory=Counter[str])
    _progress: int = -1

    @property
    def is_done(self) -> bool:
        """Whether one of each was killed."""
        return self.killed.total() == len(IN_TURN)

    def choose(self, progress: int, *, ending: bool) -> str | None:
        """What is killed now if one is there, else later; nothing while the UI goes down anyway."""
        if ending or progress <= self._progress:
            return None
        return next((kind for kind in IN_TURN if kind not in self.killed), None)

    def hit(self, kind: str, progress: int) -> None:
        """It was there, and is dead."""
        self.killed[kind] += 1
        self._progress = progress

    def rest(self) -> None:
        """The next one dies when work goes on, whenever that is."""

    def executor(self, *, restarts: int) -> str:
        """Step processes until one was killed."""
        return "in-process" if "step process" in self.killed else "multiprocess"


Plan = AtRandom | OneOfEach
