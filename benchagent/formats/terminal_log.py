"""A terminal's log in which several tools stand one after the other, each read by its own format.

A file is of one format, and so a log of `ollama run --verbose`, llama-bench and hyperfine would be
of whichever is asked first, and the others' numbers lost without a word.
"""

import re
from collections import defaultdict
from dataclasses import replace
from types import ModuleType
from typing import Final

from benchagent.formats.engines import (
    llama_batched_bench,
    llama_bench_table,
    llama_log,
    llama_perplexity,
    mlx_lm_text,
    ollama_bench,
    ollama_verbose,
)
from benchagent.formats.load_testers import apache_bench, hey_text, wrk_text
from benchagent.formats.microbenchmarks import (
    google_benchmark_text,
    hyperfine_text,
    pytest_benchmark_text,
)
from benchagent.formats.serving import llama_benchy_rows, serving_result, trtllm_bench
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Record, Refusal, Unparsed

NAME: Final = "terminal-log"

# what is printed line by line, and is known wherever it stands
_PRINTED: Final[tuple[ModuleType, ...]] = (
    llama_bench_table,
    llama_benchy_rows,
    ollama_verbose,
    ollama_bench,
    mlx_lm_text,
    serving_result,
    trtllm_bench,
    wrk_text,
    hey_text,
    apache_bench,
    llama_perplexity,
    llama_batched_bench,
    llama_log,
    pytest_benchmark_text,
    google_benchmark_text,
    hyperfine_text,
)
# They print the timings that a log of calls has, and of no calls: nothing tells whose they are.
_WITH_TIMINGS: Final = frozenset({llama_perplexity, llama_batched_bench})
_LINE: Final = re.compile(r"line=([0-9]+)")


def detect(artifact: Artifact) -> bool:
    """Whether two or more of the formats that are printed know a text."""
    return artifact.shape == "text" and len(_find_printed(artifact)) > 1


def parse(artifact: Artifact) -> Parsed:
    """One record for each of theirs; a line that two of them read is read by neither."""
    outcomes: list[Parsed | Unparsed] = [
        module.parse(artifact) for module in _find_printed(artifact)
    ]
    parsed = [outcome for outcome in outcomes if isinstance(outcome, Parsed)]
    refusals = [refusal for part in parsed for refusal in part.refusals]
    records = _tell_apart(parsed, refusals)
    records.sort(key=lambda record: min(_find_lines(record), default=0))
    said = [f"{part.format}: {part.reason}" for part in outcomes if part.reason]
    return Parsed(
        format=NAME,
        records=tuple(replace(record, sequence=at) for at, record in enumerate(records)),
        refusals=tuple(refusals),
        reason="; ".join(said) or None,
    )


def _find_printed(artifact: Artifact) -> list[ModuleType]:
    found = [module for module in _PRINTED if module.detect(artifact)]
    return [each for each in found if each is not llama_log or _WITH_TIMINGS.isdisjoint(found)]


def _tell_apart(parsed: list[Parsed], refusals: list[Refusal]) -> list[Record]:
    """The records of which no line is another format's too."""
    readers: defaultdict[int, set[str]] = defaultdict(set)
    for part in parsed:
        for line in {line for record in part.records for line in _find_lines(record)}:
            readers[line].add(part.format)
    records: list[Record] = []
    for record in (record for part in parsed for record in part.records):
        shared = [line for line in sorted(_find_lines(record)) if len(readers[line]) > 1]
        if shared:
            said = f"read by {' and '.join(sorted(readers[shared[0]]))}: whose it is cannot be told"
            refusals.append(Refusal(locator=line_locator(shared[0]), reason=said))
        else:
            records.append(record)
    return records


def _find_lines(record: Record) -> set[int]:
    """The lines that a record was read from."""
    places = [record.name, *(reading.locator for reading in record.readings)]
    return {int(match[1]) for place in places if (match := _LINE.match(place))}
