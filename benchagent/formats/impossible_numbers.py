"""Numbers that nothing that ran can have, whichever format read them: refused before they are counted.

No time, rate, count, size, share or spread is below zero, and where an answer came none of its times or rates is 0: that is
what a script writes where it measured nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Mask
from benchagent.formats.tables.call_columns import Columns
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal
from benchagent.quantities.metrics import find_metric

NEGATIVE: Final = "{!r} is negative, as no time, rate, count, size, share or spread is"
NO_TIME: Final = "0 is no time to a first token: nothing was streamed, or nothing measured it"
NOT_MEASURED: Final = (
    "0 is no time or rate of an answer, and other numbers beside it say that there was one: it was "
    "not measured"
)

# An interval of few runs is as wide below its mean as above it.
_LOW_END: Final = "ci_low"
_SPREADS: Final = ("stddev", "stderr")
_MAY_BE_NEGATIVE: Final = frozenset(("score", "loss", "temperature_c"))
_FIRST_TOKEN: Final = "ttft"
_SPREAD: Final = "stddev"
_OF_GENERATING: Final = frozenset(
    ("decode_rate", "throughput", "word_rate", "eval_time", "tpot", "itl")
)
_OF_AN_ANSWER: Final = _OF_GENERATING | {"latency", "total_time", "request_rate"}
_TELLING: Final = _OF_AN_ANSWER | {
    _FIRST_TOKEN,
    "output_tokens",
    "response_chars",
    "response_words",
}
# Where one of these is 0, so may be what it is told beside.
_NOTHING_CAME: Final = frozenset(("output_tokens", "success_rate", "requests_completed"))
# The least of several may be of one that failed, and some spread of them may well be none.
_OF_ALL: Final = frozenset(("value", "summary", "mean", "median"))


def refuse_impossible(parsed: Parsed) -> Parsed:
    """What a file says, without the numbers that nothing that ran can have."""
    refused: list[Refusal] = []
    records = tuple(_refuse(record, refused) for record in parsed.records)
    if not refused:
        return parsed
    return replace(parsed, records=records, refusals=(*parsed.refusals, *refused))


def may_be_impossible(columns: Columns, values: Floats) -> Mask:
    """Which rows want a closer look: 0 stands under a time or rate of an answer, and more beside it."""
    zero = np.zeros(len(values), np.bool_)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.metric in _OF_AN_ANSWER or meaning.metric == _FIRST_TOKEN:
            zero |= values[:, place] == 0
    return zero & (values > 0).any(axis=1)


def _refuse(record: Record, refused: list[Refusal]) -> Record:
    found = {} if record.failure else dict(_find_impossible(record.readings))
    if not found:
        return record
    refused += [Refusal(locator=locator, reason=reason) for locator, reason in found.items()]
    kept = tuple(reading for reading in record.readings if reading.locator not in found)
    return replace(record, readings=kept)


def _find_impossible(readings: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Where the impossible numbers of a record stand, and why they are."""
    for reading in readings:
        if reading.value < 0 and _is_negative(reading):
            yield reading.locator, NEGATIVE.format(reading.raw_value)
        elif reading.value == 0 and reading.kind != "claimed" and reading.population != "errored":
            if _lacks_first_token(reading, readings):
                yield reading.locator, NO_TIME
            elif _is_unmeasured(reading, readings):
                yield reading.locator, NOT_MEASURED


def _is_negative(reading: Reading) -> bool:
    """Whether a number is of what is never below zero, as a change or an interval's low end may be."""
    if reading.statistic.startswith(_SPREADS):
        return True
    if reading.statistic.startswith(_LOW_END):
        return False
    return find_metric(reading.metric) is not None and reading.metric not in _MAY_BE_NEGATIVE


def _lacks_first_token(zero: Reading, readings: Sequence[Reading]) -> bool:
    of_first = zero.metric == _FIRST_TOKEN and zero.statistic != _SPREAD
    return of_first and any(reading.value > 0 for reading in readings)


def _is_unmeasured(zero: Reading, readings: Sequence[Reading]) -> bool:
    """Whether there was an answer, by other numbers, of which a time or rate of 0 is told."""
    if zero.metric not in _OF_AN_ANSWER or zero.statistic not in _OF_ALL:
        return False
    if any(each.metric in _NOTHING_CAME and each.value == 0 for each in readings):
        return False
    return any(
        each.metric in _TELLING and each.metric != zero.metric and _tells_of_answer(each)
        for each in readings
    )


def _tells_of_answer(reading: Reading) -> bool:
    return reading.value > 0 and reading.population != "errored"
