"""Numbers of failed runs, and the shares of runs that failed."""

import re
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.judging.failures import (
    judge_failed,
    judge_failure_rate,
    judge_succeeded,
)
from benchagent.verification.question import Asked
from benchagent.verification.reading.asking import ask
from benchagent.verification.reading.ranges import counts_rows
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.names import find_folders, find_paths
from benchagent.verification.text.sentence import Sentence

_RUNS: Final = r"(?:calls?|runs?|requests?|attempts?)"
_STEMS: Final = ("fail", "succe", "error", "crashed", "timed")
_OF: Final = (
    r"(?:(?:out\s+)?of\s+(?:the\s+|all\s+|its\s+|these\s+|those\s+|them\s+)?(?:\d[\d,]*\s+)?)"
)
_FAILED: Final = r"(?:fail(?:ed|ures?)|errored|crashed|timed\s+out)\b(?!\s+rates?\b)"
# "11 failed", "3 of 120 calls failed", "2 failed calls", "2 of the 3 failures"
_AFTER: Final = re.compile(
    rf"[\s)]*{_OF}?(?:{_RUNS}\s+(?:of\s+\S+\s+)?)?(?:have\s+|had\s+|were\s+)?{_FAILED}",
    re.IGNORECASE,
)
# "117 of 120 calls were successful"
_SUCCEEDED: Final = re.compile(
    rf"[\s)]*{_OF}?(?:{_RUNS}\s+)?(?:have\s+|had\s+|were\s+)?(?:succeeded|successful)\b",
    re.IGNORECASE,
)
_SO_OFTEN: Final = re.compile(r"\bfail(?:s|ed)\W*$", re.IGNORECASE)
_LABEL: Final = re.compile(
    rf"(?:^|[\s(])(?:failed\s+{_RUNS}|failures)\s*[:=]\s*$|\bfail(?:s|ed)\s*[:=]\s*$", re.IGNORECASE
)
_TITLE: Final = re.compile(
    rf"\W*(?:number of\s+|#\s*)?(?:failed(?:\s+{_RUNS})?|failures)\W*", re.IGNORECASE
)
_WORD: Final = re.compile(r"\w")
_RATE_BEFORE: Final = re.compile(
    r"\b(?:failure|error)\s+rates?\b(?:[^.;%]|\.(?=\w)){0,80}$|\bfailed\s*,?\s*(?:\(|i\.e\.,?|that is,?|or)\W*$",
    re.IGNORECASE,
)
_RATE_AFTER: Final = re.compile(
    rf"\s*(?:(?:failure|error)\s+rates?\b|{_OF}(?:{_RUNS}\s+)?(?:have\s+|had\s+)?{_FAILED})",
    re.IGNORECASE,
)


def _may_tell(sentence: Sentence) -> bool:
    """Whether a word of failure or success stands there at all, which tells cheaply."""
    passage = sentence.passage
    told = sentence.lower
    if passage.shape == "cell":
        told = f"{told} {passage.row} {passage.column}".lower()
    return any(stem in told for stem in _STEMS)


def _with_paths_before(binding: Binding, sentence: Sentence) -> Binding:
    """Of which files it is told, if only the sentence before says it."""
    if binding.paths or binding.subjects:
        return binding
    before = sentence.passage.before
    named = [*find_paths(before), *find_folders(before)][:1]
    return replace(binding, paths=tuple(name.text for name in named))


def read_failed(figure: Figure, sentence: Sentence, binding: Binding) -> Asked | None:
    """A count of failed runs, if that is what the number is."""
    passage = sentence.passage
    if not _may_tell(sentence):
        return None
    binding = _with_paths_before(binding, sentence)
    often = figure.unit == "times" and _SO_OFTEN.search(passage.text[: figure.start])
    if (figure.unit and not often) or figure.step < 1:
        return None
    if _SUCCEEDED.match(passage.text, figure.end):
        judge = partial(judge_succeeded, figure, binding)
        return ask(figure, sentence, "count", judge, binding.said_of)
    own = _AFTER.match(passage.text, figure.end) or _LABEL.search(passage.text[: figure.start])
    # a cell that lists which runs failed may end with a number of those that it leaves out
    begins = not _WORD.search(passage.text[: figure.start])
    titled = passage.shape == "cell" and begins and not counts_rows(passage)
    titles = (passage.row, passage.column) if titled else ()
    if not own and not often and not any(_TITLE.fullmatch(title) for title in titles):
        return None
    return ask(figure, sentence, "count", partial(judge_failed, figure, binding), binding.said_of)


def read_failure_rate(figure: Figure, sentence: Sentence, binding: Binding) -> Asked | None:
    """A share of failed runs, if that is what the percentage is."""
    text = sentence.passage.text
    if not _may_tell(sentence):
        return None
    told = _RATE_BEFORE.search(text[: figure.start]) or _RATE_AFTER.match(text, figure.end)
    if not told or any(w.start < told.end() and told.start() < w.end for w in sentence.metrics):
        return None  # "word error rate" is a quantity of its own
    binding = _with_paths_before(binding, sentence)
    judge = partial(judge_failure_rate, figure, binding)
    return ask(figure, sentence, "share", judge, binding.said_of)
