"""Names in a report: files and folders, models and other subjects, dates.

A name is a span; no number inside it is a figure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from benchagent.verification.kept import remember
from benchagent.verification.text.letters import find_digit, words_in

_SUFFIXES: Final = (
    "csv|tsv|json|jsonl|ndjson|md|markdown|txt|log|parquet|yaml|yml|toml|ini|html|xml|py|sh|sql|"
    "db|sqlite|ncu-rep|png|svg|pdf|xlsx|npz|npy|pt|onnx|gguf|bin|zip|gz"
)
_PATH: Final = re.compile(
    rf"(?<![\w/.\-@:\\])(?:[\w.\-+<>\[\]{{}}*]+/)*[\w.\-+<>\[\]{{}}*()]*[\w>\]}}*]\.(?:{_SUFFIXES})(?![\w/*])",
    re.IGNORECASE,
)
_SUFFIX: Final = re.compile(rf"\.(?:{_SUFFIXES})(?![\w/*])", re.IGNORECASE)
_COLON: Final = re.compile(r":\w")
_FOLDER: Final = re.compile(r"(?<![\w/.\-@:])(?:[\w.\-+]+/)+(?![\w<*{\[/])")
_SLASH_END: Final = re.compile(r"/(?![\w<*{\[/])")
_TEMPLATE: Final = re.compile(r"[<>*{}\[\]]|\.\.\.|YYYY|XXX", re.IGNORECASE)
_TAG: Final = re.compile(
    r"(?<![\w/.:])[A-Za-z][\w.\-]{1,40}:(?=[\w.\-]*[a-z])(?=[\w.\-]*\d|latest\b)[\w.\-]*\w"
)
_IDENTIFIER: Final = re.compile(
    r"(?<![\w/.:\-])(?=[\w.\-]*\d)(?=[\w.\-]*[A-Za-z])[A-Za-z0-9][\w.\-]*\w(?![\w/])"
)
# "7B" glued together tells the size of a model, and no bytes
_WITH_UNIT: Final = re.compile(
    r"(?!\d{1,3}(?:\.\d+)?[bB]$)[\d.,]+(?:[eE][+-]?\d+)?[A-Za-z%]{0,3}|\d+(?:st|nd|rd|th)"
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|"
        "september sept sep|october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO: Final = re.compile(
    r"(?<![\w.\-/])(?P<y>(?:19|20)\d\d)[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})"
    r"(?P<time>[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?(?:UTC|Z|GMT|[+-]\d\d:?\d\d))?)?(?![\w-])"
)
_MDY: Final = re.compile(
    rf"\b(?P<mon>{_MONTH})\.?\s+(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<y>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_DMY: Final = re.compile(
    rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<mon>{_MONTH})\.?,?\s+(?P<y>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_US: Final = re.compile(r"(?<![\w.\-/])(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>(?:19|20)\d\d)(?![\w/])")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_STAMP: Final = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


class Name(NamedTuple):
    """A name and its span."""

    start: int
    end: int
    text: str


class Day(NamedTuple):
    """A date as written: `day` is None for a month; `moment` where it has a time."""

    start: int
    end: int
    year: int
    month: int
    day: int | None
    moment: datetime | None

    def iso(self) -> str:
        """`2025-11-14`, `2025-11`, or with its time."""
        if self.moment:
            return self.moment.isoformat()
        return f"{self.year}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")

    def covers(self, when: date) -> bool:
        """Whether a day is the one written, or lies in the month written."""
        same = (when.year, when.month) == (self.year, self.month)
        return same and self.day in (None, when.day)


@remember(2048)
def find_paths(text: str) -> Sequence[Name]:
    """File names and paths; a pattern (`<model>_*.json`) is none."""
    if "." not in text or not _SUFFIX.search(text):
        return []
    found: list[Name] = []
    for match in _PATH.finditer(text):
        name, start = match[0], match.start()
        while name.startswith("(") or (name.startswith("[") and "]" not in name):
            name, start = name[1:], start + 1
        if not _TEMPLATE.search(name) and not name.startswith(".") and "(" not in name:
            found.append(Name(start, match.end(), name))
    return found


def find_templates(text: str) -> list[Name]:
    """Patterns of file names: no claim, but no figure stands in them either."""
    if "." not in text or not _SUFFIX.search(text) or not _TEMPLATE.search(text):
        return []
    return [Name(m.start(), m.end(), m[0]) for m in _PATH.finditer(text) if _TEMPLATE.search(m[0])]


def find_folders(text: str) -> list[Name]:
    """Folders written with their slash: `reports/llama3/`."""
    if not _SLASH_END.search(text):
        return []
    return [Name(m.start(), m.end(), m[0]) for m in _FOLDER.finditer(text) if "//" not in m[0]]


def find_tags(text: str) -> list[Name]:
    """Models as Ollama writes them: `name:tag`."""
    if ":" not in text or not _COLON.search(text):
        return []
    return [Name(m.start(), m.end(), m[0]) for m in _TAG.finditer(text)]


def find_identifiers(text: str) -> list[Name]:
    """Words with letters and digits in them: `q4_0`, `RTX4080`, `fp16`; no figure is inside."""
    digit = find_digit(text)
    if digit is None:
        return []
    return [
        Name(m.start(), m.end(), m[0])
        for m in _IDENTIFIER.finditer(text, text.rfind(" ", 0, digit) + 1)
        if not _WITH_UNIT.fullmatch(m[0])
    ]


@remember(2048)
def find_days(text: str) -> Sequence[Day]:
    """Dates in the ways that people write them."""
    if not _YEAR.search(text):
        return []
    patterns = (_ISO, _US) if words_in(text).isdisjoint(_MONTHS) else (_ISO, _MDY, _DMY, _US)
    found = [day for pattern in patterns for day in _read_days(pattern, text)]
    found.sort(key=lambda day: (day.start, -day.end))
    kept: list[Day] = []
    for day in found:
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return kept


def _read_days(pattern: re.Pattern[str], text: str) -> Iterator[Day]:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        month = _MONTHS[groups["mon"].lower()] if groups.get("mon") else int(groups["m"])
        day = int(groups["d"]) if groups.get("d") else None
        try:
            date(int(groups["y"]), month, day or 1)
        except ValueError:
            continue
        yield Day(match.start(), match.end(), int(groups["y"]), month, day, _moment(groups))


def _moment(groups: dict[str, str | None]) -> datetime | None:
    time = groups.get("time")
    if not time:
        return None
    clock = re.sub(r"[^\d:].*$", "", time.strip(" T"))
    parts = [int(part) for part in clock.split(":")]
    try:
        hour, minute, second = (*parts, 0)[:3]
        return datetime(  # noqa: DTZ001 - compared by its wall clock, UTC on both sides
            int(groups["y"] or 0),
            int(groups["m"] or 0),
            int(groups["d"] or 0),
            hour,
            minute,
            second,
        )
    except ValueError:
        return None


def find_stamps(names: Iterable[str]) -> set[date]:
    """The days that file names are stamped with."""
    found: set[date] = set()
    for name in names:
        for year, month, day in _STAMP.findall(name):
            try:
                found.add(date(int(year), int(month), int(day)))
            except ValueError:
                continue
    return found
