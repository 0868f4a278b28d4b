"""What is said where models of different families are compared by tokens.

Each family has its own tokenizer: a third more tokens in a second may be the same text in a second.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from benchagent.facts.fact import Fact
from benchagent.facts.significance import SIGNIFICANT
from benchagent.findings.finding import NextStep
from benchagent.findings.rules.fact_book import FactBook, size_of
from benchagent.findings.rules.phrases import value, weigh_results
from benchagent.measurements.model_names import family_of, is_model
from benchagent.quantities.metrics import metric_label
from benchagent.wording import join_names, name_subject

_BY_TOKENS: Final = frozenset(("decode_rate", "throughput", "tpot"))
# What the same pair took for whole answers, whatever they were cut into.
_WITHOUT_TOKENS: Final = ("total_time", "latency")
_MAY_DIFFER: Final = "; a token of one family of models may hold more text than one of another"

# Two tokenizers seldom cut the same text into numbers of tokens so far apart.
_MOST_APART: Final = 2.0

Verdict = Literal["borne out", "not told apart", "the other way"]


class WholeAnswers(NamedTuple):
    """What two subjects took for whole answers, in the order in which tokens put them."""

    metric: str
    best: Fact
    worst: Fact
    verdict: Verdict


def may_be_tokens(ratio: Fact, subjects: Iterable[str | None]) -> bool:
    """Whether a ratio counts tokens, of models of two families, and could come of that alone."""
    named = [subject for subject in subjects if subject and is_model(subject)]
    families = {family_of(name) for name in named}
    return ratio.metric in _BY_TOKENS and len(families) > 1 and size_of(ratio) < _MOST_APART


def whole_answers(book: FactBook, best: Fact, worst: Fact) -> WholeAnswers | None:
    """The comparison of the same two, alike but for the metric, that counts no tokens."""
    for metric in _WITHOUT_TOKENS:
        for ratio in book.about("comparison"):
            contest = (ratio.metric, ratio.benchmark, ratio.workload, ratio.phase)
            if ratio.kind != "ratio" or contest != (
                metric, best.benchmark, best.workload, best.phase,
            ):  # fmt: skip
                continue
            sides = {side.subject: side for side in book.parts(ratio)}
            adjusted = book.adjusted(ratio)
            if adjusted and sides.keys() == {best.subject, worst.subject}:
                verdict: Verdict = "not told apart"
                if adjusted[0].value < SIGNIFICANT:
                    leads = ratio.subject == best.subject
                    verdict = "borne out" if leads else "the other way"
                return WholeAnswers(metric, sides[best.subject], sides[worst.subject], verdict)
    return None


def say_tokens(told: WholeAnswers | None = None) -> str:
    """That tokens differ, and what whole answers say where they were compared; after a `;`."""
    if told is None:
        return _MAY_DIFFER
    medians = f"(medians {value(told.best)} and {value(told.worst)})"
    said: dict[Verdict, str] = {
        "borne out": f"was lower too {medians}",
        "not told apart": f"was not told apart from the other's {medians}",
        "the other way": f"was higher {medians}",
    }
    of = f"the {metric_label(told.metric)} of {name_subject(told.best.subject)}"
    return f"{_MAY_DIFFER}, and {of} {said[told.verdict]}"


def compare_texts(ratio: Fact, leaders: list[str]) -> NextStep:
    """What to do before models of other families are preferred by their tokens."""
    named = join_names([name_subject(name) for name in leaders], len(leaders), by="or")
    return NextStep(
        text=f"Compare characters per second, or the time for the same text, before {named} is "
        f"preferred; {weigh_results(ratio)} too"
    )
