"""A file of the folder, before and after all others were looked at."""

from typing import Literal, NamedTuple

SubjectFrom = Literal["data", "file-name", "folder"]


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
    """

    path: str
    sha256: str
    content: int
    format: str | None
    duplicate_of: str | None
    derived_from: str | None
    subject: NamedSubject | None
