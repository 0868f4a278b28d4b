"""Numbers of a sentence or cell as claims: counts and shares of files, sizes, spans, values."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.quantities import METRICS
from benchagent.verification.binding import Binding, Sentence, bind
from benchagent.verification.claims import Claim, Context
from benchagent.verification.datums import words_of
from benchagent.verification.figures import Figure
from benchagent.verification.judging_comparisons import judge_ratio
from benchagent.verification.judging_counts import judge_number, judge_of_total
from benchagent.verification.judging_days import judge_span
from benchagent.verification.judging_files import (
    FileSet,
    judge_count,
    judge_occurrences,
    judge_share,
    judge_size,
)
from benchagent.verification.judging_ranges import judge_range
from benchagent.verification.judging_values import judge_value
from benchagent.verification.lexicon_metrics import find_kinds, find_metrics, find_statistics
from benchagent.verification.names import find_folders
from benchagent.verification.passages import Passage
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.roles import is_advice, tells_of_itself
from benchagent.verification.subjects_in_text import SubjectFinder

_FILES: Final = r"(?:files?|artifacts?|documents?)\b"
_FILES_AFTER: Final = re.compile(
    rf"[)\s]*(?:(?:of|the|distinct|different|separate|benchmark\w*|data|total|result|source|input|"
    rf"unique|individual|analy[sz]ed)\s+){{0,3}}(?P<kinds>(?:[\w./&,+-]+\s+){{0,4}}?)(?P<noun>{_FILES})",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"(?P<label>[^:;|,.()\n]{1,70}?)\s*(?:files?)?\s*[:=(–—-]\s*\(?\s*$")
_PAREN_LABEL: Final = re.compile(r"(?P<label>[^:;|,.()\n]{1,70}?)\s*\([^()]{1,30}\)\s*[:=–—]\s*$")
_TOTAL: Final = re.compile(r"\s*(?:/|\bof\b|\bout of\b|\bfrom\b)\s*(?:the\s+|all\s+)?(?P<total>\d[\d,]*)\b")
_NOT_FILES: Final = re.compile(
    r"size|bytes|token|latenc|ttft|throughput|rate|heading|second|time|column|row|line|mean|average|"
    r"median|score|accurac|value|std|min\b|max\b|field|key",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(
    r"(?:file|data(?:set)?|corpus|folder|total|overall|combined|storage)\s+sizes?|\bsizes?\b|\bbytes\b|footprint",
    re.IGNORECASE,
)
_OTHER_SIZE: Final = re.compile(r"model|memory|vram|ram\b|context|batch|weights?|gpu", re.IGNORECASE)
_SPAN: Final = re.compile(r"days?|weeks?|months?|years?|hours?|h")
_COMPARING: Final = re.compile(
    r"faster|slower|higher|lower|more|less|fewer|greater|better|worse|increase|decrease|improve\w*|"
    r"reduc\w+|drop\w*|gain|speed-?up|longer|shorter|larger|smaller|difference|ahead|behind|overhead",
    re.IGNORECASE,
)
_OCCURS: Final = re.compile(r"\s*(?:occurrences?|copies|times|instances?|duplicates?)\b", re.IGNORECASE)
_NOUN: Final = re.compile(r"\s*(?:(?:distinct|different|failed|successful|separate|unique|warm|cold|measured|"
    r"model|benchmark|test|parameter|total)\s+){0,3}(?P<noun>models?|runs?|calls?|configurations?|configs|numbers|"
    r"measurements|samples?|folders?|director(?:y|ies)|headings?|prompts?|failures?|duplicates?|rows?|"
    r"records?|tests?|repetitions?|iterations?|file types|formats|subjects?)\b", re.IGNORECASE)
_SIGN: Final = re.compile(r"\b(?P<sign>n|p|tau|τ|ratio|interval)\b[\s(]*(?:=|of|:|<)?[\s*(]*$", re.IGNORECASE)
_COUNT_COLUMN: Final = re.compile(
    r"\W*(?:n|#|no\.?|counts?|runs?|samples?|calls?|values|ids?|rank|run id|source)\W*$", re.IGNORECASE
)
_SAMPLES_COLUMN: Final = re.compile(r"\W*(?:n|samples?|runs?|calls?|values)\W*$", re.IGNORECASE)
_TO: Final = re.compile(r"\s*(?:-|–|—|\bto\b|\.\.\.?|…)\s*", re.IGNORECASE)
_MORE: Final = re.compile(r"[\s)]*(?:\w+\s+){0,2}?more\b(?!\s+than)", re.IGNORECASE)
_COPIES: Final = re.compile(
    r"\bduplicat\w+|\bcop(?:y|ies)\b|\bidentical\b|\brepeat(?:s|ed)? (?:an)?other", re.IGNORECASE
)
_REST: Final = re.compile(r"not shown|remaining|omitted|left out", re.IGNORECASE)
_RELATED: Final = re.compile(
    r"\b(?:related to|associated with|named|about|mention(?:s|ing)?|concern(?:s|ing)|containing|for|of)\b",
    re.IGNORECASE,
)
_QUALIFIED: Final = re.compile(
    r"\b(?:that|which|with|without|containing|whose|where|having|from|modified|created|parsed|read|"
    r"gave|duplicate\w*|identical|repeated|missing|empty|unread\w*|other|remaining|largest|smallest)\b",
    re.IGNORECASE,
)
_CONFIDENCE: Final = re.compile(r"\s*(?:-\s*)?(?:confidence|interval|ci\b|percentile)", re.IGNORECASE)


def read_figures(sentence: Sentence, finder: SubjectFinder, knowledge: Knowledge) -> Iterator[Asked]:
    """Every number of a passage that claims something."""
    passage = sentence.passage
    itself = tells_of_itself(passage)
    skip = -1
    for figure in sentence.figures:
        if figure.start < skip or is_advice(passage, figure.start):
            continue
        text = passage.text
        if total := _TOTAL.match(text, figure.end):
            skip = total.end()
            if (asked := _read_part(figure, total, sentence)) and not itself:
                yield asked
                continue
        if (other := _range_end(figure, sentence)) and not itself:
            asked_range = list(_read_range(figure, other, sentence, finder, knowledge))
            if asked_range:
                skip = other.end
                yield from asked_range
                continue
        asked = _read_figure(figure, sentence, finder, knowledge, itself)
        if asked:
            yield asked


def _range_end(figure: Figure, sentence: Sentence) -> Figure | None:
    """The other end of `8.0 - 22.0`, `from 0.07 s to 15.5 s`, `between 3 and 5 ms`."""
    text = sentence.passage.text
    for other in sentence.figures:
        if other.start >= figure.end:
            between = text[figure.end : other.start]
            if _TO.fullmatch(between) and figure.unit in ("", other.unit):
                return other
            joined = re.fullmatch(r"\s+and\s+", between)
            opened = re.search(r"(?i)\bbetween\s*$", text[: figure.start])
            return other if joined and opened and figure.unit in ("", other.unit) else None
    return None


def _read_range(
    figure: Figure, other: Figure, sentence: Sentence, finder: SubjectFinder, knowledge: Knowledge
) -> Iterator[Asked]:
    """A range as one claim, or its ends as two where each has its unit."""
    if other.unit and other.known_unit() is None or figure.value > other.value:
        return
    low = replace(figure, unit=figure.unit or other.unit)
    binding = bind(low, sentence, finder)
    if not (low.unit or _is_labelled(figure, sentence, binding, knowledge)):
        return
    if low.unit in ("%", "percent", "x", "times"):
        return
    if figure.unit:
        for end, is_high in ((figure, False), (other, True)):
            judge = partial(judge_range, low, other, binding, "high" if is_high else "low")
            yield _ask(end, sentence, "metric", judge, binding.said_of)
        return
    asked = _ask(figure, sentence, "metric", partial(judge_range, low, other, binding, "both"), binding.said_of)
    end = sentence.passage.start + other.end
    claim = replace(asked.claim, end=end, value=(figure.value, other.value), unit=low.unit or None)
    yield Asked(claim, asked.judge)


def _read_figure(
    figure: Figure, sentence: Sentence, finder: SubjectFinder, knowledge: Knowledge, itself: bool
) -> Asked | None:
    text = sentence.passage.text
    if _SPAN.fullmatch(figure.unit):
        return _ask(figure, sentence, "span", partial(judge_span, figure, text))
    if figure.unit in ("%", "percent", "pct") and (share := _read_share(figure, sentence)):
        return share
    if figure.unit in ("", "x", "b") and (asked := _read_count(figure, sentence)):
        return asked
    if itself:
        return None
    binding = bind(figure, sentence, finder)
    if _is_size(figure, sentence, binding):
        statistics = find_statistics(text[: figure.start] + " " + sentence.passage.row)
        statistic = str(statistics[-1].meaning) if statistics else "total"
        wanted = FileSet(kinds=_kinds_before(figure, sentence))
        return _ask(figure, sentence, "size", partial(judge_size, figure, wanted, statistic))
    return _read_value(figure, sentence, binding, knowledge)


def _ask(figure: Figure, sentence: Sentence, kind, judge, subject: str | None = None) -> Asked:  # type: ignore[no-untyped-def]
    passage = sentence.passage
    claim = Claim(
        start=passage.start + figure.start,
        end=passage.start + figure.end,
        kind=kind,
        value=figure.value,
        unit=figure.unit or None,
        subject=subject,
        context=context_of(sentence),
    )
    return Asked(claim, judge)


def context_of(sentence: Sentence) -> Context:
    """What a claim stands in."""
    passage = sentence.passage
    return Context(
        sentence=passage.text,
        start=passage.start,
        above=passage.above,
        row=passage.row,
        column=passage.column,
        section=passage.headings,
        before=passage.before,
    )


def _read_part(figure: Figure, total: re.Match[str], sentence: Sentence) -> Asked | None:
    """`28 of 101 files`, `(92/101)`, `1 out of 5 runs`."""
    text = sentence.passage.text
    whole = float(total["total"].replace(",", ""))
    files = _FILES_AFTER.match(text, total.end()) or re.search(_FILES, text[: figure.start], re.I)
    if figure.unit and not _FILES_AFTER.match(text, figure.end):
        return None
    if not files or whole < figure.value:
        return None
    kinds = _kinds_before(figure, sentence) or _kinds_in(text[total.end() : total.end() + 40])
    wanted = FileSet(kinds=kinds, words=words_of(text), qualified=not kinds)
    return _ask(figure, sentence, "count", partial(judge_of_total, figure, whole, wanted))


def _kinds_before(figure: Figure, sentence: Sentence) -> frozenset[str]:
    """The kinds named since the last figure: in `JSON and Markdown files (92)` both."""
    ends = [f.end for f in sentence.figures if f.end <= figure.start]
    if ends and re.fullmatch(r"\s*(?:files?)?\s*[(,~≈]*\s*", sentence.passage.text[ends[-1] : figure.start]):
        ends.pop()  # `JSON: 73 (72.7%)` says both of JSON
    last = ends[-1] if ends else 0
    found = [str(w.meaning) for w in sentence.kinds if last <= w.start and w.end <= figure.start]
    if not found and sentence.passage.shape == "cell":
        return _kinds_in(sentence.passage.row) or _kinds_in(sentence.passage.column)
    return frozenset(found)


def _kinds_in(text: str) -> frozenset[str]:
    return frozenset(str(word.meaning) for word in find_kinds(text))


def _read_share(figure: Figure, sentence: Sentence) -> Asked | None:
    text = sentence.passage.text
    around = text[figure.end : figure.end + 30]
    if _CONFIDENCE.match(around) or _COMPARING.search(text[figure.end : figure.end + 24]):
        return None
    kinds = _kinds_before(figure, sentence)
    if not kinds and re.match(r"\s*(?:of|are|were|is)\b", around):
        kinds = _kinds_in(text[figure.end : figure.end + 60])
    if not kinds or find_metrics(text[: figure.start]):
        return None
    return _ask(figure, sentence, "share", partial(judge_share, figure, FileSet(kinds=kinds)))


def _read_count(figure: Figure, sentence: Sentence) -> Asked | None:
    """A count of files, if that is what the number is."""
    passage = sentence.passage
    text = passage.text
    if _MORE.match(text, figure.end) or _REST.search(passage.row) or figure.step < 1:
        return None
    before = text[max(0, figure.start - 72) : figure.start]
    last_path = [path for path in sentence.paths if path.end <= figure.start]
    if last_path and _OCCURS.match(text, figure.end):
        judge = partial(judge_occurrences, figure, last_path[-1].text)
        return _ask(figure, sentence, "count", judge, last_path[-1].text)
    wanted = _files_wanted(figure, sentence, before)
    if wanted is None:
        return None
    return _ask(figure, sentence, "count", partial(judge_count, figure, wanted))


def _files_wanted(figure: Figure, sentence: Sentence, before: str) -> FileSet | None:
    passage = sentence.passage
    text = passage.text
    after = _FILES_AFTER.match(text, figure.end)
    label = _PAREN_LABEL.search(before) or _LABEL.search(before)
    named = label["label"] if label else ""
    kinds = frozenset[str]()
    if not after and _NOUN.match(text, figure.end):
        return None
    if after:
        kinds = _kinds_in(after["kinds"])
        if len(after["kinds"].split()) > len(kinds) + 2:
            return None
        if not kinds and label:
            kinds = _kinds_in(named)
        if not kinds and passage.shape == "cell":
            kinds = _kinds_in(passage.row)
    elif label and not _NOT_FILES.search(named):
        kinds = _kinds_in(named)
        if not kinds and not re.search(rf"(?i){_FILES}", named + text[label.start() : figure.start]):
            return None
        if not kinds and re.search(r"(?i)\bper\b|\beach\b", named):
            return None
    elif passage.shape == "cell" and re.search(r"(?i)\bcount\b|number|#|\bfiles?\b", passage.column):
        kinds = _kinds_in(passage.row)
        if not kinds and not re.search(r"(?i)\bfiles?\b", f"{passage.row} {passage.column}"):
            return None
        if _NOT_FILES.search(passage.row) or _NOT_FILES.search(passage.column):
            return None
    else:
        return None
    return _narrow(figure, sentence, kinds, after.end() if after else figure.end)


def _narrow(figure: Figure, sentence: Sentence, kinds: frozenset[str], end: int) -> FileSet:
    text = sentence.passage.text
    following = [f.start for f in sentence.figures if f.start >= end]
    clause = text[end : min([end + 90, *following])]
    clause = re.split(r"[;:.]\s|,\s(?!and\b)", clause)[0]
    folders = [name.text for name in find_folders(clause)] or [
        name.text for name in find_folders(sentence.passage.row)
    ]
    related = _RELATED.search(clause)
    names = frozenset[str]()
    if related:
        names = frozenset(
            mention.text.lower() for mention in sentence.mentions
            if related.end() + end <= mention.start <= end + len(clause)
        )
    near = text[max(0, figure.start - 30) : figure.start].rpartition(":")[2] + sentence.passage.row
    said = f"{sentence.passage.row} {text[: figure.start]}"
    qualified = bool(_QUALIFIED.search(clause) or _QUALIFIED.search(said))
    unknown = bool(related) and not names and not folders and related[0] not in ("of", "for")
    return FileSet(
        kinds=kinds,
        folders=tuple(folders) if not kinds else (),
        copies=bool(_COPIES.search(near) or _COPIES.search(clause)) and not kinds,
        names=names if len(names) == 1 and not kinds else frozenset(),
        words=words_of(f"{sentence.passage.row} {text}"),
        qualified=qualified and not kinds and not unknown,
    )


def _is_size(figure: Figure, sentence: Sentence, binding: Binding) -> bool:
    unit = figure.known_unit()
    passage = sentence.passage
    around = f"{passage.row} {passage.column} {passage.text[: figure.start]}"
    if unit is None or unit.canonical != "bytes":
        return False
    if find_metrics(passage.text) or sentence.mentions or sentence.paths:
        return False
    return bool(_SIZE.search(around)) and not _OTHER_SIZE.search(around)


def _read_value(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Asked | None:
    passage = sentence.passage
    text = passage.text
    percent = figure.unit in ("%", "percent", "pct")
    if percent and _CONFIDENCE.match(text, figure.end):
        return None
    judge = partial(judge_value, figure, binding)
    kind = "comparison" if percent or figure.unit in ("x", "times", "×", "-fold", "fold") else "metric"
    if figure.unit and figure.known_unit() is not None:
        if kind == "comparison" and not _states_comparison(figure, sentence, binding):
            return None
        binding = _speed_metric(figure, sentence, binding) if kind == "comparison" else binding
        if kind == "comparison":
            return _ask(figure, sentence, kind, partial(judge_ratio, figure, sentence, binding), binding.said_of)
        return _ask(figure, sentence, kind, judge, binding.said_of)
    if sign := _SIGN.search(text[max(0, figure.start - 16) : figure.start]):
        return _ask(figure, sentence, "count" if sign["sign"] == "n" else "metric", partial(judge_number, figure, binding, sign["sign"].lower()), binding.said_of)
    if passage.shape == "cell" and _SAMPLES_COLUMN.match(passage.column) and figure.step == 1:
        return _ask(figure, sentence, "count", partial(judge_number, figure, binding, "n"), binding.said_of)
    if noun := _NOUN.match(text, figure.end):
        return _ask(figure, sentence, "count", partial(judge_number, figure, binding, noun["noun"].lower()), binding.said_of)
    if _is_labelled(figure, sentence, binding, knowledge):
        return _ask(figure, sentence, kind, judge, binding.said_of)
    return None


def _speed_metric(figure: Figure, sentence: Sentence, binding: Binding) -> Binding:
    """`generates tokens 34% faster` is about the rate, though it names the tokens."""
    counted = all(METRICS[m].better == "neither" for m in binding.metrics or () if m in METRICS)
    near = sentence.passage.text[figure.end : figure.end + 24]
    if binding.metrics and counted and re.search(r"(?i)\b(?:fast|slow|quick)er\b", near):
        return replace(binding, metrics=("decode_rate",))
    return binding


def _states_comparison(figure: Figure, sentence: Sentence, binding: Binding) -> bool:
    text = sentence.passage.text
    near = text[max(0, figure.start - 60) : figure.end + 40]
    return bool(_COMPARING.search(near)) or (binding.metrics is not None and figure.unit != "x")


def _is_labelled(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> bool:
    """Whether a number without a unit is the value of something that the text names."""
    passage = sentence.passage
    if passage.shape == "cell":
        return _is_measured_cell(passage)
    before = passage.text[: figure.start]
    close = before[-48:]
    if find_metrics(close) and re.search(r"(?:[:=(]|\b(?:of|is|was|are|at|to|from|averages?|around|approximately|about|and|reached|between))\s*(?:\w+\s+)?[~≈]?\s*$", close):
        return True
    if not re.search(r"[:=]\s*[~≈]?\s*$", close):
        return False
    label = words_of(re.split(r"[.;]\s", before)[-1])
    return any(len(label & datum.words) >= 2 for datum in knowledge.values.datums)


def _is_measured_cell(passage: Passage) -> bool:
    """Whether a cell that is a bare number is a value of the metric of its column or row."""
    if re.search(r"[A-Za-z]{3,}", passage.text):
        return False
    texts = [text for _, text in passage.cells]
    own = " ".join(passage.text.split())
    if passage.row in texts and own in texts[: texts.index(passage.row)]:
        return False  # a number before the row's name counts the rows
    if find_metrics(passage.column):
        return True
    return bool(find_metrics(passage.row)) and not _COUNT_COLUMN.match(passage.column)
