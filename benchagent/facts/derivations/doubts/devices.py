"""Runs whose label names a device that was not used, as their own file tells."""

import json
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.rows.device_labels import find_mismatch, tells_layers
from benchagent.facts.derivations.rows.frame import Frame, first_of_each, measured_once
from benchagent.facts.derivations.rows.runs import RUN, name_run
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Evidence, Fact, vary
from benchagent.wording import quoted_setting

_Labels = tuple[str, str, str]


def count_mislabelled(evidence: Evidence) -> Iterator[Fact]:
    """Counts of runs that name an accelerator and record that only the CPU was used.

    `config` holds what was used, `option` and `level` what the label says.
    """
    measured = measured_once(evidence)
    settings = Frame.of(evidence.measurements, ["config", "environment"], rows=measured)
    numbers = settings.number(["config", "environment"])
    kinds = settings.records(["config", "environment"], first_of_each(numbers))
    mismatches = [find_mismatch(config, environment) for config, environment in kinds]
    if not any(mismatches):
        return
    off = np.array([mismatch is not None for mismatch in mismatches], dtype=np.bool_)[numbers]
    runs = Frame.of(evidence.measurements, RUN, rows=measured)
    first = runs.first_of_each(RUN)
    first = first[off[first]]
    found: dict[_Labels, list[str]] = defaultdict(list)
    for run, number in zip(runs.records(RUN, first), numbers[first].tolist(), strict=True):
        if mismatch := mismatches[number]:
            labels = mismatch.option, write_json(mismatch.level), write_json(mismatch.used)
            found[labels].append(name_run(*run))
    for (option, level, used), names in sorted(found.items()):
        asked = quoted_setting(option, level)
        did = "had no layer on the GPU" if tells_layers(json.loads(used)) else "used the CPU"
        counted = count_of(
            "mislabelled-runs", "runs", f"runs labelled {asked} that {did}", names,
            about="telemetry",
        )  # fmt: skip
        yield vary(counted, option=option, level=level, config=used)
