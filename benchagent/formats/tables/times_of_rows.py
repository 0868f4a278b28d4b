"""In which order rows were run, where their times tell it and their places do not.

A table that was sorted by its settings looks as if each had been run in one go.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from benchagent.measurements.readings import MeasuredAt, Record

# A clock without a zone is set back by this much once a year.
_SET_BACK: Final = timedelta(hours=1)


def order_by_time(records: Sequence[Record]) -> list[Record]:
    """The same records in their order, numbered by their times where these go back from row to row.

    They are numbered as they stand where a time is missing or comes twice, and where a clock without
    a zone was set back once.
    """
    told = [record.measured_at for record in records]
    moments = [read_moment(at) for at in told]
    known = [moment for moment in moments if moment is not None]
    back = [before - after for before, after in pairwise(known) if after < before]
    naive = any(at and at.basis == "naive" for at in told)
    if (
        not back
        or len(set(known)) < len(records)
        or (naive and len(back) == 1 and back[0] <= _SET_BACK)
    ):
        return list(records)
    place = {moment: number for number, moment in enumerate(sorted(known))}
    return [
        replace(record, sequence=place[moment])
        for record, moment in zip(records, moments, strict=True)
        if moment is not None
    ]


def read_moment(at: MeasuredAt | None) -> datetime | None:
    """A time as a record has it; one without a zone as if it were in UTC."""
    if at is None:
        return None
    moment = datetime.fromisoformat(at.text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
