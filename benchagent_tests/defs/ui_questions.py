"""What a person does in the UI, as the same GraphQL that the UI sends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchagent_tests.running import Ui

REPOSITORY = {
    "repositoryLocationName": "benchagent.definitions",
    "repositoryName": "__repository__",
}


# What a Dagster run can end as.
OVER = frozenset(["SUCCESS", "FAILURE", "CANCELED"])


class Run(NamedTuple):
    """A Dagster run."""

    id: str
    status: str
    snapshot: str | None
    assets: tuple[str, ...]
    tags: dict[str, str]
    steps_succeeded: int


def runs(ui: Ui, **tags: str) -> list[Run]:
    """All runs, the newest first; with tags, those that have them."""
    answer = ui.ask(
        """query($filter: RunsFilter) { runsOrError(filter: $filter) { ... on Runs { results {
             runId status tags { key value } assetSelection { path } stepStats { status }
        } } } }""",
        filter={"tags": [{"key": key, "value": value} for key, value in tags.items()]},
    )
    return [_run(row) for row in answer["runsOrError"]["results"]]


def _run(row: Any) -> Run:
    tags = {tag["key"]: tag["value"] for tag in row["tags"]}
    return Run(
        id=row["runId"],
        status=row["status"],
        snapshot=tags.get("dagster/partition"),
        assets=tuple("/".join(key["path"]) for key in row["assetSelection"] or ()),
        tags=tags,
        steps_succeeded=sum(step["status"] == "SUCCESS" for step in row["stepStats"]),
    )


def snapshots(ui: Ui) -> list[str]:
    """The registered partitions."""
    [node] = ui.ask("""{ assetNodes(assetKeys: [{path: ["inventory"]}]) { partitionKeys } }""")[
        "assetNodes"
    ]
    return node["partitionKeys"]


def launch_backfill(ui: Ui, assets: Sequence[str], partitions: Sequence[str]) -> str:
    """Asks for assets over snapshots; gives the backfill's id."""
    answer = ui.ask(
        """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
             __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
        } }""",
        params={
            "assetSelection": [_key(asset) for asset in assets],
            "partitionNames": list(partitions),
        },
    )["launchPartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    return answer["backfillId"]


def launch_run(ui: Ui, asset: str, config: Mapping[str, Any]) -> str:
    """Materialises one asset that has no partitions, as its launchpad does; gives the run's id."""
    answer = ui.ask(
        """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
             __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
             ... on RunConfigValidationInvalid { errors { message } } } }""",
        params={
            "selector": {
                **REPOSITORY,
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [_key(asset)],
            },
            "runConfigData": {"ops": {asset: {"config": dict(config)}}},
        },
    )["launchPipelineExecution"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return answer["run"]["runId"]


def told_by(ui: Ui, asset: str) -> dict[str, Any]:
    """The texts and whole numbers of an asset's latest materialisation, by their labels."""
    [node] = ui.ask(
        """query($key: AssetKeyInput!) { assetNodes(assetKeys: [$key]) { assetMaterializations(
             limit: 1) { metadataEntries { label ... on TextMetadataEntry { text }
             ... on IntMetadataEntry { intValue } } } } }""",
        key=_key(asset),
    )["assetNodes"]
    [made] = node["assetMaterializations"]
    told = {
        entry["label"]: entry.get("text", entry.get("intValue"))
        for entry in made["metadataEntries"]
    }
    return {label: value for label, value in told.items() if value is not None}


def backfill_status(ui: Ui, id: str) -> str:
    """REQUESTED, CANCELING, CANCELED, COMPLETED_SUCCESS, COMPLETED_FAILED, …"""
    answer = ui.ask(
        "query($id: String!) { partitionBackfillOrError(backfillId: $id) {"
        " ... on PartitionBackfill { status } ... on PythonError { message } } }",
        id=id,
    )
    return answer["partitionBackfillOrError"]["status"]


def cancel_backfill(ui: Ui, id: str) -> None:
    """What the button does."""
    answer = ui.ask(
        "mutation($id: String!) { cancelPartitionBackfill(backfillId: $id) { __typename } }", id=id
    )
    assert answer["cancelPartitionBackfill"]["__typename"] == "CancelBackfillSuccess", answer


def resume_backfill(ui: Ui, id: str) -> str:
    """Asks again for what a backfill did not get done; gives the id of the new one."""
    answer = ui.ask(
        """mutation($params: ReexecutionParams!) { reexecutePartitionBackfill(
             reexecutionParams: $params) { __typename
             ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
        } }""",
        params={"parentRunId": id, "strategy": "FROM_FAILURE"},
    )["reexecutePartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    return answer["backfillId"]


def rerun_from_failure(ui: Ui, id: str) -> str:
    """Asks for what a failed run did not get done; gives the id of the new run."""
    answer = ui.ask(
        """mutation($params: ReexecutionParams!) { launchRunReexecution(
             reexecutionParams: $params) { __typename
             ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
        } }""",
        params={"parentRunId": id, "strategy": "FROM_FAILURE"},
    )["launchRunReexecution"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return answer["run"]["runId"]


def cancel_run(ui: Ui, id: str) -> None:
    """Ends a run as the button does."""
    answer = ui.ask("mutation($id: String!) { terminateRun(runId: $id) { __typename } }", id=id)
    assert answer["terminateRun"]["__typename"] == "TerminateRunSuccess", answer


def reload_definitions(ui: Ui, *, location: str = REPOSITORY["repositoryLocationName"]) -> None:
    """Reads the project's code and roster again, as the button does.

    Args:
        ui: the UI.
        location: the name of the code; workspace.yaml gives it one of its own.
    """
    answer = ui.ask(
        """mutation($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) {
             __typename ... on WorkspaceLocationEntry { loadStatus
               locationOrLoadError { __typename ... on PythonError { message } } } } }""",
        name=location,
    )["reloadRepositoryLocation"]
    assert answer["locationOrLoadError"]["__typename"] == "RepositoryLocation", answer


def said_by_sensor(ui: Ui, name: str = "new_files") -> list[str]:
    """Why the sensor did nothing, the newest first."""
    answer = ui.ask(
        """query($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) {
             ... on Sensor { sensorState { ticks(limit: 200) { skipReason } } } } }""",
        sensor={**REPOSITORY, "sensorName": name},
    )
    ticks = answer["sensorOrError"]["sensorState"]["ticks"]
    return [tick["skipReason"] for tick in ticks if tick["skipReason"]]


class Night(NamedTuple):
    """What the schedule would do at an hour."""

    skip_reason: str | None
    snapshots: tuple[str, ...]


def plan_night(ui: Ui, at: float) -> Night:
    """Lets the schedule be asked in its own process what it would do at that time."""
    answer = ui.ask(
        """mutation($selector: ScheduleSelector!, $at: Float) { scheduleDryRun(
             selectorData: $selector, timestamp: $at) { __typename
             ... on DryRunInstigationTick { evaluationResult { skipReason error { message }
               runRequests { tags { key value } } } } } }""",
        selector={**REPOSITORY, "scheduleName": "nightly"},
        at=at,
    )["scheduleDryRun"]["evaluationResult"]
    assert answer["error"] is None, answer
    asked = answer["runRequests"] or ()
    tags = [{tag["key"]: tag["value"] for tag in request["tags"]} for request in asked]
    return Night(answer["skipReason"], tuple(each["dagster/partition"] for each in tags))


def made_partitions(ui: Ui, asset: str) -> set[str]:
    """The snapshots for which an asset was made."""
    [node] = ui.ask(
        """query($key: AssetKeyInput!) { assetNodes(assetKeys: [$key]) {
             assetMaterializations { partition } } }""",
        key=_key(asset),
    )["assetNodes"]
    return {made["partition"] for made in node["assetMaterializations"]}


def times_made(ui: Ui, asset: str) -> Counter[str]:
    """How often each snapshot's file of an asset was made, not found made."""
    [node] = ui.ask(
        """query($key: AssetKeyInput!) { assetNodes(assetKeys: [$key]) { assetMaterializations {
             partition metadataEntries { label ... on BoolMetadataEntry { boolValue } } } } }""",
        key=_key(asset),
    )["assetNodes"]
    return Counter(
        made["partition"]
        for made in node["assetMaterializations"]
        for entry in made["metadataEntries"]
        if entry["label"] == "already_made" and not entry["boolValue"]
    )


def register_snapshots(ui: Ui, keys: Sequence[str]) -> None:
    """Adds partitions, as the sensor and the dialogue of the UI do."""
    for key in keys:
        answer = ui.ask(
            """mutation($key: String!, $selector: RepositorySelector!) { addDynamicPartition(
                 partitionsDefName: "snapshot", partitionKey: $key, repositorySelector: $selector) {
                 __typename } }""",
            key=key,
            selector=REPOSITORY,
        )
        assert answer["addDynamicPartition"]["__typename"] == "AddDynamicPartitionSuccess", answer


class Shown(NamedTuple):
    """What the UI shows of an asset's partition: the kinds of its metadata, its checks, its owner."""

    metadata: dict[str, str]
    checks: dict[str, str]
    blocking: tuple[str, ...]
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    group: str
    description: str


def shown(ui: Ui, asset: str, snapshot: str) -> Shown:
    """An asset as its page has it."""
    [node] = ui.ask(
        """query($key: AssetKeyInput!, $partition: String!) { assetNodes(assetKeys: [$key]) {
             groupName description kinds owners { ... on TeamAssetOwner { team } }
             assetMaterializations(partitions: [$partition], limit: 1) {
               metadataEntries { label __typename } }
             assetChecksOrError { ... on AssetChecks { checks { name blocking
               executionForLatestMaterialization { status } } } } } }""",
        key=_key(asset),
        partition=snapshot,
    )["assetNodes"]
    [made] = node["assetMaterializations"]
    checks = node["assetChecksOrError"]["checks"]
    return Shown(
        metadata={entry["label"]: entry["__typename"] for entry in made["metadataEntries"]},
        checks={
            check["name"]: (check["executionForLatestMaterialization"] or {"status": "none"})[
                "status"
            ]
            for check in checks
        },
        blocking=tuple(check["name"] for check in checks if check["blocking"]),
        owners=tuple(owner["team"] for owner in node["owners"]),
        kinds=tuple(node["kinds"]),
        group=node["groupName"],
        description=node["description"],
    )


class Staleness(NamedTuple):
    """FRESH, STALE or MISSING, and why."""

    status: str
    causes: tuple[str, ...]


def staleness(ui: Ui, asset: str, snapshot: str) -> Staleness:
    """What the UI shows of an asset's partition."""
    [node] = ui.ask(
        """query($key: AssetKeyInput!, $partition: String!) { assetNodes(assetKeys: [$key]) {
             staleStatus(partition: $partition)
             staleCauses(partition: $partition) { category reason dependency { path } } } }""",
        key=_key(asset),
        partition=snapshot,
    )["assetNodes"]
    causes = tuple(f"{cause['category']}: {cause['reason']}" for cause in node["staleCauses"])
    return Staleness(node["staleStatus"], causes)


def _key(asset: str) -> dict[str, list[str]]:
    return {"path": asset.split("/")}
