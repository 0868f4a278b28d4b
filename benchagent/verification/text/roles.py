"""Which parts of a report claim something about the data, and which advise, opine or tell of itself.

A report's settings, its own run, its prompt, its wishes and its courtesies are no claims.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from typing import Final, NamedTuple

from benchagent.verification.kept import remember
from benchagent.verification.text.letters import in_lower_case, words_in
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.terms import find_metrics

_ADVICE_SECTION: Final = re.compile(
    r"recommend|next steps?|further (?:investigation|work|steps)|future|action (?:items|plan)|"
    r"suggest|roadmap|mitigation|proposal|limitations? of this|disclaimer",
    re.IGNORECASE,
)
_OTHER_SECTION: Final = re.compile(
    r"\bprompts?$|^persona|system prompt|instructions?$|table of contents|\btoc\b|references?$|"
    r"glossary|how to read",
    re.IGNORECASE,
)
_SELF_SECTION: Final = re.compile(
    r"workflow|execution (?:summary|details|info)|run (?:summary|metadata|info|details)|\bcalls of\b|"
    r"own calls?|(?:agent|model)'?s? (?:own )?(?:calls|call metrics)|generation (?:details|metadata)|"
    r"about this report|report (?:metadata|generation)|how this report"
)
_SELF_LABEL: Final = re.compile(
    r"^\W*(?:execution|run|generation|processing|ingest\w*|analysis|report\w*|total run)[- ]?"
    r"(?:times?|durations?)?\s*:|^\W*durations? of (?:ingest|facts|findings|analysis|report)|^\W*(?:model|models? used|configuration|config|settings?|options?|"
    r"agent(?: type| name)?|version|prepared (?:by|for)|author|host|snapshot|persona|report id|"
    r"run id|temperature|seed|page|contact|status|title|client)\b(?P<label>[^:\n]{0,24}):(?!\w)"
)
_MODAL: Final = re.compile(
    r"\b(?:should|could|would|must|ought to|shall|needs? to|recommend(?:ed|s|ing)?|consider(?:ing)?|"
    r"targets?|targeting|goals?|aim(?:s|ing)?(?: for| to)?|thresholds?|budgets?|requires?|required|"
    r"requirements?|ideal(?:ly)?|plan(?:s|ned)? to|let(?:'|’)?s|please|would you|do you|let me|if|"
    r"suppose|imagine|hypothetical(?:ly)?|for instance, (?:if|a)|try|ensure|aspire|slo|sla)\b"
)
# A word of each of these phrases.
_MODAL_WORDS: Final = frozenset(
    "should could would must ought shall need needs recommend recommended recommends recommending "
    "consider considering target targets targeting goal goals aim aims aiming threshold thresholds "
    "budget budgets requires require required requirement requirements ideal ideally plan plans "
    "planned let please do if suppose imagine hypothetical hypothetically for try ensure aspire slo "
    "sla".split()
)
# "a difference below 5% should not be read as real"
_NORM: Final = re.compile(r"[^.;:,]{0,40}\b(?:should|must|ought to|shall)\b")
_NORM_WORDS: Final = frozenset(("should", "must", "ought", "shall"))
_VERBS: Final = (
    "add adjust adopt aim analyse analyze apply assess audit automate avoid benchmark build "
    "capture check choose collect compare conduct configure consider consolidate continue create "
    "define deploy develop document employ enable ensure establish evaluate examine expand "
    "experiment explore extend extract focus gather identify implement improve include "
    "incorporate increase instrument integrate introduce investigate keep leverage limit log "
    "maintain measure monitor optimise optimize perform prefer prioritise prioritize profile "
    "provide pursue quantify rerun re-run record reduce refine remove rename repeat replace "
    "report retain review run schedule select set shift standardise standardize start store "
    "streamline switch test track treat try tune update use utilise utilize validate verify warm"
).split()
# What stands for each of them among the runs of letters of a text.
_BIDS: Final = frozenset(verb.removeprefix("re-") for verb in _VERBS)
_IMPERATIVE: Final = re.compile(
    r"^\W*(?:[\w /&'’()-]{2,60}:\s*)?(?:please\s+|also\s+|then\s+|first,?\s+|next,?\s+)?"
    rf"(?:{'|'.join(_VERBS)})\b"
    r"(?!\s*(?:time|duration|rate|size|count|latency|tokens?|files?)s?\b|[^.]{0,40}:)"
)
_STATES: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|shows?|showed|reveals?|contains?|consists?|compris\w+|"
    r"analy[sz]es|examines|represents?|reach\w*|deliver\w*|achiev\w+|suggests?|indicat\w+|took|"
    r"runs|ran|measured|recorded|ranges?|averag\w+|dominate\w*|exceed\w*|outperform\w*)\b"
)
_FILE: Final = re.compile(r"\bfiles?\b", re.IGNORECASE)
_OWN_TIMINGS: Final = (
    "total duration",
    "load duration",
    "eval duration",
    "prompt eval",
    "tokens generated",
)


def is_silent(passage: Passage) -> bool:
    """Whether a passage makes no claim at all: a heading, a prompt, a setting, a courtesy."""
    if passage.shape == "heading" or (passage.headings and _is_other(passage.headings[0])):
        return True
    if "[ ]" in passage.raw and passage.raw.lstrip().startswith("[ ]"):
        return True  # a thing yet to do
    if passage.shape == "cell" and _SELF_LABEL.match(f"{passage.row}:".lower()):
        return bool(passage.row)
    text = passage.text.lower()
    if ":" not in text and "uration" not in text:
        return False  # all that the pattern below takes has one or the other
    label = _SELF_LABEL.match(text)
    if label is None or _FILE.search(text):
        return False
    return not (label["label"] and find_metrics(label["label"]))  # "Model load time: 2.1 s"


@remember(4096)
def _is_other(title: str) -> bool:
    return bool(_OTHER_SECTION.search(title))


def tells_of_itself(passage: Passage) -> bool:
    """Whether a passage stands where a report tells of its own making."""
    return any(map(_is_own, passage.headings[:2]))


@remember(4096)
def _is_own(title: str) -> bool:
    return _SELF_SECTION.search(title.lower()) is not None


def is_advice(passage: Passage, at: int) -> bool:
    """Whether what stands at an offset of the passage is advised or wished for, not stated."""
    text = passage.text
    mood = _read_mood(text)
    if mood.advises or mood.wishes_from <= at or (mood.has_norms and _NORM.match(text, at)):
        return True
    if passage.shape == "cell" and _is_advising(passage.column):
        return True
    if passage.shape != "sentence":
        return False
    advising = any(map(_is_advising, (*passage.headings[:1], *passage.above)))
    return advising and not _STATES.search(text.lower())


@remember(4096)
def _is_advising(title: str) -> bool:
    return bool(_ADVICE_SECTION.search(title))


class _Mood(NamedTuple):
    """Whether a text bids or asks; where its first wish ends; and if it may say what ought to be."""

    advises: bool
    wishes_from: int
    has_norms: bool


@remember(4096)
def _read_mood(text: str) -> _Mood:
    words = words_in(text)
    wish = None if words.isdisjoint(_MODAL_WORDS) else _MODAL.search(in_lower_case(text))
    bids = not words.isdisjoint(_BIDS) and _IMPERATIVE.match(text.lower()) is not None
    advises = bids or ("?" in text and text.rstrip().endswith("?"))
    wishes_from = wish.end() if wish else len(text) + 1
    return _Mood(advises, wishes_from, not words.isdisjoint(_NORM_WORDS))


def find_own_timings(passages: list[Passage]) -> set[tuple[str, ...]]:
    """The headings under which a report lists the timings of the call that wrote it."""
    labels: dict[tuple[str, ...], set[str]] = {}
    for passage in passages:
        start = passage.text[:60].strip().lower()
        if start.startswith(_OWN_TIMINGS):
            own = next(label for label in _OWN_TIMINGS if start.startswith(label))
            labels.setdefault(passage.headings, set()).add(own)
    return {headings for headings, found in labels.items() if len(found) >= 3}
