"""Files and folders that are said to exist, or to occur so often."""

from benchagent.verification.claims import (
    INVENTORY,
    Source,
    Verdict,
    contradicted,
    supported,
    unsupported,
)
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure


def judge_path(name: str, absent: bool, knowledge: Knowledge) -> Verdict:
    """A file said to exist, or (`absent`) said not to."""
    corpus, known = knowledge.corpus, knowledge.known
    found = corpus.find_files(name)
    listed = [p for p in known.listing.paths if p == name or p.endswith("/" + name)]
    exists = bool(found or listed)
    path = found[0] if found else listed[0] if listed else name
    if absent:
        if exists:
            return contradicted(f"there is {path}", Source(path=path))
        return supported("there is no such file", INVENTORY)
    if exists:
        return supported(f"there is {path}", Source(path=path))
    return contradicted(_nearest_name(name, corpus), INVENTORY)


def _nearest_name(name: str, corpus: Corpus) -> str:
    stem = name.rpartition("/")[2].rpartition(".")[0].lower()
    alike = corpus.file_index.by_stem.get(stem, ()) if stem else ()
    return (
        f"there is no such file; there is {', '.join(alike[:3])}"
        if alike
        else ("there is no such file")
    )


def judge_folder(name: str, absent: bool, knowledge: Knowledge) -> Verdict:
    """A folder said to exist, or (`absent`) said not to."""
    corpus = knowledge.corpus
    plain = name.strip("/")
    inside = [path for path in corpus.files if f"/{plain}/" in f"/{path}"]
    if bool(inside) != absent:
        return supported(f"{len(inside)} files in {plain}/", INVENTORY)
    return contradicted(f"{len(inside)} files in {plain}/", INVENTORY)


def judge_occurrences(figure: Figure, name: str, knowledge: Knowledge) -> Verdict:
    """How often a file occurs in the data."""
    corpus = knowledge.corpus
    found = corpus.find_files(name)
    if not found:
        return unsupported(f"there is no file {name!r}")
    same = [path for path, file in corpus.files.items() if file.duplicate_of == found[0]]
    if figure.value in (len(found), len(found) + len(same)):
        return supported(f"{name} occurs {_times(int(figure.value))}", Source(path=found[0]))
    told = f"{name} occurs {_times(len(found))}"
    if same:
        told += f", and its content {_times(len(found) + len(same))}"
    return contradicted(told, Source(path=found[0]))


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
