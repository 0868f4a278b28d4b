"""Dagster: what the package does, as assets that are partitioned by snapshot."""
