"""Whose the numbers are that no format reads, and under which levels, by what stands beside them.

Of the columns of a table, and of the names of objects in a tree, some tell its rows apart: the
first that names things is the subject, the others are settings. Those that only count the rows
(`run`, `trial`, `id`) tell nothing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.facts.derivations.rows.machines import names_machine
from benchagent.formats.tables.call_columns import find_setting, names_models
from benchagent.quantities.metrics import METRICS
from benchagent.quantities.names import join_words
from benchagent.verification.evidence.contents import Contents, Levels, record_of
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.groups import Measure, Row, group_rows
from benchagent.verification.text.settings import OPTIONS

_MOST_LEVELS: Final = 40
_MOST_NUMBERS: Final = 12
_MOST_UNEVEN: Final = 3
_MOST_LEAVES: Final = 40_000
# they number the rows, tell how one went or where it ran
_TELLS_NOTHING: Final = re.compile(
    r"(?:.*_)?(?:id|idx|index|no|number|uuid|hash|sha|commit|date|time|timestamp|path|file|url|"
    r"host)|i|n|rep|reps|repeat|repetition|run|trial|iteration|iter|seed|page|round|attempt|sample|"
    r"step|row|epoch|fold|clip|status|state|success|error|message|unit|version|comment|note",
    re.IGNORECASE,
)
# conditions, and only where nothing else is named the things measured
_CONDITIONS: Final = re.compile(
    r"(?:.*_)?(?:split|task|kind|type|lang|language|precision|quant|quantization|dtype|format|"
    r"stage|phase|corpus|dataset|workload|mode|group|category|batch|size)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which names beside numbers tell them apart.

    Attributes:
        subjects: the names that may tell of whom a number is.
        known_paths: files of which a format knows whose their numbers are.
        known_levels: what other files have as levels of a setting, and so names nobody.
        settings: the names that tell under which level.
        levels: what stands beside or above each number, by file and record.
        measured: the settings that a format has read for the other numbers of a record.
        known_settings: the names of all that formats have read.
    """

    subjects: frozenset[str] = frozenset()
    known_paths: frozenset[str] = frozenset()
    known_levels: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    levels: Mapping[tuple[str, str], Levels] = field(default_factory=dict[tuple[str, str], Levels])
    measured: Mapping[tuple[str, str], frozenset[str]] = field(
        default_factory=dict[tuple[str, str], frozenset[str]]
    )
    known_settings: frozenset[str] = frozenset()

    def of(self, path: str, locator: str, subject: str | None) -> tuple[str | None, frozenset[str]]:
        """The subject of a number, if none is known yet, and its settings."""
        told = [
            (name, level.lower())
            for name, level in self.levels.get((path, record_of(locator)), ())
            if name in self.settings
        ]
        known = subject
        if known is None and path not in self.known_paths:
            named = [(name, level) for name, level in told if name in self.subjects]
            known = _choose_subject([own for own in named if own[1] not in self.known_levels])
        return known, frozenset(f"{name}={level}" for name, level in told if level != known)

    def tells(self, label: str) -> bool:
        """Whether the numbers of this name tell others apart or count them: no measurements."""
        name = label.rpartition(".")[2].lower()
        if name in self.settings or OPTIONS.fullmatch(name):
            return True
        if (find_setting(name) or name) in self.known_settings:
            return True
        return _TELLS_NOTHING.fullmatch(name) is not None


def _with_measured(settings: frozenset[str], measured: frozenset[str] | None) -> frozenset[str]:
    """The settings of a number, with what a format has read of the others of its record.

    Where it knows settings of its own, of these only the machine.
    """
    if not settings or not measured:
        return settings or measured or frozenset()
    names = {setting.partition("=")[0] for setting in settings}
    told = ((setting.partition("=")[0], setting) for setting in measured)
    return settings | {own for name, own in told if names_machine(name) and name not in names}


def _choose_subject(told: Sequence[tuple[str, str]]) -> str | None:
    things = [level for name, level in told if not _CONDITIONS.fullmatch(name)]
    return next(iter([*things, *(level for _, level in told)]), None)


def find_conditions(
    contents: Contents, measured: Mapping[tuple[str, str], frozenset[str]]
) -> Conditions:
    """What tells the numbers of files apart; `measured` are the settings that formats have read."""
    if len(contents.leaves) > _MOST_LEAVES:
        return Conditions()
    every = frozenset[str]().union(*set(measured.values()))
    known_levels = frozenset(setting.partition("=")[2] for setting in every)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for (path, place), levels in contents.levels.items():
        outer = contents.levels.get((path, place.rpartition("/")[0]), ()) if "/" in place else ()
        for name, level in levels[len(outer) :]:
            counted[name][level] += 1
    names = {
        name
        for name, levels in counted.items()
        if (len(levels) > 1 or names_models(join_words(name)))
        and len(levels) <= _MOST_LEVELS
        and not _TELLS_NOTHING.fullmatch(name)
    }
    things = {name for name in names if not any(map(_NUMBER.fullmatch, counted[name]))}
    return Conditions(
        subjects=frozenset(things),
        known_paths=contents.known,
        known_levels=known_levels,
        measured=measured,
        known_settings=frozenset(setting.partition("=")[0] for setting in every),
        settings=frozenset(name for name in names if name in things or _is_even(counted[name])),
        levels=contents.levels,
    )


def _is_even(levels: Counter[str]) -> bool:
    """Whether whole numbers are levels of a design: a few, each met about as often."""
    least, most = min(levels.values()), max(levels.values())
    return 1 < len(levels) <= _MOST_NUMBERS and least > 1 and most <= _MOST_UNEVEN * least


def without_own_metric(leaf: Datum) -> Datum:
    """A number of which only the words of its name are known."""
    return leaf if leaf.metric in METRICS else leaf._replace(metric=None)


def datums_of_tables(leaves: Iterable[Datum], conditions: Conditions) -> Iterator[Datum]:
    """Numbers that no format reads, each with its subject and settings, and what sums them up."""
    rows: list[Row] = []
    for leaf in leaves:
        path, locator = leaf.source.path or "", leaf.source.locator or ""
        subject, settings = conditions.of(path, locator, leaf.subject)
        settings = _with_measured(settings, conditions.measured.get((path, record_of(locator))))
        if not leaf.metric or not (subject or settings) or conditions.tells(leaf.label):
            yield without_own_metric(leaf)
            continue
        yield leaf._replace(subject=subject, settings=settings)
        rows.append(
            Row(
                measure=Measure(leaf.metric, leaf.unit, next(iter(leaf.statistics))),
                subject=subject,
                phase=None,
                path=path,
                benchmark="",
                settings=settings,
                duplicate=False,
                value=leaf.value,
                locator=locator,
                n=None,
            )
        )
    yield from group_rows(rows)
