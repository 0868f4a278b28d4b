"""The folders that a snapshot is taken of, each under the name that its files' paths begin with.

A data folder has three: reports/, csv_data/ and artifacts/; those that are not there are gaps.
Any other folder is one root by itself, and several folders are given names (`runs=DIR`).
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from benchagent.errors import ExplainedError

ROOT_NAMES = ("reports", "csv_data", "artifacts")
WHOLE = "."
_OF_NUMBERS = frozenset(".csv .tsv .json .jsonl .ndjson .yaml .yml .log .txt".split())
_SPEC = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)=(?P<folder>.+)", re.DOTALL)


class RootsError(ExplainedError):
    """The folders cannot be taken as given; the message says why and what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One folder of artifacts. The name `.` is a folder taken whole, its paths without a prefix."""

    name: str
    path: Path

    @property
    def prefix(self) -> str:
        """What the paths of this root's files begin with."""
        return "" if self.name == WHOLE else f"{self.name}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The roots of one place.

    Attributes:
        present: the roots to scan, at least one.
        missing: names of those of reports/, csv_data/ and artifacts/ that are not there.
        place: tells these roots from another set that uses the same output folder.
    """

    present: tuple[Root, ...]
    missing: tuple[str, ...]
    place: str

    def name_of(self, path: str) -> str:
        """The name of the root that a file's path belongs to."""
        return self.present[0].name if len(self.present) == 1 else path.partition("/")[0]

    def rank(self, path: str) -> tuple[str, str]:
        """Orders paths by root first: `a/x` before `a-b/x`, which as texts stand the other way."""
        return self.name_of(path), path


def resolve_roots(*specs: str | Path) -> Roots:
    """Find the roots that a user means by one folder, or by several as `name=DIR`.

    Raises:
        RootsError: no such folder, a file, an empty folder, a name given twice, one root in
            another.
    """
    if len(specs) == 1 and ("=" not in str(specs[0]) or Path(specs[0]).is_dir()):
        return _of_folder(_existing_folder(Path(specs[0]).expanduser()))
    present = tuple(_named(str(spec)) for spec in specs)
    if not present:
        raise RootsError("no folder was given; name the folder that holds the artifacts")
    _require_apart(present)
    place = "\n".join(sorted(f"{root.name}={root.path}" for root in present))
    return Roots(present=present, missing=(), place=place)


def require_outside(roots: Roots, out: Path) -> None:
    """Raise `RootsError` if a root lies in the output folder: it would read its own results."""
    out = out.resolve()
    for root in roots.present:
        if root.path == out or out in root.path.parents:
            raise RootsError(
                f"{root.path} lies in the output folder {out}; choose another output folder, "
                "or another folder of artifacts"
            )


def list_unscanned(folder: Path) -> list[str]:
    """The names of folders, and of files that may hold numbers, beside the roots of a data folder.

    Empty for a folder that is scanned whole. What is hidden, generated or the roster is none.
    """
    try:
        with os.scandir(folder) as entries:
            found = [f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries]
    except OSError:  # that it cannot be read, `resolve_roots` says
        return []
    if not any(os.path.lexists(folder / name) for name in ROOT_NAMES):
        return []
    ours = {"out/", "agents.yaml", *(f"{name}/" for name in ROOT_NAMES)}
    return sorted(
        name
        for name in found
        if name not in ours
        and not name.startswith(".")
        and (name.endswith("/") or Path(name).suffix.lower() in _OF_NUMBERS)
    )


def _of_folder(folder: Path) -> Roots:
    present = tuple(
        Root(name=name, path=_existing_folder(folder / name, may_be_empty=True))
        for name in ROOT_NAMES
        if os.path.lexists(folder / name)
    )
    if not present:
        return Roots(present=(Root(name=WHOLE, path=folder),), missing=(), place=str(folder))
    _require_apart(present)
    missing = tuple(name for name in ROOT_NAMES if name not in {root.name for root in present})
    return Roots(present=present, missing=missing, place=str(folder))


def _named(spec: str) -> Root:
    match = _SPEC.fullmatch(spec)
    if not match:
        raise RootsError(
            f"{spec!r}: of several folders each needs a name of letters, digits, '.', '_' and '-', "
            "as in runs=DIR"
        )
    return Root(name=match["name"], path=_existing_folder(Path(match["folder"]).expanduser()))


def _existing_folder(path: Path, *, may_be_empty: bool = False) -> Path:
    try:
        folder = path.resolve(strict=True)
        if not folder.is_dir():
            raise RootsError(f"{path} is a file, expected a folder; give the folder that holds it")
        with os.scandir(folder) as entries:
            empty = next(entries, None) is None
    except FileNotFoundError as error:
        raise RootsError(
            f"{path}: there is no such folder; give the folder that holds your benchmark artifacts"
        ) from error
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RootsError(f"{path}: cannot be read ({reason}); let this user read it") from error
    if empty and not may_be_empty:
        raise RootsError(
            f"{path} is empty; put benchmark artifacts (CSV, JSON, Markdown) into it, "
            "or into reports/, csv_data/ or artifacts/ below it"
        )
    return folder


def _require_apart(present: tuple[Root, ...]) -> None:
    for index, root in enumerate(present):
        for other in present[:index]:
            if root.name == other.name:
                raise RootsError(f"the name {root.name!r} was given twice; give each its own")
            if root.path.is_relative_to(other.path) or other.path.is_relative_to(root.path):
                raise RootsError(
                    f"{root.name} ({root.path}) and {other.name} ({other.path}) overlap, so files "
                    "would count twice; give folders that lie apart"
                )
