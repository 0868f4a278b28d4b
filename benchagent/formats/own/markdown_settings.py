"""Which columns of a write-up's tables say under what a row was measured."""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.settings import read_setting
from benchagent.formats.tables import call_columns
from benchagent.measurements.markdown_tables import strip_markup
from benchagent.measurements.readings import Scalar
from benchagent.quantities.names import join_words

_COUNTED: Final = re.compile(r"([0-9]+) (?:layers|tokens)")
_GPU: Final = "gpu"
_OF_NUMBERS: Final = {"context": "num_ctx", _GPU: "num_gpu"}
_SETTINGS: Final = {
    **{name: name for name in call_columns.OLLAMA_OPTIONS},
    "temp": "temperature",
    "gpu_layers": "num_gpu",
    **dict.fromkeys(("tag", "quant", "quantization"), "quantization"),
    **dict.fromkeys(("config", "configuration"), "config_name"),
    **{name: name for name in ("prompt", "backend", "rank", "scenario", "option_set")},
}


def find_setting(label: str) -> str | None:
    """What the setting is called everywhere that a column of this name holds."""
    name = join_words(label)
    return _OF_NUMBERS.get(name) or _SETTINGS.get(name) or call_columns.find_setting(name)


def read_settings(texts: Mapping[str, str]) -> dict[str, Scalar]:
    """The settings of a row, by its cells under their labels; a GPU by its name is the machine's."""
    config: dict[str, Scalar] = {}
    for label, text in texts.items():
        if setting := find_setting(label):
            plain = strip_markup(text)
            counted = _COUNTED.fullmatch(plain)
            value = read_setting(counted[1] if counted else plain)
            named = join_words(label) == _GPU and isinstance(value, str)
            config[_GPU if named else setting] = value
    return config
