"""A YAML text as the tree that JSON would be, every number still as it was written.

Read event by event and not through YAML's own types: there `1_000` and `1:30` are numbers and
`no` is false, and aliases let ten lines stand for a billion. Only what YAML 1.1 and 1.2 both call
a number is one here. An alias is what it names, for as long as the tree stays small; mappings that
are merged (`<<`) are refused.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.json_trees import Json, Numeral

_LONGEST: Final = 16_000_000
_DEEPEST: Final = 200
_MOST_REPEATED: Final = 1_000_000
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
        if isinstance(event, yaml.MappingStartEvent):
            tree.open({}, event.anchor, _line(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            tree.open([], event.anchor, _line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            tree.close()
        elif isinstance(event, yaml.ScalarEvent):
            tree.add(event.value, _read_scalar(event), event.anchor, _line(event))
        elif isinstance(event, yaml.AliasEvent):
            tree.repeat(str(event.anchor), _line(event))
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


@dataclass(slots=True)
class _Part:
    """A container or scalar, how many values it is made of and how deep, and what names it."""

    value: Json
    anchor: str | None = None
    key: str | None = None
    size: int = 1
    depth: int = 1


class _Tree:
    """Containers that are still open, the innermost last, each mapping with the key that waits."""

    def __init__(self) -> None:
        self.documents: list[Json] = []
        self._open: list[_Part] = []
        self._named: dict[str, _Part] = {}
        self._repeated = 0

    def open(self, container: dict[str, Json] | list[Json], anchor: str | None, line: int) -> None:
        """A mapping or list begins."""
        part = _Part(container, anchor)
        self._put(part, line)
        self._named.pop(anchor or "", None)
        self._open.append(part)

    def close(self) -> None:
        """The innermost mapping or list ends."""
        self._end(self._open.pop())

    def add(self, text: str, value: Json, anchor: str | None, line: int) -> None:
        """A scalar: a key as its text, anything else as its value."""
        if self._waits_for_key():
            if text == "<<" or anchor:
                raise _NotRead(f"line {line}: YAML with merged mappings or named keys is not read")
            self._open[-1].key = text
        else:
            self._put(part := _Part(value, anchor), line)
            self._end(part)

    def repeat(self, anchor: str, line: int) -> None:
        """What an anchor names, once more.

        The value is shared: whoever walks the tree meets it as often as it is named.
        """
        if anchor not in self._named or self._waits_for_key():
            raise _NotRead(f"line {line}: a YAML alias of nothing that ends before it")
        part = self._named[anchor]
        self._repeated += part.size
        if self._repeated > _MOST_REPEATED:
            raise _NotRead(f"line {line}: YAML whose aliases stand for too much")
        self._put(part, line)
        self._grow(part)

    def _waits_for_key(self) -> bool:
        return (
            bool(self._open)
            and isinstance(self._open[-1].value, dict)
            and self._open[-1].key is None
        )

    def _end(self, part: _Part) -> None:
        if part.anchor:
            self._named[part.anchor] = part
        self._grow(part)

    def _grow(self, part: _Part) -> None:
        if self._open:
            self._open[-1].size += part.size
            self._open[-1].depth = max(self._open[-1].depth, part.depth + 1)

    def _put(self, part: _Part, line: int) -> None:
        if len(self._open) + part.depth > _DEEPEST:
            raise _NotRead(f"line {line}: YAML nested more than {_DEEPEST} deep")
        if not self._open:
            self.documents.append(part.value)
            return
        within = self._open[-1]
        if isinstance(within.value, list):
            within.value.append(part.value)
        elif within.key is None:
            raise _NotRead(f"line {line}: a YAML mapping whose key is no plain text")
        elif isinstance(within.value, dict):
            within.value[within.key] = part.value
            within.key = None
