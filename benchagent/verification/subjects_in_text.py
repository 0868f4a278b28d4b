"""Which of the measured subjects a text names, in the ways that people shorten their names.

`gemma3:latest` may be called `gemma3`, "Gemma 3" or "gemma3 latest"; a name that leaves out the
tag stands for every subject of that family. A tag that the data do not know names nobody known.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_PIECES: Final = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*", re.IGNORECASE)
_RUNS: Final = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)*[a-z]?(?![a-z])", re.IGNORECASE)
_JOIN: Final = r"[\s:_\-/.(]{0,2}"
_PLAIN: Final = re.compile(r"[a-z]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A subject named in a text: the measured subjects that it may mean, none if it is unknown."""

    start: int
    end: int
    text: str
    subjects: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFinder:
    """Finds mentions of these subjects."""

    pattern: re.Pattern[str] | None
    families: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    plain: frozenset[str]

    def find(self, text: str, raw: str) -> list[Mention]:
        """Every mention, in order.

        Args:
            text: masked.
            raw: the same span unmasked: a plain word such as `baseline` is a name only in quotes.
        """
        if self.pattern is None:
            return []
        found: list[Mention] = []
        for match in self.pattern.finditer(text):
            mention = self._read(match, text)
            if mention.text.lower() in self.plain and not _is_quoted(raw, mention):
                continue
            found.append(mention)
        return found

    def _read(self, match: re.Match[str], text: str) -> Mention:
        family = next(name for name in match.groupdict() if match[name] is not None)
        base, members = self.families[family][0][0], self.families[family]
        said = tuple(piece.lower() for piece in _PIECES.findall(match[0][len(match[family]) :]))
        fitting = [subject for subject, pieces in members if _fits(said, pieces)]
        exact = [subject for subject, pieces in members if said == pieces]
        return Mention(
            start=match.start(),
            end=match.end(),
            text=text[match.start() : match.end()],
            subjects=frozenset(exact or fitting or ([] if said else [base])),
        )


def _fits(said: tuple[str, ...], pieces: tuple[str, ...]) -> bool:
    """Whether what was said of the tag is part of it, in its order."""
    rest = iter(pieces)
    return all(piece in rest for piece in said)


def _is_quoted(raw: str, mention: Mention) -> bool:
    before = raw[mention.start - 1 : mention.start]
    after = raw[mention.end : mention.end + 1]
    return bool(before and after and before in "`\"'“‘*(" and after in "`\"'”’*)")


def build_finder(subjects: Iterable[str]) -> SubjectFinder:
    """A finder of these subjects."""
    families: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for subject in sorted({subject.lower() for subject in subjects}):
        base, _, tag = subject.partition(":")
        families[base].append((subject, tuple(_PIECES.findall(tag))))
    named = {
        f"f{at}": (base, members) for at, (base, members) in enumerate(sorted(families.items()))
    }
    patterns = [
        (base, _pattern(name, base, members)) for name, (base, members) in named.items() if base
    ]
    patterns.sort(key=lambda pair: -len(pair[0]))
    whole = "|".join(pattern for _, pattern in patterns)
    return SubjectFinder(
        pattern=re.compile(rf"(?<![\w/.])(?:{whole})(?![\w/])", re.IGNORECASE) if whole else None,
        families={name: tuple(members) for name, (_, members) in named.items()},
        plain=frozenset(
            base for base in families if _PLAIN.fullmatch(base) and not _tagged(families[base])
        ),
    )


def _tagged(members: list[tuple[str, tuple[str, ...]]]) -> bool:
    return any(pieces for _, pieces in members)


def _pattern(name: str, base: str, members: list[tuple[str, tuple[str, ...]]]) -> str:
    runs = _RUNS.findall(base)
    own = r"[\s_-]?".join(map(re.escape, runs)) if "".join(runs) == base else re.escape(base)
    pieces = sorted({piece for _, tag in members for piece in tag}, key=len, reverse=True)
    if not pieces:
        return f"(?P<{name}>{own})"
    tag = "|".join(map(re.escape, pieces))
    return rf"(?P<{name}>{own})(?:{_JOIN}(?:{tag})(?![A-Za-z0-9]))*"
