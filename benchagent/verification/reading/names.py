"""Files, folders, models and dates that a passage names, as claims."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.verification.claims import Claim, Kind, Verdict, supported, unsupported
from benchagent.verification.judging.days import (
    judge_day,
    judge_latest,
    judge_latest_kind,
    judge_own_date,
)
from benchagent.verification.judging.places import judge_folder, judge_path
from benchagent.verification.question import Asked, Judge, Knowledge
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.names import Day, Name, find_days, find_folders
from benchagent.verification.text.roles import is_advice, tells_of_itself
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_kinds

_ABSENT_AFTER: Final = re.compile(
    r"^[^.;]{0,12}\b(?:is|are|was|were)?\s*(?:missing|absent|not (?:found|present|there)|does not exist|do not exist|"
    r"doesn't exist|empty)\b",
    re.IGNORECASE,
)
_ABSENT_BEFORE: Final = re.compile(
    r"\b(?:missing|absent|no|without|lacks?|there is no|no such)\s+"
    # "gave no number: `a.json`" tells of a file that is there
    r"(?:(?!in\b|of\b|from\b|for\b|(?:number|value|result|measurement)s?\W*$)\w+\s+){0,2}\W*$",
    re.IGNORECASE,
)
_ABSENT_WORDS: Final = frozenset("missing absent not exist empty no without lack lacks".split())
_MARKS_BEFORE: Final = re.compile(r"\W+$")
_NEW: Final = re.compile(
    r"\b(?:prefix(?:es)?|creat\w+|rename\w*|call(?:ed)? it|name it|like|such as a new|save[ds]? (?:as|to)|writ\w+ to|output to)\b[^.]{0,20}$",
    re.IGNORECASE,
)
_OWN_DATE: Final = re.compile(
    r"^\W*(?:(?:report |analysis |publication |creation )?dated?|generated(?: on| at)?|report generated|written|as of|"
    r"prepared on|published)\b[^:\n]{0,20}(?::|\bon\b)?\W*$",
    re.IGNORECASE,
)
_LATEST: Final = re.compile(
    r"\b(?:latest|last|most recent(?:ly)?|newest)\b[^.;]{0,50}\b(?:modif\w*|updat\w*|chang\w*|files?|timestamp|edit\w*|date)\b"
    r"|\b(?:modif\w*|updat\w*|chang\w*)\b[^.;]{0,30}\b(?:latest|last|most recent(?:ly)?|in|on)\b"
    r"|\b(?:latest|last|most recent)\s*(?:update|modification|change)",
    re.IGNORECASE,
)
_LATEST_WORDS: Final = frozenset(("latest", "recent", "newest", "last"))
_LATEST_KIND: Final = re.compile(
    r"\b(?:latest|most recent|newest|last)\s+(?:file\s+)?(?:modifications?|changes|updates)[^.;]{0,40}?\b(?:on|in|to|of|are|is)\b"
    r"(?P<kinds>[^.;,]{1,40}\bfiles?)",
    re.IGNORECASE,
)
_SAME_DATE: Final = re.compile(
    r"\b(?:this|it)\b(?:\s+\w+){0,2}\s+(?:reflects?|is|matches|equals|corresponds to)\s+(?:also\s+)?the (?:same )?date of "
    r"(?:this|the) (?:analysis|report)\b",
    re.IGNORECASE,
)


def read_names(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """Every file, folder and date that a passage claims something of."""
    text = sentence.passage.text
    if sentence.paths:
        yield from _read_paths(sentence, knowledge)
    if "/" in text:
        yield from _read_folders(sentence, knowledge)
    yield from _read_stems(sentence, knowledge)
    if find_days(text) or not words_in(text).isdisjoint(_LATEST_WORDS):
        yield from _read_days(sentence, knowledge)
    if ":" in text and sentence.unknown:
        yield from _read_tags(sentence, knowledge)


def _claim(sentence: Sentence, kind: Kind, start: int, end: int, value: str, judge: Judge) -> Asked:
    passage = sentence.passage
    claim = Claim(
        start=passage.start + start,
        end=passage.start + end,
        kind=kind,
        value=value,
        subject=value if kind == "path" else None,
        context=sentence.context,
    )
    return Asked(claim, judge)


def _is_program_elsewhere(name: str, knowledge: Knowledge) -> bool:
    """A script of another folder was run on the data or made them; it is no artifact."""
    roots = knowledge.corpus.file_index.roots
    return name.endswith((".py", ".sh", ".sql")) and name.partition("/")[0] not in roots


def _read_paths(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    text = sentence.passage.text
    for path in sentence.paths:
        if is_advice(sentence.passage, path.start) or _NEW.search(text[: path.start]):
            continue
        known = path.text.rpartition("/")[2].lower() in knowledge.corpus.by_name
        if not known and _is_program_elsewhere(path.text, knowledge):
            continue
        judge = partial(judge_path, path.text, _is_absent(text, path))
        yield _claim(sentence, "path", path.start, path.end, path.text, judge)


def _is_absent(text: str, name: Name) -> bool:
    if words_in(text).isdisjoint(_ABSENT_WORDS):
        return False
    before = _MARKS_BEFORE.sub(" ", text[max(0, name.start - 30) : name.start])
    after = text[name.end : name.end + 40]
    return bool(_ABSENT_AFTER.match(after) or _ABSENT_BEFORE.search(before))


def _read_folders(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """Folders with a slash at their end, where the data has such a root or the text says of files."""
    passage = sentence.passage
    folders = find_folders(passage.text)
    if not folders:
        return
    roots = knowledge.corpus.file_index.roots.union(knowledge.corpus.missing_roots)
    for name in folders:
        plain = name.text.strip("/")
        inside = any(path.start <= name.start < path.end for path in sentence.paths)
        if inside or is_advice(passage, name.start) or tells_of_itself(passage):
            continue
        known = plain.partition("/")[0] in roots
        of_files = re.search(r"(?i)\b(?:folder|director(?:y|ies)|files?|root)\b", passage.text)
        if known or (of_files and "`" in passage.raw):
            absent = _is_absent(passage.text, name)
            judge = partial(judge_folder, name.text, absent)
            yield _claim(sentence, "path", name.start, name.end, name.text, judge)


_STEM: Final = re.compile(r"[`\"'“‘](?P<stem>[A-Za-z][\w.:-]*[_-][\w.-]*\w)(?![\w/])(?=[`\"'”’,;])")


def _read_stems(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """File names without their suffix, in quotes: a claim where a file is called so."""
    passage = sentence.passage
    joined = "_" in passage.raw or "-" in passage.raw
    for match in _STEM.finditer(passage.raw) if joined else ():
        stem, start = match["stem"], match.start("stem")
        if stem.lower() not in knowledge.corpus.stems:
            continue
        if any(p.start <= start < p.end for p in sentence.paths) or is_advice(passage, start):
            continue
        yield _claim(sentence, "path", start, match.end(), stem, partial(_say_stem, stem))


def _say_stem(stem: str, knowledge: Knowledge) -> Verdict:
    found = knowledge.corpus.file_index.by_stem.get(stem.lower(), ())
    return supported(f"there is {', '.join(found[:3])}")


def _read_tags(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """Models in Ollama's spelling that the data do not know."""
    passage = sentence.passage
    for tag in sentence.unknown:
        family = tag.text.partition(":")[0].lower()
        families = {subject.partition(":")[0] for subject in knowledge.corpus.subjects}
        if (
            family in families
            and not is_advice(passage, tag.start)
            and not tells_of_itself(passage)
        ):
            yield _claim(
                sentence, "path", tag.start, tag.end, tag.text, partial(_say_unknown, tag.text)
            )


def _say_unknown(name: str, knowledge: Knowledge) -> Verdict:
    lower = name.lower()
    if lower in knowledge.corpus.subjects:
        return supported(f"{name} was measured")
    base, _, tag = lower.partition(":")
    holding = knowledge.corpus.words.get(base, frozenset()) & knowledge.corpus.words.get(
        tag, frozenset()
    )
    if holding:
        return supported(f"named in {min(holding)}")
    return unsupported(f"the data know nothing of {name!r}")


def _read_days(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    passage = sentence.passage
    text = passage.text
    for day in find_days(text):
        if any(path.start <= day.start < path.end for path in sentence.paths):
            continue
        if asked := _read_day(day, sentence, knowledge):
            yield asked
        if (same := _SAME_DATE.search(text, day.end)) and judge_own_date(day, knowledge):
            judge = partial(_own_date, day)
            yield _claim(sentence, "date", same.start(), same.end(), day.iso(), judge)
    if match := _LATEST_KIND.search(text):
        kinds = frozenset(str(word.meaning) for word in find_kinds(match["kinds"]))
        if kinds and not is_advice(passage, match.start()) and not find_days(text):
            judge = partial(judge_latest_kind, kinds)
            yield _claim(sentence, "date", match.start(), match.end(), ", ".join(kinds), judge)


def _own_date(day: Day, knowledge: Knowledge) -> Verdict:
    return judge_own_date(day, knowledge) or unsupported("when the report was written is not known")


def _read_day(day: Day, sentence: Sentence, knowledge: Knowledge) -> Asked | None:
    passage = sentence.passage
    text = passage.text
    if is_advice(passage, day.start):
        return None
    before = f"{passage.row}: {text[: day.start]}" if passage.row else text[: day.start]
    kinds = _kinds_of(sentence, day)
    if _LATEST.search(before) or (_LATEST.search(text) and not _OWN_DATE.search(before)):
        judge = partial(judge_latest, day, kinds)
    elif _OWN_DATE.search(before):
        if judge_own_date(day, knowledge) is None:
            return None
        judge = partial(_own_date, day)
    elif tells_of_itself(passage):
        return None
    else:
        judge = partial(judge_day, day)
    return _claim(sentence, "date", day.start, day.end, day.iso(), judge)


def _kinds_of(sentence: Sentence, day: Day) -> frozenset[str]:
    """The kinds that a latest modification is said of."""
    passage = sentence.passage
    own = [str(kind.meaning) for kind in sentence.kinds if kind.end <= day.start]
    if own:
        return frozenset(own)
    for text in (passage.row, *passage.above):
        if found := find_kinds(text):
            return frozenset(str(word.meaning) for word in found)
    return frozenset()
