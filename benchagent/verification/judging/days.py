"""Dates and spans: the report's own date, the latest modification, what lies how long ago."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from benchagent.verification.claims import INVENTORY, Verdict, contradicted, supported, unsupported
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.names import Day
from benchagent.verification.text.terms import NAMES_OF_KINDS

_DAYS: Final = {"hour": 1 / 24, "h": 1 / 24, "day": 1, "week": 7, "month": 30.44, "year": 365.25}
_RECENT: Final = re.compile(
    r"\b(?:latest|most recent(?:ly)?|recent|last modified|newest|activity|some)\b", re.IGNORECASE
)
_PAST: Final = re.compile(r"\b(?:past|last|previous|within)\s+(?:the\s+)?\S*$", re.IGNORECASE)
_MANY: Final = re.compile(
    r"\b(?:portion|most(?! recent)|majority|many|number|all|bulk|share)\b", re.IGNORECASE
)


def latest_times(kinds: frozenset[str], knowledge: Knowledge) -> list[datetime]:
    """When the newest file was modified, as the listing and as the file system say."""
    listed = [
        time for kind, time in knowledge.known.listing.latest.items() if not kinds or kind in kinds
    ]
    latest = knowledge.corpus.file_index.latest
    own = [time for kind, time in latest.items() if not kinds or kind in kinds]
    return [max(times) for times in (listed, own) if times]


def judge_own_date(day: Day, knowledge: Knowledge) -> Verdict | None:
    """The report's own date; None where nothing tells when it was written."""
    as_of = knowledge.known.as_of
    if as_of:
        if day.covers(as_of.date()):
            return supported(f"the report was written at {as_of:%Y-%m-%d %H:%M} UTC")
        return contradicted(f"the report was written at {as_of:%Y-%m-%d %H:%M} UTC")
    first = min(knowledge.corpus.measured_days, default=None)
    if first and date(day.year, day.month, day.day or 28) < first:
        return contradicted(f"the data were measured from {first} on")
    return None


def judge_latest(day: Day, kinds: frozenset[str], knowledge: Knowledge) -> Verdict:
    """When the newest file (of a kind) was modified."""
    times = latest_times(kinds, knowledge)
    for time in times:
        if day.moment and knowledge.known.listing.latest:
            same = abs((time - day.moment).total_seconds()) < 60
        else:
            same = day.covers(time.date())
        if same:
            return supported(f"the latest modification is {time:%Y-%m-%d %H:%M:%S} UTC", INVENTORY)
    if not times:
        return unsupported("no modification time is known")
    told = " or ".join(f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in times)
    return contradicted(f"the latest modification is {told}", INVENTORY)


def judge_day(day: Day, knowledge: Knowledge) -> Verdict:
    """A date said of something in the data."""
    if any(day.covers(known) for known in knowledge.corpus.days):
        return supported("files are stamped with that day")
    times = [*latest_times(frozenset(), knowledge), *knowledge.known.listing.latest.values()]
    days = {time.date() for time in times} | knowledge.corpus.file_index.modified_days
    if any(map(day.covers, days)):
        return supported("files were modified on that day", INVENTORY)
    as_of = knowledge.known.as_of
    if as_of and day.covers(as_of.date()):
        return supported("the report was written on that day")
    if day.iso() in knowledge.corpus.words:
        return supported("files name that day")
    return unsupported("nothing in the data is of that day")


def judge_span(figure: Figure, text: str, knowledge: Knowledge) -> Verdict:
    """How long the data span, or how long ago they changed."""
    unit = _DAYS[figure.unit.rstrip("s") if figure.unit != "h" else "h"]
    length = timedelta(days=figure.value * unit)
    slack = timedelta(days=max(unit, 0.25 * figure.value * unit if figure.hedged else 0))
    before = text[: figure.start]
    if _PAST.search(before[-24:]):
        return _judge_window(length, text, knowledge)
    stamps = sorted(knowledge.corpus.days)
    latest = [time.date() for time in latest_times(frozenset(), knowledge)]
    spans = [stamps[-1] - stamps[0]] if stamps else []
    measured = sorted(knowledge.corpus.measured_days)
    spans += [measured[-1] - measured[0]] if measured else []
    spans += [end - start for end in latest for start in stamps[:1] + measured[:1]]
    for span in spans:
        if abs(span - length) <= slack:
            return supported(f"the data span {span.days} days")
    if not spans:
        return unsupported("nothing in the data is dated")
    return unsupported(f"the data span {' or '.join(str(span.days) for span in spans)} days")


def _judge_window(length: timedelta, text: str, knowledge: Knowledge) -> Verdict:
    as_of = knowledge.known.as_of
    if as_of is None:
        return unsupported("when the report was written is not known")
    start = as_of.replace(tzinfo=None) - length
    latest = latest_times(frozenset(), knowledge)
    if _MANY.search(text):
        return unsupported("how many files changed then is not known")
    if _RECENT.search(text):
        if any(time >= start for time in latest):
            return supported(
                f"the latest modification is {max(latest):%Y-%m-%d %H:%M} UTC", INVENTORY
            )
        return contradicted("nothing changed then", INVENTORY)
    dated = knowledge.corpus.days
    inside = [day for day in dated if day >= start.date()]
    if dated and not inside:
        return contradicted(f"the data are of {min(dated)} to {max(dated)}")
    return supported("the data are of that time") if inside else unsupported("nothing is dated")


def judge_latest_kind(kinds: frozenset[str], knowledge: Knowledge) -> Verdict:
    """Which kind of file was modified last."""
    latest = knowledge.known.listing.latest or knowledge.corpus.file_index.latest
    if not latest:
        return unsupported("no modification time is known")
    last = max(latest.values())
    newest = {kind for kind, time in latest.items() if time == last}
    told = f"the latest modification is of {', '.join(NAMES_OF_KINDS.get(kind, kind) for kind in sorted(newest))} files: {last} UTC"
    return supported(told, INVENTORY) if kinds & newest else contradicted(told, INVENTORY)
