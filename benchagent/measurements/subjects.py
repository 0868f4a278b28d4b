"""Which model a file is about, where only its name or its folder says so.

A name is taken at its word only if it looks like a model's: a family that model files are named
after, then a size or variant. `gemma3_1b-it-qat_baseline.csv` is about `gemma3:1b-it-qat`;
`results_final_2.csv` is about nobody knows what.
"""

import re
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Final

import numpy as np

from benchagent.measurements.held_files import HeldFile, NamedSubject, take_apart
from benchagent.measurements.model_names import FAMILIES, FAMILY
from benchagent.measurements.named_columns import codes_of, read_cells, shed
from benchagent.measurements.parsed.kept_contents import KeptContents

_SIZE: Final = r"(?:e?[0-9]+(?:\.[0-9]+)?[bm]|[0-9]+x[0-9]+b)(?:-[a-z0-9.-]+)?"
# `deepseek-coder-6.7b`, `aya-expanse-8b`: a family and which of it, before the size.
_KIND: Final = r"(?:-(?:coder|code|deep|math|chat|expanse|moe|vl|r1|v[0-9](?:\.[0-9])?)){0,2}"
_SIZED: Final = re.compile(rf"({FAMILY.pattern}{_KIND})[_:-]({_SIZE})(?![a-z0-9])", re.IGNORECASE)
# `mistral7b`; of other digits some may be a version (`llama38b`, `qwen27b`).
_GLUED: Final = re.compile(rf"({FAMILIES})((?:[1-9]|1[0-9]|[67][0-9])b)(?![a-z0-9])", re.IGNORECASE)
# In the middle of a name, where nothing says that this one judged or drafted for another.
_INSIDE: Final = re.compile(rf"(?<![a-z0-9.])(?:{_SIZED.pattern})", re.IGNORECASE)
_OTHERS: Final = re.compile(r"judge|draft|teacher|reference|(?<![a-z])vs(?![a-z])", re.IGNORECASE)
# What follows a model's name and is no part of it.
_NO_VARIANT: Final = re.compile(
    r"-(?:runs?|rep|trial|bench|benchmark|results?|sweep|ngl|ctx|threads|bs|batch)(?:[-_]?[0-9]+[km]?)?(?=-|$)"
    r".*",
    re.IGNORECASE,
)
# `phi-3.5-mini`, `gemma-2-2b-it`: families whose version is a word of its own, and sizes in words.
_VERSIONED: Final = re.compile(
    rf"({FAMILY.pattern})(?:-([0-9]+(?:\.[0-9]+)?))?-({_SIZE}|(?:mini|nano|nemo|small|medium|large)"
    r"(?:-(?:instruct|it|chat|base|reasoning|[0-9]+k|i?q[0-9][a-z0-9_]*))*)",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 120
_QUANTIZED: Final = re.compile(r"i?q[0-9]|fp?16|bf16", re.IGNORECASE)

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

    def name(file: HeldFile) -> NamedSubject | None:
        if formats[file.content] == _MANY_SUBJECTS:
            return None
        raw = derived_from.get(file.path)
        if raw and (of_raw := only[content[raw]]):
            return NamedSubject(of_raw, "file-name")
        return find_subject_in_path(file.path, known)

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


def find_subject_in_path(path: str, known: Set[str] = frozenset()) -> NamedSubject | None:
    """The model that a path names, or None unless that is certain.

    A folder's name needs a size to count, in figures or in words: `llama3/` may hold any model of the
    family.

    Args:
        path: relative POSIX path of the file.
        known: subjects that files of the snapshot name themselves; a name without a size is
            taken for the one of them that Ollama means by it (`gemma3` for `gemma3:latest`).
    """
    folders, stem, _ = take_apart(path)
    if sized := _find_sized(stem):
        return NamedSubject(sized, "file-name")
    if family := _find_family(stem):
        latest = f"{family}:latest"
        return NamedSubject(latest if latest in known else family, "file-name")
    for folder in reversed(folders):
        if sized := _find_sized(folder) or _find_versioned(folder):
            return NamedSubject(sized, "folder")
    return None


def _find_sized(name: str) -> str | None:
    if (match := _GLUED.match(name)) and not _OTHERS.search(name):
        return f"{match[1]}:{match[2]}".lower()
    match = _SIZED.match(name) or _find_inside(name)
    return _NO_VARIANT.sub("", f"{match[1]}:{match[2]}".lower()) if match else None


def _find_inside(name: str) -> re.Match[str] | None:
    """The only model that a name has in its middle (`sweep_yi-6b_batch`), if it is the one measured."""
    if len(name) > _LONGEST_NAME or _OTHERS.search(name):
        return None
    found = [*_INSIDE.finditer(name)]
    return found[0] if len(found) == 1 else None


def _find_versioned(name: str) -> str | None:
    match = _VERSIONED.fullmatch(name)
    return f"{match[1]}{match[2] or ''}:{match[3]}".lower() if match else None


def _find_family(stem: str) -> str | None:
    """The family that a name begins with, unless what follows says that it is one of many."""
    family, _, rest = stem.partition("_")
    if not FAMILY.fullmatch(family) or not rest:
        return None
    # `llama3_q5_...` names a quantisation and leaves out the model that was quantised
    return None if _QUANTIZED.match(rest) else family.lower()


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
