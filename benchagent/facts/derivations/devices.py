"""Runs whose label names a device that was not used, as their own file tells."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from benchagent.facts.derivations.corpus import count_of
from benchagent.facts.derivations.frame import Frame
from benchagent.facts.derivations.samples import name_run, write_json
from benchagent.facts.fact import Evidence, Fact, vary
from benchagent.wording import quoted_setting

_ASKED: Final = ("device", "requested_device", "target_device", "accelerator")
_USED: Final = (
    "providers", "provider", "execution_providers", "execution_provider", "device_used",
    "used_device", "actual_device", "processor", "placement",
)  # fmt: skip
_ACCELERATOR: Final = re.compile(r"(?:cuda|gpu|rocm|hip|mps|metal|xpu|vulkan)(?::\d+)?")
_CPU: Final = re.compile(r"(?:100%\s*)?cpu(?:[\s_-]?execution[\s_-]?provider)?")
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
        if labels := find_mismatch(config, environment):
            found[labels].append(name_run(path, record))
    for (option, level, used), names in sorted(found.items()):
        asked = quoted_setting(option, level)
        counted = count_of(
            "mislabelled-runs", "runs", f"runs labelled {asked} that used the CPU", names,
            about="telemetry",
        )  # fmt: skip
        yield vary(counted, option=option, level=level, config=used)


@lru_cache(maxsize=65536)
def find_mismatch(config: str, environment: str = "{}") -> _Labels | None:
    """The device setting of a run, what it says, and what was used instead; None if they agree."""
    settings: dict[str, object] = {**json.loads(environment), **json.loads(config)}
    asked = _first(settings, _ASKED)
    used = {key: settings[key] for key in _USED if key in settings}
    if asked is None or not used or not _ACCELERATOR.fullmatch(str(settings[asked]).lower()):
        return None
    parts = [part.strip().lower() for text in used.values() for part in str(text).split(",")]
    if not all(_CPU.fullmatch(part) for part in parts):
        return None
    return asked, write_json(settings[asked]), write_json(used)


def _first(settings: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in settings), None)
