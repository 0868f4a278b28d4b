"""Which statistic of several runs a file's numbers are, where only its name says so: `averages.csv`.

Its columns are then called as those of the runs are, and its rows look like runs. What a row calls a
run by its number is one, whatever the file is called.
"""

import re
from pathlib import PurePosixPath
from typing import Final

from benchagent.measurements.path_settings import OWN

_STATISTICS: Final = {
    **dict.fromkeys(("averages", "averaged", "means", "avgs"), "mean"),
    "medians": "median",
    # of sums, means and medians nothing tells which
    **dict.fromkeys(("aggregated", "aggregates", "aggregations"), "summary"),
}
# `mean_reversion.csv` is about something else: such a word counts at the end, or before what was measured.
_SINGULAR: Final = {
    **dict.fromkeys(("average", "avg", "mean"), "mean"),
    "median": "median",
    **dict.fromkeys(("aggregate", "agg"), "summary"),
}
_MEASURED: Final = frozenset(
    "results result metrics runs stats scores timings times latency latencies ttft tpot tps throughput "
    "speed speeds tokens values performance perf benchmark bench summary by per over across".split()
)
_WORDS: Final = re.compile(r"[^a-z]+")


def tell_statistic(path: str, format: str | None) -> str | None:
    """The statistic that a path tells of its file's numbers, if any.

    Args:
        path: relative POSIX path of the file.
        format: the format that reads it.
    """
    name = PurePosixPath(path).name.partition(".")[0].lower()
    words = [word for word in _WORDS.split(name) if word] if format in OWN else []
    after = [*words[1:], ""] if words else []
    told = {_STATISTICS.get(word) for word in words} | {
        _SINGULAR.get(word)
        for word, beside in zip(words, after, strict=True)
        if beside == "" or beside in _MEASURED
    }
    told.discard(None)
    return told.pop() if len(told) == 1 else "summary" if told else None
