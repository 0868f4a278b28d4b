"""Dagster: what the package does, as assets that are partitioned by snapshot.

- Assets: `evidence`, `agents`, `outcome`, `benchmarks`, `cost`; beside them their `checks`,
  `partitions`, `resources` and the `metadata` that the UI shows.
- What happens by itself: `automation`, `retirement`, `run_ends`.
- How a Dagster run is executed: `execution` in this process, `executors` for its steps,
  `warm_launcher` and `warm_process` for forks, `run_workers` and `liveness` for processes that
  died.
- Dagster's storage in SQLite files: `home`, `database`, `sqlite_files`, `event_log`,
  `event_index`.
"""
