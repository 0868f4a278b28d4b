"""Which configurations compete: run under the same options, on one machine, and asked the same."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import better_first, is_compared
from benchagent.facts.derivations.comparisons.matched_fields import match_rivals
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.machines import machine_of
from benchagent.facts.derivations.rows.rounds import linked
from benchagent.facts.derivations.rows.settings import is_demand, write_json
from benchagent.facts.fact import Fact, vary


class Field(NamedTuple):
    """Configurations that compete with each other.

    Attributes:
        ranked: their medians (or only values), the best first.
        held: settings that all of them share and others of the subject have otherwise, as these
            were asked other things.
        taken: what the numbers are of where they are not of all runs, in words.
    """

    ranked: list[Fact]
    held: frozenset[str]
    taken: str

    def template(self, label: str) -> Fact:
        """A fact about the whole field.

        `option` names what was varied, with the machine on which all of it was run and what was
        asked of all.
        """
        best = self.ranked[0]
        settings = json.loads(best.config or "{}")
        told = {key for key in settings if is_demand(key)} | set(machine_of(settings)) | self.held
        named = [f"{key}={level}" if key in told else key for key, level in settings.items()]
        return vary(
            best,
            label=label,
            option=" ".join(named),
            config=None,
            n=None,
            spread=None,
            ci_low=None,
            ci_high=None,
            measurements=(),
        )


def find_fields(frame: Frame, described: Iterable[Fact], mislabelled: Ints) -> Iterator[Field]:
    """All competitions of configurations.

    Configurations that record different options are no rivals: what one of them leaves out may
    have been the same. Nor are those of which more was asked or that share no prompt, nor one that
    did not use the device that it names.
    """
    fields: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in described:
        if _competes(fact) and not _shares(mislabelled, fact):
            parts = (
                fact.benchmark,
                fact.subject,
                fact.of,
                fact.workload,
                fact.metric,
                fact.definition,
            )
            settings = json.loads(fact.config or "{}")
            asked = write_json({key: settings[key] for key in settings if is_demand(key)})
            key = (*parts, fact.unit, fact.phase, " ".join(settings), asked)
            fields[tuple(part or "" for part in key)].append(fact)
    for _, field in sorted(fields.items()):
        for rivals in _by_machine(field):
            apart = _by_items(frame, rivals)
            for asked_alike in apart:
                if len(asked_alike) >= 2:
                    matched = match_rivals(frame, asked_alike)
                    ranked = sorted(matched.rivals, key=better_first(field[0].metric or ""))
                    held = _shared(ranked) if len(apart) > 1 else frozenset[str]()
                    yield Field(ranked, held, matched.taken)


def _by_items(frame: Frame, rivals: list[Fact]) -> list[list[Fact]]:
    """Configurations that were asked the same, of some others directly or through others.

    Where each question stands under one value alone, as `difficulty=easy`, the value is the
    question's: the easier ones would be best with any options.
    """
    numbers = [len(fact.measurements) for fact in rivals]
    rows = np.searchsorted(frame.ids, np.concatenate([fact.measurements for fact in rivals]))
    link = linked(np.repeat(np.arange(len(rivals)), numbers), frame.codes("item")[rows])
    apart: dict[int, list[Fact]] = defaultdict(list)
    for fact, first in zip(rivals, np.cumsum([0, *numbers]), strict=False):
        apart[int(link[first])].append(fact)
    return list(apart.values())


def _shared(rivals: list[Fact]) -> frozenset[str]:
    """The settings that all of them have alike."""
    configs = [json.loads(fact.config or "{}").items() for fact in rivals]
    return frozenset(key for key, level in configs[0] if all((key, level) in c for c in configs))


def _by_machine(field: list[Fact]) -> list[list[Fact]]:
    """Configurations that ran on one machine each time, where they differ in more than that.

    The faster machine would be best with any options.
    """
    apart: dict[str, list[Fact]] = defaultdict(list)
    for fact in field:
        apart[write_json(machine_of(json.loads(fact.config or "{}")))].append(fact)
    parted = [apart[machine] for machine in sorted(apart)]
    options = {_without_machine(fact) for fact in field}
    return parted if len(options) > 1 else [field]


def _without_machine(fact: Fact) -> str:
    settings = json.loads(fact.config or "{}")
    machine = machine_of(settings)
    return write_json({key: level for key, level in settings.items() if key not in machine})


def _shares(ids: Ints, fact: Fact) -> bool:
    return bool(len(ids) and np.isin(fact.measurements, ids).any())


def _competes(fact: Fact) -> bool:
    central = fact.statistic == "value" and fact.method in ("median", "share", "value")
    measured = fact.about == "configuration" and fact.phase != "cold"
    return central and measured and is_compared(fact.metric or "")
