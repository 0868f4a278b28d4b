"""A Dagster run in this process, told of step by step."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterExecutionInterruptedError, EventLogEntry

from benchagent.agents.roster import Agent, Roster
from benchagent.definitions import define
from benchagent.defs.agents import analysis_key, report_key
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.defs.step_events import asset_of, held_back_by_check
from benchagent.pipeline.project import Project

OUTCOME: Final = (dg.AssetKey("comparison"), dg.AssetKey("warehouse"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A step that ended.

    Attributes:
        asset: its name, as in the UI: `analysis/chimera-insight`.
        found: it stood there already and was not made again.
        problem: what went wrong, where it failed or a check did.
    """

    asset: str
    seconds: float
    found: bool
    failed: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who is told when a step begins and ends."""

    begun: Callable[[str], None]
    done: Callable[[StepDone], None]


def selection_of(agents: Sequence[Agent], roster: Roster) -> list[dg.AssetKey]:
    """The assets that these agents' reports need, and what comes of them."""
    keys = [dg.AssetKey(name) for name in ("inventory", "measurements", "facts", "findings")]
    for agent in agents:
        reader: Agent | None = agent
        while reader is not None:
            keys.append(analysis_key(reader.slug))
            reader = roster.agent(reader.reads_from) if reader.reads_from else None
        keys.append(report_key(agent.slug))
    return list(dict.fromkeys([*keys, *OUTCOME]))


def job_of(project: Project, *, fresh: bool = False) -> dg.JobDefinition:
    """The job of all agents; `fresh` asks again even where a reply is stored."""
    return define(project, fresh=fresh).resolve_job_def("reports")


def execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    snapshot: str,
    selection: Sequence[dg.AssetKey],
    progress: Progress,
) -> str | None:
    """Runs these assets for a snapshot; None where all went well, else the first failure.

    Dagster leaves out whatever comes after a failed step. Where that is one agent's, the others
    are compared all the same, and the failed call can be asked for; nothing comes after a report
    that its check holds back.

    Raises:
        KeyboardInterrupt: a person stopped it, in a step or between two.
    """
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", [snapshot])
    failures = _execute(job, instance, snapshot, selection, progress)
    if failures and all(each.spares_others for each in failures):
        outcome = [key for key in selection if key in OUTCOME]
        _execute(job, instance, snapshot, outcome, progress)
    return str(failures[0]) if failures else None


class _Failure(NamedTuple):
    """A step that failed; None where it was the run itself."""

    asset: str | None
    problem: str
    held_back: bool = False

    def __str__(self) -> str:
        return f"{self.asset}: {self.problem}" if self.asset else self.problem

    @property
    def spares_others(self) -> bool:
        """Whether it is one agent's own, so that the others can be compared."""
        own = (self.asset or "").startswith(("analysis/", "report/"))
        return own and not self.held_back


def _execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    snapshot: str,
    selection: Sequence[dg.AssetKey],
    progress: Progress,
) -> list[_Failure]:
    run_id = str(uuid.uuid4())
    failures: list[_Failure] = []

    def hear(entry: EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        if event.event_type is DagsterEventType.STEP_START:
            progress.begun(asset_of(event))
        elif event.event_type is DagsterEventType.ASSET_MATERIALIZATION:
            materialized.append(event)
        elif event.event_type is DagsterEventType.STEP_SUCCESS:
            progress.done(_done(event, materialized))
        elif event.event_type is DagsterEventType.STEP_FAILURE:
            problem = _root_cause(event)
            failures.append(_Failure(asset_of(event), problem, held_back_by_check(event)))
            stopped.extend(_interrupts(event))
            progress.done(
                StepDone(
                    asset=asset_of(event), seconds=0.0, found=False, failed=True, problem=problem
                )
            )

    stopped: list[str] = []
    materialized: list[DagsterEvent] = []
    instance.add_event_listener(run_id, hear)
    try:
        result = job.execute_in_process(
            instance=instance,
            partition_key=snapshot,
            asset_selection=None if _is_whole(selection, job) else [*selection],
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error
    if stopped:
        raise KeyboardInterrupt
    if result.success:
        return []
    return failures or [_Failure(None, "the Dagster run failed; its log says why")]


def _is_whole(selection: Sequence[dg.AssetKey], job: dg.JobDefinition) -> bool:
    """Of a part of a job, Dagster describes the job, the part, and the part as its own part."""
    return {*selection} == job.asset_layer.selected_asset_keys


def _interrupts(event: DagsterEvent) -> Iterator[str]:
    """Dagster makes a failure of the step of what a person did."""
    error = event.step_failure_data.error
    while error is not None:
        if error.cls_name in (DagsterExecutionInterruptedError.__name__, "KeyboardInterrupt"):
            yield event.step_key or ""
        error = error.cause


def _done(event: DagsterEvent, materialized: Sequence[DagsterEvent]) -> StepDone:
    own = [made for made in materialized if made.step_key == event.step_key]
    metadata = own[-1].step_materialization_data.materialization.metadata if own else {}
    found = metadata.get("already_made")
    duration = event.step_success_data.duration_ms
    return StepDone(
        asset=own[-1].asset_key.to_user_string() if own and own[-1].asset_key else asset_of(event),
        seconds=duration / 1000,
        found=bool(found.value) if found is not None else False,
        failed=False,
        problem=None,
    )


def _root_cause(event: DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().partition(": ")[2] or error.message.strip() if error else "failed"
