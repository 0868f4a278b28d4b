"""The one dimension of everything: the snapshots that were seen."""

import dagster as dg

SNAPSHOTS = dg.DynamicPartitionsDefinition(name="snapshot")
