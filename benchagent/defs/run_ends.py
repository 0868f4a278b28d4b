"""Dagster runs whose process ended before it could say how."""

import dagster as dg
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import deserialize_value
from dagster._utils import get_run_crash_explanation


def report_end(execute_run_args: str, code: int) -> None:
    """Marks a run as failed, or as cancelled where that was asked for.

    Args:
        execute_run_args: what its process was given, as `dagster api execute_run` takes it.
        code: how it ended; below zero, by which signal.
    """
    args = deserialize_value(execute_run_args, ExecuteRunArgs)
    assert args.instance_ref is not None
    with dg.DagsterInstance.from_ref(args.instance_ref) as instance:
        run = instance.get_run_by_id(args.run_id)
        if run is None or run.is_finished:
            return
        message = get_run_crash_explanation(f"Run execution process for {run.run_id}", code)
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, message)
        else:
            instance.report_run_failed(run, message)
