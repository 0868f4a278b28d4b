"""What words claim of the whole: what dominates, what is there, what goes together."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from dataclasses import dataclass
from typing import Final, Literal

from benchagent.quantities.metrics import METRICS, metric_label
from benchagent.verification.claims import INVENTORY, Verdict, contradicted, supported, unsupported
from benchagent.verification.question import Knowledge
from benchagent.verification.text.terms import NAMES_OF_KINDS, find_metrics

_LITTLE, _HALF = 0.12, 0.5
_SHORT: Final = {
    "TTFT": "time to first token",
    "TPOT": "time per output token",
    "ITL": "inter-token latency",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is said to make up most, or much, of the data.

    Attributes:
        strength: `most` for a majority, `first` for the largest, `much` for a part worth naming.
        names: as written.
        kinds: where kinds of file are meant.
        first, last: the span of the names in the passage.
        scope: a word of the paths that are spoken of.
    """

    strength: Literal["most", "first", "much"] | str
    names: tuple[str, ...]
    kinds: frozenset[str] = frozenset()
    first: int
    last: int
    scope: str = ""

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """From the word of quantity to the last name, whichever comes first."""
        return min(match.start(), self.first), max(match.end(), self.last)


def judge_topic(topic: Topic, knowledge: Knowledge) -> Verdict:
    """Whether kinds or names make up as much of the data as is said."""
    return _judge_kinds(topic, knowledge) if topic.kinds else _judge_names(topic, knowledge)


def _judge_kinds(topic: Topic, knowledge: Knowledge) -> Verdict:
    held = knowledge.corpus.kind_counts
    counts = dict(knowledge.known.listing.counts) or {
        kind: held.get(kind, 0) for kind in NAMES_OF_KINDS if kind != "other"
    }
    ranked = sorted(counts, key=lambda kind: -counts[kind])
    told = ", ".join(f"{NAMES_OF_KINDS.get(kind, kind)} {counts[kind]}" for kind in ranked)
    leading = set(ranked[: len(topic.kinds)])
    whole = sum(counts.values()) or 1
    share = sum(counts.get(kind, 0) for kind in topic.kinds) / whole
    if leading == topic.kinds or (topic.strength == "much" and share > _LITTLE):
        return supported(f"files by kind: {told}", INVENTORY)
    if len(topic.kinds) > 1 and ranked[0] in topic.kinds and share > _HALF:
        return supported(f"files by kind: {told}", INVENTORY)
    return contradicted(f"files by kind: {told}", INVENTORY)


def _judge_names(topic: Topic, knowledge: Knowledge) -> Verdict:
    corpus = knowledge.corpus
    scope = corpus.files.keys()
    if topic.scope:
        scope = {path for path in scope if f"/{topic.scope}" in f"/{path.lower()}"} or scope
    named = [name.strip("`'\"‘’“”, ").lower() for name in topic.names]
    in_fields = [corpus.fields[name] for name in named if name in corpus.fields]
    plain = [re.sub(r"[\s_-]", "", name) for name in named]
    by_path = {path for word in plain for path in corpus.find_paths_naming(word) if path in scope}
    by_word = {
        path for name in plain for path in corpus.words.get(name, frozenset[str]()) if path in scope
    }
    measured = any(
        subject.partition(":")[0] in plain or subject in plain for subject in corpus.subjects
    )
    shares = {"the paths name it": len(by_path) / len(scope)}
    if not measured:
        shares["the files mention it"] = len(by_word) / len(scope)
    if in_fields and not by_path:
        typed = [path for path in scope if corpus.files[path].kind in ("csv", "json")]
        having = frozenset[str]().union(*in_fields) & set(typed)
        shares = {"the data files have that field": len(having) / (len(typed) or 1)}
    rows = sum(corpus.rows_of_subject.values()) or 1
    own = sum(
        count
        for subject, count in corpus.rows_of_subject.items()
        if subject.partition(":")[0] in plain or subject in plain
    )
    by_rows = own / rows if own and not topic.scope else 0.0
    share = max([*shares.values(), by_rows])
    told = ", ".join(f"{part:.0%} of {what}" for what, part in shares.items())
    return _rule(topic, share, own, told, knowledge)


def _rule(topic: Topic, share: float, own: int, told: str, knowledge: Knowledge) -> Verdict:
    if topic.strength == "much":
        if share > _LITTLE:
            return supported(told, INVENTORY)
        return contradicted(f"only {told}", INVENTORY)
    if share > _HALF:
        return supported(told, INVENTORY)
    if topic.strength == "first" and own and own == _largest_family(knowledge):
        return supported(f"{told}; most measurements are of it", INVENTORY)
    return contradicted(f"only {told}", INVENTORY)


def _largest_family(knowledge: Knowledge) -> int:
    families: dict[str, int] = {}
    for subject, count in knowledge.corpus.rows_of_subject.items():
        family = subject.partition(":")[0]
        families[family] = families.get(family, 0) + count
    return max(families.values(), default=0)


def judge_presence(
    metrics: tuple[str, ...],
    general: bool,
    subjects: frozenset[str],
    kinds: frozenset[str],
    knowledge: Knowledge,
) -> Verdict:
    """Whether metrics are absent, as the text says."""
    corpus = knowledge.corpus
    held = set(corpus.metrics)
    if subjects:
        held = {m for s in subjects for m in corpus.metrics_of_subject.get(s, frozenset[str]())}
    if kinds:
        held &= {
            metric
            for path, measured in corpus.metrics_of_path.items()
            if path in corpus.files and corpus.files[path].kind in kinds
            for metric in measured
        }
    found = sorted(held & set(metrics)) or (sorted(held & METRICS.keys()) if general else [])
    if found:
        return contradicted(f"the data hold {', '.join(map(metric_label, found[:4]))}")
    return supported("the data hold none of it")


def judge_correlation(first: str, second: str, knowledge: Knowledge) -> Verdict:
    """Whether two things go together: never computed, but names that no file has both of do not."""
    words = [find_metrics(text) for text in (first, second)]
    if not all(words):
        files = [_files_naming(text, knowledge) for text in (first, second)]
        if all(files) and not files[0] & files[1]:
            return contradicted("no file is about both")
    return unsupported("no correlation of the two was computed")


def _files_naming(text: str, knowledge: Knowledge) -> frozenset[str]:
    found = frozenset[str]()
    for word in re.findall(r"[a-z][\w.]{3,}", text.lower()):
        if word not in (
            "model",
            "models",
            "benchmark",
            "benchmarks",
            "data",
            "files",
            "performance",
        ):
            found |= knowledge.corpus.path_words.get(word, frozenset[str]())
    return found


def judge_definition(words: str, short: str) -> Verdict | None:
    """Whether the long form is that of a known short one; None for one that is not known."""
    meant = _SHORT.get(short.upper())
    if meant is None:
        return None
    said = re.sub(r"[^a-z]+", " ", words.lower())
    plain = re.sub(r"[^a-z]+", " ", meant)
    if plain.strip() in said or said.strip() in plain:
        return supported(f"{short} is {meant}")
    if said.split()[0][0] != plain.split()[0][0]:
        return None
    return contradicted(f"{short} is {meant}")


def judge_influence(
    subjects: frozenset[str], metrics: tuple[str, ...], knowledge: Knowledge
) -> Verdict:
    """Whether a subject can drive a metric: it has to have been measured for it."""
    held = {
        metric
        for subject in subjects
        for metric in knowledge.corpus.metrics_of_subject.get(subject, frozenset[str]())
    }
    if not held & set(metrics):
        told = ", ".join(metric_label(metric) for metric in sorted(held)[:4]) or "nothing"
        return contradicted(f"it has no such metric; of it was measured: {told}")
    return unsupported("nothing in the data tests what drives it")
