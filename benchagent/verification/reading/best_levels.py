"""Which level of a setting is said to be the best of all: "q8_0 is the slowest", "best at 8"."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from benchagent.verification.judging.best_levels import judge_best_level
from benchagent.verification.judging.everywhere import find_rivals
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask_span, say
from benchagent.verification.reading.contrasts import (
    SUBJECT,
    Thing,
    condition_of,
    find_clause,
    find_levels,
    find_things,
    group_things,
)
from benchagent.verification.reading.everywhere import hold_where_said
from benchagent.verification.reading.metrics_compared import (
    find_metrics_compared,
    find_percentile,
    find_speeds,
)
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence, Span

_BEST: Final = re.compile(
    r"\b(?P<word>fastest|slowest|highest|lowest|best|worst|quickest|largest|smallest|longest|"
    r"shortest|greatest|wins|won|(?:most|least)(?=\s+(?![a-z]+-|efficient|economical|hungry|frugal)[a-z]))\b",
    re.IGNORECASE,
)
BEST_WORDS: Final = frozenset(
    "fastest slowest highest lowest best worst quickest largest smallest longest shortest greatest "
    "most least wins won".split()
)
_NOUN: Final = re.compile(
    r"\s+(?P<noun>(?!(?:of|among|in|at|with|for|on|by|and|overall|everywhere|across|over|under|here|there|"
    r"options?|choices?|settings?|levels?|values?|ones?|variants?|is|was)\b)[a-z]+)",
    re.IGNORECASE,
)
# Between a level and the word: "onnx is by far the fastest", and not "on onnx, the highest …".
_IS_THE: Final = re.compile(
    r"[`*\s]*(?:\([^()]*\)\s*)?(?:is|was|has|had|gives|gave|shows|showed|reach(?:es|ed)|us(?:es|ed)|"
    r"needs|needed|takes|took|offers|offered|achieve[sd]|delivers|delivered)\s+"
    r"(?:\w+ly\s+|by far\s+)?the\s\W*",
    re.IGNORECASE,
)
_WINS: Final = re.compile(r"[`*\s]*(?:\w+ly\s+)?(?:wins|won)", re.IGNORECASE)
# Between the word and a level: "the best batch size for x is 8", "is worst at 64 clients".
_IS_AT: Final = re.compile(
    r"(?:[^,;:.]|\.(?=\d)){0,60}?\b(?:is|was|comes?|came|belongs?|goes|went)\s+"
    r"(?:(?:at|with|for|by|to|from|on|of|the|an?|reached|seen)\s+){0,3}(?:[a-z_]+\s+){0,2}\W*",
    re.IGNORECASE,
)
_AT: Final = re.compile(r"\s+(?:at|with|for|on|under)\s+(?:[a-z_]+\s+){0,2}\W*", re.IGNORECASE)
_IS: Final = re.compile(r"\b(?:is|was|are|were)\s+(?:the\s+)?$", re.IGNORECASE)
_DOUBTED: Final = re.compile(
    r"\b(?:not|nor?|never|neither|if|unless|whether|second|third|next|one of)\b|n['’]t\b",  # noqa: RUF001
    re.IGNORECASE,
)
_OF_CALLS: Final = re.compile(
    r"[^.;,]{0,40}\b(?:calls?|runs?|requests?|prompts?|responses?|rows?|cases?|tests?|values?|samples?)\b"
    r"(?!\s*(?:/|per\b))|\s*[~≈(]?\s*\d",
    re.IGNORECASE,
)
# Behind the word, who is compared if not all: "of the portable ones", "without a cache".
_OF_SOME: Final = re.compile(
    r"\b(?:of|among|in|at|with|without|except|apart|besides?|after|behind|but|for|on|under|over|across|when|where)\b",
    re.IGNORECASE,
)
_OF_ALL: Final = re.compile(
    r"\b(?:of|among|in|at|for|on|across|over|with|under)\s+(?:the\s+)?(?P<all>all|every|each|both|any|"
    r"two|three|four|five|six|seven|eight|nine|ten|\d+)\b(?:\s+of\b)?(?:\s+(?:the|these|those|our))?"
    r"(?:\s+(?:[a-z]+\s+)?(?P<noun>[a-z]+))?",
    re.IGNORECASE,
)
_OF_THEM: Final = re.compile(
    r"\b(?:of|among)\s+(?:the|our|these|those)\s+(?P<noun>[a-z]+)", re.IGNORECASE
)
_FOR: Final = re.compile(r"\b(?:for|in|at|of|on)\s+\W*(?:the\s+\W*)?", re.IGNORECASE)
_STEM: Final = 4


def read_best_levels(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """`Q6_K is the slowest of the four`: where the data compare the level with others."""
    passage = sentence.passage
    if passage.shape == "cell" or not find_levels(sentence):
        return
    for match in _BEST.finditer(passage.text):
        if is_advice(passage, match.start()) or _OF_CALLS.match(passage.text, match.end()):
            continue
        clause = find_clause(passage.text, match.start(), narrow=True)
        groups = group_things(find_things(sentence, clause))
        target = _find_target(groups, passage.text, match.span(), clause)
        if target is None or not _is_of_all(sentence, match.end(), clause, target):
            continue
        metrics = _find_metrics(match, sentence, target, knowledge)
        yardstick = Yardstick(match["word"], metrics, find_percentile(sentence, clause))
        shared = condition_of([group[0] for group in groups if target not in group])
        verdict = judge_best_level(target.values, shared, yardstick, knowledge)
        if verdict is not None:
            told = passage.text[target.start : target.end]
            rivals = partial(find_rivals, condition_of([target]), shared, metrics)
            judge = partial(say, verdict)
            judge = hold_where_said(judge, sentence, match.start(), yardstick, rivals)
            yield ask_span(sentence, "comparison", *match.span(), judge, told)


def _find_metrics(
    match: re.Match[str], sentence: Sentence, target: Thing, knowledge: Knowledge
) -> tuple[str, ...]:
    """What it is best in: named, or its speed where nothing else is said to be fast or good."""
    if metrics := find_metrics_compared(sentence, *match.span(), knowledge):
        behind = _NOUN.match(sentence.passage.text, match.end())
        told = (*sentence.metrics, *sentence.statistics)
        named = any(match.end() <= word.start for word in told)
        plain = behind is None or named or _names(behind["noun"], target)
        return metrics if plain else ()
    # of a number nobody asks how good it is in itself
    numeric = all(re.fullmatch(r"[\d.]+", own.partition("=")[2]) for own in target.values)
    between = sentence.passage.text[match.end() : max(match.end(), target.start)]
    starts = {thing.start - match.end() for thing in (*sentence.mentions, *sentence.levels)}
    if any(m.end() not in starts for m in _FOR.finditer(between)):
        return ()
    return find_speeds(knowledge) if match["word"].lower() in ("best", "worst") and numeric else ()


def _find_target(
    groups: Sequence[Sequence[Thing]], text: str, word: Span, clause: Span
) -> Thing | None:
    """The level that is said to be it; None where the clause names another of its kind."""
    if _DOUBTED.search(text, clause[0], word[0]):
        return None
    targets = [thing for group in groups for thing in group if _is_told_of(thing, text, word)]
    if len(targets) != 1 or targets[0].names == SUBJECT:
        return None
    if any(len({thing.values for thing in group}) > 1 for group in groups):
        return None
    return targets[0]


def _is_told_of(thing: Thing, text: str, word: Span) -> bool:
    if text[word[0]] in "wW" and _WINS.fullmatch(text, thing.end, word[1]):
        return True
    if thing.end <= word[0]:
        return _IS_THE.fullmatch(text, thing.end, word[0]) is not None
    if _IS.search(text[max(0, word[0] - 16) : word[0]]) and _AT.fullmatch(
        text, word[1], thing.start
    ):
        return True
    return _IS_AT.fullmatch(text, word[1], thing.start) is not None


def _is_of_all(sentence: Sentence, at: int, clause: Span, target: Thing) -> bool:
    """Whether nothing behind the word narrows who is compared, but levels that the clause names."""
    text = sentence.passage.text[at : clause[1]]
    if target.start >= at:
        return True
    for thing in (*sentence.mentions, *sentence.levels):
        if at <= thing.start < clause[1]:
            before = text[: thing.start - at]
            cut = [m.start() for m in _OF_SOME.finditer(before)]
            start = cut[-1] if cut else len(before)
            text = text[:start] + " " * (thing.end - at - start) + text[thing.end - at :]
    text = _OF_ALL.sub("", text)
    text = _OF_THEM.sub(lambda m: "" if _names(m["noun"], target) else m[0], text)
    metrics = [w for w in sentence.metrics if w.start >= at]
    for word in metrics:
        text = text.replace(sentence.passage.text[word.start : word.end], " ")
    return not _OF_SOME.search(text)


def _names(noun: str, target: Thing) -> bool:
    """Whether a noun names the setting: "the quantisations" of `quantization`."""
    stem = noun.lower()[:_STEM]
    return any(
        word.startswith(stem) for name in target.names for word in name.split("_") if len(stem) > 2
    )
