"""Claims that need no number: what dominates, what is missing, what goes together, who is faster."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.quantities import METRICS
from benchagent.verification.claims import Claim, Kind, Verdict
from benchagent.verification.figures import words_in
from benchagent.verification.judging_comparisons import (
    Side,
    default_metrics,
    judge_direction,
    judge_superlative,
    side_of,
)
from benchagent.verification.judging_words import (
    Topic,
    judge_correlation,
    judge_definition,
    judge_influence,
    judge_presence,
    judge_topic,
)
from benchagent.verification.lexicon_metrics import find_kinds, find_metrics
from benchagent.verification.question import Asked, Judge, Knowledge
from benchagent.verification.roles import is_advice
from benchagent.verification.sentence import Sentence
from benchagent.verification.subjects_in_text import Mention

_MOSTLY: Final = re.compile(
    r"(?P<most>\b(?:primarily|predominantly|mostly|mainly|overwhelmingly|chiefly|largely)\b|"
    r"\b(?:vast |overwhelming |great |large )?majority\b|\bbulk of\b|\bmost of\b)|"
    r"(?P<first>\b(?:dominant|dominat\w+|dominance|heavy concentration|heavily skewed|"
    r"primary (?:focus|subject|model)|main (?:focus|subject|model)|central focus|chief focus)\b)|"
    r"(?P<much>\b(?:significant|substantial|large|considerable|sizable)\s+(?:portion|share|part|fraction|"
    r"proportion|chunk|number of files)\b|\bprevalence\b|\bfrequent (?:use|occurrence|appearance)\b)",
    re.IGNORECASE,
)
# A word of each of these phrases: a cheap look, before the patterns that they stand for.
_MUCH_WORDS: Final = frozenset(
    "primarily predominantly mostly mainly overwhelmingly chiefly largely majority bulk most dominant "
    "dominance concentration skewed focus subject model significant substantial large considerable "
    "sizable prevalence frequent".split()
)
_LACK_WORDS: Final = frozenset("lack lacks lacking absence absent no not t".split())
_COMPARES: Final = re.compile("than|perform|beat|exceed|lag|trail|surpass|fall|above|below")
_OF_DATA: Final = re.compile(
    r"\b(?:files?|data(?:set)?|reports?|benchmark\w*|collection|corpus|artifacts?|json|csv|markdown|names?|"
    r"models?|experiments?|tests?)\b",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[`\"“‘']([A-Za-z][\w.:\-]{1,60})[`\"”’',]")
_LACK: Final = re.compile(
    r"\b(?:the\s+)?(?:lack|absence)\s+of\s+(?P<a>[^.;:]{3,110}?)(?=[.;:]|,\s*(?:the|which|it|this|we)\b|\s+(?:limits?|hinders?|makes?|prevents?|that|which|means)\b|$)"
    r"|\b(?:lacks?|lacking|(?:do|does|did)(?:\s+not|n['’]t)\s+(?:contain|include|hold|record|provide|have))\s+(?:any\s+)?(?P<b>[^.;:,]{3,80})"
    r"|\b(?:there (?:is|are|was|were) )?no\s+(?P<c>[\w /-]{3,50}?)\s+(?:(?:data|values?|metrics?|figures?|numbers?|measurements?)\s+)?(?:is|are|was|were|has been|have been)\s+(?:recorded|available|present|found|measured|reported|included|provided)"
    r"|\bthere (?:is|are|was|were) no\s+(?P<d>[\w /-]{3,60})",
    re.IGNORECASE,
)
_METRICS: Final = re.compile(
    r"\b(?:performance|benchmark|quantitative|numeric(?:al)?)\s+(?:metrics?|data|numbers?|results?|measurements?|figures)\b|"
    r"\b(?:core|key|detailed|comprehensive|explicit)\s+(?:performance\s+)?metrics?\b",
    re.IGNORECASE,
)
_CORRELATION: Final = re.compile(
    r"\b(?:an?\s+|the\s+)?(?:\w+\s+){0,2}?correlation\s+(?:was\s+\w+\s+)?between\s+(?P<a>[^.;:]{2,90}?)\s+and\s+(?P<b>[^.;:]{2,60}?)(?=[.;:,]|\s+(?:was|is|were|that|which|suggest\w*|indicat\w*)\b|$)"
    r"|(?P<c>[\w\s‘’'`\"/()]{3,60}?)\s+(?:(?:strongly|clearly|positively|negatively|inversely|weakly)\s+)*(?:correlates?|correlated|is correlated|are correlated)\s+(?:strongly\s+|positively\s+|negatively\s+)?with\s+(?P<d>[^.;:,]{2,60})",
    re.IGNORECASE,
)
_NO_CORRELATION: Final = re.compile(r"\b(?:no|not|without|weak(?:ly)?|lack of)\b", re.IGNORECASE)
_ACRONYM: Final = re.compile(
    r"\b(?P<words>[A-Z][\w-]*(?:[ -][A-Za-z][\w-]*){1,4})\s*\((?P<short>[A-Z]{3,5})s?\)"
)
_INFLUENCED: Final = re.compile(
    r"\b(?:(?:heavily|strongly|largely|mostly|mainly)\s+)?(?:influenced|driven|determined|skewed|affected)\s+by\s+(?:the\s+)?(?P<what>[^.;,]{2,50})",
    re.IGNORECASE,
)
_THAN: Final = re.compile(
    r"\b(?P<word>faster|slower|quicker|better|worse|higher|lower|greater|larger|smaller|longer|shorter|more|less|fewer)\b(?P<between>(?:[^.;:]|\.(?=\d)){0,60}?)\bthan\b|"
    r"\b(?P<verb>outperform(?:s|ed|ing)?|beats?|exceed(?:s|ed)?|underperform(?:s|ed)?|lags? behind|trails?|surpass(?:es|ed)?|falls? behind|"
    r"(?:falls?|fell|stay(?:s|ed)?|lies|lay|is|was|sits?|remain(?:s|ed)?)\s+(?:well\s+|far\s+)?(?:above|below)"
    r"(?=\s+(?:that|those|the\s+\w+)\s+of))\b",
    re.IGNORECASE,
)
_OF_CALLS: Final = re.compile(
    r"[^.;,]{0,40}\b(?:calls?|runs?|requests?|prompts?|responses?|config\w*|settings?|rows?|cases?|tests?|"
    r"values?|samples?|backends?)\b|\s*[~≈(]?\s*\d",
    re.IGNORECASE,
)
_THAN_BEFORE: Final = re.compile(
    r"\b(?:than|over|against|versus|vs\.?)\W*(?:the\s+)?\W*$", re.IGNORECASE
)
_COMPARED: Final = re.compile(
    r"\W*(?:compared|relative|in comparison|next)\s+(?:with|to)\b.{3,90}?\b(?:has|had|shows?|showed|reach\w*|gives?|gave|"
    r"needs?|needed|offers?)\s+(?:an?\s+|the\s+)?(?P<word>higher|lower|larger|smaller|longer|shorter|better|worse|greater|faster|slower)\b",
    re.IGNORECASE | re.DOTALL,
)
_BEST: Final = re.compile(
    r"\b(?P<word>fastest|slowest|highest|lowest|best|worst|quickest|largest|smallest|longest|shortest)\b",
    re.IGNORECASE,
)


def read_words(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """What a passage claims in words."""
    passage = sentence.passage
    if passage.shape == "cell" and len(passage.text.split()) < 4:
        return
    yield from _read_topics(sentence, knowledge)
    yield from _read_presence(sentence)
    yield from _read_correlations(sentence)
    yield from _read_definitions(sentence)
    yield from _read_influences(sentence)
    yield from _read_comparisons(sentence)


def _claim(
    sentence: Sentence, kind: Kind, start: int, end: int, judge: Judge, subject: str | None = None
) -> Asked:
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


def _read_topics(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """`primarily JSON`, `the majority of files relate to X`, `dominant models: X, Y`."""
    passage = sentence.passage
    text = passage.text
    done = -1
    if words_in(text).isdisjoint(_MUCH_WORDS) and "dominat" not in sentence.lower:
        return
    if not (sentence.mentions or sentence.kinds or _QUOTED.search(passage.raw)):
        return
    for match in _MOSTLY.finditer(text):
        if match.start() < done or is_advice(passage, match.start()):
            continue
        if re.search(r"(?i)\b(?:modif|updat|chang)\w*\s*$", text[: match.start()]):
            continue  # which kind changed last is a matter of dates
        clause_end = _clause_end(text, match.end())
        clause_start = _clause_start(text, match.start())
        topic = _read_topic(match, sentence, clause_start, clause_end, knowledge)
        if topic is None or not _OF_DATA.search(
            text[clause_start:clause_end] + " " + passage.text[:80]
        ):
            continue
        if topic.first > match.start() and _MOSTLY.search(text, match.end(), topic.first):
            continue  # the word nearer to the names says how much
        start, end = topic.span(match)
        done = end
        yield _claim(
            sentence, "topic", start, end, partial(judge_topic, topic), ", ".join(topic.names)
        )


def _clause_end(text: str, at: int) -> int:
    found = re.search(
        r"[.;](?:\s|$)|,\s+(?:which|suggesting|indicating|and the|with|but|while|used|appearing|likely|possibly|probably|perhaps|potentially|including|such as|especially)\b|\s[–—-]\s",
        text[at:],
    )
    return at + found.start() if found else len(text.rstrip())


def _clause_start(text: str, at: int) -> int:
    found = [
        m.end()
        for m in re.finditer(r"[.;]\s|,\s+(?:which|with|and|but|while)\s|:\s|\s[–—-]\s", text[:at])
    ]
    return found[-1] if found else 0


def _read_topic(
    match: re.Match[str], sentence: Sentence, start: int, end: int, knowledge: Knowledge
) -> Topic | None:
    text = sentence.passage.text
    strength = next(name for name in ("most", "first", "much") if match[name])
    spans = ((match.end(), end), (start, match.start()))[: 1 if strength == "most" else 2]
    for a, b in spans:
        fields = [
            (m.start(1), m.end(1), m[1])
            for m in _QUOTED.finditer(sentence.passage.raw)
            if a <= m.start(1) < b
        ]
        mentions = [(m.start, m.end, m.text) for m in sentence.mentions if a <= m.start < b]
        named = sorted(
            {*mentions, *[f for f in fields if not any(x <= f[0] < y for x, y, _ in mentions)]}
        )
        kinds = list(find_kinds(text[a:b]))
        if named and (not kinds or named[0][0] < a + kinds[0].start or a > match.start()):
            return Topic(
                strength=strength, names=tuple(name for _, _, name in named),
                first=named[0][0], last=named[-1][1], scope=_scope(text, match),
            )  # fmt: skip
        if kinds and not find_metrics(text[a : a + kinds[0].start]):
            if a > match.start() and not re.match(r"[^.;]{0,60}$", text[a : a + kinds[0].start]):
                return None
            near = [k for k in kinds if k.start - kinds[0].start < 30]
            return Topic(
                strength=strength, kinds=frozenset(str(k.meaning) for k in near),
                names=tuple(text[a + k.start : a + k.end] for k in near),
                first=a + near[0].start, last=a + near[-1].end,
            )  # fmt: skip
    earlier = [m for m in sentence.mentions if m.end <= start]
    it = re.search(r"\b(?:it|this model|them|these models)\b", text[match.end() : end])
    if it and earlier:
        at = match.end() + it.start()
        return Topic(strength=strength, names=(earlier[-1].text,), first=at, last=at + len(it[0]))
    return None


def _scope(text: str, match: re.Match[str]) -> str:
    """A word of paths that narrows what is spoken of: `compilation` in `compilation benchmarks`."""
    found = re.findall(
        r"\b([a-z]{4,})\s+(?:benchmarks?|files?|data|tests?)\b",
        text[: match.start()],
        re.IGNORECASE,
    )
    return found[-1].lower() if found else ""


def _read_presence(sentence: Sentence) -> Iterator[Asked]:
    passage = sentence.passage
    text = passage.text
    for match in () if words_in(text).isdisjoint(_LACK_WORDS) else _LACK.finditer(text):
        what = next(match[name] for name in "abcd" if match[name])
        metrics = tuple(m for word in find_metrics(what) for m in word.meaning)
        general = bool(_METRICS.search(what))
        if (not metrics and not general) or is_advice(passage, match.start()):
            continue
        if re.search(
            r"(?i)\b(?:standard|defined|clear|consistent|correlation|between|for each|per)\b", what
        ):
            continue
        subjects = frozenset(s for m in sentence.mentions for s in m.subjects)
        kinds = frozenset(str(kind.meaning) for kind in sentence.kinds)
        judge = partial(judge_presence, metrics, general, subjects, kinds, False)
        yield _claim(sentence, "presence", match.start(), match.end(), judge, what)


def _read_correlations(sentence: Sentence) -> Iterator[Asked]:
    passage = sentence.passage
    if "correlat" not in sentence.lower:
        return
    for match in _CORRELATION.finditer(passage.text):
        if is_advice(passage, match.start()) or _NO_CORRELATION.search(match[0][:30]):
            continue
        first, second = (match["a"], match["b"]) if match["a"] else (match["c"], match["d"])
        judge = partial(judge_correlation, first, second, match[0])
        yield _claim(sentence, "correlation", match.start(), match.end(), judge)


def _read_definitions(sentence: Sentence) -> Iterator[Asked]:
    if "(" not in sentence.passage.text:
        return
    for match in _ACRONYM.finditer(sentence.passage.text):
        verdict = judge_definition(match["words"], match["short"])
        if verdict:
            judge = partial(_say, verdict)
            yield _claim(sentence, "definition", match.start(), match.end(), judge)


def _say(verdict: Verdict, knowledge: Knowledge) -> Verdict:
    """What no data are needed for."""
    del knowledge
    return verdict


def _read_influences(sentence: Sentence) -> Iterator[Asked]:
    passage = sentence.passage
    if " by " not in passage.text or not sentence.mentions:
        return
    for match in _INFLUENCED.finditer(passage.text):
        named = [m for m in sentence.mentions if match.start() <= m.start < match.end()]
        words = find_metrics(passage.text[: match.start()]) or find_metrics(passage.row)
        if not named or not words or is_advice(passage, match.start()):
            continue
        judge = partial(judge_influence, named[0].subjects, tuple(words[0].meaning))
        yield _claim(sentence, "correlation", match.start(), match.end(), judge, named[0].text)


def _read_comparisons(sentence: Sentence) -> Iterator[Asked]:
    passage = sentence.passage
    text = passage.text
    if not sentence.mentions:
        return
    lower = sentence.lower
    compares = _COMPARES.search(lower) is not None
    ranks = "est" in lower or "worst" in lower
    if not (compares or ranks or "with" in lower or " to " in lower):
        return
    for match in _THAN.finditer(text) if compares else ():
        word = match["word"] or match["verb"]
        before = [m for m in sentence.mentions if m.end <= match.start()]
        before = [m for m in before if not _THAN_BEFORE.search(text[: m.start])] or before
        after = [m for m in sentence.mentions if m.start >= match.end()]
        if not before or not after or is_advice(passage, match.start()):
            continue
        if re.search(r"(?i)\b(?:no|not|neither|hardly)\b", text[before[-1].end : match.end()]):
            continue
        metrics = _metrics_near(
            sentence, match.start(), max(match.end(), after[0].end + 20)
        ) or default_metrics(word)
        side = side_of(word, metrics)
        if metrics and side:
            judge = _judge_of(before[-1], after[0], metrics, side, sentence)
            yield _claim(sentence, "comparison", match.start(), match.end(), judge, before[-1].text)
    if asked := _read_compared_with(sentence):
        yield asked
    for match in _BEST.finditer(text) if ranks else ():
        if is_advice(passage, match.start()) or re.search(
            r"(?i)\bsecond[- ]$", text[: match.start()]
        ):
            continue
        yield from _read_superlative(match, sentence)


def _judge_of(
    first: Mention, second: Mention, metrics: tuple[str, ...], side: Side, sentence: Sentence
) -> Judge:
    named = frozenset[str]().union(*(level.settings for level in sentence.levels))
    statistic = str(sentence.statistics[0].meaning) if sentence.statistics else None
    return partial(
        judge_direction, first.subjects, second.subjects, metrics, side, named, statistic
    )


def _read_compared_with(sentence: Sentence) -> Asked | None:
    """`Compared with X, Y has a lower TTFT`."""
    match = _COMPARED.match(sentence.passage.text)
    if not match or len(sentence.mentions) != 2 or is_advice(sentence.passage, match.start("word")):
        return None
    second, first = sentence.mentions
    behind = [w for w in sentence.metrics if w.start >= match.start("word")]
    metrics = tuple(behind[0].meaning) if behind else ()
    side = side_of(match["word"], metrics)
    if not side or not metrics or second.end > match.start("word") < first.end:
        return None
    judge = _judge_of(first, second, metrics, side, sentence)
    return _claim(sentence, "comparison", match.start("word"), match.end(), judge, first.text)


def _read_superlative(match: re.Match[str], sentence: Sentence) -> Iterator[Asked]:
    """`X has the highest decode rate`: one subject in the clause, its metric just after the word."""
    text = sentence.passage.text
    start, end = _clause_start(text, match.start()), _clause_end(text, match.end())
    named = [m for m in sentence.mentions if start <= m.start < end]
    behind = find_metrics(text[match.end() : match.end() + 30])
    metrics = tuple(behind[0].meaning) if behind else default_metrics(match["word"])
    if len(named) != 1 or not metrics or sentence.passage.shape == "cell":
        return
    if _OF_CALLS.match(text, match.end()):
        return  # "the slowest q8_0 call", "the fastest 86 ms": calls are ranked, not models
    if re.search(r"\b(?:of|for|with|at|in|among)\s+(?:the\s+)?\W*$", text[: named[0].start]):
        return
    if side := side_of(match["word"], metrics):
        judge = partial(judge_superlative, named[0].subjects, metrics, side)
        yield _claim(sentence, "comparison", match.start(), match.end(), judge, named[0].text)


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
    counted = all(METRICS[metric].better == "neither" for metric in metrics if metric in METRICS)
    return () if counted else metrics
