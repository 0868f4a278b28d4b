"""Replies of model servers as they came: the records that they make, and the errors that some are."""

from collections.abc import Callable, Mapping

from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal


def parse_replies(
    artifact: Artifact,
    format: str,
    read: Callable[[Entry, int, list[Refusal]], Record | None],
) -> Parsed:
    """A record of each reply that is a finished answer or an error.

    Args:
        artifact: an object, a list of them, or one per line.
        format: the name of the format.
        read: the record of a reply, whose number it is; None of a piece of an answer.
    """
    refusals = artifact.broken_lines
    records: list[Record] = []
    for entry in artifact.entries:
        if record := read(entry, len(records), refusals):
            records.append(record)
    return Parsed(format=format, records=tuple(records), refusals=tuple(refusals))


def read_error(error: Mapping[str, Json], place: Place) -> Failure | None:
    """What an object `error` of a reply says; None of an empty one."""
    if not error:
        return None
    said = as_text(error.get("message"))
    locator = pointer_locator(*place, *(["message"] if said else []))
    return Failure(reason=said or "an error without a message", locator=locator)
