"""Generation tests of an application, through its own code: how long each took, what it said.

Their `tokens` may be words: where every count is the number of words of the text beside it, the
metric is `response_words`. Their `success` may be true of a text that says an error occurred.
"""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, read_fields, read_settings
from benchagent.formats.settings import read_time
from benchagent.formats.tables.error_answers import reads_as_error
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal

NAME: Final = "generation-tests-json"

_TIME: Final = {"generation_time_ms": Field("latency", "ms", definition="latency.client")}
_WORDS: Final = {
    "tokens": Field("response_words", "words"),
    "tokens_per_second": Field("word_rate", "words/s", definition="throughput.words/total"),
}
_TOKENS: Final = {
    "tokens": Field("output_tokens", "tokens"),
    "tokens_per_second": Field("throughput", "tok/s", definition="throughput.tokens/total"),
}
_SAYS_ERROR: Final = re.compile(r"(?:Error|Failed|Exception)\b.*:", re.IGNORECASE)


def detect(artifact: Artifact) -> bool:
    """Whether `results` is a list of tests with a generation time or an error."""
    top = as_object(artifact.tree)
    results = [as_object(result) for result in as_list(top.get("results"))]
    return "successful_tests" in top and any("generation_time_ms" in result for result in results)


def parse(artifact: Artifact) -> Parsed:
    """One record per test; the sums above and below them repeat what they say."""
    top = as_object(artifact.tree)
    results = [as_object(result) for result in as_list(top.get("results"))]
    counts = _WORDS if _count_words(results) else _TOKENS
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, result in enumerate(results):
        failure = _find_failure(result, at)
        readings = read_fields(result, ("results", at), {**_TIME, **counts}, refusals)
        records.append(
            Record(
                name=pointer_locator("results", at),
                sequence=at,
                benchmark="generation-test",
                readings=() if failure else tuple(readings),
                config=read_settings(
                    {key: result.get(key) for key in ("test_name", "context", "tone")}
                ),
                measured_at=read_time(top.get("test_timestamp")),
                failure=failure,
            )
        )
    return Parsed(
        format=NAME,
        records=tuple(records),
        refusals=tuple(refusals),
        reason="`tokens` are words here" if counts is _WORDS else None,
    )


def _count_words(results: list[dict[str, Json]]) -> bool:
    texts = [
        (r.get("tokens"), as_text(r.get("banter_text")) or "") for r in results if "tokens" in r
    ]
    return bool(texts) and all(count == str(len(text.split())) for count, text in texts)


def _find_failure(result: Mapping[str, Json], at: int) -> Failure | None:
    if error := as_text(result.get("error")):
        return Failure(reason=error, locator=pointer_locator("results", at, "error"))
    text = as_text(result.get("banter_text")) or ""
    if _SAYS_ERROR.match(text) or reads_as_error(text):
        locator = pointer_locator("results", at, "banter_text")
        marked = result.get("success") is True
        return Failure(reason=text, locator=locator, recorded_as="result" if marked else "error")
    if result.get("success") is False:
        locator = pointer_locator("results", at, "success")
        return Failure(reason="marked as not successful, no reason given", locator=locator)
    return None
