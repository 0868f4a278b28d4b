"""The variants that a file ran of one thing, and which of them the others should beat.

A file that runs a model as `eager` and as `tensorrt`, or a kernel as `baseline_gelu` and as
`fused_gelu`, says itself what the second one should beat. Where one of them ran on the CPU in spite
of its label, and the other did not, two devices would be compared and not two variants.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.comparisons.contrasts import is_compared
from benchagent.facts.derivations.counted_once.samples import MISLABELLED, Group, split_into_groups
from benchagent.facts.derivations.rows.frame import Frame

# What a variant is called by; `subject` where the file knows nothing else of it.
_SETTINGS: Final = (
    "backend", "variant", "implementation", "engine", "compiler", "optimization", "quantization",
)  # fmt: skip
SUBJECT: Final = "subject"
OPTIONS: Final = (*_SETTINGS, SUBJECT)
_BASELINE: Final = re.compile(
    r"(?:^|[^a-z])(?:baseline|eager|reference|vanilla|naive|unoptimi[sz]ed)(?:$|[^a-z])"
)
# One number per variant and metric is compared: the first of these that both sides give.
_CENTRES: Final = ("value", "median", "mean")
_CONTEST: Final = [
    "source_path", "benchmark", "subject", "series", "workload", "metric", "definition", "unit",
]  # fmt: skip


class Arm(NamedTuple):
    """The numbers of one variant under one set of other settings."""

    level: str
    rest: Mapping[str, object]
    group: Group


def of_files_with_baselines(frame: Frame) -> Frame:
    """The compared numbers of files in which a variant or a subject is named as a baseline."""
    named = frame.has("subject", *filter(_is_baseline, frame.used("subject")))
    named |= frame.has("settings", *filter(_names_baseline, frame.used("settings")))
    kept = frame.has("source_path", *frame.used("source_path", named))
    kept &= frame.has("metric", *filter(is_compared, frame.used("metric")))
    return frame.take(kept & ~frame.has("phase", "cold"))


def _names_baseline(settings: str) -> bool:
    entries: dict[str, object] = json.loads(settings)
    return any(_is_baseline(entries.get(option)) for option in _SETTINGS)


def _is_baseline(level: object) -> bool:
    return isinstance(level, str) and _BASELINE.search(level.lower()) is not None


def contests(frame: Frame, option: str) -> Iterator[list[Arm]]:
    """Variants of one thing in one file, with one statistic of one metric each."""
    columns = [name for name in _CONTEST if not (option == SUBJECT and name in (SUBJECT, "series"))]
    for group in split_into_groups(frame, columns):
        rows = frame.take(group.rows)
        for statistic in _CENTRES:
            arms = list(_arms(frame, rows.take(rows.has("statistic", statistic)), option))
            if len({arm.level for arm in arms}) >= 2 and any(_is_baseline(a.level) for a in arms):
                yield arms
                break


def _arms(frame: Frame, rows: Frame, option: str) -> Iterator[Arm]:
    for group in split_into_groups(
        rows, [*_CONTEST, "statistic", "phase", "settings", MISLABELLED]
    ):
        rest: dict[str, Any] = json.loads(group.key["settings"] or "{}")
        level = group.key[SUBJECT] if option == SUBJECT else rest.pop(option, None)
        if isinstance(level, str):
            places = np.searchsorted(frame.ids, group.ids)
            yield Arm(level, rest, Group(group.key, group.values, group.ids, places))


def pairs(arms: list[Arm]) -> Iterator[tuple[Arm, Arm]]:
    """Each variant with the only baseline that agrees with it in all that both record."""
    baselines = [arm for arm in arms if _is_baseline(arm.level)]
    for arm in arms:
        alike = [
            other
            for other in baselines
            if _agree(arm.rest, other.rest)
            and arm.group.key[MISLABELLED] == other.group.key[MISLABELLED]
        ]
        if arm not in baselines and len(alike) == 1:
            yield alike[0], arm


def _agree(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(other[key] == value for key, value in one.items() if key in other)
