"""How columns are to be read: proposed by agents until a person decides, and said by a person.

One file per proposed mapping, `columns/<name>.json` below the output folder. Agents add what is not
there yet and never change what is; the state is changed by a person alone. What a person says is
one file for each shape of files, `columns/said-<shape>.json`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import join
from typing import Final, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from benchagent.mappings.mapping import PREFIX, ColumnMapping, SaidColumns
from benchagent.store import StoreError, write_atomically

State = Literal["proposed", "accepted", "refused"]


class UnknownMapping(StoreError):
    """No mapping of that name was ever proposed."""


class MappingTaken(StoreError):
    """Files of that shape are read otherwise already."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says that columns hold, and the file that it was said of."""

    mapping: SaidColumns
    path: str


T = TypeVar("T")
_PROPOSAL = TypeAdapter(Proposal)
_SAID = TypeAdapter(Said)
_SAID_PREFIX: Final = "said-"


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
    paths = sorted((out / "columns").glob(f"{PREFIX}*.json"))
    return [_read(path, _PROPOSAL, "agents propose it again") for path in paths]


def _read(path: Path, kind: TypeAdapter[T], then: str) -> T:
    try:
        return kind.validate_json(path.read_bytes())
    except ValidationError as error:
        raise StoreError(
            f"{path}: damaged ({error.error_count()} fields are not what was written there); "
            f"delete it, and {then}"
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
        _expect_free(kept.values(), found.mapping.shape, but=found.mapping)
        _expect_unsaid(out, found.mapping.shape)
    decided = replace(found, state=state)
    write_atomically(_path(out, found.mapping.name), _PROPOSAL.dump_json(decided, indent=1))
    return decided


def _expect_free(kept: Iterable[Proposal], shape: str, *, but: ColumnMapping | None = None) -> None:
    for other in kept:
        if other.state == "accepted" and other.mapping.shape == shape and other.mapping != but:
            raise MappingTaken(
                f"{other.mapping.name} is accepted for the same files; refuse it first with "
                f"`benchagent columns refuse {other.mapping.name}`"
            )


def _expect_unsaid(out: Path, shape: str) -> None:
    for each in list_said(out):
        if each.mapping.shape == shape:
            taken_back = join([each.path, *(f"{column}=" for column, _ in each.mapping.holds)])
            raise MappingTaken(
                "somebody said what the columns of these files hold; take it back first with "
                f"`benchagent columns say {taken_back}`"
            )


def list_said(out: Path) -> list[Said]:
    """What a person said that columns hold, by shape.

    Raises:
        StoreError: a file is damaged.
    """
    paths = sorted((out / "columns").glob(f"{_SAID_PREFIX}*.json"))
    return [_read(path, _SAID, "say it again with `benchagent columns say`") for path in paths]


def said_of(out: Path, shape: str) -> dict[str, str]:
    """What a person said that the columns of files of this shape hold, by their names."""
    return {
        column: holds
        for each in list_said(out)
        if each.mapping.shape == shape
        for column, holds in each.mapping.holds
    }


def keep_said(out: Path, said: Said) -> None:
    """Keeps what a person says of files of one shape, in place of what was said before.

    No columns at all take it back.

    Raises:
        MappingTaken: such files are read by a mapping that was accepted.
    """
    shape = said.mapping.shape
    _expect_free(list_mappings(out), shape)
    path = out / "columns" / f"{_SAID_PREFIX}{shape}.json"
    if said.mapping.holds:
        write_atomically(path, _SAID.dump_json(said, indent=1))
    else:
        path.unlink(missing_ok=True)


def accepted_mappings(out: Path, formats: Collection[str]) -> list[ColumnMapping | SaidColumns]:
    """By what files are read, one for a shape: said by a person, in `formats`, accepted."""
    kept = list_mappings(out)
    found = [each.mapping for each in kept if each.state == "accepted"]
    found += [each.mapping for each in kept if each.mapping.name in formats]
    said = [each.mapping for each in list_said(out)]
    return [*{each.shape: each for each in (*found, *said)}.values()]


def refused_mappings(out: Path) -> frozenset[str]:
    """The names of those that a person has refused."""
    return frozenset(each.mapping.name for each in list_mappings(out) if each.state == "refused")


def _path(out: Path, name: str) -> Path:
    return out / "columns" / f"{name}.json"
