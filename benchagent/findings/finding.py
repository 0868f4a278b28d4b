"""Facts worth telling, ranked, each with true sentences and a next step.

Sentences carry references instead of figures: `{F0123456789ab}` stands for the fact's value with
its unit; `{F….n}`, `{F….spread}`, `{F….interval}` for what comes with it (`benchagent.references`
resolves them). The rules that find them are in `benchagent.findings.rules`.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from benchagent.references import cited

# What a sentence says of a difference that counts for its question and not for the whole folder.
MAY_BE_CHANCE: Final = "may be chance"

Severity = Literal["problem", "warning", "result", "context"]
Topic = Literal["coverage", "quality", "speed", "options", "method"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What a reader can do about a finding; `command` is one that benchagent's parser accepts."""

    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a careful analyst would tell.

    Attributes:
        id: `D` and 12 hex digits, from the rule and the facts cited.
        rule: the rule that found it (`failed-runs`, `cold-start`, `best-within-noise`).
        topic: the headline's subject: `coverage`, `quality`, `speed`, `options`, `method`.
        rank: larger matters more; of what matters alike the first headline comes first.
        headline: a few words without figures.
        sentences: at least one true wording; the first is the code's own. All say the same,
            with other emphasis (result first, evidence first, consequence first).
        facts: every fact that a wording cites.
    """

    id: str
    rule: str
    topic: str
    severity: Severity
    rank: float
    headline: str
    sentences: tuple[str, ...]
    facts: tuple[str, ...]
    next_step: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a rule says, before it is ranked among the others.

    Attributes:
        severity: as of a `Finding`, as are headline, sentences and next step.
        clause: the same in short, for a sentence that tells of several; it may be empty where the
            rule's are never told together.
    """

    severity: Severity
    headline: str
    sentences: tuple[str, ...]
    next_step: NextStep
    clause: str = ""


def conclude(draft: Draft, *, rule: str, topic: Topic, rank: float) -> Finding:
    """A draft as a finding, named by its rule and by the facts that its sentences cite."""
    facts = tuple(dict.fromkeys(id for sentence in draft.sentences for id in cited(sentence)))
    text = json.dumps([rule, sorted(facts), draft.headline])
    return Finding(
        id="D" + hashlib.sha256(text.encode()).hexdigest()[:12],
        rule=rule,
        topic=topic,
        severity=draft.severity,
        rank=rank,
        headline=draft.headline,
        sentences=draft.sentences,
        facts=facts,
        next_step=draft.next_step,
    )


def by_rank(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of rules and of agents together, each once, the one that matters most first."""
    each_once = {finding.id: finding for finding in findings}.values()
    return sorted(each_once, key=lambda finding: (-finding.rank, finding.headline, finding.id))
