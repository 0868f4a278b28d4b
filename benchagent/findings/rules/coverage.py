"""Rules about what is there: the inventory, what is missing from it, what could not be read."""

from collections.abc import Iterator

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import name_sources, out_of, value
from benchagent.wording import join_names, quoted


def find_inventory(book: FactBook) -> Iterator[Draft]:
    """What the folder holds, in one sentence."""
    files, read = book.count("corpus", "files"), book.count("corpus", "files-with-measurements")
    numbers, runs = book.count("corpus", "measured-numbers"), book.count("corpus", "runs")
    latest = [fact for fact in book.about("corpus") if fact.kind == "time"]
    if not (files and read and numbers and runs and files.value):
        return
    kinds = book.counts("corpus", "files-of-kind")
    split = ", ".join(f"{quoted(fact.of or '')}: {value(fact)}" for fact in kinds)
    until = f"; the latest modification was {value(latest[0])}" if latest else ""
    if not runs.value:
        yield _draft_no_runs(files, split, until)
        return
    counted = f"each run counted once, {value(runs)} gave {value(numbers)}"
    yield Draft(
        severity="context",
        headline="What the folder holds",
        sentences=(
            (
                f"The snapshot held {value(files)} ({split}), of which {value(read)} gave numbers; "
                f"{counted}{until}."
            ),
            (
                f"Counted once each, {value(runs)} gave {value(numbers)}, from {value(read)} of the {value(files)} in the "
                f"snapshot ({split}){until}."
            ),
            f"Numbers came from {value(read)} out of {value(files)} ({split}); {counted}{until}.",
        ),
        next_step=NextStep(text="List every file with what it gave: `benchagent inventory`"),
    )


def _draft_no_runs(files: Fact, split: str, until: str) -> Draft:
    return Draft(
        severity="context",
        headline="What the folder holds",
        sentences=(
            f"The snapshot held {value(files)} ({split}) and no run told in numbers{until}.",
            f"No run was measured in what the snapshot held: {value(files)} ({split}){until}.",
        ),
        next_step=NextStep(text="See why each file gave nothing: `benchagent inventory`"),
    )


def find_missing_roots(book: FactBook) -> Iterator[Draft]:
    """An artifact root that should be there and is not."""
    for fact in book.counts("corpus", "files-in-missing-root"):
        root = quoted(fact.of or "")
        yield Draft(
            severity="warning",
            headline=f"The root {root} was missing",
            sentences=(
                f"The root {root} was missing from the snapshot ({value(fact)} found in it).",
                f"Nothing here rests on the root {root}: it was missing, with {value(fact)} found.",
            ),
            next_step=NextStep(text=f"Add {root}, or leave it out on purpose by naming the roots"),
        )


def find_unknown_formats(book: FactBook) -> Iterator[Draft]:
    """Files that nothing here can read yet."""
    fact, files = book.count("corpus", "unknown-formats"), book.count("corpus", "files")
    if fact and fact.value and files:
        named = name_sources(fact)
        yield Draft(
            severity="warning",
            headline="Files of no known format",
            sentences=(
                f"{out_of(fact, files)} had no known format and gave no number: {named}.",
                (
                    f"No number in {named} is used here: {value(fact)} out of {value(files)} had "
                    "no known format."
                ),
            ),
            next_step=NextStep(
                text="Say what their columns hold: `benchagent columns show FILE` prints them"
            ),
        )


def find_unreadable_files(book: FactBook) -> Iterator[Draft]:
    """Files that are damaged."""
    fact = book.count("corpus", "unreadable-files")
    if fact and fact.value:
        named = _with_reasons(book, fact)
        yield Draft(
            severity="warning",
            headline="Unreadable files",
            sentences=(
                f"{value(fact)} could not be read: {named}.",
                f"Not usable as evidence: {named}; {value(fact)} could not be read.",
            ),
            next_step=NextStep(text="Have the tools that made such files write them again"),
        )


def _with_reasons(book: FactBook, fact: Fact) -> str:
    reasons = {
        path: reason.of
        for reason in book.counts("corpus", "files-by-reason")
        for path in reason.sources
    }
    return join_names(
        [
            quoted(path) + (f" ({quoted(reasons[path] or '')})" if path in reasons else "")
            for path in fact.sources
        ]
    )


def find_misnamed_files(book: FactBook) -> Iterator[Draft]:
    """Files whose content is of another kind than their name says."""
    fact = book.count("corpus", "misnamed-files")
    if fact and fact.value:
        named = name_sources(fact)
        yield Draft(
            severity="warning",
            headline="Files that are not what their name says",
            sentences=(
                f"{value(fact)} held something else than the name says: {named}.",
                (
                    f"The name of {named} promises what is not in it; {value(fact)} held something "
                    "else than the name says."
                ),
            ),
            next_step=NextStep(text="Rename them, or write them again"),
        )


def find_colliding_names(book: FactBook) -> Iterator[Draft]:
    """Names that a file system without case would take for one."""
    fact = book.count("corpus", "colliding-names")
    if fact and fact.value:
        named = name_sources(fact)
        yield Draft(
            severity="warning",
            headline="Names that differ only in case or composition",
            sentences=(
                (
                    f"The names of {value(fact)} differed only in case or in how characters are "
                    f"composed: {named}."
                ),
                (
                    f"On some file systems {value(fact)} would overwrite each other, their names "
                    f"differing only in case or in how characters are composed: {named}."
                ),
            ),
            next_step=NextStep(text="Rename them before the folder is copied elsewhere"),
        )
