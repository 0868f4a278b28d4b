"""How a finder of subjects is built: what people may write for each name, as one pattern."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from benchagent.verification.text.letters import join_by_beginning, spell_pointed
from benchagent.verification.text.subjects import MODEL_FILE, PIECES, SubjectFinder

_RUNS: Final = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)*[a-z]?(?![a-z])", re.IGNORECASE)
_JOIN: Final = r"[\s:_\-/.(]{0,2}"
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
# the end of a name that says how its weights are stored: `llama-3.1-8b-q4_k_m`
_STORED: Final = re.compile(r"(?<=\w)[-_.](?P<tag>i?q\d(?:_[a-z0-9]+)*|fp?(?:16|32)|bf16)$")
# a name that says how large a model is, and the end that only says what it was trained for
_SIZED: Final = re.compile(r"(?<![a-z0-9])\d+(?:\.\d+)?[bm](?![a-z0-9])")
_PARTED: Final = re.compile(r"[a-z0-9][a-z0-9\s:_.-]*")
_TRAINED: Final = re.compile(r"[-_ ](?:instruct|chat|it|hf)$")
# what stands before a model's own name on a hub: `meta-llama/llama-3.1-8b`
_OWNER: Final = re.compile(r"[\w.-]+/(?=[\w.:-]+$)")
# "latest" is a tag only where a name can end
_LATEST: Final = r"(?<!the )(?<!The )latest(?=\s*(?:[.,;:)|=]|\d|$))"
_Member = tuple[str, tuple[str, ...]]
_Families = dict[str, list[_Member]]


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
        families[base].append((subject, tuple(PIECES.findall(tag))))
    named = {
        f"f{at}": (base, members) for at, (base, members) in enumerate(sorted(families.items()))
    }
    short = _find_short(families)
    parted = _part_names(families)
    patterns = [
        (base, _pattern(name, _spell_base(parted[base]), members))
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
    owned = {base for base, name in parted.items() if name.owner}
    anywhere = (MODEL_FILE.search(base) or base in owned for base, _ in patterns)
    beginnings = (
        "" if free else base[0] for free, (base, _) in zip(anywhere, patterns, strict=True)
    )
    whole = join_by_beginning(zip(beginnings, (own for _, own in patterns), strict=True))
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
        letters=_letters_of(families, short, parted),
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


class _Parted(NamedTuple):
    """A name without its tag: what may be left out before and behind it."""

    owner: str
    own: str
    trained: str


def _part_names(families: _Families) -> dict[str, _Parted]:
    """The parts of names; what no other model is called like may be left out."""
    parted = {base: _part_name(base) for base in families}
    often = Counter([*families, *(own for base, (_, own, _) in parted.items() if own != base)])
    bare = Counter(owner_less for base in families if (owner_less := _OWNER.sub("", base)) != base)
    for base, (owner, own, trained) in parted.items():
        if often[own] > 1:
            whole = own + trained
            lone = owner and bare[whole] + (whole in families) == 1
            parted[base] = _Parted(owner, whole, "") if lone else _Parted("", base, "")
    return parted


def _part_name(base: str) -> _Parted:
    found = _OWNER.match(base)
    owner = found[0] if found else ""
    own = base.removeprefix(owner)
    trained = _TRAINED.search(own)
    stem = own[: trained.start()] if trained and _SIZED.search(own) else own
    return _Parted(owner, stem, own.removeprefix(stem))


def _letters_of(
    families: _Families, short: Mapping[str, str], parted: Mapping[str, _Parted]
) -> Mapping[str, tuple[frozenset[str], ...]]:
    """What stands in every text that names one of them; nothing if a name has no letters."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for base, members in families.items():
        runs = _LETTERS.findall(parted[base].own)
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
            if not tag and (stored := _STORED.search(subject)):
                found[stored["tag"]].add(subject)
            parts = tag.split("-")
            for first in range(len(parts)):
                for last in range(first + 1, len(parts) + 1):
                    part = "-".join(parts[first:last])
                    if _TELLING_TAG.fullmatch(part) or part == "latest":
                        found[part].add(subject)
    return {part: frozenset(subjects) for part, subjects in found.items()}


def _tagged(members: list[_Member]) -> bool:
    return any(pieces for _, pieces in members)


def _spell_base(name: _Parted) -> str:
    """A name without its tag, however its words are joined, and without what may be left out."""
    owner = f"(?:{re.escape(name.owner)})?" if name.owner else ""
    trained = rf"(?:{_JOIN}{re.escape(name.trained[1:])})?" if name.trained else ""
    return f"{owner}{_spell_own(name.own)}{trained}"


def _spell_own(own: str) -> str:
    runs = _RUNS.findall(own)
    if MODEL_FILE.search(own):
        return rf"(?:[~\w.-]*/)*(?:{re.escape(own)})"
    if _SIZED.search(own) and _PARTED.fullmatch(own):  # "Llama 3.1 8B", "Gemma 2 (9B)"
        return _JOIN.join(map(spell_pointed, runs))
    return r"[\s_-]?".join(map(spell_pointed, runs)) if "".join(runs) == own else re.escape(own)


def _pattern(name: str, own: str, members: list[_Member]) -> str:
    pieces = sorted({piece for _, tag in members for piece in tag}, key=len, reverse=True)
    if not pieces:
        return f"(?P<{name}>{own})"
    tag = "|".join(map(re.escape, pieces))
    return rf"(?P<{name}>{own})(?:{_JOIN}(?:{tag})(?![A-Za-z0-9]))*"
