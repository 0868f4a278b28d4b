"""Which of the measured subjects a text names, in the ways that people shorten their names.

`gemma3:latest` may be called `gemma3`, "Gemma 3" or "gemma3 latest"; a name that leaves out the
tag stands for every subject of that family. A tag that the data do not know names nobody known.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.verification.kept import Kept
from benchagent.verification.text.letters import has_digits, unpointed, words_in

# what the parts of a tag are told by
PIECES: Final = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*", re.IGNORECASE)
_SHORTEST: Final = 2
_NONE: Final = frozenset[str]()
# a model that is known by the name of its file may be told with its folders
MODEL_FILE: Final = re.compile(r"\.(?:gguf|ggml|bin|safetensors|onnx|pt)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A subject named in a text: the measured subjects that it may mean, none if it is unknown.

    A tag without its family (`is_tag`) narrows a family named before it.
    """

    start: int
    end: int
    text: str
    subjects: frozenset[str]
    is_tag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFinder:
    """Finds mentions of these subjects.

    Attributes:
        letters: by the first run of letters of a name, all runs that a text with it has to have.
        longer: of a name in tables of no known format, those that begin with it and may be meant.
    """

    pattern: re.Pattern[str] | None
    families: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    plain: frozenset[str]
    tags: re.Pattern[str] | None = None
    tagged: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    measured: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    letters: Mapping[str, tuple[frozenset[str], ...]] = field(
        default_factory=dict[str, tuple[frozenset[str], ...]]
    )
    longer: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    _found: Kept[list[Mention]] = field(
        default_factory=Kept[list[Mention]], compare=False, repr=False
    )

    _names: Kept[list[Mention]] = field(
        default_factory=Kept[list[Mention]], compare=False, repr=False
    )

    def find(self, text: str, raw: str) -> list[Mention]:
        """Every mention, in order.

        Args:
            text: masked.
            raw: the same span unmasked: a plain word such as `baseline` is a name only in quotes.
        """
        if self.pattern is None or len(text) < _SHORTEST:
            return []
        return self._found.ask((text, raw), lambda: self._find(text, raw))

    def _find(self, text: str, raw: str) -> list[Mention]:
        found = [
            mention
            for mention in self._find_names(text)
            if mention.text.lower() not in self.plain or _is_quoted(raw, mention)
        ]
        return self._with_tags(text, found)

    def _find_names(self, text: str) -> list[Mention]:
        """Every name, plain words too."""
        if self.pattern is None or not self._may_name(words_in(text) | words_in(unpointed(text))):
            return []
        return [self._read(match, text) for match in self.pattern.finditer(text)]

    def _may_name(self, words: frozenset[str]) -> bool:
        first = self.letters.keys() & words
        return not self.letters or any(own <= words for w in first for own in self.letters[w])

    def find_plain(self, text: str, metrics: Sequence[str]) -> list[Mention]:
        """Names that are plain words, unquoted, where they have one of these metrics.

        For headings and cells: "MLP on CUDA" over latencies names the subject, "Baseline" over
        them does not if nothing called so has a latency.
        """
        return [
            mention
            for mention in self._names.ask(text, lambda: self._find_names(text))
            if any(not self.measured.get(s, _NONE).isdisjoint(metrics) for s in mention.subjects)
        ]

    def _with_tags(self, text: str, found: list[Mention]) -> list[Mention]:
        """The mentions, and the tags that stand alone: "q4_0", "the 270m model"."""
        if self.tags is None or not (has_digits(text) or "latest" in text.lower()):
            return found
        taken = [(mention.start, mention.end) for mention in found]
        alone = [
            Mention(
                start=match.start(),
                end=match.end(),
                text=match[0],
                subjects=self.tagged[match[0].lower()],
                is_tag=True,
            )
            for match in self.tags.finditer(text)
            if not any(a < match.end() and match.start() < b for a, b in taken)
        ]
        return sorted([*found, *alone], key=lambda mention: mention.start) if alone else found

    def _read(self, match: re.Match[str], text: str) -> Mention:
        family = match.lastgroup or ""  # of the names in the pattern one has matched
        base, members = self.families[family][0][0], self.families[family]
        said = tuple(piece.lower() for piece in PIECES.findall(match[0][len(match[family]) :]))
        said = tuple(dict.fromkeys(said))  # "1b-it-qat QAT" says one piece twice
        fitting = [subject for subject, pieces in members if _fits(said, pieces)]
        exact = [subject for subject, pieces in members if said == tuple(dict.fromkeys(pieces))]
        return Mention(
            start=match.start(),
            end=match.end(),
            text=text[match.start() : match.end()],
            subjects=frozenset(exact or fitting or ([] if said else [base]))
            | self.longer.get(base, _NONE),
        )


def _fits(said: tuple[str, ...], pieces: tuple[str, ...]) -> bool:
    """Whether what was said of the tag is part of it, in its order."""
    rest = iter(pieces)
    return all(piece in rest for piece in said)


def _is_quoted(raw: str, mention: Mention) -> bool:
    before = raw[mention.start - 1 : mention.start]
    after = raw[mention.end : mention.end + 1]
    return bool(before and after and before in "`\"'“‘*(" and after in "`\"'”’*)")
