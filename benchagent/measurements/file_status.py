"""What became of each file: what it gave, or the reason why it gave nothing."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from benchagent.measurements.readings import ReasonCode
from benchagent.measurements.segments import ParsedContents
from benchagent.measurements.spans import JoinedFile, Spans


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
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    spans: Spans,
    duplicates: Mapping[str, str],
    proposed: Set[str],
) -> tuple[FileStatus, ...]:
    """What became of files whose bytes were read."""
    contents = parsed.contents.to_pylist()
    return tuple(
        FileStatus(
            path=file.path,
            sha256=file.sha256,
            format=contents[file.content]["format"],
            n_measurements=int(spans.n_readings[file.content]),
            n_failed=int(spans.n_failed[file.content]),
            reason_code=contents[file.content]["reason_code"],
            reason=_say_reason(contents[file.content], proposed),
            duplicate_of=duplicates.get(file.path),
            shape=contents[file.content]["shape"],
        )
        for file in files
    )


def _say_reason(content: Mapping[str, Any], proposed: Set[str]) -> str | None:
    said = [content["reason"]] if content["reason"] else []
    if content["format"] in proposed:
        said.insert(0, "an experimental format: its numbers stay out of facts until accepted")
    if content["refused"]:
        said.append(f"{content['refused']} places refused, the first {content['first_refusal']}")
    return "; ".join(said) or None
