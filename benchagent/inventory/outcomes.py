"""How a file was seen, and what became of it: each one text, which goes from process to process.

Like all that the second process of a scan imports, this needs no module that is slow to import:
`typing` alone takes as long as all of the rest.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NewType

    Stamp = NewType("Stamp", str)
    Outcome = NewType("Outcome", str)
else:
    # What a file system says of a file: size, mtime_ns, ctime_ns and inode; the same stamp stands
    # for the same content.
    Stamp = str
    # SHA-256, kind and content of a file that was read, with blanks between; a mark and the reason
    # of one that changed or cannot be read; nothing of one that is still to be read.
    Outcome = str

TO_READ = Outcome("")
_CHANGED, _UNREADABLE = "~", "!"
_NOT_READ = {"", _CHANGED, _UNREADABLE}


def read(sha256: str, kind: str, content: str) -> Outcome:
    """The outcome of a file with this hash, by its name and by what its first bytes look like."""
    return Outcome(f"{sha256} {kind} {content}")


def changed(how: str) -> Outcome:
    """The outcome of a file that did not hold still."""
    return Outcome(_CHANGED + how)


def unreadable(error: OSError) -> Outcome:
    """The outcome of a file that the file system did not give us."""
    return Outcome(_UNREADABLE + why_unreadable(error))


def why_unreadable(error: OSError) -> str:
    """What a listing says of an entry that the file system did not give us."""
    return f"cannot be read: {error.strerror or error}"


def is_read(outcome: Outcome) -> bool:
    """Whether the file was read, so that its hash is known."""
    return outcome[:1] not in _NOT_READ


def has_changed(outcome: Outcome) -> bool:
    """Whether the file did not hold still; one not read for another reason is unreadable."""
    return outcome[:1] == _CHANGED


def reason_in(outcome: Outcome) -> str:
    """Why a file was not read."""
    return outcome[1:]


def sha256_in(outcome: Outcome) -> str:
    """The hash of the content of a file that was read."""
    return outcome[:64]


def kind_and_content_in(outcome: Outcome) -> str:
    """What such a file is by its name, and what its first bytes look like; a blank between."""
    return outcome[65:]
