"""Replies of llama.cpp's server as they came: a JSON object, a list of them, or one per line.

`timings` tell what the server did for an answer.

- `prompt_n` counts the tokens of the prompt that it read; those that it still had (`cache_n`) took
  no time and are not among them.
- The time of an answer begins after its first token. One token alone has no time, and is written
  with a rate of a million per second.
- The rate is of all tokens, since 2026 of all but the first.
- In a stream every piece may tell the timings so far (`timings_per_token`); those of the last piece
  are the answer's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.engines.llama_log import name_rate
from benchagent.formats.json_fields import Field, drop_untimed, read_fields, read_settings
from benchagent.formats.json_replies import parse_replies, read_error
from benchagent.formats.settings import read_model
from benchagent.formats.tables.replies import LLAMA_KEYS, is_mixed
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text, number_of
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "llama-server"

_PROMPT: Final = {
    "prompt_n": Field("prompt_tokens", "tokens"),
    "prompt_ms": Field("prompt_eval_time", "ms"),
    "prompt_per_second": Field("prefill_rate", "tok/s"),
}
_COUNT: Final = {"predicted_n": Field("output_tokens", "tokens")}
_TIME: Final = {"predicted_ms": Field("eval_time", "ms")}
_NOTHING: Final = ("0", "0.0")
_ONE: Final = ("1", "1.0")


def detect(artifact: Artifact) -> bool:
    """Whether an object has `timings` with `prompt_ms` and `predicted_ms`."""
    objects = [as_object(entry.value) for entry in artifact.entries]
    replies = [fields for fields in objects if _timings(fields)]
    return bool(replies) and not any(is_mixed(fields, LLAMA_KEYS) for fields in replies)


def parse(artifact: Artifact) -> Parsed:
    """One record per finished answer or error."""
    parsed = parse_replies(artifact, NAME, _read_reply)
    return parsed if parsed.records else replace(parsed, reason="no answer in it was finished")


def _timings(reply: Mapping[str, Json]) -> dict[str, Json]:
    timings = as_object(reply.get("timings"))
    return timings if {"prompt_ms", "predicted_ms"} <= timings.keys() else {}


def _is_under_way(reply: Mapping[str, Json]) -> bool:
    """Whether a reply is a piece of an answer that goes on after it."""
    ends = [as_object(choice).get("finish_reason", "") for choice in as_list(reply.get("choices"))]
    return reply.get("stop") is False or (bool(ends) and all(end is None for end in ends))


def _read_reply(entry: Entry, sequence: int, refusals: list[Refusal]) -> Record | None:
    reply = as_object(entry.value)
    timings = _timings(reply)
    failure = read_error(as_object(reply.get("error")), (*entry.place, "error"))
    if failure is None and (not timings or _is_under_way(reply)):
        return None  # a piece of an answer, whose last one has the timings
    readings = read_fields(timings, (*entry.place, "timings"), _fields_of(timings), refusals)
    model = as_text(reply.get("model"))
    settings = as_object(reply.get("generation_settings"))
    kept = ("n_ctx", "n_predict", "temperature", "seed")
    return Record(
        name=pointer_locator(*entry.place) if entry.place else "",
        sequence=sequence,
        benchmark="llm-call",
        readings=() if failure else tuple(drop_untimed(readings, refusals)),
        subject=read_model(model) if model else None,
        config=read_settings({name: settings.get(name) for name in kept}),
        failure=failure,
    )


def _fields_of(timings: Mapping[str, Json]) -> Mapping[str, Field]:
    """The timings that tell something of an answer as long as this one."""
    n_tokens = timings.get("predicted_n")
    if n_tokens in _NOTHING:
        return _PROMPT
    return _PROMPT | _COUNT | ({} if n_tokens in _ONE else _TIME | _name_rate(timings))


def _name_rate(timings: Mapping[str, Json]) -> dict[str, Field]:
    n_tokens, ms, rate = (
        number_of(timings.get(key))
        for key in ("predicted_n", "predicted_ms", "predicted_per_second")
    )
    if not n_tokens or not ms or not rate:
        return {}
    return {"predicted_per_second": name_rate(n_tokens, ms, rate)}
