"""What is of a whole row, and not of one answer: how long it took (`wall_s`, `elapsed (s)`), at which rate.

Of a row that is one run of a model, that time is its latency. Of one that stands for many requests it
is how long all of them took, which grows with their number. A row with an accuracy stands for many too.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from benchagent.formats.tables.bare_rates import several_together
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning, is_bare_rate
from benchagent.formats.tables.other_quantities import is_share
from benchagent.formats.tables.swept_amounts import is_swept
from benchagent.mappings.rows import Rows
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell

DURATION: Final = "duration"
_WHOLE: Final = frozenset(("latency", "total_time"))
# What says that a row is of a model: its name, or what only a model does.
_OF_MODELS: Final = frozenset(
    "ttft tpot itl decode_rate prefill_rate output_tokens eval_time".split()
)
# What is told of many answers together.
_OF_MANY: Final = frozenset(
    "perplexity request_rate docs_per_s images_per_s sentences_per_s samples_per_s queries_per_s"
    " frames_per_s".split()
)
# As a word of a column's name, they count what a row sums up.
_MANY: Final = frozenset(
    "requests prompts questions samples items calls runs completed successful".split()
)
_REQUESTS: Final = frozenset(("requests", "prompts"))
# Whether these were answered one by one, and what a rate beside them is of, nothing tells.
_ANYTHING: Final = frozenset("samples iterations items questions examples queries calls".split())
_ONLY_COUNT: Final = "n"
# Of many requests these are sums or of each, and nothing tells which.
_COUNTED: Final = frozenset(("prompt_tokens", "output_tokens", "total_tokens"))


def counts_requests(label: str) -> bool:
    """Whether the numbers of a column of this name, if it is no setting, are of many requests."""
    return not _REQUESTS.isdisjoint(join_words(label).split("_"))


def counts_anything(label: str) -> bool:
    """Whether the numbers of a column of this name count what a row sums up, whatever that is."""
    name = join_words(label)
    return name == _ONLY_COUNT or not _ANYTHING.isdisjoint(name.split("_"))


def read_whole_rows(rows: Rows, plan: Columns) -> Columns:
    """The columns, with the duration of rows that are one run each as their latency."""
    plan = replace(plan, of_many=any(_sums_up(rows, plan, at) for at in plan.unread))
    plan = _read_inferences(plan)
    if _are_of_many(rows, plan):
        plan = _read_of_many(plan)
    elif _count_more(rows, plan, counts_anything):
        plan = _leave_throughput(plan)
    metrics = {meaning.metric for _, meaning in plan.readings}
    timed = [at for at, meaning in plan.readings if meaning.metric == DURATION]
    if not timed or metrics & _WHOLE or not _are_runs(rows, plan, metrics):
        return plan
    return replace(
        plan,
        readings=tuple(
            (at, meaning._replace(metric="latency") if at in timed else meaning)
            for at, meaning in plan.readings
        ),
    )


def read_throughputs(rows: Rows, plan: Columns) -> Columns:
    """The columns, with what is called a throughput in rows of many requests as that of all of them."""
    if not _are_of_many(rows, plan):
        return plan
    return replace(
        plan,
        readings=tuple(
            (
                at,
                meaning._replace(metric="throughput")
                if _is_throughput(plan, at, meaning)
                else meaning,
            )
            for at, meaning in plan.readings
        ),
    )


def _read_inferences(plan: Columns) -> Columns:
    """The mean or a percentile of inferences as that of their latencies, whatever else a row tells."""
    return replace(
        plan,
        readings=tuple(
            (at, meaning._replace(metric="latency"))
            if (meaning.metric, at in plan.said) == (DURATION, False)
            and meaning.statistic != "value"
            and "inference" in join_words(plan.labels[at]).split("_")
            else (at, meaning)
            for at, meaning in plan.readings
        ),
    )


def _are_of_many(rows: Rows, plan: Columns) -> bool:
    """Whether some row counts more requests than one, or how many there were in a second."""
    rated = any(meaning.metric == "request_rate" for _, meaning in plan.readings)
    return rated or _count_more(rows, plan, counts_requests)


def _count_more(rows: Rows, plan: Columns, counts: Callable[[str], bool]) -> bool:
    """Whether some row counts more than one in columns that count this."""
    places = [at for at in plan.unread if counts(plan.labels[at])]
    numbers = [parse_cell(cell) for at in places for cell in rows.column(at)]
    return any(number not in (None, 0, 1) for number in numbers)


def _sums_up(rows: Rows, plan: Columns, at: int) -> bool:
    """Whether a column counts what rows sum up, more than one in some, and does not number the rows."""
    if not (counts_anything(plan.labels[at]) or counts_requests(plan.labels[at])):
        return False
    told = [parse_cell(cell) for cell in rows.column(at) if cell not in (None, "")]
    counts = [number for number in told if number is not None and number == int(number)]
    numbers_rows = {after - before for before, after in pairwise(counts)} == {1.0}
    counted = len(counts) == len(told) and max(counts, default=0) > 1 and not numbers_rows
    return counted and not is_swept(rows, plan, at)


def _read_of_many(plan: Columns) -> Columns:
    return _read_as(plan, [(at, _of_many(plan, at, meaning)) for at, meaning in plan.readings])


def _leave_throughput(plan: Columns) -> Columns:
    """Without a throughput or total that may be of one answer, or of all that the row counts."""
    return _read_as(
        plan,
        [
            (at, None if _may_be_of_all(plan, at, meaning) else meaning)
            for at, meaning in plan.readings
        ],
    )


def _read_as(plan: Columns, readings: Sequence[tuple[int, Meaning | None]]) -> Columns:
    return replace(
        plan,
        readings=tuple((at, meaning) for at, meaning in readings if meaning is not None),
        unknown=(*plan.unknown, *(plan.labels[at] for at, meaning in readings if meaning is None)),
    )


def _of_many(plan: Columns, at: int, meaning: Meaning) -> Meaning | None:
    """What a number is in a row of many requests; None if it may be of them all or of each."""
    label = plan.labels[at]
    if at in plan.said or meaning.statistic != "value":
        return meaning
    if meaning.metric == "total_time":
        return meaning._replace(metric=DURATION)
    if meaning.metric == "decode_rate" and is_bare_rate(label):
        return None
    if _is_total(plan, at, meaning):
        return None
    return None if meaning.metric in _COUNTED else meaning


def _may_be_of_all(plan: Columns, at: int, meaning: Meaning) -> bool:
    return _is_throughput(plan, at, meaning) or _is_total(plan, at, meaning)


def _is_total(plan: Columns, at: int, meaning: Meaning) -> bool:
    """Whether a latency is called total: of several calls it may be their sum."""
    latency = at not in plan.said and (meaning.metric, meaning.statistic) == ("latency", "value")
    return latency and "total" in join_words(plan.labels[at]).split("_")


def _is_throughput(plan: Columns, at: int, meaning: Meaning) -> bool:
    """Whether a bare rate of no statistic is called a throughput, which is of all that is told of."""
    rate = at not in plan.said and (meaning.metric, meaning.statistic) == ("decode_rate", "value")
    return rate and "throughput" in join_words(plan.labels[at]).split("_")


def _are_runs(rows: Rows, plan: Columns, metrics: set[str]) -> bool:
    named = plan.model is not None or rows.model is not None
    words = {word for label in rows.labels for word in join_words(label).split("_")}
    alone = plan.n is None and not several_together(rows, plan) and words.isdisjoint(_MANY)
    sums_up = bool(metrics & _OF_MANY) or any(map(is_share, metrics))
    return alone and not sums_up and (named or bool(metrics & _OF_MODELS))
