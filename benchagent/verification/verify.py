"""A report's claims, each judged against the data; no model, no clock, no network."""

from collections.abc import Iterator

from benchagent.verification.claims import Judged, supported
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import DatumIndex
from benchagent.verification.evidence.named_values import Known, datums_of_values
from benchagent.verification.kept import make_room
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.figures import read_figures
from benchagent.verification.reading.names import read_names
from benchagent.verification.reading.samples import read_sample, split_code
from benchagent.verification.reading.words import read_words
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.passages import read_passages
from benchagent.verification.text.roles import find_own_timings, is_silent, tells_of_itself
from benchagent.verification.text.sentence import Sentence


def know(corpus: Corpus, known: Known | None = None) -> Knowledge:
    """All that counts as evidence for one report."""
    known = known or Known()
    values = DatumIndex.of(datums_of_values(known, corpus.index))
    return Knowledge(corpus=corpus, known=known, values=values)


def verify_report(text: str, knowledge: Knowledge) -> list[Judged]:
    """Every claim of a report with its verdict, in the order of the text.

    Args:
        text: the report, decoded without newline translation; offsets are into it.
        knowledge: the data, and what the report's writer knew beside them.
    """
    make_room(len(text))
    judged = [
        Judged(claim=asked.claim, verdict=asked.judge(knowledge))
        for asked in _read(text, knowledge)
    ]
    judged.sort(key=lambda found: (found.claim.start, -found.claim.end))
    return list(_settle_repeats(judged, text))


def _settle_repeats(judged: list[Judged], text: str) -> Iterator[Judged]:
    """A summary says again what was said: a derived number borne out above is the same number."""
    known: dict[tuple[object, str | None], Judged] = {}
    for found in judged:
        claim = found.claim
        precise = isinstance(claim.value, float) and claim.value != int(claim.value)
        key = (claim.value, claim.unit)
        if claim.kind != "comparison" or not precise:
            yield found
        elif found.verdict.ruling == "unsupported" and _says_again(found, known.get(key)):
            yield _repeat(found, known[key], text)
        else:
            if found.verdict.ruling == "supported":
                known.setdefault(key, found)
            yield found


def _says_again(found: Judged, first: Judged | None) -> bool:
    return first is not None and found.claim.subject in (None, first.claim.subject)


def _repeat(found: Judged, first: Judged, text: str) -> Judged:
    line = text.count("\n", 0, first.claim.start) + 1
    told = f"as in line {line}: {first.verdict.reason}"
    return Judged(claim=found.claim, verdict=supported(told, *first.verdict.evidence))


def _read(text: str, knowledge: Knowledge) -> Iterator[Asked]:
    passages = list(read_passages(text))
    own = find_own_timings(passages)
    for passage in passages:
        if is_silent(passage) or passage.headings in own:
            continue
        if passage.shape == "code":
            yield from _read_code(passage, knowledge)
        else:
            yield from _read_passage(passage, knowledge)


def _read_code(passage: Passage, knowledge: Knowledge) -> Iterator[Asked]:
    sample = read_sample(passage)
    if sample is not None:
        yield from sample
        return
    for line in split_code(passage):
        yield from _read_passage(line, knowledge)


def _read_passage(passage: Passage, knowledge: Knowledge) -> Iterator[Asked]:
    corpus = knowledge.corpus
    sentence = Sentence(passage, corpus.finder, corpus.levels, corpus.vocabulary)
    yield from read_names(sentence, knowledge)
    yield from read_figures(sentence, knowledge)
    if not tells_of_itself(passage):
        yield from read_words(sentence, knowledge)
