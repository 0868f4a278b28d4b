"""Facts worth telling, ranked, each with true sentences and a next step.

Sentences carry references instead of figures: `{F0123456789ab}` stands for the fact's value with
its unit; `{F….n}`, `{F….spread}`, `{F….interval}` for what comes with it. `report` resolves them.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["problem", "warning", "result", "context"]


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
        rank: larger matters more; ties are broken by id.
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
