"""Agents on two hosts: both hosts work at once, and each answers one call at a time.

The scripted servers run in this process, the real ones and the Dagster runs in processes of their
own. That both hosts work at once is not left to timing: a reply of one waits until the other one
has been asked, which can only come to pass if nobody waits for it.
"""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import combinations, count
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from benchagent.calls.log import read_calls
from benchagent.defs.home import open_instance
from benchagent.defs.partitions import SNAPSHOTS
from benchagent_tests.builders import Place, a_place, calls_csv, with_findings
from benchagent_tests.defs.relay import relaying
from benchagent_tests.model_clock import ModelClock, Span
from benchagent_tests.running import MAIN, own_environment, unset
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
# Other options, so that no host's reply is another one's, replayed.
REAL_ROSTER = """\
defaults: {{model: "smollm2:135m", tier: select}}
agents:
  - {{slug: left, label: L, persona: insight, host: "{left}", options: {{num_ctx: 2048}}}}
  - {{slug: right, label: R, persona: insight, host: "{right}", options: {{num_ctx: 4096}}}}
"""
REAL_AGENTS = ("left", "right")


class Meeting:
    """One chat of each of two hosts, neither of which goes on before the other one has begun.

    Attributes:
        met: for each of the two, whether the other one came.
    """

    def __init__(self) -> None:
        self.met: list[bool] = []
        self._both = threading.Barrier(2)

    def at(self, number: int) -> Callable[[], None]:
        """What one host calls at every chat, of which this one, counted from 1, is to meet."""
        counted = count(1)

        def begun() -> None:
            if next(counted) == number:
                try:
                    self._both.wait(4 * PATIENCE_S)
                    self.met.append(True)
                except threading.BrokenBarrierError:
                    self.met.append(False)

        return begun


class Hosts(NamedTuple):
    """Two scripted servers and their clocks."""

    left: ScriptedOllama
    right: ScriptedOllama
    clocks: tuple[ModelClock, ModelClock]

    def meet(self, left_reply: int, right_reply: int) -> list[bool]:
        """Lets these replies, counted from 1, begin together; tells whether they could."""
        meeting = Meeting()
        for ollama, clock, number in zip(
            (self.left, self.right), self.clocks, (left_reply, right_reply), strict=True
        ):
            ollama.always(clock.around(_after(meeting.at(number))))
        return meeting.met


def _after(begun: Callable[[], None]) -> Script:
    def play(turn: Turn) -> None:
        begun()
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


def start_run(key: str, agents: Sequence[str] = AGENTS, **environ: str) -> subprocess.Popen[str]:
    """The agents' accounts of a snapshot in a Dagster run, in processes of its own."""
    select = " or ".join(f'key:"analysis/{slug}"' for slug in agents)
    command = [sys.executable, "-m", "dagster", "asset", "materialize", "--select", select]
    return subprocess.Popen(
        [*command, "--partition", key, "-m", "benchagent.definitions"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(instance: dg.DagsterInstance, agents: Sequence[str] = AGENTS) -> list[set[str]]:
    """The snapshots of which each agent has told."""
    keys = (dg.AssetKey(["analysis", slug]) for slug in agents)
    return [set(instance.get_materialized_partitions(key)) for key in keys]


def a_second_snapshot(place: Place) -> str:
    more = place.folder / "reports" / "owl" / "sweep.csv"
    more.parent.mkdir()
    more.write_text(calls_csv("owl:2b"), encoding="utf-8")
    newer = Place(folder=place.folder, project=place.project, partition=place.scan())
    return with_findings(newer).key


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
        finish(start_run(place.key, BENCHAGENT_EXECUTOR="multiprocess"))
        made = told(instance)

    assert made == [{place.key}] * 4
    assert_in_parallel(hosts, met, replies_each=2)


@pytest.mark.slow
def test_two_runs_take_turns_at_each_host_and_use_both_at_once(place: Place, hosts: Hosts) -> None:
    second = a_second_snapshot(place)
    # Whichever run is through with the left host first goes on to the right one, and the other
    # asks the left one for the last time then.
    met = hosts.meet(4, 1)
    with own_environment(), open_instance(place.project) as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", [place.key, second])
        finish(start_run(place.key), start_run(second))
        made = told(instance)

    assert made == [{place.key, second}] * 4
    assert_in_parallel(hosts, met, replies_each=4)


@contextmanager
def a_real_server(cache: Path) -> Iterator[str]:
    """`benchagent serve` on a free port; gives its address."""
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--port", "0"],
        env={**unset("BENCHAGENT_|OLLAMA_"), "BENCHAGENT_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            said = re.fullmatch(r"smollm2:135m at (http://\S+)\n", line)
            assert said, line
            yield said[1]
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def recorded_spans(out: Path) -> dict[str, list[Span]]:
    """When each host was asked and until when it answered, by the records of the calls."""
    spans: dict[str, list[Span]] = {}
    for row in read_calls(out):
        wall_ms = row["wall_ms"]
        assert row["outcome"] == "ok", row
        assert isinstance(wall_ms, float)
        start = datetime.fromisoformat(str(row["started_at"])).timestamp()
        spans.setdefault(str(row["host"]), []).append(Span(start, start + wall_ms / 1000))
    return spans


@pytest.mark.embedded
def test_two_runs_use_two_embedded_servers_at_once_and_each_one_call_at_a_time(
    cache: Path, tmp_path: Path
) -> None:
    meeting = Meeting()
    # As above: the run that has the left server first asks the right one first.
    with (
        a_real_server(cache) as left,
        a_real_server(cache) as right,
        relaying(left, meeting.at(2)) as to_left,
        relaying(right, meeting.at(1)) as to_right,
    ):
        place = a_place(tmp_path, roster=REAL_ROSTER.format(left=to_left, right=to_right))
        snapshots = [with_findings(place).key, a_second_snapshot(place)]
        with own_environment(), open_instance(place.project) as instance:
            instance.add_dynamic_partitions(SNAPSHOTS.name or "", snapshots)
            finish(*(start_run(key, REAL_AGENTS) for key in snapshots))
            made = told(instance, REAL_AGENTS)

    spans = recorded_spans(place.project.out)
    assert made == [set(snapshots)] * 2
    assert {host: len(found) for host, found in spans.items()} == {to_left: 2, to_right: 2}
    for found in spans.values():
        assert not any(one.overlaps(other) for one, other in combinations(found, 2))
    assert meeting.met == [True, True]
    assert any(one.overlaps(other) for one in spans[to_left] for other in spans[to_right])
