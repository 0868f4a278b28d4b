"""One thing set against another: ratios of medians, rank tests, and Holm over all tests made."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.counted_once.samples import Group, correctly_labelled
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.rounds import Rounds
from benchagent.facts.estimates import Interval, ratio_interval
from benchagent.facts.fact import Fact, arrangement_of, by_name, vary
from benchagent.facts.ids import Ids
from benchagent.facts.rank_tests import RankTest, rank_test, round_centres
from benchagent.facts.significance import SIGNIFICANT, can_be_significant, holm
from benchagent.quantities.metrics import find_metric

ACROSS_FILES: Final = "from different files"
# Few questions were asked often, so that a test can only be of answers to these.
SAME_QUESTIONS: Final = "the same few prompts again and again"
CALLS_IN_ROUNDS: Final = "calls-in-rounds"
# Counts the files in which what was compared stands.
FILES_COMPARED: Final = "files-compared"
# All pairs of a dozen are 66 comparisons; past that no repetition count in practice reaches
# significance after Holm, and a grid is better asked option by option.
MOST_PAIRED: Final = 12
# Parts of the time to first token: testing them too would ask the same question again.
_COMPONENTS: Final = frozenset(("load_time", "prompt_eval_time"))


def is_compared(metric: str) -> bool:
    """Whether a reader wants this metric higher or lower, and it is no part of another one."""
    known = find_metric(metric)
    return known is not None and known.better != "neither" and metric not in _COMPONENTS


def comparable_samples(frame: Frame) -> Frame:
    """Single values of compared metrics, of runs that used the device that they name.

    Cold calls measure the loading and stay out.
    """
    metrics = filter(is_compared, frame.used("metric"))
    return frame.take(
        frame.has("statistic", "value")
        & correctly_labelled(frame)
        & frame.has("metric", *metrics)
        & ~frame.has("phase", "cold")
    )


def better_first(metric: str) -> Callable[[Fact], tuple[float, tuple[str, ...]]]:
    """A sort key that puts the fact with the better value first, ties by name."""
    known = find_metric(metric)
    sign = -1.0 if known is not None and known.better == "higher" else 1.0
    return lambda fact: (sign * fact.value, by_name(fact))


def ratio_of(above: Fact, below: Fact, template: Fact, interval: Interval | None) -> Fact | None:
    """How many times one value is the other; None where the divisor is not positive."""
    if below.value <= 0:
        return None
    return vary(
        template,
        kind="ratio",
        value=above.value / below.value,
        unit="ratio",
        method="ratio",
        n=None,
        spread=None,
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        measurements=(),
        facts=(above.id, below.id),
    )


def interval_of_ratio(above: Group, below: Group) -> Interval | None:
    """The interval of a ratio of medians, where both sides have five samples or more."""
    return ratio_interval(above.values, below.values)


def compare_arms(
    ids: Ints, values: Floats, arm: Ints, block: Ints, template: Fact, rounds: Rounds | None = None
) -> Iterator[Fact]:
    """The p-value of a rank test over matched samples, and the smallest that it could have been.

    Over rounds where they are given, with a count of the calls in them. Samples come in the order
    of their ids; nothing where no block holds two arms.
    """
    if rounds is not None:
        ids, values = ids[rounds.kept], values[rounds.kept]
        arm, block = arm[rounds.kept], block[rounds.kept]
    test = _test(values, arm, block, rounds)
    if test is None:
        return
    fact = vary(
        template,
        kind="test",
        label=template.label if rounds is None else f"{template.label}, {rounds.words}",
        value=test.p,
        unit=None,
        method=test.method if rounds is None else f"{test.method}-of-rounds",
        n=test.n,
        spread=None,
        ci_low=None,
        ci_high=None,
        measurements=Ids(ids),
        arms=Ids(arm),
        blocks=Ids(block),
        rounds=() if rounds is None else Ids(rounds.round),
        strata=() if rounds is None else Ids(rounds.stratum),
    )
    yield fact
    label = f"smallest attainable {fact.label}"
    yield vary(fact, label=label, value=test.attainable, method="smallest-p")
    if rounds is not None:
        yield _count_calls(fact, rounds)


def _test(values: Floats, arm: Ints, block: Ints, rounds: Rounds | None) -> RankTest | None:
    if rounds is None:
        return rank_test(values, arm, block)
    return rank_test(*round_centres(values, arm, block, rounds.round, rounds.stratum))


def _count_calls(test: Fact, rounds: Rounds) -> Fact:
    return vary(
        test,
        kind="count",
        label=f"calls in the rounds of: {test.label}",
        value=len(test.measurements),
        unit="calls" if test.phase else "runs",
        statistic=CALLS_IN_ROUNDS,
        method="count",
        level=rounds.words,
        n=None,
        arms=(),
        blocks=(),
        rounds=(),
        strata=(),
    )


def count_files(frame: Frame, rows: Ints, template: Fact, compared: str) -> Fact:
    """The files in which what was compared stands; `template` says what that is, `compared` in words."""
    files = sorted(frame.used("source_path", rows))
    return vary(
        template,
        kind="count",
        label=f"files with {compared}",
        statistic=FILES_COMPARED,
        value=len(files),
        unit="files",
        method="count",
        n=None,
        spread=None,
        ci_low=None,
        ci_high=None,
        measurements=(),
        sources=tuple(files),
        facts=(),
    )


def adjust_for_family(tests: Iterable[Fact], family: Callable[[Fact], str]) -> Iterator[Fact]:
    """P-values after Holm over the tests of one family that could show anything, and their count.

    A test too small to come out significant whatever its data gets no adjusted p-value.
    """
    families: dict[str, list[tuple[Fact, float]]] = defaultdict(list)
    for fact, attainable in _with_attainable(tests):
        families[family(fact)].append((fact, attainable))
    for name, found in sorted(families.items()):
        able = can_be_significant([attainable for _, attainable in found], SIGNIFICANT)
        members = [fact for (fact, _), can in zip(found, able, strict=True) if can]
        if members:
            yield from _adjust(sorted(members, key=by_name), name)


def _with_attainable(tests: Iterable[Fact]) -> Iterator[tuple[Fact, float]]:
    """Each test with the smallest p-value it could give; a trend has no such bound here."""
    found = [fact for fact in tests if fact.kind == "test"]
    smallest = {arrangement_of(fact): fact.value for fact in found if fact.method == "smallest-p"}
    for fact in found:
        if fact.method != "smallest-p":
            yield fact, smallest.get(arrangement_of(fact), 0.0)


def _adjust(members: list[Fact], name: str) -> Iterator[Fact]:
    made = Fact(
        kind="count",
        label=f"comparisons made: {name}",
        value=len(members),
        unit="comparisons",
        about=members[0].about,
        of=name,
        metric=members[0].metric,
        statistic="comparisons",
        method="count",
        facts=tuple(fact.id for fact in members),
    )
    yield made
    adjusted = holm([fact.value for fact in members])
    for fact, p in zip(members, adjusted, strict=True):
        yield vary(
            fact,
            label=f"{fact.label}, Holm over {name}",
            value=p,
            method="holm",
            measurements=(),
            arms=(),
            blocks=(),
            rounds=(),
            strata=(),
            facts=(fact.id, made.id),
        )
