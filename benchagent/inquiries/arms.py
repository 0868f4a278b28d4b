"""The calls that can be set against each other: alike in all but the thing that is compared."""

import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import ACROSS_FILES
from benchagent.facts.derivations.comparisons.evenness import AS_MANY, even_out
from benchagent.facts.derivations.rows.frame import number_rows
from benchagent.facts.derivations.rows.machines import say_within
from benchagent.facts.derivations.rows.rounds import in_shared_blocks
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.query import Query
from benchagent.wording import quoted


class Arms(NamedTuple):
    """Numbers by the value compared, each in the block that it is compared in.

    Attributes:
        rows: places in the frame, by id.
        arm: which of `levels` each has.
        block: what was run alike.
        levels: the values as JSON.
    """

    rows: Ints
    arm: Ints
    block: Ints
    levels: list[str]
    alike: str


def find_arms(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> Arms | None:
    """The numbers of blocks with two values or more; None where there is no such block."""
    parts = _held_alike(query, known, dimension, rows)
    source = known.frame.codes("source_path")[rows].astype(np.int64)
    arm = dimension.codes[rows]
    for across, columns in ((False, [*parts, source]), (True, parts)):
        if across and "file" in query.control:
            break
        block = number_rows(*columns)
        shared = in_shared_blocks(arm, block)
        if shared.any():
            words = _words_alike(query, dimension, across)
            at = np.flatnonzero(shared)
            even = even_out(known.frame.values[rows[at]], arm[at], block[at])
            if even is not None:
                at, words = at[even], f"{words}, {AS_MANY}"
            present, renumbered = np.unique(arm[at], return_inverse=True)
            return Arms(
                rows[at],
                renumbered.astype(np.int64),
                block[at],
                [dimension.levels[each] for each in present.tolist()],
                say_within(known.frame, rows[at], arm[at], words),
            )
    return None


def _words_alike(query: Query, dimension: Dimension, across: bool) -> str:
    others = "all other" if dimension.kind == "option" else "all"
    held = ["prompt"] if dimension.kind != "prompt" else []
    held += [quoted(name) for name in query.control]
    named = "".join(f", {name}" for name in held[:-1]) + (f" and {held[-1]}" if held else "")
    where = f", {ACROSS_FILES}" if across and dimension.kind != "file" else ""
    return f"alike in {others} recorded settings{named}{where}"


def _held_alike(query: Query, known: Catalogue, dimension: Dimension, rows: Ints) -> list[Ints]:
    """Codes of what the calls of one block share, one column each."""
    frame = known.frame
    columns = [_other_settings(known, dimension)[rows]]
    if dimension.kind != "prompt":
        columns.append(frame.codes("item")[rows].astype(np.int64))
    if dimension.kind != "subject":
        columns.append(frame.codes("subject")[rows].astype(np.int64))
    columns += [known.dimensions[name].codes[rows] for name in query.control]
    return columns


def _other_settings(known: Catalogue, dimension: Dimension) -> Ints:
    """A number per configuration but for the option compared."""
    codes = known.frame.codes("settings").astype(np.int64)
    if dimension.option is None:
        return codes
    return _without(known.frame.different("settings"), dimension.option)[codes]


def _without(settings: Iterable[str], option: str) -> Ints:
    """For each configuration, the number of what is left of it without the option."""
    rests: dict[str, int] = {}
    found: list[int] = []
    for text in settings:
        entry: dict[str, object] = json.loads(text)
        entry.pop(option, None)
        found.append(rests.setdefault(write_json(entry), len(rests)))
    return np.array(found, dtype=np.int64)
