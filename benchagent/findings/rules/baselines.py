"""Rules about variants and the baselines that their files name, and means that a few calls make."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.facts.derivations.comparisons.baselines import TIMES_WORSE, UNTESTED
from benchagent.facts.derivations.comparisons.variants import SUBJECT
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Draft, NextStep
from benchagent.findings.rules.fact_book import FactBook, precedence
from benchagent.findings.rules.further import Further
from benchagent.findings.rules.phrases import comparative, value, whose
from benchagent.findings.rules.subject_wording import ratio_with_interval
from benchagent.quantities.metrics import metric_label
from benchagent.wording import name_quantity, quoted, quoted_setting, quoted_settings

FURTHER_UNTESTED: Final = Further(
    headline="Other variants that were not tested against their baseline",
    before="Nor could these be tested against their baselines:",
    next_step="Keep every run, five or more of each, made in alternating order",
)
# A mean whose largest sample is this many times the mean rests on that sample.
_FAR: Final = 3.0
_SPEEDS: Final = frozenset(("latency", "total_time", "ttft", "tpot", "decode_rate", "throughput"))


def find_slower_variants(book: FactBook) -> Iterator[Draft]:
    """Variants that are worse than the baseline which they should beat."""
    yield from _variants(book, "worse-than-baseline", best_first=False)


def find_faster_variants(book: FactBook) -> Iterator[Draft]:
    """Variants that clearly beat the baseline of their own file."""
    yield from _variants(book, "better-than-baseline", best_first=True)


def _variants(book: FactBook, outcome: str, *, best_first: bool) -> Iterator[Draft]:
    found: list[tuple[tuple[object, ...], Draft]] = []
    for count in book.counts("baseline", outcome):
        ratios = sorted(book.parts(count), key=lambda fact: fact.value)
        extreme = ratios[-1] if best_first else ratios[0]
        size = extreme.value if best_first else 1 / extreme.value
        [everything] = [
            fact
            for fact in book.beside(count)
            if fact.statistic == "compared-with-baseline" and fact.level == count.level
        ]
        draft = _draft_variant(book, count, everything, extreme, better=best_first)
        found.append(((precedence(count.metric), -size, count.id), draft))
    found.sort(key=lambda pair: pair[0])
    yield from (draft for _, draft in found)


def find_untested_variants(book: FactBook) -> Iterator[Draft]:
    """Variants far from their baseline, of which nothing tells whether chance explains it."""
    found = sorted(
        book.counts("baseline", UNTESTED),
        key=lambda count: (precedence(count.metric), -_furthest(book, count)[0], count.id),
    )
    yield from (_draft_untested(book, count, _furthest(book, count)[1]) for count in found)


def _furthest(book: FactBook, count: Fact) -> tuple[float, Fact]:
    """The largest factor, whichever way, and its ratio."""
    ratios = book.parts(count)
    furthest = max(ratios, key=lambda fact: max(fact.value, 1 / fact.value))
    return max(furthest.value, 1 / furthest.value), furthest


def _draft_untested(book: FactBook, count: Fact, furthest: Fact) -> Draft:
    variant, baseline = _sides(book, furthest)
    named, base = name_variant(variant), name_variant(baseline)
    whom = f" for {whose(variant)}" if _names_whom(variant, furthest) else ""
    case = f"a {_name_centre(variant)} of {value(variant)}{whom} against {value(baseline)}"
    place = f"its baseline {base} in {quoted(furthest.of or '')}"
    of = f", furthest apart of {value(count)}" if count.value > 1 else ""
    why = "nothing in the file lets this be tested"
    return Draft(
        severity="warning",
        headline=f"Whether {named} differed from its baseline {base} was not tested",
        sentences=(
            f"{named} had, beside {place}, {case}{of}, but {why}.",
            f"Beside {place}, {named} had {case}{of}; {why}.",
        ),
        next_step=NextStep(
            text=f"Keep every run of {named} and {base}, five or more of each, made in alternating order"
        ),
        clause=(
            f"the {_name_centre(variant)} of {named}{whom} in {quoted(furthest.of or '')} "
            f"({value(variant)}) and of {base} ({value(baseline)})"
        ),
    )


def _sides(book: FactBook, ratio: Fact) -> tuple[Fact, Fact]:
    """The variant and its baseline, whichever stands above in the ratio."""
    one, other = book.parts(ratio)
    return (one, other) if one.level == ratio.level else (other, one)


def name_variant(fact: Fact) -> str:
    """A variant as its file calls it."""
    level = fact.level or '""'
    if fact.option == SUBJECT:
        return quoted(json.loads(level))
    return quoted_setting(fact.option or "", level)


class _Outcome(NamedTuple):
    """How often a variant came out one way, and the case in which it did most."""

    times: Fact
    everything: Fact
    extreme: Fact
    variant: Fact
    baseline: Fact
    found: str
    how_far: str


def _draft_variant(
    book: FactBook, count: Fact, everything: Fact, extreme: Fact, *, better: bool
) -> Draft:
    variant, baseline = _sides(book, extreme)
    quantity = metric_label(count.metric or "")
    named, base = name_variant(variant), name_variant(baseline)
    good = comparative(count.metric or "")
    word = good if better else {"higher": "lower", "lower": "higher"}[good]
    found = f"a clearly {word} {quantity}"
    far = _say_how_far(book, extreme, is_speed=count.metric in _SPEEDS, better=better)
    outcome = _Outcome(count, everything, extreme, variant, baseline, found, far)
    step = (
        NextStep(
            text=f"Time {named} and {base} again in alternating order, then make it the default"
        )
        if better
        else NextStep(text=f"Use {base} there until it is known what {named} spends its time on")
    )
    most = "furthest ahead" if better else "furthest behind"
    return Draft(
        severity="result" if better else "problem",
        headline=f"{named} had a {word} {quantity} than its baseline {base}",
        sentences=_word_one(outcome) if everything.value == 1 else _word_several(outcome, most),
        next_step=step,
    )


def _word_one(one: _Outcome) -> tuple[str, str]:
    named, base = name_variant(one.variant), name_variant(one.baseline)
    place = f"in {quoted(one.extreme.of or '')}"
    case = (
        f"a {_name_centre(one.variant)} of {value(one.variant)}{_of_whom(one)} against "
        f"{value(one.baseline)}, {one.how_far}"
    )
    return (
        f"{named} had {one.found} than its baseline {base} {place}: {case}.",
        f"Beside its baseline {base} {place}, {named} had {one.found}: {case}.",
    )


def _word_several(each: _Outcome, most: str) -> tuple[str, str]:
    named, base = name_variant(each.variant), name_variant(each.baseline)
    out_of = f"out of {value(each.everything)} with the baseline {base} of the same file"
    place = f"{most if each.times.value > 1 else 'namely'} in {quoted(each.extreme.of or '')}"
    case = (
        f"{named} had a {_name_centre(each.variant)} of {value(each.variant)}{_of_whom(each)} and "
        f"{base} one of {value(each.baseline)}, {each.how_far}"
    )
    times = value(each.times)
    return (
        f"O{out_of[1:]}, {named} had {each.found} in {times}, {place}: {case}.",
        f"{named} had {each.found} in {times} {out_of}, {place}: there {case}.",
    )


def _of_whom(outcome: _Outcome) -> str:
    """Whose times they are, where the variants do not say it and the file is not all that does."""
    return f" for {whose(outcome.variant)}" if _names_whom(outcome.variant, outcome.extreme) else ""


def _names_whom(variant: Fact, ratio: Fact) -> bool:
    return bool(variant.subject or variant.workload) and ratio.option != SUBJECT


def _name_centre(fact: Fact) -> str:
    """The quantity with the statistic that its tool reports, or that was taken of single numbers."""
    reported = name_quantity(fact.metric or "", fact.statistic or "value")
    return f"median {reported}" if fact.method == "median" else reported


def _say_how_far(book: FactBook, ratio: Fact, *, is_speed: bool, better: bool) -> str:
    if better or not is_speed:
        return f"{ratio_with_interval(ratio)} times as {'fast' if is_speed else 'good'}"
    [turned] = [
        fact
        for fact in book.about("baseline")
        if fact.statistic == TIMES_WORSE and fact.facts == ratio.facts[::-1]
    ]
    return f"{ratio_with_interval(turned)} times as slow"


def find_scattered_means(book: FactBook) -> Iterator[Draft]:
    """Reported means that one slow call or several make: the spread is as large as the mean itself."""
    found: list[tuple[float, Draft]] = []
    for mean in [*book.about("configuration"), *book.about("subject")]:
        if mean.statistic != "mean" or mean.spread is None or not 0 < mean.value <= mean.spread:
            continue
        low, high = (_beside(book, mean, statistic) for statistic in ("min", "max"))
        if low and high and high.value >= _FAR * mean.value:
            found.append((high.value / mean.value, _draft_scattered(mean, low, high)))
    found.sort(key=lambda pair: -pair[0])
    told: set[str] = set()
    for _, draft in found:
        if draft.headline not in told:
            told.add(draft.headline)
            yield draft


def _beside(book: FactBook, mean: Fact, statistic: str) -> Fact | None:
    alike = [
        fact
        for fact in book.beside(mean)
        if (fact.statistic, fact.method, fact.config) == (statistic, "value", mean.config)
    ]
    return alike[0] if len(alike) == 1 else None


def _draft_scattered(mean: Fact, low: Fact, high: Fact) -> Draft:
    quantity = metric_label(mean.metric or "")
    under = f" with {quoted_settings(mean.config or '{}')}" if mean.config != "{}" else ""
    subject = f"{whose(mean)}{under}"
    spread = f"{{{mean.id}.spread}}"
    return Draft(
        severity="warning",
        headline=f"A slow tail makes the mean {quantity} of {subject}",
        sentences=(
            (
                f"The reported mean {quantity} of {subject} is {value(mean)}, with a standard "
                f"deviation of {spread} and values from {value(low)} to {value(high)}: a slow tail "
                "makes it, and it says little of the other calls."
            ),
            (
                f"Between {value(low)} and {value(high)}, with a standard deviation of {spread}, "
                f"lies the reported mean {quantity} of {subject}, {value(mean)}: a slow tail "
                "makes it."
            ),
        ),
        next_step=NextStep(
            text="Run warm-up calls before timing, and report medians beside the means"
        ),
    )
