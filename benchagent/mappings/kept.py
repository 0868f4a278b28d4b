"""Proposed readings of columns, kept until a person has decided on each.

One file per mapping, `columns/<name>.json` below the output folder. Agents add what is not there
yet and never change what is; the state is changed by a person alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from benchagent.mappings.mapping import PREFIX, ColumnMapping
from benchagent.store import StoreError, write_atomically

State = Literal["proposed", "accepted", "refused"]


class UnknownMapping(StoreError):
    """No mapping of that name was ever proposed."""


class MappingTaken(StoreError):
    """Another mapping was accepted for files of that shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping that was proposed, and what became of it.

    Attributes:
        agent: who proposed it first.
        snapshot: on which one.
        path: a file there that it was tried on.
    """

    mapping: ColumnMapping
    state: State = "proposed"
    agent: str
    snapshot: str
    path: str


_PROPOSAL = TypeAdapter(Proposal)


def keep_proposal(out: Path, proposal: Proposal) -> None:
    """Keeps a proposal for a person to decide on, unless it is there already."""
    path = _path(out, proposal.mapping.name)
    if not path.exists():
        write_atomically(path, _PROPOSAL.dump_json(proposal, indent=1))


def list_mappings(out: Path) -> list[Proposal]:
    """All mappings that were ever proposed, by name.

    Raises:
        StoreError: a file is damaged.
    """
    return [_read(path) for path in sorted((out / "columns").glob(f"{PREFIX}*.json"))]


def _read(path: Path) -> Proposal:
    try:
        return _PROPOSAL.validate_json(path.read_bytes())
    except ValidationError as error:
        raise StoreError(
            f"{path}: damaged ({error.error_count()} fields are not what was written there); "
            "delete it, and agents propose it again"
        ) from error


def decide(out: Path, name: str, state: State) -> Proposal:
    """Remembers what a person says of a mapping.

    Raises:
        UnknownMapping: there is none of that name.
        MappingTaken: files of its shape are read by another one already.
    """
    kept = {each.mapping.name: each for each in list_mappings(out)}
    found = kept.get(name) or kept.get(PREFIX + name)
    if found is None:
        there = ", ".join(kept) or "none yet"
        raise UnknownMapping(f"{name!r} is no mapping that was proposed; there are: {there}")
    if state == "accepted":
        _expect_free(found, kept.values())
    decided = replace(found, state=state)
    write_atomically(_path(out, found.mapping.name), _PROPOSAL.dump_json(decided, indent=1))
    return decided


def _expect_free(found: Proposal, kept: Collection[Proposal]) -> None:
    for other in kept:
        same = other.mapping.shape == found.mapping.shape and other.mapping != found.mapping
        if same and other.state == "accepted":
            raise MappingTaken(
                f"{other.mapping.name} is accepted for the same files; refuse it first with "
                f"`benchagent columns refuse {other.mapping.name}`"
            )


def accepted_mappings(out: Path, formats: Collection[str]) -> list[ColumnMapping]:
    """The mappings by which files are read, one for a shape: those in `formats` before others."""
    kept = list_mappings(out)
    found = [each for each in kept if each.state == "accepted"]
    found += [each for each in kept if each.mapping.name in formats]
    return [*{each.mapping.shape: each.mapping for each in found}.values()]


def refused_mappings(out: Path) -> frozenset[str]:
    """The names of those that a person has refused."""
    return frozenset(each.mapping.name for each in list_mappings(out) if each.state == "refused")


def _path(out: Path, name: str) -> Path:
    return out / "columns" / f"{name}.json"
