"""How long a row took, where its column says no more: `wall_s`, `elapsed (s)`, `duration_ms`.

Of a row that is one run of a model, that is its latency. Of one that stands for many requests it is
how long all of them took, which grows with their number. A row with an accuracy stands for many too.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.bare_rates import several_together
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.other_quantities import is_share
from benchagent.mappings.rows import Rows
from benchagent.quantities.names import join_words

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


def read_whole_rows(rows: Rows, plan: Columns) -> Columns:
    """The columns, with the duration of rows that are one run each as their latency."""
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


def _are_runs(rows: Rows, plan: Columns, metrics: set[str]) -> bool:
    named = plan.model is not None or rows.model is not None
    words = {word for label in rows.labels for word in join_words(label).split("_")}
    alone = plan.n is None and not several_together(rows, plan) and words.isdisjoint(_MANY)
    sums_up = bool(metrics & _OF_MANY) or any(map(is_share, metrics))
    return alone and not sums_up and (named or bool(metrics & _OF_MODELS))
