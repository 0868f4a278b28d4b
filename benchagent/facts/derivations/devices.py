"""Runs whose label names a device that was not used, as their own file tells."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.derivations.device_labels import find_mismatch
from benchagent.facts.derivations.frame import Frame
from benchagent.facts.derivations.samples import name_run
from benchagent.facts.derivations.settings import write_json
from benchagent.facts.fact import Evidence, Fact, vary
from benchagent.wording import quoted_setting

_COLUMNS: Final = ["source_path", "record", "kind", "duplicate_of", "config", "environment"]

_Labels = tuple[str, str, str]


def count_mislabelled(evidence: Evidence) -> Iterator[Fact]:
    """Counts of runs that name an accelerator and record that only the CPU was used.

    `config` holds what was used, `option` and `level` what the label says.
    """
    frame = Frame.of(evidence.measurements, _COLUMNS)
    measured = frame.take(frame.has("kind", "measured") & ~frame.known("duplicate_of"))
    first = measured.first_of_each(["source_path", "record"])
    runs = measured.records(["source_path", "record", "config", "environment"], first)
    found: dict[_Labels, list[str]] = defaultdict(list)
    for path, record, config, environment in runs:
        if mismatch := find_mismatch(config, environment):
            labels = mismatch.option, write_json(mismatch.level), write_json(mismatch.used)
            found[labels].append(name_run(path, record))
    for (option, level, used), names in sorted(found.items()):
        asked = quoted_setting(option, level)
        counted = count_of(
            "mislabelled-runs", "runs", f"runs labelled {asked} that used the CPU", names,
            about="telemetry",
        )  # fmt: skip
        yield vary(counted, option=option, level=level, config=used)
