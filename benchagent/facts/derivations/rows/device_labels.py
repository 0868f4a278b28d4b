"""What a run says that it ran on, against what it records that it used."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

_ASKED: Final = (
    "device", "requested_device", "device_requested", "target_device", "accelerator",
)  # fmt: skip
# Layers that somebody wants on the GPU; llama-bench gives 99 where nobody asked for any, and says
# nothing of what was used but which backends it was built with.
_LAYERS: Final = "num_gpu"
_USED: Final = (
    "providers", "provider", "execution_providers", "execution_provider", "device_used",
    "used_device", "actual_device", "processor", "placement",
)  # fmt: skip
# How many layers a log counts on the GPU, of all that the model has.
_OFFLOADED: Final = ("offloaded_layers", "layers_offloaded", "gpu_layers_offloaded")
_NO_LAYERS: Final = re.compile(r"0(?:\s*/\s*[0-9]+)?")
# Objects that tell of the run itself; a draft, a judge and a tokenizer have devices of their own.
_OF_RUN: Final = re.compile(
    r"(?:(?:runtime|session|ort|onnx|onnxruntime|inference|execution|engine|ollama|ollama_ps|ps"
    r"|metadata|meta|info|run|hardware|system|machine|env|environment|host|server)_)?"
)
_ACCELERATOR: Final = re.compile(r"(?:cuda|gpu|rocm|hip|mps|metal|xpu|vulkan)(?::\d+)?")
_CPU: Final = re.compile(r"(?:100%\s*)?cpu(?:[\s_-]?execution[\s_-]?provider)?")
# A list as JSON and Python write it, in the cell of a table too.
_MARKS: Final = str.maketrans("", "", "[]()'\"")


class Mismatch(NamedTuple):
    """A label that names an accelerator where only the CPU was used, or which had no layer.

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
    asked = next((name for name in (*_ASKED, _LAYERS) if name in settings), None)
    if asked is None or not _asks_for_accelerator(asked, settings[asked]):
        return None
    used = dict(_find_used(settings))
    if used and all(_is_cpu(value) for value in used.values()):
        return Mismatch(asked, settings[asked], used)
    offloaded = {key: settings[key] for key in _OFFLOADED if key in settings}
    if used or not offloaded or not all(map(_is_none, offloaded.values())):
        return None
    return Mismatch(asked, settings[asked], offloaded)


def tells_layers(used: Mapping[str, object]) -> bool:
    """Whether what was used is told by the layers that were not on the GPU."""
    return used.keys() <= {*_OFFLOADED}


def _asks_for_accelerator(name: str, level: object) -> bool:
    if name == _LAYERS:
        return isinstance(level, int | float) and level > 0
    return _ACCELERATOR.fullmatch(str(level).lower()) is not None


def _find_used(settings: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """What says which device was used; of a list of several, one may stand in for another."""
    for key, value in settings.items():
        if _tells_used(key) and (_is_cpu(value) or len(_parts(value)) == 1):
            yield key, value


def _tells_used(key: str) -> bool:
    name = key.lower()
    above = next((name.removesuffix(used) for used in _USED if name.endswith(used)), None)
    return above is not None and _OF_RUN.fullmatch(above) is not None


def _is_cpu(value: object) -> bool:
    return all(_CPU.fullmatch(part) for part in _parts(value))


def _is_none(value: object) -> bool:
    return _NO_LAYERS.fullmatch(str(value).strip()) is not None


def _parts(value: object) -> list[str]:
    return [part.strip().lower() for part in str(value).translate(_MARKS).split(",")]
