"""Numbers that count files, or give a share of them."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from functools import partial
from typing import Final

from benchagent.verification.judging.counts import judge_of_total
from benchagent.verification.judging.files import FileSet, judge_count, judge_share
from benchagent.verification.judging.places import judge_occurrences
from benchagent.verification.question import Asked
from benchagent.verification.reading.asking import ask
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.names import Name, find_folders
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_kinds, find_metrics

_FILES: Final = r"(?:files?|artifacts?|documents?)\b(?!/)"
_FILES_AFTER: Final = re.compile(
    rf"[)\s]*(?:(?:of|the|distinct|different|separate|benchmark\w*|data|total|result|source|input|"
    rf"unique|individual|analy[sz]ed)\s+){{0,3}}(?P<kinds>(?:[\w./&,+-]+\s+){{0,4}}?)(?P<noun>{_FILES})",
    re.IGNORECASE,
)
_OF_FILES: Final = re.compile(_FILES, re.IGNORECASE)
_FILE: Final = re.compile(r"\bfiles?\b", re.IGNORECASE)
_COUNT_COLUMN: Final = re.compile(r"\bcount\b|number|#|\bfiles?\b", re.IGNORECASE)
_PER: Final = re.compile(r"\bper\b|\beach\b", re.IGNORECASE)
_CUTS: Final = re.compile(r"[;:.]\s|,\s(?!and\b)")
_LONGEST_LABEL: Final = 160
_LABELLED: Final = rf"(?:^|(?<=[:;|,.()\n]))(?P<label>[^:;|,.()\n]{{1,{_LONGEST_LABEL}}}?)"
_LABEL: Final = re.compile(_LABELLED + r"\s*(?:files?)?\s*[:=(–—-]\s*\(?\s*$")
_PAREN_LABEL: Final = re.compile(_LABELLED + r"\s*\([^()]{1,30}\)\s*[:=–—]\s*$")
_LABEL_ENDS: Final = (":", "=", "(", "–", "—", "-")
_NOT_FILES: Final = re.compile(
    r"size|bytes|token|latenc|ttft|throughput|rate|heading|second|time|column|row|line|mean|average|"
    r"median|score|accurac|value|std|min\b|max\b|field|key",
    re.IGNORECASE,
)
_OF_TIME: Final = re.compile(
    r"\s*of (?:the )?(?:times?|cases?|answers?|calls?|runs?)\b", re.IGNORECASE
)
_COMPARING: Final = re.compile(
    r"faster|slower|higher|lower|more|less|fewer|greater|better|worse|increase|decrease|improve\w*|"
    r"reduc\w+|drop\w*|gain|speed-?up|longer|shorter|larger|smaller|difference|ahead|behind|overhead",
    re.IGNORECASE,
)
_OCCURS: Final = re.compile(
    r"\s*(?:occurrences?|copies|times|instances?|duplicates?)\b", re.IGNORECASE
)
NOUN: Final = re.compile(
    r"\s*(?:(?:distinct|different|failed|successful|separate|unique|warm|cold|measured|"
    r"model|benchmark|test|parameter|total)\s+){0,3}(?P<noun>models?|runs?|calls?|configurations?|configs?|numbers?|"
    r"measurements?|samples?|folders?|director(?:y|ies)|headings?|prompts?|lines?|requests?|failures?|duplicates?|rows?|"
    r"records?|tests?|repetitions?|iterations?|file types|formats|subjects?)\b",
    re.IGNORECASE,
)
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
CONFIDENCE: Final = re.compile(
    r"\s*(?:-\s*)?(?:confidence|interval|ci\b|percentile)", re.IGNORECASE
)


def read_part(figure: Figure, total: re.Match[str], sentence: Sentence) -> Asked | None:
    """`28 of 101 files`, `(92/101)`, `1 out of 5 runs`."""
    text = sentence.passage.text
    whole = float(total["total"].replace(",", ""))
    files = _FILES_AFTER.match(text, total.end()) or _OF_FILES.search(text[: figure.start])
    if figure.unit and not _FILES_AFTER.match(text, figure.end):
        return None
    if not files or whole < figure.value:
        return None
    kinds = kinds_before(figure, sentence) or kinds_in(text[total.end() : total.end() + 40])
    wanted = FileSet(kinds=kinds, said=text, qualified=not kinds)
    return ask(figure, sentence, "count", partial(judge_of_total, figure, whole, wanted))


def kinds_before(figure: Figure, sentence: Sentence) -> frozenset[str]:
    """The kinds named since the last figure: in `JSON and Markdown files (92)` both."""
    ends = [f.end for f in sentence.figures if f.end <= figure.start]
    if ends and re.fullmatch(
        r"\s*(?:files?)?\s*[(,~≈]*\s*", sentence.passage.text[ends[-1] : figure.start]
    ):
        ends.pop()  # `JSON: 73 (72.7%)` says both of JSON
    last = ends[-1] if ends else 0
    found = [str(w.meaning) for w in sentence.kinds if last <= w.start and w.end <= figure.start]
    if not found and sentence.passage.shape == "cell":
        return kinds_in(sentence.passage.row) or kinds_in(sentence.passage.column)
    return frozenset(found)


def kinds_in(text: str) -> frozenset[str]:
    return frozenset(str(word.meaning) for word in find_kinds(text))


def read_share(figure: Figure, sentence: Sentence) -> Asked | None:
    text = sentence.passage.text
    around = text[figure.end : figure.end + 30]
    if (
        CONFIDENCE.match(around)
        or _OF_TIME.match(around)
        or _COMPARING.search(text[figure.end : figure.end + 24])
    ):
        return None
    kinds = kinds_before(figure, sentence)
    if not kinds and re.match(r"\s*(?:of|are|were|is)\b", around):
        kinds = kinds_in(text[figure.end : figure.end + 60])
    if not kinds or find_metrics(text[: figure.start]):
        return None
    return ask(figure, sentence, "share", partial(judge_share, figure, FileSet(kinds=kinds)))


def read_count(figure: Figure, sentence: Sentence) -> Asked | None:
    """A count of files, if that is what the number is."""
    passage = sentence.passage
    text = passage.text
    if _MORE.match(text, figure.end) or _REST.search(passage.row) or figure.step < 1:
        return None
    before = text[max(0, figure.start - _LONGEST_LABEL) : figure.start]
    last_path = [path for path in sentence.paths if path.end <= figure.start]
    parted = last_path and any(
        last_path[-1].end <= f.start < figure.start for f in sentence.figures
    )
    if last_path and not parted and _OCCURS.match(text, figure.end):
        judge = partial(judge_occurrences, figure, last_path[-1].text)
        return ask(figure, sentence, "count", judge, last_path[-1].text)
    wanted = _files_wanted(figure, sentence, before)
    if wanted is None:
        return None
    return ask(figure, sentence, "count", partial(judge_count, figure, wanted))


def _files_wanted(figure: Figure, sentence: Sentence, before: str) -> FileSet | None:
    passage = sentence.passage
    text = passage.text
    after = _FILES_AFTER.match(text, figure.end)
    label = _find_label(before)
    named = label["label"] if label else ""
    kinds = frozenset[str]()
    if not after and NOUN.match(text, figure.end):
        return None
    if after:
        kinds = kinds_in(after["kinds"])
        if len(after["kinds"].split()) > len(kinds) + 2:
            return None
        if not kinds and label:
            kinds = kinds_in(named)
        if not kinds and passage.shape == "cell":
            kinds = kinds_in(passage.row)
    elif label and not _NOT_FILES.search(named):
        kinds = kinds_in(named)
        if not kinds and not _OF_FILES.search(named + text[label.start() : figure.start]):
            return None
        if not kinds and _PER.search(named):
            return None
    elif passage.shape == "cell" and _COUNT_COLUMN.search(passage.column):
        kinds = kinds_in(passage.row)
        if not kinds and not _FILE.search(f"{passage.row} {passage.column}"):
            return None
        if _NOT_FILES.search(passage.row) or _NOT_FILES.search(passage.column):
            return None
    else:
        return None
    return _narrow(figure, sentence, kinds, after.end() if after else figure.end)


def _find_label(before: str) -> re.Match[str] | None:
    """`JSON files: ` just before a number."""
    ended = before.rstrip()
    if not ended.endswith(_LABEL_ENDS):
        return None  # most numbers have none, and the patterns look at every start
    return (_PAREN_LABEL.search(before) if ")" in ended else None) or _LABEL.search(before)


def _folders_before(figure: Figure, sentence: Sentence) -> list[Name]:
    """The folder that holds what is counted: "reports/a/ has 16 files", "in reports/a/: 16"."""
    ends = [f.end for f in sentence.figures if f.end <= figure.start]
    start = max(ends, default=0)
    found = find_folders(sentence.passage.text[start : figure.start])
    return found[-1:]


def _narrow(figure: Figure, sentence: Sentence, kinds: frozenset[str], end: int) -> FileSet:
    text = sentence.passage.text
    following = [f.start for f in sentence.figures if f.start >= end]
    clause = text[end : min([end + 90, *following])]
    clause = _CUTS.split(clause)[0]
    folders = [
        name.text
        for name in find_folders(clause)
        or find_folders(sentence.passage.row)
        or _folders_before(figure, sentence)
    ]
    related = _RELATED.search(clause)
    names = frozenset[str]()
    if related:
        names = frozenset(
            mention.text.lower()
            for mention in sentence.mentions
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
        said=f"{sentence.passage.row} {text}",
        qualified=qualified and not kinds and not unknown,
    )
