"""The model that a path names: a family that models are named after, then a size or variant.

`gemma3_1b-it-qat_baseline.csv` is about `gemma3:1b-it-qat`, `Llama-3.2-3B-Instruct-Q4_K_M.csv` about
`llama3.2:3b-instruct` in the quantisation `q4_k_m`, and `results_final_2.csv` about nobody knows what.
"""

import re
from collections.abc import Iterable, Set
from typing import Final, NamedTuple

from benchagent.measurements.held_files import SubjectFrom, take_apart
from benchagent.measurements.model_names import FAMILIES, FAMILY, STORED

# `deepseek-coder-6.7b`, `aya-expanse-8b`: a family and which of it, before the size.
_KIND: Final = (
    r"(?:-(?:coder|code|deep|math|chat|expanse|moe|vl|r1|distill-(?:qwen|llama)[0-9.]*|"
    r"v[0-9](?:\.[0-9])?)){0,3}"
)
_VERSION: Final = r"(?:-([0-9]+(?:\.[0-9]+)?n?))?"
_SIZE: Final = r"(?:e?[0-9]+(?:\.[0-9]+)?[bm]|[0-9]+x[0-9]+b)(?![a-z0-9])"
_WORDS: Final = r"(?:-[a-z0-9]+(?:\.[0-9]+)?)*"
_SIZED: Final = re.compile(
    rf"(?<![a-z0-9.])({FAMILY.pattern}{_KIND}){_VERSION}[_:-]({_SIZE})(?=({_WORDS}))"
)
# `mistral7b`; of other digits some may be a version (`llama38b`, `qwen27b`).
_GLUED: Final = re.compile(
    rf"(?<![a-z0-9.])({FAMILIES})()((?:[1-9]|1[0-9]|[67][0-9])b)(?![a-z0-9])(?=({_WORDS}))"
)
# What helped another model; and that several stand side by side.
_AIDS: Final = re.compile(r"judge|draft|teacher|reference")
_BESIDE: Final = re.compile(r"(?<![a-z])vs(?![a-z])")
# What runs models and is none.
_ENGINE: Final = re.compile(r"llama[._-]?cpp|ollama|llamafile")
# What follows a model's name and is no part of it: what was done, when, and which repetition.
_NO_VARIANT: Final = re.compile(
    r"-(?:(?:runs?|rep|trial|bench|benchmark|results?|sweep|tests?|logs?|out|output|raw|data|stats|metrics|"
    r"perf|speed|latency|throughput|ngl|ctx|threads|bs|batch)(?:[-_]?[0-9]+[km]?)?|[0-9]{1,3}|"
    r"20[0-9]{6}[t0-9]*|20[0-9]{2}-[01][0-9]-[0-3][0-9])(?=-|$).*"
)
# `phi-3.5-mini`, `mistral-nemo`: sizes in words, which mean other things beside further words.
_WORDED: Final = re.compile(
    rf"({FAMILY.pattern}){_VERSION}-(mini|nano|nemo|small|medium|large)((?:-(?:instruct|it|chat|base|"
    r"reasoning|[0-9]+k))*)"
)
_LONGEST_NAME: Final = 120

# As llama.cpp and others name what a model's weights are stored in.
_QUANTIZATION: Final = re.compile(
    r"(?<![a-z0-9])(?:(?:ud-)?(?:i?q[0-9](?:_[01](?:_[48]_[48])?|[-_]?k(?:[-_]?(?:xl|xs|[sml]))?|"
    r"[-_](?:xxs|xs|nl|[sm]))?|tq[12]_0)|mxfp4|nvfp4|w[48]a(?:8|16)|"
    rf"{STORED})(?![a-z0-9])"
)
# `kv-q8_0`, `ctk=q4_0`: of the cache, and not of the weights.
_OF_CACHE: Final = re.compile(r"(?<![a-z0-9])(?:kv|ctk|ctv|cache(?:[-_]?type)?)[-_=]?[kv]?[-_=]?$")
_K_QUANT: Final = re.compile(r"(q[0-9])[-_]?k(?:[-_]?(xl|xs|[sml]))?")


class PathSubject(NamedTuple):
    """A model that a path names.

    Attributes:
        model: `llama3.2:3b-instruct`.
        quantization: `q4_k_m`, if the path tells one.
        told_by: what names the model.
    """

    model: str
    quantization: str | None
    told_by: SubjectFrom


class _Part(NamedTuple):
    """The name of a folder or file in lower case: less its quantisations, and these."""

    name: str
    quantizations: frozenset[str]


def find_subject_in_path(path: str, known: Set[str] = frozenset()) -> PathSubject | None:
    """The model that a path names, or None unless that is certain.

    A folder's name needs a size to count, in figures or in words: `llama3/` may hold any model of the
    family.

    Args:
        path: relative POSIX path of the file.
        known: subjects that files of the snapshot name themselves; a name without a size is
            taken for the one of them that Ollama means by it (`gemma3` for `gemma3:latest`).
    """
    folders, stem, _ = take_apart(path)
    parts = [_take_quantizations(name.lower()) for name in (stem, *reversed(folders))]
    for number, part in enumerate(parts):
        if model := _find_model(part.name):
            quantization = _only_one(part, parts[:number] + parts[number + 1 :])
            return PathSubject(model, quantization, "folder" if number else "file-name")
        if not number and (family := _find_family(part)):
            latest = f"{family}:latest"
            return PathSubject(latest if latest in known else family, None, "file-name")
    return None


def _only_one(part: _Part, others: Iterable[_Part]) -> str | None:
    """The quantisation that stands with a model, or else in the rest of its path."""
    told = part.quantizations or frozenset[str]().union(*(other.quantizations for other in others))
    return next(iter(told)) if len(told) == 1 else None


def _take_quantizations(name: str) -> _Part:
    if len(name) > _LONGEST_NAME:
        return _Part(name, frozenset())
    found = [m for m in _QUANTIZATION.finditer(name) if not _OF_CACHE.search(name[: m.start()])]
    rest = name
    for match in reversed(found):
        rest = rest[: match.start()].rstrip("-_. ") + rest[match.end() :]
    return _Part(rest, frozenset(_write_quantization(match[0]) for match in found))


def _write_quantization(text: str) -> str:
    """`q4_k_m` of `Q4-K-M` and `q4km`."""
    plain = text.removeprefix("ud-")
    if match := _K_QUANT.fullmatch(plain):
        return "_".join(filter(None, (match[1], "k", match[2])))
    return plain.replace("-", "_")


def _find_model(name: str) -> str | None:
    match = _find_sized(name) or _WORDED.fullmatch(name)
    if match is None:
        return None
    family, version, size, words = match.groups()
    return f"{family}{version or ''}:{size}{_NO_VARIANT.sub('', words)}"


def _find_sized(name: str) -> re.Match[str] | None:
    """The model that a name begins with, or the only one in its middle, if it is the one measured.

    `sweep_yi-6b_batch` is of one. What another model's name is joined to is a model of its own
    (`openhermes-2.5-mistral-7b`).
    """
    if len(name) > _LONGEST_NAME or _BESIDE.search(name):
        return None
    found = sorted((*_SIZED.finditer(name), *_GLUED.finditer(name)), key=re.Match[str].start)
    aided = _AIDS.search(name)
    if not found or (len(found) > 1 and not aided):
        return None
    if found[0].start() == 0:
        return found[0]
    before = name[: found[0].start()].rpartition("_")[2]
    return None if aided or FAMILY.search(_ENGINE.sub("", before)) else found[0]


def _find_family(part: _Part) -> str | None:
    """The family that a name begins with, unless what follows says that it is one of many."""
    family, _, rest = part.name.partition("_")
    # `llama3_q5_...` names a quantisation and leaves out the model that was quantised
    return family if rest and FAMILY.fullmatch(family) and not part.quantizations else None
