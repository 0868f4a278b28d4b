"""How long a benchmark may take, by what calls of its models took so far."""

from collections.abc import Iterable, Mapping

from benchagent.bench.measuring import STAGE, WARM_UP_STAGE
from benchagent.bench.plan import Plan
from benchagent.calls.model_call import Cell


def forecast_minutes(plan: Plan, calls: Iterable[Mapping[str, Cell]]) -> float | None:
    """The mean of earlier calls of a benchmark times the calls planned; None without any.

    Args:
        plan: what is to be run; each block has one more request, which is discarded.
        calls: rows of the call log.
    """
    took: dict[str, list[float]] = {}
    for row in calls:
        wall = row.get("wall_ms")
        if row.get("stage") in (STAGE, WARM_UP_STAGE) and isinstance(wall, float):
            took.setdefault(str(row.get("model")), []).append(wall)
    if any(model not in took for model in plan.models):
        return None
    requests = (plan.n_calls + plan.n_blocks) / len(plan.models)
    means = [sum(took[model]) / len(took[model]) for model in plan.models]
    return requests * sum(means) / 60_000
