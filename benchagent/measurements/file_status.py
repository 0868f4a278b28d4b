"""What became of each file: what it gave, or the reason why it gave nothing."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from benchagent.measurements.held_files import JoinedFile
from benchagent.measurements.named_columns import read_rows
from benchagent.measurements.readings import ReasonCode
from benchagent.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """What became of one file: its format and counts, or the reason why it gave nothing.

    Attributes:
        shape: of a table or list of no known format, equal for all alike.
    """

    path: str
    sha256: str
    format: str | None = None
    n_measurements: int = 0
    n_failed: int = 0
    reason_code: ReasonCode | None = None
    reason: str | None = None
    duplicate_of: str | None = None
    shape: str | None = None


def describe_files(
    files: Sequence[JoinedFile], told: pa.Table, proposed: Set[str]
) -> tuple[FileStatus, ...]:
    """What became of files whose bytes were read.

    Args:
        files: with what is known of each.
        told: of their contents, as `KeptContents` tells it.
        proposed: formats that wait for a user to accept them.
    """
    of_contents = list(read_rows(told, ("n_readings", "n_failed", "reason_code", "shape")))
    said = read_rows(told, ("format", "reason", "refused", "first_refusal"))
    reasons = [_say_reason(*cells, proposed=proposed) for cells in said]
    listed: list[FileStatus] = []
    for file in files:
        n_readings, n_failed, reason_code, shape = of_contents[file.content]
        listed.append(
            FileStatus(
                path=file.path,
                sha256=file.sha256,
                format=file.format,
                n_measurements=n_readings,
                n_failed=n_failed,
                reason_code=reason_code,
                reason=reasons[file.content],
                duplicate_of=file.duplicate_of,
                shape=shape,
            )
        )
    return tuple(listed)


def _say_reason(
    format: str | None,
    reason: str | None,
    refused: int,
    first_refusal: str | None,
    *,
    proposed: Set[str],
) -> str | None:
    said = [reason] if reason else []
    if format in proposed:
        said.insert(0, "an experimental format: its numbers stay out of facts until accepted")
    if refused:
        said.append(f"{counted(refused, 'place')} refused, the first {first_refusal}")
    return "; ".join(said) or None
