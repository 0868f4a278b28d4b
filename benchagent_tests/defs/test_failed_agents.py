"""What follows a failed agent without anybody asking: the others are compared."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from benchagent.definitions import define
from benchagent.defs.resources import ProjectResource
from benchagent_tests.builders import Place, a_place

EVERYTHING = None
OUTCOME = ("comparison", "warehouse")


def after(
    place: Place,
    *,
    selection: Sequence[str] | None = EVERYTHING,
    job: str = "reports",
    tags: Mapping[str, str] | None = None,
    run_id: str = "",
    instance: dg.DagsterInstance | None = None,
) -> dg.RunRequest | dg.SkipReason:
    """What the sensor says of a failed run."""
    run = dg.DagsterRun(
        job_name=job,
        run_id=run_id or str(uuid.uuid4()),
        status=dg.DagsterRunStatus.FAILURE,
        asset_selection=frozenset(map(dg.AssetKey, selection)) if selection else None,
        tags={"dagster/partition": place.key, **(tags or {})},
    )
    event = dg.DagsterEvent(
        event_type_value=dg.DagsterEventType.RUN_FAILURE.value, job_name=job, message="failed"
    )
    with instance or dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_agents",
            dagster_event=event,
            dagster_instance=instance,
            dagster_run=run,
            resources={"project": ProjectResource.of(place.project)},
        )
        sensor: Any = define(place.project).resolve_sensor_def("failed_agents")
        with context.for_run_failure() as failure:
            return sensor(failure)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Somebody has reported."""
    place = a_place(tmp_path)
    record = place.partition.report_record("null")
    record.parent.mkdir(parents=True)
    record.write_text("{}", encoding="utf-8")
    return place


@pytest.mark.parametrize("selection", [EVERYTHING, ["findings", *OUTCOME]])
def test_after_a_failed_agent_the_others_are_compared(
    place: Place, selection: Sequence[str] | None
) -> None:
    asked = after(place, selection=selection)

    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == place.key


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tags": {"dagster/will_retry": "true"}}, "is tried again"),
        # a backfill of one agent
        ({"selection": ["analysis/insight", "report/insight"]}, "not asked for a comparison"),
        # the comparison itself, for instance on a full disk: never again and again
        ({"job": "outcome"}, "was the comparison itself"),
        ({"selection": OUTCOME, "job": "outcome"}, "was the comparison itself"),
    ],
)
def test_nothing_is_asked_for_that_nobody_wanted(
    place: Place, changes: dict[str, Any], why: str
) -> None:
    answer = after(place, **changes)

    assert isinstance(answer, dg.SkipReason)
    assert why in (answer.skip_message or "")


@dg.asset(
    key=["report", "insight"],
    check_specs=[dg.AssetCheckSpec("grounded", asset=["report", "insight"], blocking=True)],
)
def wrong() -> dg.MaterializeResult:
    """A report with a figure that its files do not give."""
    return dg.MaterializeResult(
        check_results=[dg.AssetCheckResult(check_name="grounded", passed=False)]
    )


def test_nothing_comes_after_a_report_whose_figures_do_not_hold(place: Place) -> None:
    instance = dg.DagsterInstance.ephemeral()
    run = dg.materialize([wrong], instance=instance, raise_on_error=False)

    answer = after(place, run_id=run.run_id, instance=instance)

    assert isinstance(answer, dg.SkipReason)
    assert "report/insight failed a check" in (answer.skip_message or "")


def test_without_any_report_there_is_nothing_to_compare(tmp_path: Path) -> None:
    answer = after(a_place(tmp_path))

    assert isinstance(answer, dg.SkipReason)
    assert "no agent has reported" in (answer.skip_message or "")
