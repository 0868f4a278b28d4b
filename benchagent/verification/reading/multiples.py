"""Claims of how many times as much one thing has as another: "1.8x faster", "halves", "a third of"."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.verification.claims import Verdict
from benchagent.verification.judging.contrasts import judge_multiple
from benchagent.verification.judging.ratios import find_in_text
from benchagent.verification.question import Asked, Judge, Knowledge
from benchagent.verification.reading.asking import ask_span, say
from benchagent.verification.reading.contrasts import find_clause, find_contrast
from benchagent.verification.reading.metrics_compared import find_metrics_compared, find_percentile
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.multiples import Multiple, find_multiples, read_multiple
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence

_NOUN: Final = re.compile(
    r"\s+(?:of\s+)?(?:as\s+(?:many|much|large|big|high)\s+)?(?:the\s+|its\s+)?(?P<noun>[a-z]+)",
    re.IGNORECASE,
)


def read_multiples(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """Those told in words, where the data compare the two."""
    if sentence.passage.shape != "sentence":
        return
    for multiple in find_multiples(sentence.passage.text):
        if is_advice(sentence.passage, multiple.start):
            continue
        verdict = _judge(multiple, None, sentence, knowledge)
        if verdict is not None:
            span = multiple.start, multiple.end
            yield ask_span(sentence, "comparison", *span, partial(say, verdict))


def judge_held_against(figure: Figure, sentence: Sentence, otherwise: Judge) -> Judge:
    """The judge of a factor or percentage where the text says plainly what is held against what."""
    multiple = read_multiple(figure, sentence.passage.text)
    if multiple is None or sentence.passage.shape != "sentence":
        return otherwise

    def judge(knowledge: Knowledge) -> Verdict:
        in_text = find_in_text(figure, sentence)
        verdict = _judge(multiple, in_text, sentence, knowledge)
        if verdict is None or verdict.ruling == "unsupported":
            return otherwise(knowledge)
        return verdict

    return judge


def _judge(
    multiple: Multiple, in_text: str | None, sentence: Sentence, knowledge: Knowledge
) -> Verdict | None:
    start, end = multiple.start, multiple.end
    contrast = find_contrast(sentence, start, multiple.turn or end)
    if contrast is None or _is_of_setting(multiple, sentence):
        return None
    metrics = find_metrics_compared(sentence, start, end, knowledge)
    statistic = find_percentile(sentence, find_clause(sentence.passage.text, start))
    return judge_multiple(multiple, contrast, metrics, statistic, in_text, knowledge)


def _is_of_setting(multiple: Multiple, sentence: Sentence) -> bool:
    """Whether a setting is what there is twice of: "with four times the threads"."""
    behind = _NOUN.match(sentence.passage.text, multiple.end)
    if behind is None:
        return False
    at = behind.start("noun")
    of_metric = any(word.start <= at < word.end for word in sentence.metrics)
    words = sentence.level_finder.numbers.words.values()
    return not of_metric and any(behind["noun"].lower() in own for own in words)
