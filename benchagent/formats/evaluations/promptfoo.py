"""Results of promptfoo: every prompt, provider and test with its latency, tokens and score.

A test that failed its assertions was answered and measured; one with an error was not. Until early
in 2025 no `failureReason` told them apart, but an error was not graded. A latency of 0 beside a
cached answer is no latency. The sums over tests repeat what they say.
"""

import json
from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields
from benchagent.formats.settings import read_setting, read_time
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Kind, Parsed, Reading, Record, Refusal

NAME: Final = "promptfoo"

_LATENCY: Final = {"latencyMs": Field("latency", "ms", definition="latency.client")}
_SCORE: Final = {"score": Field("score", "1")}
_TOKENS: Final = {
    "prompt": Field("prompt_tokens", "tokens"),
    "completion": Field("output_tokens", "tokens"),
}
# what promptfoo writes as `failureReason` of a test that could not be run
_ERROR: Final = "2"
# what each line of its JSON Lines has
_OF_ANSWER: Final = frozenset({"promptIdx", "testIdx", "provider", "latencyMs", "success"})


def detect(artifact: Artifact) -> bool:
    """Whether there are `results` with `version`, `stats` and their own `results`, or lines of these."""
    if artifact.lines:
        entries = artifact.entries
        return bool(entries) and as_object(entries[0].value).keys() >= _OF_ANSWER
    top = as_object(artifact.tree)
    results = as_object(top.get("results"))
    told = "evalId" in top or "stats" in results
    return told and "version" in results and "results" in results


def parse(artifact: Artifact) -> Parsed:
    """One record per answer."""
    top = as_object(artifact.tree)
    listed = as_list(as_object(top.get("results")).get("results"))
    within = [Entry(("results", "results", at), found) for at, found in enumerate(listed)]
    answers = artifact.entries if artifact.lines else within
    refusals = artifact.broken_lines
    first_of: dict[str, int | None] = {}
    records: list[Record] = []
    for at, answer in enumerate(answers):
        entry = as_object(answer.value)
        # a test that is asked again has an index of its own, and the variables of the first
        index = count_at(entry, "testIdx")
        index = first_of.setdefault(json.dumps(entry.get("vars")), index)
        records.append(_read_answer(top, entry, answer.place, at, index, refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_answer(
    top: Mapping[str, Json],
    entry: Mapping[str, Json],
    place: Place,
    at: int,
    index: int | None,
    refusals: list[Refusal],
) -> Record:
    failure = _find_failure(entry, place)
    provider, prompt = as_object(entry.get("provider")), as_object(entry.get("prompt"))
    return Record(
        name=pointer_locator(*place),
        sequence=at,
        benchmark="llm-call",
        readings=() if failure else tuple(_read_numbers(entry, place, refusals)),
        subject=as_text(provider.get("label"))
        or as_text(provider.get("id"))
        or as_text(entry.get("provider")),
        config={
            "prompt": read_setting(prompt.get("raw")),
            "prompt_template": read_setting(prompt.get("label")),
            "prompt_index": index,
        },
        environment={"promptfoo": as_text(as_object(top.get("metadata")).get("promptfooVersion"))},
        measured_at=read_time(as_object(top.get("results")).get("timestamp")),
        failure=failure,
    )


def _read_numbers(
    entry: Mapping[str, Json], place: Place, refusals: list[Refusal]
) -> list[Reading]:
    response = as_object(entry.get("response"))
    kind: Kind = "measured"
    readings = read_fields(entry, place, _SCORE, refusals, kind=kind)
    if response.get("cached") is not True:
        readings += read_fields(entry, place, _LATENCY, refusals)
    usage = as_object(response.get("tokenUsage"))
    # a provider that does not count tokens leaves zeros
    if count_at(usage, "total"):
        readings += read_fields(usage, (*place, "response", "tokenUsage"), _TOKENS, refusals)
    return readings


def _find_failure(entry: Mapping[str, Json], place: Place) -> Failure | None:
    for where, holder in (((), entry), (("response",), as_object(entry.get("response")))):
        error = as_text(holder.get("error"))
        # for a failed assertion the same field says which
        graded = bool(as_object(entry.get("gradingResult")))
        reason = entry.get("failureReason") or (None if graded else _ERROR)
        if error and (where or reason == _ERROR):
            locator = pointer_locator(*place, *where, "error")
            return Failure(reason=error, locator=locator)
    return None
