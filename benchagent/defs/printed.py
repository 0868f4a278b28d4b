"""What a run prints: kept in a file for the UI, and shown where it would have stood.

Dagster's own way is a `tail` for each of the two streams, and a Python process that watches it: four
processes for a run, which are waited for at its end and may have left its last lines out.
"""

import os
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import Any, Final, TextIO

from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import (
    IO_TYPE_EXTENSION,
    LocalComputeLogManager,
)
from dagster._serdes import ConfigurableClassData
from dagster._utils import touch_file

_LOOK_S: Final = 0.1


class ShownComputeLogs(LocalComputeLogManager):
    """The compute log manager that dagster.yaml names; the files are laid out as Dagster's own."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "ShownComputeLogs":
        """What Dagster makes of the settings."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Generator[CapturedLogContext, None, None]:
        """Keeps what both streams say for as long as the block runs."""
        with (
            _keeping(sys.stdout, self._file(log_key, ComputeIOType.STDOUT)),
            _keeping(sys.stderr, self._file(log_key, ComputeIOType.STDERR)),
        ):
            yield CapturedLogContext(log_key)
        touch_file(self.complete_artifact_path(log_key))

    def _file(self, log_key: Sequence[str], kind: ComputeIOType) -> Path:
        return Path(self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[kind]))


@contextmanager
def _keeping(stream: TextIO, path: Path) -> Iterator[None]:
    touch_file(str(path))
    with _shown(path, stream), redirect_to_file(stream, str(path)):
        yield


@contextmanager
def _shown(path: Path, stream: TextIO) -> Iterator[None]:
    """Copies what is added to a file to where the stream goes now."""
    try:
        shown = os.dup(stream.fileno())
    except OSError:  # a stream in memory; it is not redirected either
        yield
        return
    done = threading.Event()

    def copy() -> None:
        # Whoever read it may have gone; the file has it all.
        with suppress(OSError), path.open("rb") as kept, os.fdopen(shown, "wb") as out:
            while not done.wait(_LOOK_S):
                copyfileobj(kept, out)
                out.flush()
            copyfileobj(kept, out)

    copying = threading.Thread(target=copy, name=f"shows {path.name}", daemon=True)
    copying.start()
    try:
        yield
    finally:
        done.set()
        copying.join()
