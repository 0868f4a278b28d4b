"""An agent says what the columns of files hold that no format reads.

It is shown names, a few values and the units that names suggest. What it says is tried on the
numbers of the files themselves; what they bear out is proposed to a person, and nothing of it is a
fact before that person has accepted it.
"""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from benchagent.agents.account import Contributions, NamedColumn
from benchagent.agents.prompting import Question, Room, fill, fits, one_of, read_reply, reply_model
from benchagent.agents.roster import Agent
from benchagent.agents.sources import Sources
from benchagent.formats.profiles import ColumnProfile, profile_column
from benchagent.inquiries.dimensions import safe_name
from benchagent.mappings.identities import FEWEST_ROWS, IDENTITIES, TESTABLE
from benchagent.mappings.kept import Proposal
from benchagent.mappings.rows import Rows, find_rows
from benchagent.mappings.trial import Named, pool, try_columns
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Json

# Shapes that one question is about, and those that are opened to choose them from.
MOST_SHAPES: Final = 3
MOST_LOOKED_INTO: Final = 40
MOST_COLUMNS: Final = 24
MOST_NAMED: Final = 12
# As many files of one shape, and rows of them, as a test needs.
MOST_FILES: Final = 20
MOST_ROWS: Final = 2000
LONGEST_TEXT: Final = 40
SAMPLES: Final = 3
TOKENS_EACH: Final = 50
UNITS: Final = ("s", "ms", "us", "ns", "min", "tok/s", "tokens")
# The least that an identity ties together.
_FEWEST_COLUMNS: Final = 3


class UnknownFiles(NamedTuple):
    """The files of one shape that no format reads.

    Attributes:
        paths: those that were looked into.
        rows: of all of them.
        columns: the first columns of theirs.
    """

    paths: tuple[str, ...]
    rows: Rows
    columns: tuple[ColumnProfile, ...]


def find_unknown_files(sources: Sources) -> tuple[UnknownFiles, ...]:
    """The shapes of files of no known format that have numbers enough for a test, most rows first."""
    by_shape: dict[str, list[tuple[str, str]]] = {}
    for row in sources.evidence.files.to_pylist():
        if row.get("shape") and not row["duplicate_of"]:
            by_shape.setdefault(row["shape"], []).append((row["path"], row["sha256"]))
    often = sorted(by_shape.values(), key=len, reverse=True)[:MOST_LOOKED_INTO]
    found = [_look_into(files[:MOST_FILES], sources) for files in often]
    return tuple(sorted(filter(None, found), key=lambda each: len(each.rows.rows), reverse=True))


def _look_into(files: Sequence[tuple[str, str]], sources: Sources) -> UnknownFiles | None:
    read: list[Rows] = []
    for path, sha256 in files:
        rows = find_rows(Artifact(sources.read_bytes(sha256), name_hint=path))
        if rows:
            read.append(rows)
        if sum(len(each.rows) for each in read) >= MOST_ROWS:
            break
    if not read:
        return None
    rows = pool(read)
    rows = rows._replace(rows=rows.rows[:MOST_ROWS])
    columns = tuple(
        profile_column(label, [row.cells[at] for row in rows.rows])
        for at, label in enumerate(rows.labels[:MOST_COLUMNS])
    )
    numbers = sum(column.holds == "numbers" for column in columns)
    if numbers < _FEWEST_COLUMNS or len(rows.rows) < FEWEST_ROWS:
        return None
    return UnknownFiles(tuple(path for path, _ in files[: len(read)]), rows, columns)


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
            f"- {key}: {_describe(named, files.rows)}"
            for key, (of, named) in columns.items()
            if of is files
        ]
        blocks.append("\n".join(lines))
    prompt = fill(
        "name.md",
        files="\n\n".join(blocks),
        identities="; ".join(each.name for each in IDENTITIES),
        metrics=", ".join(TESTABLE),
        units=", ".join(UNITS),
    )
    named = reply_model(
        {
            "a_column": one_of(list(columns)),
            "b_role": one_of(["measured", "subject"]),
            "c_metric": one_of([*TESTABLE, "none"]),
            "d_unit": one_of([*UNITS, "none"]),
        },
        "Named",
    )
    reply = reply_model({"columns": Annotated[list[named], Field(max_length=MOST_NAMED)]})
    return Question(prompt, reply, 16 + TOKENS_EACH * MOST_NAMED)


def _by_key(unknown: Sequence[UnknownFiles]) -> dict[str, tuple[UnknownFiles, ColumnProfile]]:
    """The columns by the letter of their file and their number in it."""
    return {
        f"{letter}{number}": (files, column)
        for letter, files in zip(ascii_uppercase, unknown, strict=False)
        for number, column in enumerate(files.columns, 1)
    }


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
    return safe_name(str(text)[:LONGEST_TEXT])


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
    replied = read_reply(question, text)["columns"]
    named: list[NamedColumn] = []
    proposals: list[Proposal] = []
    for files in unknown:
        said = [each for each in replied if columns[str(each["a_column"])][0] is files]
        own = [
            Named(
                columns[str(each["a_column"])][1].name, str(each["c_metric"]), str(each["d_unit"])
            )
            for each in said
            if each["b_role"] == "measured"
        ]
        subjects = [
            columns[str(each["a_column"])][1].name for each in said if each["b_role"] == "subject"
        ]
        whole = [each for each in own if "none" not in (each.metric, each.unit)]
        trial = try_columns(files.rows, whole, subjects[0] if len(subjects) == 1 else None)
        mapping, refused = trial.mapping, dict(trial.refused)
        if mapping and mapping.name in sources.refused_mappings:
            refused |= {each.column: "a person refused this reading" for each in mapping.columns}
            mapping = None
        refused |= {
            each.column: "it was given no metric or no unit" for each in own if each not in whole
        }
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
            for each in dict.fromkeys(own)
        ]
    return Contributions(columns=tuple(named), proposals=tuple(proposals))
