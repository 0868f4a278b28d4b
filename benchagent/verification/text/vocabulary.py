"""What words of a report name the metrics of this data: the shared ones and its own columns.

A column that no format knows is named by its words (`index_size_mb`: "index size"), by what its
abbreviations stand for (`wer`: "word error rate"), or by the one word that no other column has.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.quantities.names import find_named_unit
from benchagent.verification.kept import Kept
from benchagent.verification.text.letters import in_lower_case, join_by_beginning
from benchagent.verification.text.terms import Word, find_metrics

_SECOND: Final = r"\s?(?:/|per|a)\s?s(?:ec(?:ond)?)?\b"
# What the abbreviations of columns stand for, as people say it.
_SPELLED: Final = {
    "wer": r"word error rates?",
    "cer": r"character error rates?",
    "rtf": r"real[- ]time factors?",
    "fps": rf"frames?{_SECOND}|frame rates?",
    "qps": rf"quer(?:y|ies){_SECOND}|throughput",
    "rps": rf"requests?{_SECOND}|throughput",
    "tps": rf"transactions?{_SECOND}|throughput",
    "iops": r"i/o operations per second",
    "ops": rf"operations?{_SECOND}",
    "mem": r"memory|footprint|ram",
    "rss": r"memory|footprint|ram|resident set",
    "memory": r"footprint|ram",
    "acc": r"accurac(?:y|ies)|accurate",
    "accuracy": r"accurate",
    "temp": r"temperatures?|degrees|°\s?c\b",
    "err": r"errors?",
    "lat": r"latenc(?:y|ies)",
    "util": r"utili[sz]ation|usage",
    "images": r"imgs?",
    "img": r"images?",
    "requests": r"reqs?",
    "s": r"sec(?:ond)?s?",
    "sec": r"s|seconds?",
    "min": r"minutes?",
    "energy": r"joules?",
    "power": r"watts?",
    "compressed": r"compressed (?:size|file)s?",
    "decompress": r"decompression",
}
_NOT_ALONE: Final = frozenset(
    "at per of in s ms us ns w j c kb mb gb kib mib gib bytes percent pct ratio time size rate "
    "total count number value values score mean min max avg sec second first last best ops top "
    "token tokens input output file files model request prompt cpu gpu device speed "
    "and are as but by can do for from has have if is it its no non not of on or the to use used "
    "uses using via was were when with".split()
)
_SPLIT: Final = re.compile(r"[a-z]+|\d+")
_SHORTEST: Final = 3
# "retrieval took 41 ms" is of a `retrieve_ms`
_ENDINGS: Final = "(?:e|es|s|ed|ing|er|ers|al|ion|ions|ation|ly|ment)?"
_INFLECTED: Final = 6
# Of a long name (`device_attribute_can_map_host_memory`) no single word is what people call it.
_MOST_PARTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Finds the metrics that a text names.

    Attributes:
        pattern: of the data's own metrics, None where there are none.
        meanings: by group of the pattern.
    """

    pattern: re.Pattern[str] | None = None
    meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    _found: Kept[tuple[Word, ...]] = field(
        default_factory=Kept[tuple[Word, ...]], compare=False, repr=False
    )

    def find(self, text: str) -> tuple[Word, ...]:
        """The metrics named, in order; one that is shared and the data's own at once is both."""
        if self.pattern is None or not text:
            return find_metrics(text)
        return self._found.ask(text, lambda: tuple(self._find(text)))

    def has_own(self, word: str) -> bool:
        """Whether a word names a column of the data: their `ratio` is none of two numbers."""
        return self.pattern is not None and self.pattern.fullmatch(word.lower()) is not None

    def _find(self, text: str) -> list[Word]:
        shared = list(find_metrics(text))
        own = [
            Word(m.start(), m.end(), self.meanings[m.lastgroup or ""])
            for m in (self.pattern.finditer(in_lower_case(text)) if self.pattern else ())
        ]
        for word in own:
            both = [s for s in shared if s.start < word.end and word.start < s.end]
            if any(s.end - s.start > word.end - word.start for s in both):
                continue  # the "speed" of "speed-up"
            meaning = (*word.meaning, *(m for s in both for m in s.meaning))
            shared = [s for s in shared if s not in both]
            start = min([word.start, *(s.start for s in both)])
            shared.append(Word(start, max([word.end, *(s.end for s in both)]), meaning))
        return sorted(shared)


def build_vocabulary(metrics: Iterable[str]) -> Vocabulary:
    """What names these metrics; those that all formats share have their words already."""
    own = sorted({metric for metric in metrics if metric not in METRICS and ":" not in metric})
    often = Counter(part for metric in own for part in set(metric.split("_")))
    phrases: dict[str, list[str]] = {}
    for metric in own:
        for phrase in _phrases(metric, often):
            phrases.setdefault(phrase, []).append(metric)
    if not phrases:
        return Vocabulary()
    meanings: dict[str, tuple[str, ...]] = {}
    patterns: list[tuple[str, str]] = []
    for at, phrase in enumerate(sorted(phrases, key=len, reverse=True)):
        for first in sorted(_firsts(phrase)):
            name = f"o{at}_{ord(first)}"
            meanings[name] = tuple(phrases[phrase])
            patterns.append((first, f"(?P<{name}>{phrase})"))
    told = join_by_beginning(patterns)
    return Vocabulary(
        pattern=re.compile(rf"(?<![a-z0-9_])(?:{told})(?![a-z_]|\d)"), meanings=meanings
    )


def _firsts(phrase: str) -> set[str]:
    """With which characters what a phrase matches may begin; some more do no harm."""
    starts = phrase.removeprefix("(?:").split("|") if phrase.startswith("(?:") else [phrase]
    return {start.lstrip("\\")[0] for start in starts if start.lstrip("\\")}


def _phrases(metric: str, often: Mapping[str, int]) -> Iterator[str]:
    end = find_named_unit(metric)
    parts = (end.quantity if end and end.before else metric).split("_")
    yield re.escape(metric)  # as its column is written
    yield r"[\s_@/-]*".join(_spell(part) for part in parts)
    name, at, rank = metric.partition("@")
    if at:  # "recall" of `recall@10`
        yield rf"{_spell_name(name)}(?:@{re.escape(rank)})?"
    if len(parts) == 2:  # "correct answers" of `answer_correct`
        yield r"[\s_-]+".join(map(_spell, reversed(parts)))
    if "per" in parts:
        at = parts.index("per")
        yield rf"{_spell(parts[at - 1])}\s?(?:/|per|a|an)\s?{_spell(parts[-1])}"
    for part in parts if len(parts) <= _MOST_PARTS else ():
        is_telling = len(part) >= _SHORTEST and often[part] == 1 and part not in _NOT_ALONE
        if is_telling and not find_metrics(part):
            yield _spell(part)


def _spell_name(name: str) -> str:
    return r"[\s_-]*".join(map(_spell, name.split("_")))


def _spell(part: str) -> str:
    """One word of a name, also as what it is short for: `top1` is "top-1"."""
    own = r"[\s-]?".join(_SPLIT.findall(part)) or re.escape(part)
    plural = "s?" if part[-1].isalpha() and len(part) > 1 else ""
    if part.isalpha() and len(part) >= _INFLECTED:
        own, plural = part.removesuffix("e"), _ENDINGS
    spelled = _SPELLED.get(part)
    return rf"(?:{own}{plural}|{spelled})" if spelled else rf"{own}{plural}"
