"""Requests that a run sent and that did not complete, in whose times and rates they are missing."""

from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.counted_once.samples import Samples, group_of, split_into_groups
from benchagent.facts.derivations.descriptions.statistics import SUBJECT, describe_by
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.fact import Fact, vary
from benchagent.wording import quoted

SENT: Final = "requests_sent"
COMPLETED: Final = "requests_completed"


def count_requests(samples: Samples) -> Iterator[Fact]:
    """Per run that lost some: the requests sent and those completed, as its file says."""
    frame = samples.frame.take(samples.frame.has("metric", SENT, COMPLETED))
    for group in split_into_groups(frame, [*SUBJECT, "phase", "settings"]):
        for row in group.rows.tolist():
            one = group_of(frame, group.rows[group.rows == row], group.key)
            [(path, record)] = frame.records(["source_path", "record"], one.rows)
            fact = describe_by("value", one, "failure", group.key["settings"] or "{}")
            run = name_run(str(path), str(record))
            label = f"{fact.label}, in {quoted(run)}"
            yield vary(fact, kind="count", unit="requests", label=label, of=path, sources=(run,))
