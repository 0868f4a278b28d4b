"""Which of the measured subjects a text names, in the ways that people shorten their names.

`gemma3:latest` may be called `gemma3`, "Gemma 3" or "gemma3 latest"; a name that leaves out the
tag stands for every subject of that family. A tag that the data do not know names nobody known.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.verification.kept import Kept
from benchagent.verification.text.letters import has_digits, spell_pointed, unpointed, words_in

_PIECES: Final = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*", re.IGNORECASE)
_SHORTEST: Final = 2
_NONE: Final = frozenset[str]()
_RUNS: Final = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)*[a-z]?(?![a-z])", re.IGNORECASE)
_JOIN: Final = r"[\s:_\-/.(]{0,2}"
# a model that is known by the name of its file may be told with its folders
MODEL_FILE: Final = re.compile(r"\.(?:gguf|ggml|bin|safetensors|onnx|pt)$")
_LETTERS: Final = re.compile(r"[a-z]+")
_PLAIN: Final = re.compile(r"[a-z]+", re.IGNORECASE)
# What tells the members of a family apart: `270m`, `1b-it-qat`, `q4_0`
_TELLING_TAG: Final = re.compile(
    r"(?:\d+(?:\.\d+)?[bm]|i?q\d\w*|f(?:p)?(?:16|32)|bf16)\b.*", re.IGNORECASE
)
# What a model is, and not which: "the mini model", "as a coder"
_OF_KINDS: Final = frozenset(
    "base chat code coder distill embed embedding fast guard instruct large latest math medium micro "
    "mini model nano open plus preview pro reader reasoning small star text tiny turbo uncensored "
    "vision".split()
)
_SHORTEST_WORD: Final = 4
# "latest" is a tag only where a name can end
_LATEST: Final = r"(?<!the )(?<!The )latest(?=\s*(?:[.,;:)|=]|\d|$))"
_Member = tuple[str, tuple[str, ...]]
_Families = dict[str, list[_Member]]


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
        said = tuple(piece.lower() for piece in _PIECES.findall(match[0][len(match[family]) :]))
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


def build_finder(
    subjects: Iterable[str],
    measured: Mapping[str, frozenset[str]] | None = None,
    spoken: Collection[str] = frozenset(),
) -> SubjectFinder:
    """A finder of these subjects.

    Args:
        subjects: names.
        measured: the metrics of each.
        spoken: plain words that are names wherever they stand.
    """
    families: _Families = defaultdict(list)
    for subject in sorted({subject.lower() for subject in subjects}):
        base, _, tag = subject.partition(":")
        families[base].append((subject, tuple(_PIECES.findall(tag))))
    named = {
        f"f{at}": (base, members) for at, (base, members) in enumerate(sorted(families.items()))
    }
    short = _find_short(families)
    patterns = [
        (base, _pattern(name, _spell_base(base), members))
        for name, (base, members) in named.items()
        if base
    ]
    shorter = {f"s{name}": own for name, own in named.items() if own[0] in short}
    patterns += [
        (short[base], _pattern(name, rf"(?<![-:]){short[base]}(?!-)", members))
        for name, (base, members) in shorter.items()
    ]
    named |= shorter
    patterns.sort(key=lambda pair: -len(pair[0]))
    whole = "|".join(_by_first_letters(patterns))
    tagged = _tags_alone(families)
    alone = "|".join(
        _LATEST if tag == "latest" else re.escape(tag)
        for tag in sorted(tagged, key=len, reverse=True)
    )
    return SubjectFinder(
        pattern=re.compile(rf"(?<![\w/.])(?:{whole})(?![\w/])", re.IGNORECASE) if whole else None,
        families={name: tuple(members) for name, (_, members) in named.items()},
        plain=frozenset(
            base
            for base in families
            if _PLAIN.fullmatch(base) and not _tagged(families[base]) and base not in spoken
        ),
        tags=re.compile(rf"(?<![\w/.:-])(?:{alone})(?![\w/]|-[a-z0-9]|\.\d)", re.IGNORECASE)
        if alone
        else None,
        tagged=tagged,
        measured=measured or {},
        letters=_letters_of(families, short),
        longer=_find_longer(families, spoken),
    )


def _find_longer(families: _Families, spoken: Collection[str]) -> Mapping[str, frozenset[str]]:
    """What other files call by a longer name: `zstd -3` of one is `zstd -3 enwik8` of another."""
    found = {
        base: frozenset(name for name in families if name.startswith(f"{base} "))
        for base in families.keys() & set(spoken)
    }
    return {base: names for base, names in found.items() if names}


def _find_short(families: _Families) -> dict[str, str]:
    """The last word of a model's name where no other name has it: "nemo" for `mistral-nemo`."""
    words = {base: _LETTERS.findall(base) for base in families}
    often = Counter(word for own in words.values() for word in set(own))
    return {
        base: own[-1]
        for base, own in words.items()
        if len(own) > 1
        and _tagged(families[base])
        and base.endswith("-" + own[-1])
        and len(own[-1]) >= _SHORTEST_WORD
        and own[-1] not in _OF_KINDS
        and often[own[-1]] == 1
    }


def _letters_of(
    families: _Families, short: Mapping[str, str]
) -> Mapping[str, tuple[frozenset[str], ...]]:
    """What stands in every text that names one of them; nothing if a name has no letters."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for base, members in families.items():
        runs = _LETTERS.findall(base)
        if not runs:
            return {}
        tags = (piece for _, pieces in members for piece in pieces)
        # `codellamapython` is one run of letters
        glued = {tag[0] for tag in map(_LETTERS.match, tags) if tag and base[-1].isalpha()}
        for end in ("", *sorted(glued)):
            own = (*runs[:-1], runs[-1] + end)
            found[own[0]].append(frozenset(own))
        if base in short:
            found[short[base]].append(frozenset({short[base]}))
    return {first: tuple(needed) for first, needed in found.items()}


def _tags_alone(
    families: _Families,
) -> Mapping[str, frozenset[str]]:
    """The parts of tags that tell models apart by themselves, and the subjects that have them."""
    found: dict[str, set[str]] = defaultdict(set)
    for members in families.values():
        for subject, _ in members:
            tag = subject.partition(":")[2]
            parts = tag.split("-")
            for first in range(len(parts)):
                for last in range(first + 1, len(parts) + 1):
                    part = "-".join(parts[first:last])
                    if _TELLING_TAG.fullmatch(part) or part == "latest":
                        found[part].add(subject)
    return {part: frozenset(subjects) for part, subjects in found.items()}


def _tagged(members: list[_Member]) -> bool:
    return any(pieces for _, pieces in members)


def _by_first_letters(patterns: Sequence[tuple[str, str]]) -> list[str]:
    """Names that begin alike as one alternative, or every word of a text is held against each."""
    found: dict[str, list[str]] = defaultdict(list)
    for base, pattern in patterns:
        first = "" if MODEL_FILE.search(base) else re.escape(base[0])
        found[first].append(pattern)
    anywhere = found.pop("", [])
    return [*anywhere, *(rf"(?={first})(?:{'|'.join(alike)})" for first, alike in found.items())]


def _spell_base(base: str) -> str:
    """A name without its tag, however its words are joined."""
    runs = _RUNS.findall(base)
    own = r"[\s_-]?".join(map(spell_pointed, runs)) if "".join(runs) == base else re.escape(base)
    return rf"(?:[~\w.-]*/)*(?:{own})" if MODEL_FILE.search(base) else own


def _pattern(name: str, own: str, members: list[_Member]) -> str:
    pieces = sorted({piece for _, tag in members for piece in tag}, key=len, reverse=True)
    if not pieces:
        return f"(?P<{name}>{own})"
    tag = "|".join(map(re.escape, pieces))
    return rf"(?P<{name}>{own})(?:{_JOIN}(?:{tag})(?![A-Za-z0-9]))*"
