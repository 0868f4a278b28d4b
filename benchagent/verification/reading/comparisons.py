"""Who is said to be faster, and which the best."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.verification.evidence.own_columns import better_of, is_speed
from benchagent.verification.judging.comparisons import judge_direction
from benchagent.verification.judging.contrasts import Condition, Contrast, all_hold, judge_side
from benchagent.verification.judging.yardsticks import Yardstick, default_metrics
from benchagent.verification.question import Asked, Judge, Knowledge
from benchagent.verification.reading.asking import ask_span, say
from benchagent.verification.reading.best_levels import read_best_levels
from benchagent.verification.reading.contrasts import (
    find_clause,
    find_contrasts,
    find_levels,
)
from benchagent.verification.reading.everywhere import find_shared, hold_where_said
from benchagent.verification.reading.metrics_compared import (
    find_metrics_compared,
    find_percentile,
)
from benchagent.verification.reading.superlatives import read_superlatives
from benchagent.verification.text.compared import is_object
from benchagent.verification.text.multiples import find_multiples
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.subjects import Mention

_THAN: Final = re.compile(
    r"\b(?P<word>faster|slower|quicker|better|worse|higher|lower|greater|larger|smaller|longer|shorter|more|less|fewer)\b(?P<between>(?:[^.;:]|\.(?=\d)){0,60}?)\bthan\b|"
    r"\b(?P<verb>outperform(?:s|ed|ing)?|beats?|exceed(?:s|ed)?|underperform(?:s|ed)?|lags? behind|trails?|surpass(?:es|ed)?|falls? behind|"
    r"(?:falls?|fell|stay(?:s|ed)?|lies|lay|is|was|sits?|remain(?:s|ed)?)\s+(?:well\s+|far\s+)?(?:above|below)"
    r"(?=\s+(?:that|those|the\s+\w+)\s+of))\b",
    re.IGNORECASE,
)
# A word of each of these phrases.
COMPARING_WORDS: Final = frozenset(
    "compared relative comparison next than outperform outperforms outperformed outperforming beat beats exceed exceeds exceeded "
    "underperform underperforms lag lags trail trails surpass surpasses surpassed fall falls above "
    "below".split()
)
# "more than three times", "less than a quarter of": a bound, and nothing compared
_NUMBERED: Final = re.compile(
    r"\W*(?:an?\s+)?(?:half|third|quarter|fifth|tenth|twice|double|(?:doubl|tripl|quadrupl|halv)(?:es|ed|ing))\b"
    r"|[~≈\s*`(]*[\d.]",
    re.IGNORECASE,
)
_QUALITY: Final = re.compile(r"\s+[a-z]+(?:ate|able|ible|ive|ful|ent|ant|ise|ish|ous|al|gal|ic)\s+")
_IN_ANOTHER: Final = re.compile(
    r"\W*\s(?:on|in)\s+(?!average|all|every|each|both|the|this|these|those|our|most|general|total|speed|any|"
    r"practice|terms|warm|cold|[cg]pu|cuda)[a-z]{3,}\b",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(
    r"\W*(?:compared|relative|in comparison|next)\s+(?:with|to)\b.{3,90}?\b(?:has|had|shows?|showed|reach\w*|gives?|gave|"
    r"needs?|needed|offers?)\s+(?:an?\s+|the\s+)?(?P<word>higher|lower|larger|smaller|longer|shorter|better|worse|greater|faster|slower)\b",
    re.IGNORECASE | re.DOTALL,
)


def read_comparisons(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    passage = sentence.passage
    text = passage.text
    of_levels = [
        *_read_levels_compared(sentence, knowledge),
        *read_best_levels(sentence, knowledge),
    ]
    yield from of_levels
    if not sentence.mentions:
        return
    read = {asked.claim.start - passage.start for asked in of_levels}
    for match in _THAN.finditer(text):
        if match.start() in read:
            continue
        if _NUMBERED.match(text, match.end()) or any(
            figure.worded and 0 <= figure.start - match.end() < 3 for figure in sentence.figures
        ):
            continue
        word = match["word"] or match["verb"]
        before = [m for m in sentence.mentions if m.end <= match.start()]
        before = [m for m in before if not is_object(text, m.start)] or before
        after = [m for m in sentence.mentions if m.start >= match.end()]
        if not before or not after or is_advice(passage, match.start()):
            continue
        if re.search(r"(?i)\b(?:no|not|neither|hardly)\b", text[before[-1].end : match.end()]):
            continue
        if _QUALITY.fullmatch(match["between"] or ""):
            continue  # "more accurate than": of what, no metric's name tells
        end = max(match.end(), after[0].end + 20)
        metrics = _metrics_near(sentence, match.start(), end) or _speeds_of(
            word, before[-1], after[0], knowledge
        )
        statistic = find_percentile(sentence, find_clause(text, match.start()))
        yardstick = Yardstick(word, metrics, statistic)
        named = not match["verb"] or _metrics_near(sentence, match.start(), end)
        if not named and _IN_ANOTHER.match(text, after[0].end):
            continue  # "beats `x` on politeness"
        if metrics and yardstick.is_upward() is not None:
            judge = _judge_of(before[-1], after[0], yardstick, sentence)
            one, other = (Condition(named.subjects, ()) for named in (before[-1], after[0]))
            contrast = Contrast(one, other, find_shared(sentence, match.start()))
            judge = hold_where_said(
                judge, sentence, match.start(), yardstick, lambda _, found=contrast: [found]
            )
            yield ask_span(sentence, "comparison", *match.span(), judge, before[-1].text)
    if asked := _read_compared_with(sentence):
        yield asked
    yield from read_superlatives(sentence, read, knowledge)


def _read_levels_compared(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """`q8_0 is slower than q6_K`: of two levels of a setting, where the data compare them."""
    passage = sentence.passage
    if passage.shape != "sentence" or len(find_levels(sentence)) < 2:
        return
    for match in _THAN.finditer(passage.text):
        if is_advice(passage, match.start()) or _NUMBERED.match(passage.text, match.end()):
            continue
        contrasts = find_contrasts(sentence, *match.span())
        if not all(each.first.levels for each in contrasts) or _is_numbered(match, sentence):
            continue
        metrics = find_metrics_compared(sentence, *match.span(), knowledge)
        statistic = find_percentile(sentence, find_clause(passage.text, match.start()))
        yardstick = Yardstick(match["word"] or match["verb"], metrics, statistic)
        verdicts = [judge_side(each, yardstick, knowledge) for each in contrasts]
        if verdict := all_hold(verdicts):
            judge = hold_where_said(
                partial(say, verdict),
                sentence,
                match.start(),
                yardstick,
                lambda _, found=contrasts: found,
            )
            yield ask_span(sentence, "comparison", *match.span(), judge)


def _is_numbered(match: re.Match[str], sentence: Sentence) -> bool:
    """Whether a number before the word tells by how much: it is judged with it."""
    text = sentence.passage.text
    ends = [figure.end for figure in sentence.figures]
    ends += [multiple.end for multiple in find_multiples(text)]
    return any(end <= match.start() and not text[end : match.start()].strip(" *`") for end in ends)


def _speeds_of(word: str, one: Mention, other: Mention, knowledge: Knowledge) -> tuple[str, ...]:
    """What a speed word is about where no metric is named: what both have been measured by."""
    shared = default_metrics(word)
    if not shared:
        return ()
    has = knowledge.corpus.metrics_of_subject
    both = [
        frozenset[str]().union(*(has.get(subject, frozenset()) for subject in mention.subjects))
        for mention in (one, other)
    ]
    if both[0] & both[1] & set(shared):
        return shared
    return next(((m,) for m in sorted(both[0] & both[1]) if is_speed(m) or m == "latency"), shared)


def _judge_of(first: Mention, second: Mention, yardstick: Yardstick, sentence: Sentence) -> Judge:
    levels = [
        v for v in sentence.levels if not any(m.start <= v.start < m.end for m in sentence.mentions)
    ]
    named = frozenset[str]().union(*(level.settings for level in levels))
    statistic = str(sentence.statistics[0].meaning) if sentence.statistics else None
    own = yardstick._replace(statistic=statistic)
    return partial(judge_direction, first.subjects, second.subjects, own, named)


def _read_compared_with(sentence: Sentence) -> Asked | None:
    """`Compared with X, Y has a lower TTFT`."""
    match = _COMPARED.match(sentence.passage.text)
    if not match or len(sentence.mentions) != 2 or is_advice(sentence.passage, match.start("word")):
        return None
    second, first = sentence.mentions
    behind = [w for w in sentence.metrics if w.start >= match.start("word")]
    metrics = tuple(behind[0].meaning) if behind else ()
    yardstick = Yardstick(match["word"], metrics)
    if yardstick.is_upward() is None or not metrics or second.end > match.start("word") < first.end:
        return None
    judge = _judge_of(first, second, yardstick, sentence)
    return ask_span(sentence, "comparison", match.start("word"), match.end(), judge, first.text)


def _metrics_near(sentence: Sentence, start: int, end: int) -> tuple[str, ...]:
    """The metric that a comparison is of: named in it or before it; a unit tells less than a name."""
    words = [w for w in sentence.metrics if w.start < end + 20]
    named = [
        w for w in words if not any(f.start < w.end and w.start < f.end for f in sentence.figures)
    ]
    inside = [w for w in named if w.start >= start]
    near = [w for w in words if start - 60 <= w.start]
    chosen = inside[:1] or named[-1:] or [w for w in near if w.start >= start][:1] or near[-1:]
    metrics = tuple(chosen[0].meaning) if chosen else ()
    counted = all(better_of(metric) == "neither" for metric in metrics)
    return () if counted else metrics
