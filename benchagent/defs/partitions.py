"""The one dimension of everything, the snapshots that were seen, and who looks after it."""

import dagster as dg

SNAPSHOTS = dg.DynamicPartitionsDefinition(name="snapshot")

OWNERS = ["team:benchagent"]
