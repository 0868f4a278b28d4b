"""Which model a file is about, where only its name or its folder says so, or the file that it sums up."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Final

import numpy as np

from benchagent.measurements.held_files import HeldFile, NamedSubject
from benchagent.measurements.named_columns import codes_of, read_cells, shed
from benchagent.measurements.parsed.kept_contents import KeptContents
from benchagent.measurements.path_names import find_subject_in_path

# Tables of a write-up speak of many models; the file's name says nothing of one row.
_MANY_SUBJECTS: Final = "markdown"


def name_subjects(
    files: Sequence[HeldFile], kept: KeptContents, derived_from: Mapping[str, str]
) -> list[NamedSubject | None]:
    """For each file, the subject of records that name none: its raw file's, else its path's."""
    known, only = _own_subjects(kept)
    formats = read_cells(kept.told["format"])
    content = dict.fromkeys(derived_from.values(), -1)
    content |= {file.path: file.content for file in files if file.path in content}
    quantized = cache(partial(_contents_telling, kept, "quantization"))

    def name(file: HeldFile) -> NamedSubject | None:
        if formats[file.content] == _MANY_SUBJECTS:
            return None
        raw = derived_from.get(file.path)
        if raw and (of_raw := only[content[raw]]):
            return NamedSubject(of_raw, "file-name")
        found = find_subject_in_path(file.path, known)
        if found is None:
            return None
        if found.quantization is None or file.content in quantized():
            return NamedSubject(found.model, found.told_by)
        return NamedSubject(f"{found.model}-{found.quantization}", found.told_by)

    each_once: dict[NamedSubject | None, NamedSubject | None] = {}
    return [each_once.setdefault(found, found) for found in map(name, files)]


def _own_subjects(kept: KeptContents) -> tuple[frozenset[str], list[str | None]]:
    """All subjects that contents name, and for each content the one that it names if it is one."""
    numbers: dict[str, int] = {}
    least = np.full(kept.told.num_rows, np.iinfo(np.int64).max)
    most = np.full(kept.told.num_rows, -1)
    for place, records in kept.records("subject"):
        column = shed(records["subject"])
        names = [numbers.setdefault(n, len(numbers)) for n in column.dictionary.to_pylist()]
        at = np.flatnonzero((codes := codes_of(column)) >= 0)
        if not len(at):
            continue
        number = np.array(names, np.int64)[codes[at]]
        # the records of a content follow one another, and all of them lie in this segment
        starts = np.flatnonzero(np.diff(place[at], prepend=-1))
        least[place[at[starts]]] = np.minimum.reduceat(number, starts)
        most[place[at[starts]]] = np.maximum.reduceat(number, starts)
    named = list(numbers)
    only = [named[high] if low == high else None for low, high in zip(least, most, strict=True)]
    return frozenset(named), only


def _contents_telling(kept: KeptContents, setting: str) -> frozenset[int]:
    """The contents of which a record tells the setting."""
    found: set[int] = set()
    for place, records in kept.records("config"):
        column = shed(records["config"])
        tells = [f'"{setting}":' in config for config in column.dictionary.to_pylist()]
        found.update(np.unique(place[np.array([*tells, False])[codes_of(column)]]).tolist())
    return frozenset(found)


_STAMP: Final = re.compile(
    r"(?<![0-9])(20[0-9]{2})([01][0-9])([0-3][0-9])[-_T]?([0-2][0-9])([0-5][0-9])([0-5][0-9])(?![0-9])"
)


def find_time_in_path(path: str) -> str | None:
    """The time that a file's or folder's name is stamped with, of unknown time zone."""
    for part in reversed(path.split("/")):
        if match := _STAMP.search(part):
            try:
                year, month, day, hour, minute, second = (int(group) for group in match.groups())
                moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - no zone
            except ValueError:
                continue
            return moment.isoformat()
    return None
