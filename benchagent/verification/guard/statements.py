"""A model's sentence, held against the findings that it is to tell.

It stands only if every figure in it is a reference to a fact of those findings, it names nothing
that they do not name, it turns no direction round and claims no cause, it keeps a doubt that they
state, and it says something that was not said before. Else the code's own sentence stands.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchagent.facts.fact import Fact
from benchagent.findings.finding import MAY_BE_CHANCE, Finding
from benchagent.quantities.metrics import find_metric
from benchagent.references import REFERENCE, cited, write_figure
from benchagent.verification.guard.lexicon import CAUSES, DOWN, JUDGES, NEGATIONS, UP
from benchagent.verification.guard.misnaming import find_misnamed
from benchagent.verification.guard.polarity import find_turned
from benchagent.verification.guard.smuggling import QUOTED, find_smuggled, words_in
from benchagent.wording import quoted, quoted_setting, quoted_settings

LONGEST = 400
# Above this share of matching text a sentence says again what the reader has just read.
SAME = 0.9

_OFFERED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A sentence that held, its references turned into those of the facts."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A sentence that did not hold, and the first reason found."""

    reason: str


def check_statement(
    text: str,
    findings: Sequence[Finding],
    names: Mapping[str, str],
    facts: Mapping[str, Fact],
    said_before: Sequence[str] = (),
) -> Accepted | Rejected:
    """Whether a model's sentence may stand for these findings.

    Args:
        text: the sentence, its figures as `{name}`.
        findings: what it may tell of.
        names: the facts that it may refer to, by the names that the prompt offered.
        facts: all facts, by id.
        said_before: the sentences that the reader has already read, with references.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").split())
    unknown = [name for name in _OFFERED.findall(text) if name not in names]
    if unknown:
        return Rejected(reason=f"it refers to {unknown[0]!r}, which was not offered")
    resolved = _OFFERED.sub(lambda found: f"{{{names[found[1]]}}}", text)
    allowed = " ".join(sentence for finding in findings for sentence in finding.sentences)
    allowed += " " + " ".join(facts[fact].label for finding in findings for fact in finding.facts)
    # A file's name is nobody's statement: "not" or "percent" in one allows no such word.
    stated = QUOTED.sub(" ", _without_references(allowed))
    reason = (
        _bad_shape(resolved)
        or find_smuggled(resolved, stated)
        or _bad_name(resolved, allowed, facts)
        or _bad_claim(resolved, stated)
        or find_turned(resolved, [said for finding in findings for said in finding.sentences])
        or find_misnamed(resolved, _cited_by(findings), facts, stated)
        or _bad_binding(resolved, stated, facts)
        or _drops_doubt(resolved, findings)
        or _repeats(resolved, said_before)
    )
    return Rejected(reason=reason) if reason else Accepted(text=resolved)


def _cited_by(findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(id for finding in findings for id in finding.facts))


def _bad_shape(text: str) -> str | None:
    if not text:
        return "it is empty"
    if len(text) > LONGEST:
        return f"it has {len(text)} characters, at most {LONGEST} are allowed"
    if not text.endswith((".", "!")):
        return "it does not end as a sentence"
    if re.search(r"[<>\[\]{}|#*_~\\$]|https?:|!\(", QUOTED.sub("", REFERENCE.sub("", text))):
        return "it holds markup"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co") for character in text):
        return "it holds control characters"
    return None


def _bad_name(text: str, allowed: str, facts: Mapping[str, Fact]) -> str | None:
    """A name that the finding does not quote, or one of its own out of its backticks."""
    names = _quoted(allowed)
    for name in QUOTED.findall(text):
        if name not in names:
            return f"{name!r} is not named by the finding"
    spoken = words_in(QUOTED.sub(" ", text))
    for fact in facts.values():
        for name in _about(fact):
            if name.casefold() in spoken and name.casefold() not in words_in(allowed) - names:
                return f"{name!r} is a name without its backticks"
    return None


def _bad_claim(text: str, stated: str) -> str | None:
    """A cause or a negation that the finding does not state."""
    spoken, known = _spoken(text), words_in(stated)
    for kind, lexicon in (("cause", CAUSES), ("negation", NEGATIONS)):
        new = spoken & lexicon - known
        if new:
            return f"{min(new)!r} is a {kind} that the finding does not state"
    return None


def _drops_doubt(text: str, findings: Sequence[Finding]) -> str | None:
    """A difference that may be chance, told as one that is none."""
    cited_here = set(cited(text))
    doubted = any(
        MAY_BE_CHANCE in sentence and cited_here.intersection(cited(sentence))
        for finding in findings
        for sentence in finding.sentences
    )
    return "it leaves out that it may be chance" if doubted and MAY_BE_CHANCE not in text else None


def _bad_binding(text: str, stated: str, facts: Mapping[str, Fact]) -> str | None:
    """A figure beside a name that it does not belong to, or a direction the wrong way round.

    Names that all cited facts share tell nothing apart; of the others, the last one before a
    figure (else the first after it) has to be the figure's own.
    """
    mentioned = [facts[found[1]] for found in REFERENCE.finditer(text)]
    shared = frozenset[str].intersection(*map(_about, mentioned)) if mentioned else frozenset[str]()
    everyone = frozenset[str]().union(*map(_about, facts.values())) - shared
    names = [(found.start(), found[1]) for found in QUOTED.finditer(text) if found[1] in everyone]
    for found in REFERENCE.finditer(text):
        before = [name for place, name in names if place < found.start()]
        after = [name for place, name in names if place > found.start()]
        owner = before[-1:] or after[:1]
        if owner and _about(facts[found[1]]) and owner[0] not in _about(facts[found[1]]):
            return f"{write_figure(facts[found[1]])!r} stands beside {owner[0]!r}, not its own"
    if len({name for _, name in names}) > 1:
        return _bad_comparison(text, names, mentioned)
    return _bad_direction(text, stated)


def _bad_direction(text: str, stated: str) -> str | None:
    """A direction said of one thing that the finding does not state in these or like words."""
    spoken, known = _spoken(text), words_in(stated)
    for lexicon, opposite in ((UP, DOWN), (DOWN, UP)):
        new = spoken & lexicon - known
        if new and (known & opposite or not known & lexicon):
            return f"{min(new)!r} is a direction that the finding does not state"
    return None


def _bad_comparison(
    text: str, names: Sequence[tuple[int, str]], mentioned: Sequence[Fact]
) -> str | None:
    """Only "A is faster than B" with a figure of each is understood; the rest is the code's."""
    spoken = words_in(_without_references(text)) & (UP | DOWN)
    if not spoken:
        return None
    (first_place, first), (second_place, second) = names[0], names[1]
    between = words_in(text[first_place:second_place])
    one = [fact for fact in mentioned if first in _about(fact)]
    other = [fact for fact in mentioned if second in _about(fact)]
    if len(spoken) != 1 or not spoken <= between or "than" not in between:
        return f"{min(spoken)!r} compares in a way that cannot be checked"
    if len(one) != 1 or len(other) != 1 or one[0].metric != other[0].metric or not one[0].metric:
        return f"{min(spoken)!r} compares without one figure of each"
    metric = find_metric(one[0].metric)
    word = min(spoken)
    if word in JUDGES:
        if metric is None or metric.better is None:
            return f"{word!r} judges a metric that has no better side"
        greater = (metric.better == "higher") == (word in UP)
    else:
        greater = word in UP
    if (one[0].value > other[0].value) != greater:
        return f"{word!r} is the wrong way round"
    return None


def _about(fact: Fact) -> frozenset[str]:
    """The names that set a fact apart, as sentences quote them: its subject and its settings."""
    names = {quoted(fact.subject)} if fact.subject else set[str]()
    if fact.config:
        settings: dict[str, object] = json.loads(fact.config)
        names |= {quoted_setting(name, json.dumps(value)) for name, value in settings.items()}
        names.add(quoted_settings(fact.config))
    if fact.option and fact.level and _is_json(fact.level):
        names.add(quoted_setting(fact.option, fact.level))
    return frozenset(name.strip("`") for name in names)


def _is_json(level: str) -> bool:
    """A level in words ("alike: …") is none that a sentence quotes."""
    try:
        json.loads(level)
    except ValueError:
        return False
    return True


def _repeats(text: str, said_before: Sequence[str]) -> str | None:
    for said in said_before:
        if SequenceMatcher(None, text, said, autojunk=False).ratio() > SAME:
            return "it repeats a sentence before it"
    sentences = [part.strip() for part in re.split(r"(?<=[.!])\s+", text) if part.strip()]
    return "it repeats itself" if len(sentences) != len(set(sentences)) else None


def _spoken(text: str) -> frozenset[str]:
    """The words of a sentence beside its figures and the names that it quotes."""
    return words_in(QUOTED.sub(" ", _without_references(text)))


def _without_references(text: str) -> str:
    return REFERENCE.sub(" ", text)


def _quoted(text: str) -> frozenset[str]:
    return frozenset(QUOTED.findall(text))
