"""What the graphics processors of this machine do while a call runs, where nvidia-smi can say.

A reading costs a process of a tenth of a second or so, so it is taken beside the call, in a thread
that the call never waits for. A tool that fails or hangs is not asked again.
"""

import csv
import shutil
import subprocess
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

PROGRAM: Final = "nvidia-smi"
QUERY: Final = (
    "name",
    "utilization.gpu",
    "memory.used",
    "memory.total",
    "power.draw",
    "clocks.sm",
    "temperature.gpu",
)
# An old driver without persistence needs seconds for its first answer, and none needs more.
PATIENCE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.5
_GLANCE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """The busiest moment of a call, of all processors together; null where nothing could be read.

    Attributes:
        gpu_name: of each, joined by ` + `.
        gpu_utilisation_percent, gpu_sm_clock_mhz, gpu_temperature_c: of the highest one.
        gpu_memory_used_mib, gpu_memory_total_mib, gpu_power_w: added up.
        gpu_samples: how many readings the moment was chosen from.
    """

    gpu_name: str | None = None
    gpu_utilisation_percent: float | None = None
    gpu_memory_used_mib: float | None = None
    gpu_memory_total_mib: float | None = None
    gpu_power_w: float | None = None
    gpu_sm_clock_mhz: float | None = None
    gpu_temperature_c: float | None = None
    gpu_samples: int | None = None


class GpuMeter:
    """nvidia-smi, if it is there, until it fails.

    Attributes:
        problem: why there are no readings; None while there may be.
    """

    def __init__(self, *, here: bool = True) -> None:
        """Look for the program; it is not started yet.

        Args:
            here: whether the models run on this machine; another one's processors cannot be asked.
        """
        self._program = shutil.which(PROGRAM) if here else None
        where = f"there is no {PROGRAM} on the PATH" if here else "the server is another machine"
        self.problem = None if self._program else where

    @contextmanager
    def watching(self) -> Generator["Watching", None, None]:
        """Take readings while the block runs."""
        watching = Watching(self)
        if self.problem is None:
            watching.start()
        try:
            yield watching
        finally:
            watching.stop()

    def read(self, over: threading.Event) -> Gpu | None:
        """One reading, or None: `over` was set, or the program failed, which `problem` then says."""
        command = [str(self._program), f"--query-gpu={','.join(QUERY)}"]
        try:
            child = subprocess.Popen(
                [*command, "--format=csv,noheader,nounits"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            self.problem = f"{PROGRAM} cannot be started: {error.strerror}"
            return None
        answer = _answer(child, over)
        if over.is_set():
            return None
        if answer is None:
            self.problem = f"{PROGRAM} gave no answer within {PATIENCE_SECONDS:g} s"
            return None
        reading = parse_reading(answer.decode(errors="replace"))
        if child.returncode != 0 or reading is None:
            said = " ".join(answer.decode(errors="replace").split())[:120]
            self.problem = f"{PROGRAM} ended with {child.returncode} and said {said!r}"
            return None
        return reading


def _answer(child: subprocess.Popen[bytes], over: threading.Event) -> bytes | None:
    """What the program prints; None where it takes too long or nobody wants it any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return child.communicate(timeout=_GLANCE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            if not over.is_set() and time.monotonic() < deadline:
                continue
        child.kill()
        # Not read to its end: a process that it started may hold the pipe open.
        if child.stdout:
            child.stdout.close()
        child.wait()
        return None


class Watching:
    """The readings beside one call."""

    def __init__(self, meter: GpuMeter) -> None:
        """Nothing is read before `start`."""
        self._meter = meter
        self._readings: list[Gpu] = []
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read at once and then every half second, beside what goes on."""
        self._thread = threading.Thread(target=self._run, name="gpu-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more; returns in a moment, also where the program hangs."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def busiest(self) -> Gpu:
        """The reading with the highest utilisation, with the number of all."""
        return choose_busiest(tuple(self._readings))

    def _run(self) -> None:
        while not self._over.is_set():
            reading = self._meter.read(self._over)
            if reading is None:
                return
            self._readings.append(reading)
            self._over.wait(PAUSE_SECONDS)


def choose_busiest(readings: Sequence[Gpu]) -> Gpu:
    """The reading of the highest utilisation, then power."""
    if not readings:
        return Gpu()

    def busy(reading: Gpu) -> tuple[float, float]:
        return reading.gpu_utilisation_percent or 0.0, reading.gpu_power_w or 0.0

    return replace(max(readings, key=busy), gpu_samples=len(readings))


def parse_reading(text: str) -> Gpu | None:
    """What nvidia-smi prints, one line per processor; None where it is something else.

    >>> parse_reading("RTX 4090, 87, 9000, 24564, 311.5, 2520, [N/A]").gpu_power_w
    311.5
    """
    rows = [row for row in csv.reader(text.splitlines(), skipinitialspace=True) if row]
    if not rows or any(len(row) != len(QUERY) for row in rows):
        return None
    names, *columns = zip(*rows, strict=True)
    busy, used, total, power, clock, heat = ([*map(_number, column)] for column in columns)
    if all(value is None for value in (*busy, *used, *power)):
        return None
    return Gpu(
        gpu_name=" + ".join(names),
        gpu_utilisation_percent=_highest(busy),
        gpu_memory_used_mib=_added(used),
        gpu_memory_total_mib=_added(total),
        gpu_power_w=_added(power),
        gpu_sm_clock_mhz=_highest(clock),
        gpu_temperature_c=_highest(heat),
    )


def _number(cell: str) -> float | None:
    """A figure; None for `[N/A]`, `[Not Supported]` and whatever else is none."""
    try:
        return float(cell)
    except ValueError:
        return None


def _highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _added(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
