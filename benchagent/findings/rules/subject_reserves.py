"""What else may have put one subject before another, and what to do about that first."""

from typing import Final, NamedTuple

from benchagent.facts.derivations.comparisons.contrasts import SAME_QUESTIONS
from benchagent.facts.derivations.comparisons.subjects import IN_BLOCKS
from benchagent.findings.finding import NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.findings.rules.lengths import say_shorter_answers
from benchagent.findings.rules.phrases import weigh_results
from benchagent.findings.rules.places import Pair
from benchagent.findings.rules.subject_wording import names_of
from benchagent.findings.rules.survivors import (
    advise_survivors,
    say_survivors,
    subject_survivors,
)
from benchagent.findings.rules.tokenizers import (
    compare_texts,
    may_be_tokens,
    say_tokens,
    whole_answers,
)
from benchagent.quantities.metrics import metric_label

# Of one benchmark others may be better, of whom not each was compared with each.
OF_THESE: Final = " of these"


class Reserves(NamedTuple):
    """What is said behind a result, and the next step in place of preferring the leaders."""

    said: str
    step: NextStep | None


def weigh_up(book: FactBook, clear: list[Pair], leaders: list[str]) -> Reserves:
    """Reserves about pairs that were told apart; `leaders` are the subjects that came first."""
    ratio = clear[0].ratio
    levels = " ".join(pair.ratio.level or "" for pair in clear)
    few = SAME_QUESTIONS in levels
    said = ", so of other prompts it says little" if few else ""
    if IN_BLOCKS in levels:
        said += "; since these ran in blocks, a drift over time could look the same"
    sides = [[side.subject or "" for side in book.parts(pair.ratio)] for pair in clear]
    named = list(dict.fromkeys([*leaders, *(name for names in sides for name in names)]))
    survivors = {
        name: list(
            dict.fromkeys(
                each for pair in clear for each in subject_survivors(book, pair.ratio, name)
            )
        )
        for name in named
    }
    said += say_survivors([each for name in named for each in survivors[name]])
    counted = [
        names for pair, names in zip(clear, sides, strict=True) if may_be_tokens(pair.ratio, names)
    ]
    whole = whole_answers(book, *book.parts(ratio)) if counted and len(clear) == 1 else None
    said += say_tokens(whole) if counted else ""
    of_leaders = [each for name in leaders for each in survivors[name]]
    if of_leaders:
        return Reserves(said, NextStep(text=advise_survivors(of_leaders)))
    if few:
        return Reserves(said, _ask_more(leaders))
    borne_out = whole is not None and whole.verdict == "borne out"
    if any(best in leaders for best, _ in counted) and not borne_out:
        return Reserves(said, compare_texts(ratio, leaders))
    ahead = [book.parts(pair.ratio) for pair in clear]
    if any(
        best.subject in leaders and say_shorter_answers(book, best, worst) for best, worst in ahead
    ):
        return Reserves(said, _ask_alike(leaders))
    return Reserves(said, None)


def prefer(pair: Pair, leaders: list[str], where: str = "", among: str = "") -> NextStep:
    """To take the leaders where this quantity decides; `where`, and `among` whom, may be said too."""
    quantity = f"{metric_label(pair.ratio.metric or '')}{where}"
    weighed = weigh_results(pair.ratio)
    return NextStep(
        text=f"Where {quantity} decides, prefer {names_of(leaders, by='or')}{among}; {weighed} before that"
    )


def _ask_more(leaders: list[str]) -> NextStep:
    return NextStep(
        text=f"Ask many more prompts before {names_of(leaders, by='or')} is preferred; one answer to each will do"
    )


def _ask_alike(leaders: list[str]) -> NextStep:
    return NextStep(
        text="Compare rates, or ask for answers of one length, before "
        f"{names_of(leaders, by='or')} is preferred for being faster"
    )
