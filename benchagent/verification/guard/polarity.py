"""What a sentence denies: a "not" in another place makes a lie of true words and true figures.

A finding that says "`a` was measured, `b` was not" lends its words to "`a` was not measured". So a
word may be denied only if the findings deny it, a word that they only deny may not be affirmed,
and a figure stands in a denying clause only if it does so in a finding, with what is denied there.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.references import REFERENCE
from benchagent.verification.guard.smuggling import QUOTED

_NEGATION: Final = re.compile(
    r"\b(?:no|not|never|none|nothing|neither|nor|without|cannot|hardly)\b|n't\b", re.IGNORECASE
)
_CLAUSE_END: Final = re.compile(
    r"[,;:.!?()]|\b(?:and|but|so|while|whereas|although|though|which|that)\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[a-z]{4,}", re.IGNORECASE)
# Verbs and pronouns that stand between a negation and what it denies.
_EMPTY: Final = frozenset(
    "been being have were does them they this these those their there with from some only just "
    "very really once here then when where also even".split()
)
_STEM: Final = 4
# "no clear difference to the rate" denies the first words behind it, not the last ones.
_REACH: Final = 2


class _Clause(NamedTuple):
    """A part of a sentence: the stems affirmed, the stems denied in order, its references."""

    affirmed: frozenset[str]
    denied: tuple[str, ...]
    denies: bool
    references: frozenset[str]


def find_turned(text: str, stated: Sequence[str]) -> str | None:
    """Why a sentence denies or affirms what the findings do not; None where it does not.

    Args:
        text: the sentence, its references as `{F…}`.
        stated: the sentences of the findings, likewise.
    """
    known = [clause for sentence in stated for clause in _clauses(sentence)]
    denied = {stem for clause in known for stem in clause.denied[:_REACH]}
    first = {clause.denied[0] for clause in known if clause.denied}
    only_denied = first - {stem for clause in known for stem in clause.affirmed}
    for clause in _clauses(text):
        if clause.denied and clause.denied[0] not in denied:
            return f"it denies '{clause.denied[0]}…', which the finding does not"
        if turned := clause.affirmed & only_denied:
            return f"it affirms '{min(turned)}…', which the finding denies"
        alike = {other.denies for other in known if other.references & clause.references}
        if alike and clause.denies not in alike:
            side = "denied" if clause.denies else "affirmed"
            return f"a figure stands in what is {side}, and does not in the finding"
        if clause.denied and not all(
            _is_denied_with(clause.denied[0], reference, known) for reference in clause.references
        ):
            return f"it denies '{clause.denied[0]}…' of a figure of which the finding does not"
    return None


def _is_denied_with(stem: str, reference: str, known: Sequence[_Clause]) -> bool:
    """Whether one clause of a finding denies the word and holds the figure."""
    return any(stem in told.denied[:_REACH] and reference in told.references for told in known)


def _clauses(sentence: str) -> Iterator[_Clause]:
    plain = QUOTED.sub(lambda found: " " * len(found[0]), sentence)
    blank = REFERENCE.sub(lambda found: " " * len(found[0]), plain)
    start = 0
    for end in [*(found.start() for found in _CLAUSE_END.finditer(blank)), len(blank)]:
        yield _read(blank[start:end], plain[start:end])
        start = end


def _read(words: str, text: str) -> _Clause:
    negation = _NEGATION.search(words)
    at = negation.start() if negation else len(words)
    return _Clause(
        affirmed=frozenset(_stems(words[:at])),
        denied=tuple(_stems(words[at:])),
        denies=negation is not None,
        references=frozenset(found[1] for found in REFERENCE.finditer(text)),
    )


def _stems(text: str) -> Iterator[str]:
    for found in _WORD.finditer(_NEGATION.sub(" ", text)):
        word = found[0].lower()
        if word not in _EMPTY:
            yield word[:_STEM]
