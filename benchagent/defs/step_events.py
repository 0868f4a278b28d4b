"""What Dagster's events of a step say."""

import dagster as dg
from dagster._core.errors import DagsterAssetCheckFailedError


def asset_of(event: dg.DagsterEvent) -> str:
    """The asset that a step makes: `report/insight`."""
    return (event.step_key or "").replace("__", "/")


def held_back_by_check(failure: dg.DagsterEvent) -> bool:
    """Whether a step failed by its own blocking check, so that nothing may come after it."""
    error = failure.step_failure_data.error
    return error is not None and error.cls_name == DagsterAssetCheckFailedError.__name__
