"""Numbers of a sentence or cell as claims: counts and shares of files, sizes, spans, values."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.binding.binding import Binding, bind
from benchagent.verification.claims import Verdict
from benchagent.verification.judging.counts import judge_part
from benchagent.verification.judging.days import judge_span
from benchagent.verification.judging.differences import judge_difference, judge_quotient
from benchagent.verification.judging.files import FileSet, judge_size
from benchagent.verification.judging.ratios import judge_ratio
from benchagent.verification.judging.values import judge_value
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask, say
from benchagent.verification.reading.counted import read_number
from benchagent.verification.reading.counts import (
    CONFIDENCE,
    kinds_before,
    read_count,
    read_part,
    read_share,
)
from benchagent.verification.reading.differences import (
    is_bare_difference,
    is_difference,
    speed_metric,
    states_comparison,
)
from benchagent.verification.reading.failures import read_failed, read_failure_rate
from benchagent.verification.reading.multiples import judge_held_against
from benchagent.verification.reading.ranges import (
    is_labelled,
    is_share,
    range_end,
    read_range,
)
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.roles import is_advice, tells_of_itself
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_metrics, find_statistics
from benchagent.verification.text.units import PERCENT, TIMES

_TOTAL: Final = re.compile(
    r"\s*(?:/|\bof\b|\bout of\b|\bfrom\b)\s*(?:the\s+|all\s+)?(?P<total>\d[\d,]*)\b"
)
_SIZE: Final = re.compile(
    r"(?:file|data(?:set)?|corpus|folder|overall|combined|storage)\s+sizes?\b|\bfiles?\b|\btotal size",
    re.IGNORECASE,
)
_OTHER_SIZE: Final = re.compile(
    r"model|memory|vram|ram\b|context|batch|weights?|gpu", re.IGNORECASE
)
_SPAN: Final = re.compile(r"days?|weeks?|months?|years?|hours?|h")
# "Tokens per GB", "tok/s per W": one cell of the row over another
_QUOTIENT: Final = re.compile(
    r"(?:\bper|/)\s*(?:[KMG]i?B|W|watts?|joules?|layers?|\$|dollars?|euros?|parameters?|B params?)\b|\btok\w*\s+per\s+(?!s)",
    re.IGNORECASE,
)
_FACTOR: Final = re.compile(r"\bfactors?(?:\s+of)?\s*$", re.IGNORECASE)
# "60 tok/s avg, min 59 max 62": what stands between a number and the statistic of the next
_GOES_ON: Final = re.compile(r"[\s,;(/]*(?:avg|mean|average|and|with|on average)?[\s,;(/]*")
_BESIDE: Final = re.compile(r"[\s:=]{1,3}(?:(?:of|is|was|at)\s)?")


def read_figures(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """Every number of a passage that claims something."""
    figures = sentence.figures
    if not figures:
        return
    passage = sentence.passage
    itself = tells_of_itself(passage)
    skip = -1
    for written in figures:
        figure = _spell_out(written, sentence)
        if figure.start < skip or is_advice(passage, figure.start):
            continue
        if total := _find_total(figure, sentence):
            skip = total.end()
            asked = read_part(figure, total, sentence)
            if (asked or (asked := _read_part(figure, total, sentence, knowledge))) and not itself:
                yield asked
                continue
        if (other := range_end(figure, sentence)) and not itself:
            asked_range = list(read_range(figure, other, sentence, knowledge))
            if asked_range:
                skip = other.end
                yield from asked_range
                continue
        asked = _read_figure(figure, sentence, knowledge, itself)
        if asked:
            yield asked


def _read_part(
    figure: Figure, total: re.Match[str], sentence: Sentence, knowledge: Knowledge
) -> Asked | None:
    """`44 of 50 needles`: of things of which the data count as many."""
    if figure.unit or figure.step < 1 or is_advice(sentence.passage, figure.start):
        return None
    whole = float(total["total"].replace(",", ""))
    # what stands behind "44 of 50" stands behind both
    both = figure if sentence.passage.shape == "cell" else replace(figure, end=total.end())
    binding = bind(both, sentence, knowledge.corpus)
    verdict = judge_part(figure, whole, binding, knowledge) if whole >= figure.value else None
    if verdict is None:
        return None
    return ask(figure, sentence, "count", partial(say, verdict), binding.said_of)


def _find_total(figure: Figure, sentence: Sentence) -> re.Match[str] | None:
    """The whole that a number is said to be a part of; no quantity, as in "one of 51.3 ms"."""
    found = _TOTAL.match(sentence.passage.text, figure.end)
    start = found.start("total") if found else -1
    measured = any(f.start == start and (f.unit or f.step < 1) for f in sentence.figures)
    return None if measured else found


def _spell_out(figure: Figure, sentence: Sentence) -> Figure:
    """A bare number with the unit that it has from its place: "a factor of 3", "9 ms (p99 11)"."""
    text = sentence.passage.text
    if figure.unit:
        return figure
    if _FACTOR.search(text[max(0, figure.start - 12) : figure.start]):
        return replace(figure, unit="x")
    before = [f for f in sentence.figures if f.end <= figure.start]
    if not before or not before[-1].unit or before[-1].known_unit() is None or figure.worded:
        return figure
    between = [w for w in sentence.statistics if before[-1].end <= w.start < figure.start]
    if not between or before[-1].unit in PERCENT:
        return figure
    word = between[-1]
    joined = _GOES_ON.fullmatch(text, before[-1].end, word.start)
    beside = _BESIDE.fullmatch(text, word.end, figure.start)
    return replace(figure, unit=before[-1].unit) if joined and beside else figure


def _read_figure(
    figure: Figure, sentence: Sentence, knowledge: Knowledge, itself: bool
) -> Asked | None:
    text = sentence.passage.text
    if _SPAN.fullmatch(figure.unit):
        return ask(figure, sentence, "span", partial(judge_span, figure, text))
    if figure.unit in PERCENT and (share := read_share(figure, sentence)):
        return share
    if figure.unit in ("", "x", "b") and (asked := read_count(figure, sentence)):
        return asked
    if itself:
        return None
    binding = bind(figure, sentence, knowledge.corpus)
    reads = read_failure_rate if figure.unit in PERCENT else read_failed
    if failed := reads(figure, sentence, binding):
        return failed
    if _QUOTIENT.search(sentence.passage.column):
        judge = partial(judge_quotient, figure, sentence)
        return ask(figure, sentence, "comparison", judge, binding.said_of)
    if _is_size(figure, sentence):
        statistics = find_statistics(text[: figure.start] + " " + sentence.passage.row)
        statistic = str(statistics[-1].meaning) if statistics else "total"
        wanted = FileSet(kinds=kinds_before(figure, sentence))
        judge = partial(_judge_size, figure, wanted, statistic, binding)
        return ask(figure, sentence, "size", judge)
    return _read_value(figure, sentence, binding, knowledge)


def _judge_size(
    figure: Figure, wanted: FileSet, statistic: str, binding: Binding, knowledge: Knowledge
) -> Verdict:
    """A size of files, or one that the data tell of: "the file has 7.7 GB" may be of a model."""
    verdict = judge_size(figure, wanted, statistic, knowledge)
    told = judge_value(figure, binding, knowledge) if verdict.ruling != "supported" else verdict
    return told if told.ruling == "supported" else verdict


def _is_size(figure: Figure, sentence: Sentence) -> bool:
    unit = figure.known_unit()
    passage = sentence.passage
    around = f"{passage.row} {passage.column} {passage.text[: figure.start]}"
    if unit is None or unit.canonical != "bytes":
        return False
    if find_metrics(passage.text) or sentence.mentions or sentence.paths or sentence.levels:
        return False
    return bool(_SIZE.search(around)) and not _OTHER_SIZE.search(around)


def _read_value(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> Asked | None:
    text = sentence.passage.text
    if figure.unit in PERCENT and CONFIDENCE.match(text, figure.end):
        return None
    judge = partial(judge_value, figure, binding)
    if not figure.unit or figure.known_unit() is None:
        if counted := read_number(figure, sentence, binding):
            return counted
        if not is_labelled(figure, sentence, binding, knowledge):
            return None
        if is_bare_difference(figure, sentence):
            judge = partial(judge_difference, figure, sentence, binding)
            return ask(figure, sentence, "comparison", judge, binding.said_of)
        return ask(figure, sentence, "metric", judge, binding.said_of)
    percent = figure.unit in PERCENT and not is_share(figure, figure.end, sentence, binding)
    if percent or figure.unit in TIMES:
        if not states_comparison(figure, sentence, binding):
            return None
        binding = speed_metric(figure, sentence, binding)
        undirected = partial(judge_ratio, figure, sentence, binding)
        judge = judge_held_against(figure, sentence, undirected)
        return ask(figure, sentence, "comparison", judge, binding.said_of)
    if is_difference(figure, sentence):
        judge = partial(judge_difference, figure, sentence, binding)
        return ask(figure, sentence, "comparison", judge, binding.said_of)
    return ask(figure, sentence, "metric", judge, binding.said_of)
