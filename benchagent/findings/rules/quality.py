"""Rules about what must not be counted, or not be believed: copies, wrong sums."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from benchagent.facts.derivations.write_ups.misplaced import MISPLACED
from benchagent.facts.derivations.write_ups.statements import UNCHECKED
from benchagent.facts.fact import About, Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook, differ_to_a_reader
from benchagent.findings.rules.phrases import name_sources, value
from benchagent.formats.own.markdown_lists import LABEL
from benchagent.wording import join_names, name_quantity, name_subject, quoted, quoted_settings

_STATED: Final[tuple[tuple[About, str, str], ...]] = (
    ("summary", "summary", "summaries"),
    ("claim", "write-up", "write-ups"),
)


def find_duplicates(book: FactBook) -> Iterator[Draft]:
    """Files that repeat others byte for byte."""
    copies = book.count("corpus", "duplicate-files")
    files = book.count("corpus", "files")
    if not (copies and copies.value and files):
        return
    named = name_sources(copies)
    yield Draft(
        severity="warning",
        headline="Exact duplicates",
        sentences=(
            (
                f"Out of {value(files)}, {value(copies)} repeated another one byte for byte, and each "
                f"content is counted once; the copies: {named}."
            ),
            (
                f"Each content is counted once: out of {value(files)}, {value(copies)} repeated "
                f"another one byte for byte, namely {named}."
            ),
        ),
        next_step=NextStep(text="Keep one copy of each, and refer to it from the other places"),
    )


def find_near_copies(book: FactBook) -> Iterator[Draft]:
    """Files that repeat another one's numbers with fewer digits."""
    copies, of = book.count("corpus", "near-copies"), book.count("corpus", "nearly-copied")
    if copies and of and copies.value:
        rounded, whole = name_sources(copies), name_sources(of)
        yield Draft(
            severity="warning",
            headline="Near duplicates that differ only in rounding",
            sentences=(
                (
                    f"{value(copies)} ({rounded}) repeated the numbers of {value(of)} ({whole}) with "
                    "fewer digits; each run is counted once, with all its digits."
                ),
                (
                    f"No two files alike, and yet the same numbers: {value(copies)} ({rounded}) "
                    f"rounded those of {value(of)} ({whole}); each run is counted once."
                ),
            ),
            next_step=NextStep(text="Keep the file with all digits, and make the other from it"),
        )


def find_averaged_files(book: FactBook) -> Iterator[Draft]:
    """Files that look like runs and hold the means or medians of another one's."""
    averages, of = book.count("corpus", "averaged"), book.count("corpus", "averaged-of")
    if averages and of:
        sums, runs = name_sources(averages), name_sources(of)
        yield Draft(
            severity="warning",
            headline="Averages that look like runs",
            sentences=(
                (
                    f"{value(averages)} ({sums}) held the means or medians of the runs in "
                    f"{value(of)} ({runs}); only the runs are counted."
                ),
                (
                    f"What looks like runs in {value(averages)} ({sums}) is computed from those in "
                    f"{value(of)} ({runs}); only the latter are counted."
                ),
            ),
            next_step=NextStep(text="Say in the columns' names that they hold means"),
        )


def find_repeated_runs(book: FactBook) -> Iterator[Draft]:
    """Files to which some of their own runs were appended again."""
    found = book.counts("corpus", "repeated-runs")
    if not found:
        return
    named = join_names([f"{value(fact)} of {quoted(fact.of or '')}" for fact in found])
    yield Draft(
        severity="warning",
        headline="Runs that stand in their file more than once",
        sentences=(
            (
                f"Digit for digit and in the same order, {named} repeated earlier ones of the same "
                "file; each run is counted once."
            ),
            (
                f"Each run is counted once, though {named} repeated earlier ones of the same file, "
                "digit for digit and in the same order."
            ),
        ),
        next_step=NextStep(text="Remove the later copies, and mend the script that appended them"),
    )


def find_retold_runs(book: FactBook) -> Iterator[Draft]:
    """Runs that two files tell of in different forms."""
    runs, files = book.count("corpus", "retold-runs"), book.count("corpus", "retelling-files")
    if not (runs and files and runs.value):
        return
    named = name_sources(files)
    yield Draft(
        severity="warning",
        headline="Runs told twice",
        sentences=(
            (
                f"{value(runs)} stood in a second file with the same figures, in {value(files)} "
                f"({named}); each is counted once."
            ),
            (
                f"Pooling all files would count {value(runs)} twice: the same figures stood again in "
                f"{value(files)} ({named}); each is counted once."
            ),
        ),
        next_step=NextStep(text="Keep one record of each run, and make other forms from it"),
    )


def find_wrong_statements(book: FactBook) -> Iterator[Draft]:
    """Summaries and write-ups whose numbers are not what the raw rows give."""
    for about, kind, _ in _STATED:
        right = {fact.of: fact for fact in reversed(book.counts(about, "agreeing"))}
        unchecked = {fact.of: fact for fact in book.counts(about, UNCHECKED)}
        ratios: dict[str | None, list[Fact]] = defaultdict(list)
        for fact in book.about(about):
            if fact.kind == "ratio" and differ_to_a_reader(*book.parts(fact)):
                ratios[book.parts(fact)[0].of].append(fact)
        for wrong in book.counts(about, "disagreeing"):
            if wrong.value and wrong.of in right and wrong.of in ratios:
                worst = max(ratios[wrong.of], key=lambda fact: abs(_log(fact.value)))
                rest = unchecked.get(wrong.of)
                yield _draft_wrong(kind, wrong, right[wrong.of], rest, *book.parts(worst))


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else math.inf


def _draft_wrong(
    kind: str, wrong: Fact, right: Fact, unchecked: Fact | None, stated: Fact, raw: Fact
) -> Draft:
    agreed = value(right) + (f" ({value(unchecked)} could not be checked)" if unchecked else "")
    source, origin = quoted(wrong.of or ""), quoted(raw.of or "")
    rows, gives = "the raw rows", f"{origin} gives{_end_of(stated, raw)}"
    step = f"Correct {source}, or compute it from {origin} again"
    if wrong.of == raw.of:
        rows, gives = "its own raw rows", "its own raw rows give"
        step = f"Compute what {source} sums up from its own rows again"
    quantity = f"{name_quantity(stated.metric or '', stated.statistic or 'value')} of "
    quantity += name_subject(stated.subject)
    if stated.config not in (None, "{}"):
        quantity += f" with {quoted_settings(stated.config or '{}')}"
    return Draft(
        severity="problem",
        headline=f"The {kind} {source} disagrees with the raw data",
        sentences=(
            (
                f"The {kind} {source} disagreed with {rows} in {value(wrong)} and agreed in "
                f"{agreed}; furthest off, it stated {value(stated)} for the {quantity}, where "
                f"{gives} {value(raw)}."
            ),
            (
                f"For the {quantity}, {source} stated {value(stated)} where {gives} {value(raw)}; "
                f"this {kind} was off in {value(wrong)} and agreed in {agreed}."
            ),
        ),
        next_step=NextStep(text=step),
    )


def _end_of(stated: Fact, raw: Fact) -> str:
    """Which end of the raw numbers stands beside one that no statistic of them bears out."""
    if stated.statistic in ("min", "max"):
        return ""
    return {"minimum": " at least", "maximum": " at most"}.get(raw.method or "", "")


def find_misplaced_numbers(book: FactBook) -> Iterator[Draft]:
    """Digests whose numbers stand under the name of another column."""
    found = book.counts("claim", MISPLACED)
    if not found:
        return
    stated, source = book.parts(found[0])
    named = join_names([f"{value(fact)} of {quoted(fact.of or '')}" for fact in found])
    said = name_quantity(stated.metric or "", stated.statistic or "value")
    is_one = name_quantity(source.metric or "", source.statistic or "value")
    row = quoted(str(json.loads(stated.config or "{}").get(LABEL, "")))
    example = f"{quoted(stated.of or '')} has {value(stated)} as {said} of {row}, the digits that "
    example += f"{quoted(source.of or '')} has as {is_one}: {value(source)}"
    yield Draft(
        severity="problem",
        headline="Digests with numbers in the wrong columns",
        sentences=(
            f"{named} stand under the name of another column; {example}.",
            f"Columns were mixed up when digests were made: {example}; {named} stand so.",
        ),
        next_step=NextStep(text="Leave these digests out, and mend the script that makes them"),
    )


def find_right_statements(book: FactBook) -> Iterator[Draft]:
    """Summaries and write-ups of which every number that could be traced holds."""
    for about, kind, kinds in _STATED:
        wrong = {fact.of for fact in book.counts(about, "disagreeing") if fact.value}
        right = [f for f in book.counts(about, "agreeing") if f.value and f.of not in wrong]
        if right:
            listed = [f"{value(fact)} of {quoted(fact.of or '')}" for fact in right]
            named = join_names(listed)
            every = f"Every {kind} that could be checked agrees with the raw data"
            some = f"{kinds.capitalize()} that agree with the raw data"
            yield Draft(
                severity="context",
                headline=some if wrong else every,
                sentences=(
                    (
                        f"Checked against the raw rows, {named} agreed within rounding; nothing "
                        "there that could be checked disagreed."
                    ),
                    (
                        f"{named} agreed with the raw rows within rounding; nothing there that could "
                        "be checked disagreed."
                    ),
                ),
                next_step=NextStep(text="Nothing to correct; keep the raw files beside them"),
            )
