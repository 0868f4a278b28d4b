"""Rules about what runs did not record of themselves, or recorded wrongly."""

import json
from collections.abc import Iterator

from benchagent.facts.derivations.rows.device_labels import tells_layers
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.phrases import name_sources, out_of, value
from benchagent.wording import join_names, quoted, quoted_setting, quoted_settings


def find_missing_telemetry(book: FactBook) -> Iterator[Draft]:
    """What measurements leave out that a comparison needs."""
    measured = book.count("telemetry", "measured-files")
    gaps = {
        "files-without-machine": "the machine",
        "files-without-version": "a version of what ran",
        "files-without-time": "a time",
    }
    lacking = [
        (fact, words)
        for what, words in gaps.items()
        if (fact := book.count("telemetry", what)) and fact.value
    ]
    if not (measured and measured.value and lacking):
        return
    lacked = [words for _, words in lacking]
    named = join_names(lacked)
    said, missing = _tell_gaps(measured, lacking, lacked)
    yield Draft(
        severity="warning",
        headline="Telemetry that was not recorded",
        sentences=(
            f"{said}.",
            f"{missing[0].upper()}{missing[1:]}.",
            f"Runs of different files can be compared only with care: {missing}.",
        ),
        next_step=NextStep(text=f"Record {named} with every run; `benchagent bench` does"),
    )


def _tell_gaps(
    measured: Fact, lacking: list[tuple[Fact, str]], lacked: list[str]
) -> tuple[str, str]:
    """What is not recorded in how many files, with the files and with the gaps in front."""
    if all(fact.value == measured.value for fact, _ in lacking):
        every = f"file with measurements ({value(measured)})"
        none = f"No {every} recorded {join_names(lacked, by='or')}"
        return none, f"missing from every {every}: {join_names(lacked)}"
    of = f"out of {value(measured)} with measurements"
    files = [f"{value(fact)} did not record {words}" for fact, words in lacking]
    gaps = join_names([f"{words} in {value(fact)}" for fact, words in lacking])
    return f"O{of[1:]}, {join_names(files)}", f"missing is {gaps}, {of}"


def find_mislabelled_devices(book: FactBook) -> Iterator[Draft]:
    """Runs whose label names an accelerator though they ran on the CPU, or with no layer on it."""
    for fact in book.counts("telemetry", "mislabelled-runs"):
        asked = quoted_setting(fact.option or "", fact.level or "")
        used, named = quoted_settings(fact.config or "{}"), _first_runs(fact)
        layers = tells_layers(json.loads(fact.config or "{}"))
        had = "had no layer on the GPU" if layers else "used the CPU"
        so = "none of their layers was on the GPU" if layers else "their times are those of the CPU"
        yield Draft(
            severity="problem",
            headline=f"Runs labelled {asked} that {had}",
            sentences=(
                (f"{value(fact)} labelled {asked} recorded {used}, so {so}: {named}."),
                (
                    f"The label {asked} is not the device used in {value(fact)}, which recorded "
                    f"{used}: {named}."
                ),
            ),
            next_step=NextStep(
                text=f"Leave them out of comparisons between devices, or run them again so that "
                f"{asked} is what they use"
            ),
        )


def _first_runs(fact: Fact) -> str:
    paths = dict.fromkeys(run.partition("#")[0] for run in fact.sources)
    return join_names([quoted(path) for path in paths])


def find_naive_times(book: FactBook) -> Iterator[Draft]:
    """Times without a zone, which cannot be put beside others."""
    fact, measured = (
        book.count("telemetry", "files-with-naive-time"),
        book.count("telemetry", "measured-files"),
    )
    if fact and measured and fact.value:
        named = name_sources(fact)
        yield Draft(
            severity="warning",
            headline="Times without a zone",
            sentences=(
                (
                    f"{out_of(fact, measured, ' with measurements')} gave times without a zone, "
                    f"which are not compared with others here: {named}."
                ),
                (
                    f"Not compared with other times are those in {named}: {value(fact)}, out "
                    f"of {value(measured)} with measurements, gave times without a zone."
                ),
            ),
            next_step=NextStep(text="Record times in UTC, or with their offset"),
        )


def find_unknown_models(book: FactBook) -> Iterator[Draft]:
    """Measurements of nobody knows what, or of what only a file name tells."""
    step = "Record the model and its digest beside every number"
    for what, words, headline, advice in (
        (
            "files-without-subject",
            "did not say what was measured",
            "Measurements of an unknown subject",
            f"{step}; of what was measured already, name the file or its folder after the model",
        ),
        (
            "files-naming-subject-by-path",
            "named what was measured only in the file or folder name",
            "Models known by a file name alone",
            step,
        ),
    ):
        fact, measured = book.count("telemetry", what), book.count("telemetry", "measured-files")
        if fact and measured and fact.value:
            named = name_sources(fact)
            yield Draft(
                severity="warning",
                headline=headline,
                sentences=(
                    f"{out_of(fact, measured, ' with measurements')} {words}: {named}.",
                    (
                        f"In {named} the contents alone do not tell the subject: {value(fact)} out of "
                        f"{value(measured)} with measurements {words}."
                    ),
                ),
                next_step=NextStep(text=advice),
            )
