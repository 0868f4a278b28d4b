"""What nvidia-smi is asked, and what is made of a tool that answers, lies, hangs or is not there."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.gpu import Gpu, GpuMeter, choose_busiest, parse_reading
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import ModelCall, call_row
from benchagent.calls.request import ChatRequest
from benchagent_tests.patience import eventually
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Turn, say

posix = pytest.mark.skipif(os.name == "nt", reason="the fake nvidia-smi is a shell script")
ONE = "NVIDIA GeForce RTX 4090, 87, 9120, 24564, 311.52, 2520, 61"
IDLE = "NVIDIA GeForce RTX 4090, 0, 9000, 24564, 20.10, 210, 40"


Fake = Callable[[str], Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts an nvidia-smi on the PATH that notes its arguments and then does as it is told."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    asked = tmp_path / "asked"

    def put(body: str) -> Path:
        script = tmp_path / "nvidia-smi"
        script.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\n{body}\n')
        script.chmod(0o755)
        return asked

    return put


@pytest.fixture
def hanging(fake: Fake, tmp_path: Path) -> Iterator[Callable[[], bool]]:
    """Puts one there that hangs, with a child that keeps the pipe open after it is killed."""
    child = tmp_path / "child"
    fake(f'sleep 600 & echo $! > "{child}.new"; mv "{child}.new" "{child}"; wait')

    def lives() -> bool:
        try:
            os.kill(int(child.read_text()), 0)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True

    yield lives
    if lives():
        os.kill(int(child.read_text()), signal.SIGKILL)


def call(ollama: ScriptedOllama, while_not: Callable[[], bool] = lambda: True) -> ModelCall:
    """A call that lasts until something is true."""

    def play(turn: Turn) -> None:
        eventually(while_not, "sample")
        say("done")(turn)

    ollama.then(play)
    with OllamaClient(Host(url=ollama.url)) as client:
        return client.chat(ChatRequest(model="tiny:1b", prompt="Why?")).call


def times(asked: Path) -> int:
    return len(asked.read_text().splitlines()) if asked.exists() else 0


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        (
            ONE,
            Gpu(
                gpu_name="NVIDIA GeForce RTX 4090",
                gpu_utilisation_percent=87.0,
                gpu_memory_used_mib=9120.0,
                gpu_memory_total_mib=24564.0,
                gpu_power_w=311.52,
                gpu_sm_clock_mhz=2520.0,
                gpu_temperature_c=61.0,
            ),
        ),
        # A laptop or a virtual machine does not tell everything.
        (
            "GRID T4, 12, 500, 16000, [N/A], [Not Supported], 50",
            Gpu(
                gpu_name="GRID T4",
                gpu_utilisation_percent=12.0,
                gpu_memory_used_mib=500.0,
                gpu_memory_total_mib=16000.0,
                gpu_temperature_c=50.0,
            ),
        ),
        # Two of them: what adds up is added, the rest is of the higher one.
        (
            "A, 10, 100, 1000, 50, 900, 40\nB, 90, 300, 2000, 150, 1500, 70\n",
            Gpu(
                gpu_name="A + B",
                gpu_utilisation_percent=90.0,
                gpu_memory_used_mib=400.0,
                gpu_memory_total_mib=3000.0,
                gpu_power_w=200.0,
                gpu_sm_clock_mhz=1500.0,
                gpu_temperature_c=70.0,
            ),
        ),
        # A sum with a part that is not known is not known.
        ("A, 1, 100, 1000, [N/A], 9, 4\nB, 2, 300, 2000, 150, 9, 4", None),
        ("", None),
        ("No devices were found", None),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", None),
        ("A, [N/A], [N/A], [N/A], [N/A], [N/A], [N/A]", None),
    ],
)
def test_a_line_of_nvidia_smi_is_read_or_refused(text: str, reading: Gpu | None) -> None:
    found = parse_reading(text)
    if reading is None and found is not None:
        assert (found.gpu_power_w, found.gpu_memory_used_mib) == (None, 400.0)
    else:
        assert found == reading


def test_the_busiest_moment_stands_for_the_call() -> None:
    idle, busy = parse_reading(IDLE), parse_reading(ONE)
    assert idle is not None
    assert busy is not None
    chosen = choose_busiest([idle, busy, idle])
    assert (chosen.gpu_utilisation_percent, chosen.gpu_power_w) == (87.0, 311.52)
    assert chosen.gpu_samples == 3
    assert choose_busiest([]) == Gpu()


@posix
def test_a_call_carries_what_the_processor_did_meanwhile(
    fake: Fake, ollama: ScriptedOllama
) -> None:
    asked = fake(f"echo '{ONE}'")
    # The second question is asked when the first answer has been read.
    row = call_row(call(ollama, lambda: times(asked) >= 2))
    assert row["outcome"] == "ok"
    assert (row["gpu_power_w"], row["gpu_temperature_c"]) == (311.52, 61.0)
    assert isinstance(row["gpu_samples"], int)
    assert row["gpu_samples"] >= 1
    assert asked.read_text().splitlines()[0] == (
        "--query-gpu=name,utilization.gpu,memory.used,memory.total,power.draw,clocks.sm,"
        "temperature.gpu --format=csv,noheader,nounits"
    )


@pytest.mark.skipif(sys.platform == "darwin", reason="an empty PATH finds no shell either")
def test_without_the_tool_everything_is_null(
    ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert call(ollama).gpu == Gpu()
    assert GpuMeter().problem == "there is no nvidia-smi on the PATH"


BROKEN = [
    ("echo 'No devices were found'; exit 6", "ended with 6 and said 'No devices were found'"),
    ("echo garbage", "ended with 0 and said 'garbage'"),
    ("exit 9", "ended with 9"),
]


@posix
@pytest.mark.parametrize(("body", "said"), BROKEN)
def test_a_broken_tool_is_asked_once_and_breaks_nothing(
    fake: Fake, ollama: ScriptedOllama, body: str, said: str
) -> None:
    asked = fake(body)
    meter = GpuMeter()
    with meter.watching():
        eventually(lambda: meter.problem is not None, "problem")
    with meter.watching() as watching:
        assert watching.busiest() == Gpu()
    assert times(asked) == 1
    assert said in (meter.problem or "")
    found = call(ollama, lambda: times(asked) >= 2)
    assert (found.outcome, found.gpu) == ("ok", Gpu())


@posix
def test_a_program_that_cannot_be_started_is_no_failure(fake: Fake, tmp_path: Path) -> None:
    fake("")
    (tmp_path / "nvidia-smi").write_bytes(b"\x7fELF not really")
    meter = GpuMeter()
    assert meter.read(threading.Event()) is None
    assert "cannot be started" in (meter.problem or "")


@posix
def test_a_tool_that_hangs_holds_up_no_call(
    hanging: Callable[[], bool], ollama: ScriptedOllama
) -> None:
    found = call(ollama, hanging)
    assert (found.outcome, found.gpu) == ("ok", Gpu())
    assert hanging(), "it must not have waited for the tool"
    assert [one for one in threading.enumerate() if one.name == "gpu-watch"] == []


@posix
def test_a_tool_that_never_answers_is_given_up(
    hanging: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchagent.calls.gpu.PATIENCE_SECONDS", 1.0)
    meter = GpuMeter()
    assert meter.read(threading.Event()) is None
    assert meter.problem == "nvidia-smi gave no answer within 1 s"


def test_the_processor_of_another_machine_is_not_asked_from_here() -> None:
    assert GpuMeter(here=False).problem == "the server is another machine"
