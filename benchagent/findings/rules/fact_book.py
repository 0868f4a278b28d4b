"""The facts of a snapshot as rules look them up, and the pieces that their sentences share."""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.contrasts import CALLS_IN_ROUNDS
from benchagent.facts.derivations.comparisons.folder_level import FOLDER_LEVEL
from benchagent.facts.derivations.comparisons.option_levels import BLANK, order_of_level
from benchagent.facts.derivations.rows.rounds import kind_in
from benchagent.facts.fact import About, Fact, by_name
from benchagent.facts.significance import SIGNIFICANT as SIGNIFICANT
from benchagent.findings.finding import MAY_BE_CHANCE
from benchagent.quantities.metrics import find_metric
from benchagent.references import write_figure
from benchagent.wording import gives_answers, join_names, name_subject, plain_level, quoted

_OLLAMA_MODEL: Final = re.compile(r"[A-Za-z0-9][\w./-]*:[\w.-]+")
_SWEPT: Final = frozenset(
    (
        "num_gpu", "num_ctx", "num_batch", "num_thread", "temperature", "top_p", "top_k", "min_p",
        "repeat_penalty",
    )
)  # fmt: skip

# What a reader asks after first.
HEADLINE_METRICS: Final = (
    "decode_rate", "throughput", "ttft", "latency", "request_rate", "tpot", "accuracy", "total_time",
)  # fmt: skip

# Below this a difference may be real and still not matter to anybody who waits for an answer.
SMALL: Final = 1.05
# Medians so far apart are no sign of nothing: there was too little to tell.
LARGE: Final = 1.5

Scope = tuple[str | None, ...]


class FactBook:
    """Facts by id, by what they are about and by what they count.

    Its lists stand in the order of names, and rules sort them with sorts that keep the order of what
    is alike.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.by_id = {fact.id: fact for fact in facts}
        self._about: dict[str, list[Fact]] = defaultdict(list)
        self._counts: dict[tuple[str, str | None], list[Fact]] = defaultdict(list)
        self._scopes: dict[Scope, list[Fact]] = defaultdict(list)
        for fact in sorted(self.by_id.values(), key=by_name):
            self._about[fact.about].append(fact)
            self._scopes[scope_of(fact)].append(fact)
            if fact.kind == "count":
                self._counts[fact.about, fact.statistic].append(fact)
        self._level = next(
            (fact for fact in self._about["corpus"] if fact.statistic == FOLDER_LEVEL), None
        )
        self._by_size = {
            fact.facts[0]: fact for fact in self.by_id.values() if fact.method == "aligned-f"
        }
        self._compared = sum(
            fact.value for fact in self.by_id.values() if fact.statistic == "comparisons"
        )

    def about(self, about: About) -> list[Fact]:
        """All facts about one question, in the order of names."""
        return self._about[about]

    def counts(self, about: About, what: str) -> list[Fact]:
        """The counts of one thing, largest first."""
        return sorted(self._counts[about, what], key=lambda fact: -fact.value)

    def count(self, about: About, what: str) -> Fact | None:
        """The only count of one thing."""
        found = self._counts[about, what]
        return found[0] if len(found) == 1 else None

    def beside(self, fact: Fact) -> list[Fact]:
        """Facts about the same subject, metric, option and phase, this one included."""
        return self._scopes[scope_of(fact)]

    def like(self, fact: Fact, *, about: About, phase: str | None) -> list[Fact]:
        """Facts of the same subject and metric about another question or phase."""
        wanted = replace(fact, about=about, phase=phase)
        return self._scopes.get(scope_of(wanted), [])

    def adjusted(self, fact: Fact) -> tuple[Fact, Fact] | None:
        """The p-value after Holm that stands beside a fact, and the test that it adjusts."""
        for other in self.beside(fact):
            if other.method == "holm":
                return other, self.by_id[other.facts[0]]
        return None

    def may_be_chance(self, *adjusted: Fact) -> bool:
        """Whether any of these p-values counts for its family and not over the whole folder.

        Few runs cannot give a smaller one however far apart they lie, so one whose values lie too
        far apart for all comparisons of the folder (`aligned-f`) is no chance.
        """
        return any(self._is_doubtful(each) for each in adjusted)

    def _is_doubtful(self, adjusted: Fact) -> bool:
        if self._level is None or not self._level.value <= adjusted.value < SIGNIFICANT:
            return False
        by_size = self._by_size.get(adjusted.facts[0])
        return by_size is None or by_size.value * self._compared >= SIGNIFICANT

    def say_p(self, *adjusted: Fact) -> str:
        """A p-value after Holm, the largest of several, and whether any may be chance."""
        largest = max(adjusted, key=lambda fact: fact.value)
        said = f"{'largest ' if len(adjusted) > 1 else ''}p = {value(largest)} after Holm"
        if self._level is None or not self.may_be_chance(*adjusted):
            return said
        return (
            f"{said}, which {MAY_BE_CHANCE}: over all comparisons of the folder only p < "
            f"{value(self._level)} counts"
        )

    def say_chance(self, *adjusted: Fact) -> str:
        """What a headline says of a difference that may be chance."""
        return ", perhaps by chance" if self.may_be_chance(*adjusted) else ""

    def calls_in_rounds(self, test: Fact) -> Fact | None:
        """How many calls stand in the rounds of a test; None where single calls were tested."""
        if not test.rounds:
            return None
        return next(
            fact
            for fact in self.beside(test)
            if fact.statistic == CALLS_IN_ROUNDS and fact.measurements == test.measurements
        )

    def parts(self, fact: Fact) -> list[Fact]:
        """The facts that a fact is computed from, in its order."""
        return [self.by_id[id] for id in fact.facts]


def scope_of(fact: Fact) -> Scope:
    """What a fact is about, without the figure that it gives."""
    return (
        fact.about, fact.benchmark, fact.subject, fact.of, fact.workload, fact.metric,
        fact.definition, fact.option, fact.phase,
    )  # fmt: skip


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


def differ_to_a_reader(one: Fact, other: Fact) -> bool:
    """Whether two figures part in the digits that are shown of them."""
    return write_figure(one) != write_figure(other)


def tells_direction(ratio: Fact, adjusted: Fact) -> bool:
    """Whether the ratio says which way it went, where a test of ranks says that something did.

    Coarse numbers can differ in their ranks and have one median.
    """
    return ratio.value != 1 or adjusted.value >= SIGNIFICANT


def centres(*facts: Fact) -> str:
    """By what things are compared: medians, or the means of outcomes (right or wrong)."""
    return "means" if any(fact.method == "share" for fact in facts) else "medians"


def size_of(ratio: Fact) -> float:
    """A ratio, the larger side over the smaller one."""
    return max(ratio.value, 1 / ratio.value) if ratio.value > 0 else 0.0


def weigh_results(fact: Fact) -> str:
    """What to look at before the better one is taken."""
    if fact.metric in QUALITIES:
        return "weigh it against speed"
    if gives_answers(fact.benchmark):
        return "measure answer quality"
    return "check that the results are the same"


# What people call the quality of answers.
QUALITIES: Final = frozenset(("accuracy", "exact_match", "f1", "score", "success_rate"))


def unit_of(metric: str | None) -> str | None:
    """The canonical unit of a metric that we know."""
    known = find_metric(metric or "")
    return known.unit if known else None


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


def precedence(metric: str | None) -> int:
    """Which metric a reader asks after first: lower comes earlier."""
    last = len(HEADLINE_METRICS)
    return HEADLINE_METRICS.index(metric) if metric in HEADLINE_METRICS else last


def plain_levels(levels: Iterable[str]) -> list[str]:
    """An option's values as a command line takes them, numbers in order; a blank is none."""
    return [plain_level(level) for level in sorted({*levels} - {BLANK}, key=order_of_level)]


def calls(phase: str | None) -> str:
    """What was counted: runs, or calls in one state of the model."""
    return {"warm": "warm calls", "cold": "cold calls", "mixed": "calls, cold and warm"}.get(
        phase or "", "runs"
    )


def tested_over(book: FactBook, test: Fact) -> str:
    """What a test was made over: single calls, or rounds of them."""
    counted = book.calls_in_rounds(test)
    if counted is None:
        return f"over {count_of_samples(test)} {calls(test.phase)}"
    of = "shares" if kind_in(counted.level or "") == "question" else "rounds"
    rounds = f"over {count_of_samples(test)} {of} of {calls(test.phase)}"
    return f"{rounds} ({value(counted)}, {counted.level})"


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
