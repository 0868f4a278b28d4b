"""What a snapshot can be asked about: its metrics, its subjects, and all by which calls differ."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from benchagent.facts.derivations.comparisons.contrasts import comparable_samples
from benchagent.facts.derivations.counted_once.samples import select_samples
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.fact import Evidence
from benchagent.inquiries.dimensions import MOST_LEVELS, Dimension, find_dimensions, safe_name

MOST_DIMENSIONS: Final = 12


@dataclass(frozen=True)
class Catalogue:
    """What can be asked of one snapshot.

    Attributes:
        frame: single measured numbers of named subjects, warm calls and those of no phase; one
            row each, as `Samples.frame` has them.
        dimensions: by name, those first that a reader asks after first.
    """

    frame: Frame
    dimensions: Mapping[str, Dimension]

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that have a better side, those measured most often first."""
        return tuple(_most_often_first(self.frame, "metric"))

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """The subjects by the name that questions use, those measured most often first."""
        shown: dict[str, str] = {}
        for name in _most_often_first(self.frame, "subject")[:MOST_LEVELS]:
            shown.setdefault(safe_name(name), name)
        return shown


def _most_often_first(frame: Frame, column: str) -> list[str]:
    counts = Counter(frame.cells(column))
    return sorted(frame.used(column), key=lambda name: (-counts[name], name))


def catalogue(evidence: Evidence) -> Catalogue:
    """What the numbers of a snapshot can be asked."""
    samples = select_samples(evidence)
    frame = comparable_samples(samples.frame)
    frame = frame.take(frame.known("subject"))
    if not len(frame):
        return Catalogue(frame, {})
    found = find_dimensions(frame, samples, evidence)
    held = [each for each in found if len(each.levels) > 1]
    chosen = [each for each in held if each.compared][:MOST_DIMENSIONS]
    chosen += [each for each in held if not each.compared]
    return Catalogue(frame, {each.name: each for each in chosen})
