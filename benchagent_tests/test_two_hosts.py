"""Agents on two hosts: both hosts work at once, and each answers one call at a time.

The servers run in this process, the Dagster runs in processes of their own. That both work at once
is not left to timing: a reply of one waits until the other one has been asked, which can only come
to pass if nobody waits for it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from benchagent.defs.home import open_instance
from benchagent.defs.partitions import SNAPSHOTS
from benchagent_tests.builders import Place, a_place, calls_csv, with_findings
from benchagent_tests.model_clock import ModelClock
from benchagent_tests.running import own_environment
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama
from benchagent_tests.scripted_replies import Script, Turn, at_random

PATIENCE_S = 60.0
ROSTER = """\
defaults: {{model: "tiny:1b"}}
agents:
  - {{slug: left-one, label: L1, persona: insight, tier: select, host: "{left}"}}
  - {{slug: left-two, label: L2, persona: data-collector, tier: select, host: "{left}"}}
  - {{slug: right-one, label: R1, persona: insight, tier: select, host: "{right}"}}
  - {{slug: right-two, label: R2, persona: data-collector, tier: select, host: "{right}"}}
"""
AGENTS = ("left-one", "left-two", "right-one", "right-two")


class Hosts(NamedTuple):
    """Two servers and their clocks."""

    left: ScriptedOllama
    right: ScriptedOllama
    clocks: tuple[ModelClock, ModelClock]

    def meet(self, left_reply: int, right_reply: int) -> list[bool]:
        """Lets these replies, counted from 1, begin together; tells whether they could."""
        met: list[bool] = []
        both = threading.Barrier(2)
        for ollama, clock, number in zip(
            (self.left, self.right), self.clocks, (left_reply, right_reply), strict=True
        ):
            ollama.always(clock.around(_nth_meets(number, both, met)))
        return met


def _nth_meets(number: int, both: threading.Barrier, met: list[bool]) -> Script:
    counted = count(1)

    def play(turn: Turn) -> None:
        if next(counted) == number:
            try:
                both.wait(PATIENCE_S)
                met.append(True)
            except threading.BrokenBarrierError:
                met.append(False)
        at_random()(turn)

    return play


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    # Another model, so that no host's reply is another one's, replayed.
    other = [ScriptedModel(family="other")]
    with ScriptedOllama() as left, ScriptedOllama(models=other) as right:
        yield Hosts(left, right, (ModelClock(0.3), ModelClock(0.3)))


@pytest.fixture
def place(tmp_path: Path, hosts: Hosts) -> Place:
    roster = ROSTER.format(left=hosts.left.url, right=hosts.right.url)
    place = a_place(tmp_path, roster=roster)
    with_findings(place)
    return place


def start_run(place: Place, key: str, **environ: str) -> subprocess.Popen[str]:
    """The agents' accounts of a snapshot in a Dagster run, in processes of its own."""
    select = " or ".join(f'key:"analysis/{slug}"' for slug in AGENTS)
    command = [sys.executable, "-m", "dagster", "asset", "materialize", "--select", select]
    return subprocess.Popen(
        [*command, "--partition", key, "-m", "benchagent.definitions"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(instance: dg.DagsterInstance) -> list[set[str]]:
    """The snapshots of which each agent has told."""
    keys = (dg.AssetKey(["analysis", slug]) for slug in AGENTS)
    return [set(instance.get_materialized_partitions(key)) for key in keys]


def finish(*runs: subprocess.Popen[str]) -> None:
    try:
        for run in runs:
            said, _ = run.communicate(timeout=10 * PATIENCE_S)
            assert run.returncode == 0, said[-4000:]
    finally:
        for run in runs:
            run.kill()


def assert_in_parallel(hosts: Hosts, met: list[bool], replies_each: int) -> None:
    for clock in hosts.clocks:
        assert len(clock.spans) == replies_each
        assert clock.most_at_once == 1
    assert met == [True, True]
    left, right = hosts.clocks
    assert any(one.overlaps(other) for one in left.spans for other in right.spans)


@pytest.mark.slow
def test_one_run_asks_two_hosts_at_once_and_each_one_call_at_a_time(
    place: Place, hosts: Hosts
) -> None:
    met = hosts.meet(1, 1)
    with own_environment(), open_instance(place.project) as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key])
        finish(start_run(place, place.key, BENCHAGENT_EXECUTOR="multiprocess"))
        made = told(instance)

    assert made == [{place.key}] * 4
    assert_in_parallel(hosts, met, replies_each=2)


@pytest.mark.slow
def test_two_runs_take_turns_at_each_host_and_use_both_at_once(place: Place, hosts: Hosts) -> None:
    more = place.folder / "reports" / "owl" / "sweep.csv"
    more.parent.mkdir()
    more.write_text(calls_csv("owl:2b"), encoding="utf-8")
    newer = Place(folder=place.folder, project=place.project, partition=place.scan())
    second = with_findings(newer).key
    # Whichever run is through with the left host first goes on to the right one, and the other
    # asks the left one for the last time then.
    met = hosts.meet(4, 1)
    with own_environment(), open_instance(place.project) as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key, second])
        finish(start_run(place, place.key), start_run(place, second))
        made = told(instance)

    assert made == [{place.key, second}] * 4
    assert_in_parallel(hosts, met, replies_each=4)
