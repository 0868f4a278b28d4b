"""The pieces that the sentences of rules share: references to figures, and words for what they are of."""

import re
import shlex
from collections.abc import Iterable
from typing import Final

from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.option_levels import BLANK, order_of_level
from benchagent.facts.fact import Fact
from benchagent.quantities.metrics import find_metric
from benchagent.wording import gives_answers, join_names, name_subject, plain_level, quoted

_OLLAMA_MODEL: Final = re.compile(r"[A-Za-z0-9][\w./-]*:[\w.-]+")
_SWEPT: Final = frozenset(
    (
        "num_gpu", "num_ctx", "num_batch", "num_thread", "temperature", "top_p", "top_k", "min_p",
        "repeat_penalty",
    )
)  # fmt: skip
# What people call the quality of answers.
QUALITIES: Final = frozenset(("accuracy", "exact_match", "f1", "score", "success_rate"))


def value(fact: Fact) -> str:
    """The reference that stands for a fact's value."""
    return f"{{{fact.id}}}"


def count_of_samples(fact: Fact) -> str:
    """The reference that stands for a fact's n."""
    return f"{{{fact.id}.n}}"


def with_interval(fact: Fact) -> str:
    """The value, with its interval where there is one."""
    if fact.ci_low is None or fact.ci_high is None:
        return value(fact)
    return f"{value(fact)} (interval {{{fact.id}.interval}})"


def centres(*facts: Fact) -> str:
    """By what things are compared: medians, or the means of outcomes (right or wrong)."""
    return "means" if any(fact.method == "share" for fact in facts) else "medians"


def weigh_results(fact: Fact) -> str:
    """What to look at before the better one is taken."""
    if fact.metric in QUALITIES:
        return "weigh it against speed"
    if gives_answers(fact.benchmark):
        return "measure answer quality"
    return "check that the results are the same"


def superlative(metric: str) -> str:
    """`highest` or `lowest`, whichever a reader wants."""
    known = find_metric(metric)
    return "highest" if known is not None and known.better == "higher" else "lowest"


def comparative(metric: str) -> str:
    """`higher` or `lower`, whichever a reader wants."""
    return {"highest": "higher", "lowest": "lower"}[superlative(metric)]


def whose(fact: Fact) -> str:
    """The subject of a fact, by its file where it has no name."""
    source = None if fact.about == "comparison" else fact.of
    return name_subject(fact.subject, source, fact.workload)


def plain_levels(levels: Iterable[str]) -> list[str]:
    """An option's values as a command line takes them, numbers in order; a blank is none."""
    return [plain_level(level) for level in sorted({*levels} - {BLANK}, key=order_of_level)]


def calls(phase: str | None) -> str:
    """What was counted: runs, or calls in one state of the model."""
    return {"warm": "warm calls", "cold": "cold calls", "mixed": "calls, cold and warm"}.get(
        phase or "", "runs"
    )


def bench_command(subject: str | None, *sweeps: tuple[str, Iterable[str]]) -> str | None:
    """The command that measures a model again, with options swept where they can be."""
    if subject is None or not _OLLAMA_MODEL.fullmatch(subject):
        return None
    command = f"benchagent bench --model {shlex.quote(subject)}"
    # Five rounds of two values cannot come out significant, and rounds are what load options have.
    repeat = 10 if any(option in LOAD_OPTIONS for option, _ in sweeps) else 5
    for option, levels in sweeps:
        swept = ",".join(levels)
        if option in _SWEPT and swept:
            command += f" --sweep {shlex.quote(f'{option}={swept}')}"
    return f"{command} --repeat {repeat}"


def out_of(part: Fact, whole: Fact, of: str = "") -> str:
    """How many of how many, as the subject of a sentence.

    "Out of 41 files, 3 files"; where it is every one of them, "3 files, all there are,".
    """
    if part.value < whole.value:
        return f"Out of {value(whole)}{of}, {value(part)}"
    return f"{value(part)}{of}, {'the only one' if whole.value == 1 else 'all there are'},"


def name_sources(fact: Fact) -> str:
    """The files that a fact counts, the first few by name."""
    return join_names([quoted(path) for path in fact.sources])
