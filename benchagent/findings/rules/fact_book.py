"""The facts of a snapshot as rules look them up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from benchagent.facts.derivations.comparisons.contrasts import CALLS_IN_ROUNDS
from benchagent.facts.derivations.comparisons.folder_level import FOLDER_LEVEL
from benchagent.facts.derivations.rows.rounds import kind_in
from benchagent.facts.fact import About, Fact, by_name
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import MAY_BE_CHANCE
from benchagent.findings.rules.phrases import calls, count_of_samples, value
from benchagent.quantities.metrics import find_metric
from benchagent.references import write_figure

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


def differ_to_a_reader(one: Fact, other: Fact) -> bool:
    """Whether two figures part in the digits that are shown of them."""
    return write_figure(one) != write_figure(other)


def tells_direction(ratio: Fact, adjusted: Fact) -> bool:
    """Whether the ratio says which way it went, where a test of ranks says that something did.

    Coarse numbers can differ in their ranks and have one median.
    """
    return ratio.value != 1 or adjusted.value >= SIGNIFICANT


def size_of(ratio: Fact) -> float:
    """A ratio, the larger side over the smaller one."""
    return max(ratio.value, 1 / ratio.value) if ratio.value > 0 else 0.0


def unit_of(metric: str | None) -> str | None:
    """The canonical unit of a metric that we know."""
    known = find_metric(metric or "")
    return known.unit if known else None


def precedence(metric: str | None) -> int:
    """Which metric a reader asks after first: lower comes earlier."""
    last = len(HEADLINE_METRICS)
    return HEADLINE_METRICS.index(metric) if metric in HEADLINE_METRICS else last


def tested_over(book: FactBook, test: Fact) -> str:
    """What a test was made over: single calls, or rounds of them."""
    counted = book.calls_in_rounds(test)
    if counted is None:
        return f"over {count_of_samples(test)} {calls(test.phase)}"
    of = "shares" if kind_in(counted.level or "") == "question" else "rounds"
    rounds = f"over {count_of_samples(test)} {of} of {calls(test.phase)}"
    return f"{rounds} ({value(counted)}, {counted.level})"
