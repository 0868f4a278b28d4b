"""The files that others go back to: the copy that counts, and the raw runs behind a summary."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa

from benchagent.arrays import Ints
from benchagent.measurements.held_files import HeldFile, take_apart
from benchagent.measurements.named_columns import read_cells

_EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_SUMMARY: Final = re.compile(r"[_-]?(?:summary|aggregate|means?)$", re.IGNORECASE)
_RAW: Final = re.compile(r"[_-]?(?:runs|calls|raw|results|detail)$", re.IGNORECASE)


def find_duplicates(files: Sequence[HeldFile], n_readings: Ints) -> dict[str, str]:
    """For every file whose bytes lie elsewhere too, the path that counts: the shortest, then first.

    A file that gave numbers counts before one whose ending kept it from being read.
    """
    copies = Counter(file.sha256 for file in files)
    same: defaultdict[str, list[HeldFile]] = defaultdict(list)
    for file in files:
        if copies[file.sha256] > 1 and file.sha256 != _EMPTY_SHA256:
            same[file.sha256].append(file)
    duplicates: dict[str, str] = {}
    for group in same.values():
        counts = min(group, key=lambda f: (not n_readings[f.content], len(f.path), f.path))
        duplicates |= {file.path: counts.path for file in group if file is not counts}
    return duplicates


def find_raw_files(files: Sequence[HeldFile], told: pa.Table) -> dict[str, str]:
    """For every file that sums up runs, the file that lists them: another one, or itself.

    Args:
        files: those of the snapshot.
        told: of their contents, as `KeptContents` tells it.
    """
    derives, measures = (told[name].to_numpy() for name in ("derives", "measures"))
    tells = told["n_readings"].to_numpy() + told["n_failed"].to_numpy() > 0
    sums_up, sums_up_own = derives & ~measures, derives & measures
    raw = [f for f in files if tells[f.content] and not sums_up[f.content]]
    summaries = [f.path for f in files if sums_up[f.content]]
    own = {f.path: f.path for f in files if sums_up_own[f.content]}
    twins = _find_twins(summaries, raw, read_cells(told["format"]))
    return own | twins | match_names(summaries, [file.path for file in raw])


def _find_twins(
    summaries: Sequence[str], raw: Iterable[HeldFile], formats: Sequence[str | None]
) -> dict[str, str]:
    """The files of the same name but for the ending, where they are of one format."""
    # a tool may write its runs as JSON, or as YAML too, and what sums them up as CSV of that name
    twins: dict[str, list[HeldFile]] = {path.rpartition(".")[0]: [] for path in summaries}
    for file in raw:
        if (name := file.path.rpartition(".")[0]) in twins:
            twins[name].append(file)
    found = {path: twins[path.rpartition(".")[0]] for path in summaries}
    return {
        path: min(twin.path for twin in twins)
        for path, twins in found.items()
        if len({formats[twin.content] for twin in twins}) == 1
    }


def match_names(summaries: Iterable[str], raw_paths: Iterable[str]) -> dict[str, str]:
    """For each summary the file in its folder whose name says so, if it is just one."""
    wanted = {path: name for path in summaries if (name := _cut(path, _SUMMARY)) != _cut(path)}
    named: dict[tuple[str, str], list[str]] = {name: [] for name in wanted.values()}
    for path in raw_paths if named else ():
        if (name := _cut(path, _RAW)) in named:
            named[name].append(path)
    return {path: named[name][0] for path, name in wanted.items() if len(named[name]) == 1}


def _cut(path: str, ending: re.Pattern[str] | None = None) -> tuple[str, str]:
    """The folder of a file and its name, without what follows a dot and without this ending."""
    folders, stem, _ = take_apart(path)
    return "/".join(folders), ending.sub("", stem) if ending else stem
