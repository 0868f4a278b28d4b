"""What a report says of the files: how many, of which kind, where, how large, and that they exist."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from benchagent.verification.claims import (
    INVENTORY,
    Source,
    Verdict,
    contradicted,
    supported,
    unsupported,
)
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import words_of
from benchagent.verification.evidence.listed_files import ListedFile
from benchagent.verification.evidence.named_values import Known
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.terms import NAMES_OF_KINDS
from benchagent.verification.text.units import spell_unit

# A number so many times the size of the files is that of something else.
_FAR: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """Which files a count or a share is of.

    Attributes:
        kinds: kinds of file, all together.
        folders: the folders that they lie in.
        copies: files that repeat another one.
        names: words that their paths or contents hold.
        said: the words around, to find a fact that counts just these.
        qualified: the text narrows the files in a way that is not understood.
    """

    kinds: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    copies: bool = False
    names: frozenset[str] = frozenset()
    said: str = ""
    qualified: bool = False

    def describe(self) -> str:
        """For a reason: `JSON files`, `files in reports/`."""
        kinds = " and ".join(NAMES_OF_KINDS[kind] for kind in sorted(self.kinds))
        text = f"{kinds} files".strip()
        if self.names:
            text += f" that name {', '.join(sorted(self.names))}"
        if self.copies:
            text += " that repeat another"
        return f"{text} in {' and '.join(self.folders)}" if self.folders else text


def count_files(wanted: FileSet, corpus: Corpus, known: Known) -> dict[int, str]:
    """The true counts of a set of files, each with where it comes from; empty if nobody knows."""
    if wanted.names or wanted.folders or wanted.copies:
        number = sum(_belongs(file, wanted) for file in corpus.files.values())
    else:
        number = sum(
            n for kind, n in corpus.kind_counts.items() if kind in wanted.kinds or not wanted.kinds
        )
    counts: dict[int, str] = {number: "the files of the data"}
    if wanted.names:
        for held in (corpus.words, corpus.path_words):
            files = frozenset[str]().union(
                *(held.get(name, frozenset[str]()) for name in wanted.names)
            )
            kept = {path for path in files if path in corpus.files}
            counts[len([p for p in kept if _belongs(corpus.files[p], wanted, named=False)])] = (
                "files whose path or content names it"
            )
        # "101 files related to X" may be all files, loosely spoken of
        loose = replace(wanted, names=frozenset())
        return counts | {
            n: f"{loose.describe()} in all: {w}"
            for n, w in count_files(loose, corpus, known).items()
            if n not in counts
        }
    if wanted.copies:
        originals = {file.duplicate_of for file in corpus.files.values() if file.duplicate_of}
        counts[number + len(originals)] = "with those that they repeat"
        counts[len(originals)] = "contents that occur more than once"
    if wanted.folders or wanted.copies:
        return counts
    if not wanted.kinds:
        typed = sum(n for kind, n in corpus.kind_counts.items() if kind != "other")
        counts[typed] = "the CSV, JSON and Markdown files of the data"
        if known.listing.total is not None:
            counts[known.listing.total] = "the listing"
    elif known.listing.counts and wanted.kinds <= set(known.listing.counts):
        counts[sum(known.listing.counts[kind] for kind in wanted.kinds)] = "the listing"
    for name, value in known.values.items():
        if "files" in words_of(name) and not wanted.kinds and value == int(value):
            counts[int(value)] = name
    return counts


def _belongs(file: ListedFile, wanted: FileSet, *, named: bool = True) -> bool:
    if wanted.kinds and file.kind not in wanted.kinds:
        return False
    if wanted.copies and not file.duplicate_of:
        return False
    if wanted.folders and not any(
        f"/{folder.strip('/')}/" in f"/{file.path}" for folder in wanted.folders
    ):
        return False
    return not (named and wanted.names) or any(name in file.path.lower() for name in wanted.names)


def judge_count(figure: Figure, wanted: FileSet, knowledge: Knowledge) -> Verdict:
    """A number of files."""
    corpus, known = knowledge.corpus, knowledge.known
    counts = count_files(wanted, corpus, known)
    for number, where in counts.items():
        if _shows(figure, number):
            told = where if " in all: " in where else f"{wanted.describe()}: {where}"
            return supported(f"{number} {told}", INVENTORY)
    for fact in corpus.counted:
        if fact.unit != "files" or not _shows(figure, fact.value):
            continue
        content = words_of(fact.label) - {"files", "the", "of", "in", "with", "snapshot"}
        if content & words_of(wanted.said):
            return supported(f"{fact.label}: {fact.value:g}", Source(fact=fact.id))
    told = " or ".join(f"{number} ({where})" for number, where in counts.items())
    if wanted.qualified:
        return unsupported(f"nothing counts just these files; {wanted.describe()}: {told}")
    return contradicted(f"{wanted.describe()}: {told}", INVENTORY)


def _shows(figure: Figure, number: float) -> bool:
    slack = max(figure.step / 2, abs(number) * 0.05) if figure.hedged else 1e-9
    if figure.bound == "low":
        return number >= figure.value
    if figure.bound == "high":
        return number <= figure.value
    return abs(figure.value - number) <= slack


def judge_share(figure: Figure, wanted: FileSet, knowledge: Knowledge) -> Verdict:
    """A percentage of the files, or of their bytes."""
    corpus, known = knowledge.corpus, knowledge.known
    totals = sorted(count_files(FileSet(), corpus, known), key=_listed_first(known.listing.total))
    listed = sum(known.listing.counts.get(kind, 0) for kind in wanted.kinds)
    parts = sorted(count_files(wanted, corpus, known), key=_listed_first(listed or None))
    shares = {
        100 * part / total: f"{part} of {total} files"
        for total in totals
        for part in parts
        if total
    }
    whole = sum(file.size for file in corpus.files.values())
    size = sum(file.size for file in corpus.files.values() if _belongs(file, wanted))
    if whole:
        shares[100 * size / whole] = f"{size} of {whole} bytes"
    slack = max(figure.step / 2, 1.0 if figure.hedged else 0.0) + 1e-9
    for share, where in shares.items():
        if abs(share - figure.value) <= slack:
            return supported(f"{share:.1f}%: {where}", INVENTORY)
    share, where = next(iter(shares.items()))
    return contradicted(f"{wanted.describe()} are {share:.1f}%: {where}", INVENTORY)


def _listed_first(listed: int | None) -> Callable[[int], bool]:
    """What the writer was shown comes first in a reason."""
    return lambda number: number != listed


def judge_size(figure: Figure, wanted: FileSet, statistic: str, knowledge: Knowledge) -> Verdict:
    """A total, average or extreme size of files."""
    corpus, known = knowledge.corpus, knowledge.known
    sizes = sorted(file.size for file in corpus.files.values() if _belongs(file, wanted))
    typed = sorted(
        file.size
        for file in corpus.files.values()
        if _belongs(file, wanted) and file.kind != "other"
    )
    unit = spell_unit(figure.unit)
    worths = [unit.worth] if unit else [1.0]
    if unit and unit.exponent:
        worths.append(2.0 ** (unit.exponent / 3 * 10))
    truths = [truth for chosen in (sizes, typed) if chosen for truth in _sizes(chosen, statistic)]
    for name, value in known.values.items():
        named = words_of(name)
        if "size" in named and ("bytes" in named or "size" in named):
            truths.append(value)
            counts = [*count_files(FileSet(), corpus, known)] if statistic == "mean" else []
            truths += [value / count for count in counts if count and "total" in named]
    for truth in truths:
        for worth in worths:
            slack = figure.step * worth * (1.0 if figure.hedged else 0.501) + 1e-9 * abs(truth)
            slack = max(slack, 0.02 * truth) if figure.hedged and statistic != "mean" else slack
            if abs(truth - figure.value * worth) <= slack:
                return supported(
                    f"the {statistic or 'total'} size is {truth:,.0f} bytes", INVENTORY
                )
    if not truths:
        return unsupported("there are no such files")
    if not wanted.kinds and max(truths) < figure.value * worths[0] / _FAR:
        return unsupported(f"it is no size of these files, which have {truths[0]:,.0f} bytes")
    return contradicted(f"the {statistic or 'total'} size is {truths[0]:,.0f} bytes", INVENTORY)


def _sizes(sizes: list[int], statistic: str) -> Iterable[float]:
    if statistic in ("mean", "median"):
        yield sum(sizes) / len(sizes)
        yield sizes[len(sizes) // 2]
    elif statistic in ("max", "top"):
        yield sizes[-1]
    elif statistic in ("min", "bottom"):
        yield sizes[0]
    else:
        yield sum(sizes)
