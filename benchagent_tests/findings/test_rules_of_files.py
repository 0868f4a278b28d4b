"""Files and machines that are apart although nothing recorded sets them apart."""

import json
from collections.abc import Sequence
from typing import Any

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, noise
from benchagent_tests.measured import an_evidence, measured


def in_two_files(
    one: float,
    other: float,
    recorded: Sequence[dict[str, str]] = ({}, {}),
    *,
    n: int = 8,
    configs: Sequence[dict[str, object]] = ({}, {}),
    **columns: Any,
) -> Evidence:
    """The same runs in two files, about as fast as these."""
    return an_evidence(
        [
            row
            for at, mean in enumerate((one, other))
            for row in measured(
                noise(at, n, mean, 0.01 * mean),
                path=f"artifacts/{at}/calls.csv",
                environment=json.dumps(recorded[at]),
                config=configs[at],
                **columns,
            )
        ]
    )


def on_machines(*hosts: str) -> Evidence:
    return an_evidence(
        [
            row
            for place, host in enumerate(hosts)
            for row in measured(
                [40.0 + i for i in range(3)],
                subject=f"crane:{place}b",
                path=f"artifacts/{place}.csv",
                environment=f'{{"host":"{host}"}}',
            )
        ]
    )


FOUND: list[tuple[str, Seen, str]] = [
    (
        "machines-apart",
        lambda: on_machines("mill", "barn"),
        r"^Never run alike on one machine in `llm-call`: `crane:0b` and `crane:1b` \(6 runs\); what sets them",
    ),
    (
        "files-apart",
        lambda: in_two_files(40.0, 30.0, [{"build": "7c1"}, {"build": "9d4"}]),
        (
            r"^The decode rate of `tiny:1b` differed between files by more than between the runs of "
            r"one file: medians of 39\.8 tok/s in `artifacts/0/calls.csv` \(`build=7c1`\) against "
            r"29\.9 tok/s in `artifacts/1/calls.csv` \(`build=9d4`\) \(over 16 runs .*, p = 0\.\d+ after "
            r"Holm\); what tells the files apart is recorded, but not as a setting, so "
        ),
    ),
    # a limit that no column tells, told by the file's name alone
    (
        "files-apart",
        lambda: in_two_files(900.0, 240.0, metric="total_time", benchmark="llm-sweep"),
        (
            r"medians of 897 ms in `artifacts/0/calls.csv` against 239 ms in `artifacts/1/calls.csv`"
            r".*; no recorded setting tells the files apart, so "
        ),
    ),
    # a container's name is another one at each start
    (
        "files-apart",
        lambda: in_two_files(40.0, 30.0, [{"node": "3f2b8c1d9e0a"}, {"node": "5a6c7d8e9f01"}]),
        r"tok/s in `artifacts/1/calls.csv` \(over 16 runs .*; no recorded setting tells the files apart, so ",
    ),
    # what was run alike is compared, and named by what the other files have otherwise
    (
        "files-apart",
        lambda: an_evidence(
            [
                row
                for at, (mean, users) in enumerate(((90.0, 1), (90.0, 1), (40.0, 16), (30.0, 16)))
                for row in measured(
                    noise(at, 8, mean, 0.01 * mean),
                    path=f"artifacts/{at}/calls.csv",
                    config={"concurrency": users, "top_k": 5},
                )
            ]
        ),
        (
            r"^The decode rate of `tiny:1b` with `concurrency=16` differed .* of 39\.\d tok/s in "
            r"`artifacts/2/calls.csv` against 30\.\d tok/s in `artifacts/3/calls.csv` \(over 16 runs "
        ),
    ),
]


SILENT: list[tuple[str, Seen]] = [
    ("machines-apart", lambda: on_machines("mill", "mill")),
    ("files-apart", lambda: in_two_files(30.0, 30.0)),
    # of a series of files nobody is told the two that are furthest apart
    (
        "files-apart",
        lambda: an_evidence(
            [
                row
                for at in range(13)
                for row in measured(noise(at, 8, 30.0 + at, 0.1), path=f"artifacts/{at}/calls.csv")
            ]
        ),
    ),
    # four runs are too few to tell what is usual for a file
    ("files-apart", lambda: in_two_files(40.0, 30.0, n=4)),
    # clear, and too little to matter
    ("files-apart", lambda: in_two_files(40.0, 41.2, n=40)),
    # the machine tells them apart
    ("files-apart", lambda: in_two_files(40.0, 30.0, [{"host": "a1"}, {"host": "b2"}])),
    # a setting tells them apart
    ("files-apart", lambda: in_two_files(40.0, 30.0, configs=[{"top_k": 10}, {"top_k": 40}])),
]
