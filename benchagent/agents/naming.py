"""An agent says what the columns of files hold that no format reads.

It is shown names, a few values and the units that names suggest. What it says is tried on the
numbers of the files themselves; what they bear out is proposed to a person, and nothing of it is a
fact before that person has accepted it.
"""

import re
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Final

from benchagent.agents.account import Contributions, NamedColumn
from benchagent.agents.prompting import Question, Room, fill, fits, one_of, read_reply, reply_model
from benchagent.agents.roster import Agent
from benchagent.agents.sources import Sources
from benchagent.agents.unknown_files import UnknownFiles
from benchagent.formats.tables.profiles import ColumnProfile
from benchagent.inquiries.dimensions import safe_name
from benchagent.mappings.column_reading import Named, unit_in_name
from benchagent.mappings.identities import IDENTITIES, TESTABLE
from benchagent.mappings.kept import Proposal
from benchagent.mappings.rows import Rows
from benchagent.mappings.trial import try_columns
from benchagent.measurements.json_trees import Json
from benchagent.privacy import hide_homes
from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import find_unit

# Shapes that one question is about.
MOST_SHAPES: Final = 3
LONGEST_TEXT: Final = 40
SAMPLES: Final = 3
TOKENS_EACH: Final = 32
SUBJECT: Final = "subject"
OTHER: Final = "other"
UNITS: Final = ("s", "ms", "us", "ns", "min", "tok/s", "tokens")
# A name that can be part of a key as it is.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_]{1,40}")


def ask_for_names(agent: Agent, unknown: Sequence[UnknownFiles], *, room: Room) -> Question | None:
    """The question what the columns hold; of as many shapes as the context has room for."""
    for count in range(min(len(unknown), MOST_SHAPES), 0, -1):
        question = _question(unknown[:count])
        if fits(agent, question, room):
            unseen = tuple(each.paths[0] for each in unknown[count:])
            return question._replace(unseen=unseen)
    return None


def _question(unknown: Sequence[UnknownFiles]) -> Question:
    columns = _by_key(unknown)
    blocks: list[str] = []
    for letter, files in zip(ascii_uppercase, unknown, strict=False):
        first, *others = files.paths
        lines = [f"{letter}. `{safe_name(first)}`{', and others like it' if others else ''}"]
        lines += [
            f"- {key[:3]}: {_describe(named, files.rows)}"
            for key, (of, named) in columns.items()
            if of is files
        ]
        blocks.append("\n".join(lines))
    prompt = fill(
        "name.md",
        files="\n\n".join(blocks),
        identities="; ".join(each.name for each in IDENTITIES),
        metrics="\n".join(f"- {name}: {METRICS[name].meaning}" for name in TESTABLE),
    )
    holds = {key: one_of(_choices(column)) for key, (_, column) in columns.items()}
    reply = reply_model({"columns": reply_model(holds, "Columns")})
    return Question(prompt, reply, 16 + TOKENS_EACH * len(columns))


def _by_key(unknown: Sequence[UnknownFiles]) -> dict[str, tuple[UnknownFiles, ColumnProfile]]:
    """The columns by the letter of their file, their number in it, and their name if it is plain.

    A small model that has just written the name is less likely to lose its place in the list.
    """
    found: dict[str, tuple[UnknownFiles, ColumnProfile]] = {}
    for letter, files in zip(ascii_uppercase, unknown, strict=False):
        for number, column in enumerate(files.columns, 1):
            name = f"_{column.name}" if _PLAIN.fullmatch(column.name) else ""
            found[f"{letter}{number:02}{name}"] = (files, column)
    return found


def _choices(column: ColumnProfile) -> list[str]:
    """What a column can be said to hold: a metric in a unit, in that of its name if it gives one."""
    if column.holds != "numbers":
        return [SUBJECT, OTHER]
    own = unit_in_name(column.name)
    units = {text: find_unit(text) for text in UNITS}
    return [
        *(
            f"{metric} in {text}"
            for metric in TESTABLE
            for text, unit in units.items()
            if unit and unit.canonical == METRICS[metric].unit and own in (None, unit)
        ),
        OTHER,
    ]


def _describe(column: ColumnProfile, rows: Rows) -> str:
    """A column in one line in which nothing can speak for itself."""
    at = rows.labels.index(column.name)
    cells = (row.cells[at] for row in rows.rows)
    values = dict.fromkeys(cell for cell in cells if isinstance(cell, str) and cell.strip())
    samples = ", ".join(f"`{_shorten(value)}`" for value in list(values)[:SAMPLES])
    unit = f"; its name suggests {column.unit}" if column.unit else ""
    such = f", such as {samples}" if samples else ""
    return f"`{_shorten(column.name)}`: {column.holds}{such}{unit}"


def _shorten(text: Json) -> str:
    return safe_name(hide_homes(str(text))[:LONGEST_TEXT])


def read_names(
    question: Question,
    text: str,
    unknown: Sequence[UnknownFiles],
    sources: Sources,
    *,
    agent: str,
    snapshot: str,
) -> Contributions:
    """The columns that the model named, each with what its numbers say to that."""
    columns = _by_key(unknown)
    said = [
        (*columns[key], *str(holds).partition(" in ")[::2])
        for key, holds in read_reply(question, text)["columns"].items()
    ]
    named: list[NamedColumn] = []
    proposals: list[Proposal] = []
    for files in unknown:
        here = [(column.name, holds, unit) for of, column, holds, unit in said if of is files]
        own = [Named(*each) for each in here if each[2]]
        subjects = [column for column, holds, _ in here if holds == SUBJECT]
        trial = try_columns(files.rows, own, subjects[0] if len(subjects) == 1 else None)
        mapping, refused = trial.mapping, dict(trial.refused)
        if mapping and mapping.name in sources.refused_mappings:
            by_person = "a person refused this reading"
            refused = {each.column: by_person for each in mapping.columns} | refused
            mapping = None
        if mapping:
            proposals.append(
                Proposal(mapping=mapping, agent=agent, snapshot=snapshot, path=files.paths[0])
            )
        named += [
            NamedColumn(
                path=files.paths[0],
                column=each.column,
                metric=each.metric,
                unit=each.unit,
                mapping=mapping.name if mapping and each.column not in refused else None,
                refused=refused.get(each.column),
            )
            for each in own
        ]
    return Contributions(columns=tuple(named), proposals=tuple(proposals))
