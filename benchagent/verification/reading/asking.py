"""How a number of a passage becomes a claim with its question."""

from benchagent.verification.claims import Claim, Kind, Verdict
from benchagent.verification.question import Asked, Judge, Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence


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


def ask_span(
    sentence: Sentence, kind: Kind, start: int, end: int, judge: Judge, subject: str | None = None
) -> Asked:
    """A stretch of a sentence as a claim in words, without the blanks around it."""
    passage = sentence.passage
    text = passage.text[start:end]
    start += len(text) - len(text.lstrip())
    claim = Claim(
        start=passage.start + start,
        end=passage.start + start + len(text.strip()),
        kind=kind,
        subject=subject,
        context=sentence.context,
    )
    return Asked(claim, judge)


def say(verdict: Verdict, knowledge: Knowledge) -> Verdict:
    """The judge of what has been judged already."""
    del knowledge
    return verdict
