"""Names of objects whose numbers were not measured: goals, estimates, and differences of others.

`{"slo": {"ttft_ms": 200}, "measured": {"ttft_ms": 180}}`, `{"before": {…}, "after": {…}, "delta": {…}}`.
"""

from typing import Final

from benchagent.quantities.names import join_words

_GOALS: Final = frozenset(
    "slo slos sla target targets goal goals threshold thresholds limit limits expected expectation "
    "expectations budget budgets requirement requirements".split()
)
_ESTIMATES: Final = frozenset(
    "theoretical theory estimated estimate estimates predicted prediction projected projection "
    "simulated roofline ideal".split()
)
_DIFFERENCES: Final = frozenset(
    "delta deltas diff diffs difference differences improvement improvements speedup speedups change "
    "changes gain gains ratio ratios overhead regression comparison vs versus reduction saving savings "
    "pct percent relative".split()
)
_UNMEASURED: Final = _GOALS | _ESTIMATES | _DIFFERENCES
# As the last word of a name, too; `power_limit` and `keep_ratio` are variants.
_LAST: Final = frozenset(
    "slo slos target targets goal goals threshold thresholds estimate estimates delta deltas diff diffs "
    "difference differences improvement improvements speedup speedups pct percent".split()
)


def names_unmeasured(name: str) -> bool:
    """Whether what stands under a name was asked for, estimated or computed, and not measured."""
    joined = join_words(name)
    words = joined.split("_")
    return joined in _UNMEASURED or words[-1] in _LAST or "vs" in words
