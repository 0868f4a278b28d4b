"""What tuners measure beside speed: how good answers are, work done in a second, energy and cost.

`nDCG@10`, `WER (%)`, `images/s`, `s/it`, `J/token`, `$/1M tokens`. A share without a unit may be written
as 0.713 or as 71.3; which of both, only its column tells (`shares`).
"""

import re
from typing import Final, NamedTuple

from benchagent.quantities.metrics import AT_RANKS
from benchagent.quantities.names import find_named_unit
from benchagent.quantities.units import Unit, find_unit

_SHARES: Final = {
    **dict.fromkeys(("accuracy", "acc"), "accuracy"),
    **dict.fromkeys(("wer", "word_error_rate"), "wer"),
    **dict.fromkeys(("cer", "character_error_rate", "char_error_rate"), "cer"),
    **dict.fromkeys(("f1", "f1_score"), "f1"),
    **dict.fromkeys(("rouge_1", "rouge1"), "rouge_1"),
    **dict.fromkeys(("rouge_2", "rouge2"), "rouge_2"),
    **dict.fromkeys(("rouge_l", "rougel"), "rouge_l"),
    **dict.fromkeys(("mrr", "mean_reciprocal_rank"), "mrr"),
    **dict.fromkeys(("chrf", "chr_f"), "chrf"),
    **{name: name for name in ("bleu", "exact_match", "recall")},
}
_AT_RANK: Final = re.compile(r"(?P<name>[a-z_]+?)_?(?:@|_at_)(?P<rank>[1-9][0-9]{0,3})")
# Of these only a rank is told by a number: `recall_5` may be that of a class, `map_50` one of overlap.
_RANKED_ONLY: Final = re.compile(r"(?P<name>ndcg|mrr)_?(?P<rank>[1-9][0-9]{0,3})")
_RANKED: Final = {
    **{name: name for name in AT_RANKS},
    "r": "recall",
    "p": "precision",
    **dict.fromkeys(("hit", "hits"), "hit_rate"),
}
_WORK: Final = {
    unit: f"{unit.removesuffix('/s')}_per_s"
    for unit in ("images/s", "docs/s", "sentences/s", "samples/s", "queries/s", "frames/s", "steps/s")
} | {"it/s": "iterations_per_s"}  # fmt: skip
_OF_WORK: Final = frozenset(("", "throughput", "speed"))
# `s/it`, `ms_per_query`: the unit stands before what it is spent on
_SPENT: Final = re.compile(
    r"(?P<unit>ms|s|sec|secs|seconds)(?:/|_per_)(?P<each>it|iter|iteration|step|img|image|query)"
)
_EACH: Final = {
    **dict.fromkeys(("it", "iter", "iteration"), "iteration_time"),
    **dict.fromkeys(("img", "image"), "image_time"),
    "step": "step_time",
    "query": "query_time",
}
_COSTS: Final = frozenset(("cost", "total_cost", "api_cost", "request_cost"))
_OF_UNIT: Final = {
    # without such a word it may be the rate at which requests were sent
    "req/s": ("request_rate", frozenset(("throughput", "request_throughput"))),
    **{unit: (metric, _OF_WORK) for unit, metric in _WORK.items()},
    "J": (
        "energy",
        frozenset("energy_used energy_consumed total_energy energy_total gpu_energy".split())
        | {""},
    ),
    "J/token": ("energy_per_token", frozenset(("", "energy"))),
    "tok/J": ("tokens_per_joule", frozenset(("", "efficiency", "energy_efficiency"))),
    "USD": ("cost", _COSTS),
    "USD/1M tokens": ("cost_per_mtok", frozenset(("", "cost"))),
}
_PER_TOKEN: Final = re.compile(
    r"(?P<what>energy|cost)_per_(?P<many>1k_|1m_|million_|m_|m)?tok(?:en)?s?"
)
_MANY: Final = {"1k_": "1k", "1m_": "1m", "million_": "1m", "m_": "1m", "m": "1m"}
_FACTORS: Final = {
    **dict.fromkeys(("rtf", "real_time_factor"), "rtf"),
    **dict.fromkeys(("rtfx", "inverse_rtf", "rtf_inverse"), "rtfx"),
}


class Other(NamedTuple):
    """A quantity that a name tells of; `unit` is None of a share that does not say how it is written."""

    metric: str
    unit: Unit | None
    spelled: str | None


def find_other(name: str, spelled: str | None) -> Other | None:
    """What a name in joined words and the unit in brackets behind it are of, if anything here."""
    if spelled is not None:
        return _find_with_unit(name, spelled)
    if share := _find_share(name):
        return Other(share, None, None)
    if factor := _FACTORS.get(name):
        return Other(factor, Unit("1"), None)
    if match := _SPENT.fullmatch(name):
        return Other(_EACH[match["each"]], find_unit(match["unit"]), match["unit"])
    # the unit may be all there is
    whole = _find_with_unit("", name.replace("_", " "))
    end = find_named_unit(name)
    return whole or (_find_with_unit(end.before, end.spelled) if end else None)


def is_share(metric: str) -> bool:
    """Whether a metric is a share, which is written as 0.713 or as 71.3."""
    return metric in _SHARES.values() or metric.partition("@")[0] in AT_RANKS


def _find_share(name: str) -> str | None:
    if match := _AT_RANK.fullmatch(name) or _RANKED_ONLY.fullmatch(name):
        ranked = _RANKED.get(match["name"])
        return f"{ranked}@{match['rank']}" if ranked else None
    return _SHARES.get(name)


def _find_with_unit(name: str, spelled: str) -> Other | None:
    if match := _PER_TOKEN.fullmatch(name):
        many = _MANY.get(match["many"] or "")
        name, spelled = match["what"], f"{spelled}/{many} tokens" if many else f"{spelled}/token"
    unit = find_unit(spelled)
    share = _find_share(name)
    if unit is None or share:
        is_told = unit is not None and unit.canonical == "ratio"
        return Other(share, unit, spelled) if share and is_told else None
    if name in _FACTORS and unit.canonical == "ratio" and unit.exponent == 0:
        return Other(_FACTORS[name], Unit("1"), spelled)
    metric, names = _OF_UNIT.get(unit.canonical, (None, _OF_WORK))
    return Other(metric, unit, spelled) if metric and name in names else None
