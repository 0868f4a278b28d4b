"""The files that others go back to: the copy that counts, and the raw runs behind a summary."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from benchagent.measurements.spans import Indexes, JoinedFile, Spans

_EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_SUMMARY: Final = re.compile(r"[_-]?(?:summary|aggregate|means?)$", re.IGNORECASE)
_RAW: Final = re.compile(r"[_-]?(?:runs|calls|raw|results|detail)$", re.IGNORECASE)


def find_duplicates(files: Sequence[JoinedFile], n_readings: Indexes) -> dict[str, str]:
    """For every file whose bytes lie elsewhere too, the path that counts: the shortest, then first.

    A file that gave numbers counts before one whose ending kept it from being read.
    """
    same: defaultdict[str, list[JoinedFile]] = defaultdict(list)
    for file in files:
        if file.sha256 != _EMPTY_SHA256:
            same[file.sha256].append(file)
    duplicates: dict[str, str] = {}
    for group in same.values():
        counts = min(group, key=lambda f: (not n_readings[f.content], len(f.path), f.path))
        duplicates |= {file.path: counts.path for file in group if file is not counts}
    return duplicates


def find_raw_files(
    files: Sequence[JoinedFile], formats: Sequence[str | None], spans: Spans
) -> dict[str, str]:
    """For every file that sums up runs, the file that lists them: another one, or itself.

    Args:
        files: those of the snapshot.
        formats: by content.
        spans: of the contents.
    """
    told = spans.n_readings + spans.n_failed
    raw = [f for f in files if told[f.content] and not spans.sums_up[f.content]]
    summaries = [f.path for f in files if spans.sums_up[f.content]]
    own = {f.path: f.path for f in files if spans.sums_up_itself[f.content]}
    twins = _find_twins(summaries, raw, formats)
    return own | twins | match_names(summaries, [file.path for file in raw])


def _find_twins(
    summaries: Iterable[str], raw: Iterable[JoinedFile], formats: Sequence[str | None]
) -> dict[str, str]:
    """The files of the same name but for the ending, where they are of one format."""
    # a tool may write its runs as JSON, or as YAML too, and what sums them up as CSV of that name
    named: defaultdict[str, list[JoinedFile]] = defaultdict(list)
    for file in raw:
        named[file.path.rpartition(".")[0]].append(file)
    found = {path: named[path.rpartition(".")[0]] for path in summaries}
    return {
        path: min(twin.path for twin in twins)
        for path, twins in found.items()
        if len({formats[twin.content] for twin in twins}) == 1
    }


def match_names(summaries: Iterable[str], raw_paths: Iterable[str]) -> dict[str, str]:
    """For each summary the file in its folder whose name says so, if it is just one."""
    named: defaultdict[tuple[PurePosixPath, str], list[str]] = defaultdict(list)
    for path in raw_paths:
        raw = PurePosixPath(path)
        named[raw.parent, _RAW.sub("", raw.stem)].append(path)
    found: dict[str, str] = {}
    for path in summaries:
        summary = PurePosixPath(path)
        stem = _SUMMARY.sub("", summary.stem)
        candidates = named[summary.parent, stem] if stem != summary.stem else []
        if len(candidates) == 1:
            found[path] = candidates[0]
    return found
