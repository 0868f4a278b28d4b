"""How a number of a passage becomes a claim with its question."""

from benchagent.verification.claims import Claim, Kind
from benchagent.verification.figures import Figure
from benchagent.verification.question import Asked, Judge
from benchagent.verification.sentence import Sentence


def ask(
    figure: Figure, sentence: Sentence, kind: Kind, judge: Judge, subject: str | None = None
) -> Asked:
    """A number as a claim: its span, and how it is judged."""
    passage = sentence.passage
    claim = Claim(
        start=passage.start + figure.start,
        end=passage.start + figure.end,
        kind=kind,
        value=figure.value,
        unit=figure.unit or None,
        subject=subject,
        context=sentence.context,
    )
    return Asked(claim, judge)
