"""A file of the folder, before and after all others were looked at."""

import sys
from typing import Literal, NamedTuple

from benchagent.measurements.packed.compressed import inner_name

SubjectFrom = Literal["data", "file-name", "folder"]


class PathParts(NamedTuple):
    """A relative POSIX path taken apart as `PurePosixPath` does, in a tenth of its time."""

    folders: list[str]
    stem: str
    suffix: str


def take_apart(path: str) -> PathParts:
    """The folders of a path, and the name of its file without and from the last dot on."""
    *folders, name = path.split("/")
    dot = name.rfind(".")
    if not 0 < dot < len(name) - 1:
        dot = len(name)
    return PathParts(folders, name[:dot], name[dot:])


def ending_of(path: str) -> str:
    """The lower-case ending of a file's name, `.csv` or, of a compressed one, `.csv.gz`.

    All files of one ending share one text.
    """
    name = path.lower()
    inner = inner_name(name)
    return sys.intern(take_apart(inner).suffix + name[len(inner) :])


class HeldFile(NamedTuple):
    """A file and the place of its content."""

    path: str
    sha256: str
    content: int


class NamedSubject(NamedTuple):
    """A subject and what told it."""

    subject: str
    subject_from: SubjectFrom


class JoinedFile(NamedTuple):
    """A file, the place of its content, and what only the whole folder tells of it.

    Attributes:
        duplicate_of: the path that counts instead.
        derived_from: the path that lists the runs which this one sums up.
        subject: of records that name none.
        settings: what the path tells of how its runs were measured, as `write_settings` writes it.
    """

    path: str
    sha256: str
    content: int
    format: str | None
    duplicate_of: str | None
    derived_from: str | None
    subject: NamedSubject | None
    settings: str | None
