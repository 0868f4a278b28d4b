"""A YAML text as the tree that JSON would be, every number still as it was written.

Read event by event and not through YAML's own types: there `1_000` and `1:30` are numbers and
`no` is false, and aliases let ten lines stand for a billion. Only what YAML 1.1 and 1.2 both call
a number is one here; a text with anchors or tags of its own is refused.
"""

import re
from typing import Any, Final

import yaml

from benchagent.measurements.artifact_text import Json, Numeral, Unreadable

_LONGEST: Final = 16_000_000
_DEEPEST: Final = 200
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+][0-9]+)?)?")
# as YAML spells what JSON spells NaN and Infinity: no number to anybody, and no text either
_NO_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS: Final = {"true": True, "True": True, "false": False, "False": False}


class _NotRead(ValueError):
    """A construct that is not read here, and where it stands."""


def read_yaml(text: str) -> Json | Unreadable:
    """A YAML text of one document as a tree whose numbers are `Numeral`s."""
    if len(text) > _LONGEST:
        return Unreadable(f"YAML of {len(text):,} characters; at most {_LONGEST:,}")
    try:
        return _build_tree(text)
    except _NotRead as error:
        return Unreadable(str(error))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Unreadable(f"line {mark.line + 1 if mark else 1}: not valid YAML: {error.problem}")
    except yaml.YAMLError:
        return Unreadable("not valid YAML: it has characters that YAML does not allow")


def _build_tree(text: str) -> Json:
    tree = _Tree()
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _NotRead(f"line {_line(event)}: YAML with anchors and aliases is not read")
        if isinstance(event, yaml.MappingStartEvent):
            tree.open({}, _line(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            tree.open([], _line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            tree.close()
        elif isinstance(event, yaml.ScalarEvent):
            tree.add(event.value, _read_scalar(event), _line(event))
        elif isinstance(event, yaml.DocumentStartEvent) and tree.documents:
            raise _NotRead(f"line {_line(event)}: a second YAML document; one is read")
    return tree.documents[0] if tree.documents else None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _read_scalar(event: yaml.ScalarEvent) -> Json:
    text = event.value
    if event.tag or not event.implicit[0]:  # quoted, a block of text, or of a type of its own
        return text
    if _NUMBER.fullmatch(text) or _NO_NUMBER.fullmatch(text):
        return Numeral(text)
    return None if text in _NULLS else _BOOLEANS.get(text, text)


class _Tree:
    """Containers that are still open, the innermost last, each mapping with the key that waits."""

    def __init__(self) -> None:
        self.documents: list[Json] = []
        self._open: list[dict[str, Json] | list[Json]] = []
        self._keys: list[str | None] = []

    def open(self, container: dict[str, Json] | list[Json], line: int) -> None:
        """A mapping or list begins."""
        if len(self._open) == _DEEPEST:
            raise _NotRead(f"line {line}: YAML nested more than {_DEEPEST} deep")
        self._put(container, line)
        self._open.append(container)
        self._keys.append(None)

    def close(self) -> None:
        """The innermost mapping or list ends."""
        self._open.pop()
        self._keys.pop()

    def add(self, text: str, value: Json, line: int) -> None:
        """A scalar: a key as its text, anything else as its value."""
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            self._keys[-1] = text
        else:
            self._put(value, line)

    def _put(self, value: Json, line: int) -> None:
        if not self._open:
            self.documents.append(value)
            return
        container, key = self._open[-1], self._keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            raise _NotRead(f"line {line}: a YAML mapping whose key is no plain text")
        else:
            container[key] = value
            self._keys[-1] = None
