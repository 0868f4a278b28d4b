"""What a run says that it ran on, against what it records that it used."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

_ASKED: Final = (
    "device", "requested_device", "device_requested", "target_device", "accelerator",
)  # fmt: skip
_USED: Final = (
    "providers", "provider", "execution_providers", "execution_provider", "device_used",
    "used_device", "actual_device", "processor", "placement",
)  # fmt: skip
_ACCELERATOR: Final = re.compile(r"(?:cuda|gpu|rocm|hip|mps|metal|xpu|vulkan)(?::\d+)?")
_CPU: Final = re.compile(r"(?:100%\s*)?cpu(?:[\s_-]?execution[\s_-]?provider)?")


class Mismatch(NamedTuple):
    """A label that names an accelerator where only the CPU was used.

    Attributes:
        option: the setting that is the label.
        level: what it says.
        used: the settings that say what was used.
    """

    option: str
    level: object
    used: Mapping[str, object]


@lru_cache(maxsize=65536)
def find_mismatch(config: str, environment: str | None = None) -> Mismatch | None:
    """The label of a run that is not what it used, of JSON objects; None if they agree."""
    settings: dict[str, Any] = {**json.loads(environment or "{}"), **json.loads(config)}
    asked = next((name for name in _ASKED if name in settings), None)
    used = {key: settings[key] for key in _USED if key in settings}
    if asked is None or not used or not _ACCELERATOR.fullmatch(str(settings[asked]).lower()):
        return None
    parts = [part.strip().lower() for text in used.values() for part in str(text).split(",")]
    if not all(_CPU.fullmatch(part) for part in parts):
        return None
    return Mismatch(asked, settings[asked], used)
