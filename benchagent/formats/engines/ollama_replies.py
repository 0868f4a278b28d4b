"""Replies of Ollama's API as they came: one JSON object, a list of them, or a stream, one per line.

Times are whole nanoseconds. Of a stream only the last line of each answer has them; a line that
holds an error is a failed call.
"""

from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, read_fields
from benchagent.formats.json_replies import parse_replies
from benchagent.formats.settings import read_ollama_model, read_time
from benchagent.formats.tables.replies import OLLAMA_KEYS, is_mixed
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_object, as_text
from benchagent.measurements.locators import Line, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "ollama-replies"

_FIELDS: Final = {
    "total_duration": Field("total_time", "ns"),
    "load_duration": Field("load_time", "ns"),
    "prompt_eval_duration": Field("prompt_eval_time", "ns"),
    "eval_duration": Field("eval_time", "ns"),
    "prompt_eval_count": Field("prompt_tokens", "tokens"),
    "eval_count": Field("output_tokens", "tokens"),
}
_EMBEDDINGS: Final = frozenset({"embedding", "embeddings"})


def detect(artifact: Artifact) -> bool:
    """Whether an object has a model, `total_duration` and `load_duration` or a count of tokens.

    Replies among other people's keys (`arm`, `run`) are rows of a table, which those keys tell apart.
    """
    objects = [as_object(entry.value) for entry in artifact.entries]
    replies = [fields for fields in objects if _is_reply(fields)]
    return bool(replies) and not any(is_mixed(fields, OLLAMA_KEYS) for fields in replies)


def parse(artifact: Artifact) -> Parsed:
    """One record per finished answer or error."""
    return parse_replies(artifact, NAME, _read_reply)


def _is_reply(reply: Mapping[str, Json]) -> bool:
    timed = "load_duration" in reply or "eval_count" in reply or "prompt_eval_count" in reply
    return "model" in reply and "total_duration" in reply and timed


def _read_reply(entry: Entry, sequence: int, refusals: list[Refusal]) -> Record | None:
    reply = as_object(entry.value)
    error = as_text(reply.get("error"))
    if not error and not _is_reply(reply):
        return None
    readings = read_fields(reply, entry.place, _FIELDS, refusals)
    failure = _find_failure(entry, error, readings)
    model = as_text(reply.get("model"))
    return Record(
        name=pointer_locator(*entry.place) if entry.place else "",
        sequence=sequence,
        benchmark="embedding-call" if reply.keys() & _EMBEDDINGS else "llm-call",
        readings=() if failure else tuple(readings),
        subject=read_ollama_model(model) if model else None,
        measured_at=read_time(reply.get("created_at")),
        failure=failure,
    )


def _find_failure(entry: Entry, error: str | None, readings: list[Reading]) -> Failure | None:
    if error:
        return Failure(reason=error, locator=pointer_locator(*entry.place, "error"))
    for reading in readings:
        if reading.metric == "output_tokens" and reading.value == 0:
            said = "no token was generated"
            return Failure(reason=said, locator=reading.locator, recorded_as="zero")
    return None if readings else Failure(reason="no number can be read", locator=_whole(entry))


def _whole(entry: Entry) -> str:
    line = entry.place and isinstance(entry.place[0], Line)
    return f"line={entry.place[0]}" if line else pointer_locator(*entry.place, "total_duration")
