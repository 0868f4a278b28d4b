"""Columns that tell which version of something ran (`vllm_version`, `build`): a name, though it looks like a number.

`0.10` is another version than `0.1`, and `0.6.0` is no number; numbers of two versions are never pooled.
"""

import re
from typing import Final

from benchagent.quantities.names import join_words

_VERSIONS: Final = re.compile(
    r"(?:.+_)?(?:version|ver|build|driver|revision|release)(?:_(?:no|number|id))?"
)
# Of the file itself.
_OF_FILES: Final = re.compile(r"(?:schema|format|file|report|output|config)_.+")
_VERSION: Final = re.compile(r"[vVbB]?[0-9]+(?:[.+-][0-9A-Za-z]+){0,6}")


def names_version(label: str) -> bool:
    """Whether a column of this name tells which version of something ran."""
    name = join_words(label)
    return _VERSIONS.fullmatch(name) is not None and not _OF_FILES.fullmatch(name)


def is_version(cell: object) -> bool:
    """Whether a cell may be a version: numbers and dots, with a `v` or a tail at most."""
    return isinstance(cell, str) and _VERSION.fullmatch(cell.strip()) is not None
