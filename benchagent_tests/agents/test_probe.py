"""What a model left to `auto` may do: tried once per model, kept, and never denied silently."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchagent.agents.account import Analysis
from benchagent.agents.analysis import analyse
from benchagent.agents.asking import Asking
from benchagent.agents.calibration import Calibration
from benchagent.agents.probe import ANSWERS, judge_probe, probe_question
from benchagent.agents.prompting import CHARACTERS_PER_TOKEN
from benchagent.agents.roster import Agent
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import sources_of
from benchagent.reporting.ledger import write_ledger
from benchagent_tests.builders import a_place, an_agent, with_findings
from benchagent_tests.scripted_agents import lazy
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama
from benchagent_tests.scripted_replies import Turn, say, status

RIGHT = {**ANSWERS, "g": "The time to first token of `elm` is {b2}."}
STORED = "model,num_ctx,ttft_ms,tokens_s\nfox:1b,512,300,50\nfox:1b,512,310,51\n"


@pytest.fixture(scope="module")
def partition(tmp_path_factory: pytest.TempPathFactory) -> Partition:
    folder = tmp_path_factory.mktemp("probe")
    return with_findings(a_place(folder, {"reports/runs.csv": STORED}))


def is_probe(turn: Turn) -> bool:
    return (
        "g" in turn.ask["format"]["properties"]
        and "headline" not in turn.ask["format"]["properties"]
    )


def tell(
    folder: Path, partition: Partition, probe: Any, agent: Agent, *, count: int = 8_000_000_000
) -> tuple[Analysis, list[ModelCall]]:
    """An account of an agent whose model answers the probe so and is lazy otherwise."""
    calls: list[ModelCall] = []

    def play(turn: Turn) -> None:
        (probe if is_probe(turn) else lazy())(turn)

    models = [ScriptedModel(name="tiny:1b", parameter_count=count)]
    with ScriptedOllama(models=models) as ollama, OllamaClient(Host(url=ollama.url)) as client:
        ollama.always(play)
        asking = Asking(
            client=client,
            replies=ReplyStore(folder / "replies"),
            record=calls.append,
            context=CallContext(),
            calibration=Calibration(folder / "models"),
        )
        told = analyse(
            agent,
            list(partition.findings.values()),
            partition.facts,
            asking,
            snapshot=partition.key,
            sources=sources_of(partition),
        )
    return told, calls


def stages(calls: list[ModelCall]) -> list[tuple[str | None, bool]]:
    return [(call.context.stage, call.replayed) for call in calls]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (RIGHT, None),
        # One slip is no inability.
        ({**RIGHT, "d": "ash"}, None),
        ({**RIGHT, "d": "ash", "f": "elm"}, "it got 4 of 6 questions of the probe right"),
        # All the same letter, as a small model answers.
        ({**RIGHT, **dict.fromkeys(ANSWERS, "ash")}, "it got 2 of 6"),
        ({**RIGHT, "g": "It takes 310 ms."}, "told a figure otherwise than asked"),
        ({**RIGHT, "g": "It takes {b2}, or 310 ms."}, "told a figure otherwise than asked"),
        ({**RIGHT, "g": "It takes {b1}."}, "told a figure otherwise than asked"),
        ({**RIGHT, "g": "It takes a while."}, "told a figure otherwise than asked"),
    ],
)
def test_the_probe_is_passed_by_who_reads_a_table_and_keeps_to_the_form(
    reply: dict[str, str], said: str | None
) -> None:
    probe = judge_probe(reply)

    assert probe.passed is (said is None)
    assert (said or "") in (probe.said or "")


def test_every_answer_of_the_probe_stands_in_its_table() -> None:
    prompt = probe_question().prompt
    rows = {
        name: (int(rate), int(ttft), int(calls))
        for name, rate, ttft, calls in re.findall(
            r"\| `(\w+)` \| (\d+) tok/s \| (\d+) ms \| (\d+) \|", prompt
        )
    }

    def of(place: int, choose: Any) -> str:
        return choose(rows, key=lambda name: rows[name][place])

    assert ANSWERS["a"] == of(0, max)
    assert ANSWERS["b"] == of(1, min)
    assert ANSWERS["c"] == of(2, min)
    assert f"`{ANSWERS['d']}` was always called first" in prompt
    assert ANSWERS["e"] == of(0, min)
    assert ANSWERS["f"] == of(1, max)


def test_a_model_that_passes_is_asked_once_for_all_agents(
    partition: Partition, tmp_path: Path
) -> None:
    passing = say(json.dumps(RIGHT))
    first, calls = tell(tmp_path, partition, passing, an_agent(tier="auto"))
    other = an_agent("other", tier="auto", persona="data-collector", options={"num_ctx": 8192})
    second, later = tell(tmp_path, partition, passing, other)

    assert (first.tier, second.tier) == ("write", "write")
    assert stages(calls)[0] == ("probe", False)
    assert stages(later)[0] == ("probe", True)
    assert not any("probe" in said for said in first.undone)


def test_a_model_that_fails_is_not_let_and_the_report_says_so(
    partition: Partition, tmp_path: Path
) -> None:
    failing = say(json.dumps({**RIGHT, **dict.fromkeys(ANSWERS, "ash")}))

    told, calls = tell(tmp_path, partition, failing, an_agent(tier="auto"))

    assert told.tier == "select"
    assert stages(calls) == [("probe", False), ("choice", False)]
    ledger = write_ledger(told, lambda label, value, unit: f"{value:g}")
    assert (
        "> The model is large enough to ask and to write, but was not let: "
        "`it got 2 of 6 questions of the probe right`." in ledger
    )


@pytest.mark.parametrize(
    ("agent", "count"),
    [
        # a person has decided
        (an_agent(tier="write"), 8_000_000_000),
        (an_agent(tier="select"), 8_000_000_000),
        # too small to be tried
        (an_agent(tier="auto"), 135_000_000),
    ],
)
def test_no_probe_is_made_where_nothing_is_left_open(
    partition: Partition, tmp_path: Path, agent: Agent, count: int
) -> None:
    _, calls = tell(tmp_path, partition, say("never asked"), agent, count=count)

    assert "probe" not in {call.context.stage for call in calls}


def test_a_server_that_stumbles_over_the_probe_is_asked_again_by_the_next_run(
    partition: Partition, tmp_path: Path
) -> None:
    broken, _ = tell(tmp_path, partition, status(400, "no grammar"), an_agent(tier="auto"))
    whole, calls = tell(tmp_path, partition, say(json.dumps(RIGHT)), an_agent(tier="auto"))

    assert broken.tier == "select"
    [undone] = broken.undone
    assert undone.endswith("was not let: its reply to the probe could not be used: bad_request.")
    assert whole.tier == "write"
    assert stages(calls)[0] == ("probe", False)


# --- how a model spells -------------------------------------------------------------------------


def test_what_a_server_counted_is_known_to_the_next_run(
    partition: Partition, tmp_path: Path
) -> None:
    _, [call] = tell(tmp_path, partition, say(""), an_agent(tier="select"))
    digest = call.asked.manifest_digest

    known = Calibration(tmp_path / "models").recall(digest)

    assert known is not None
    assert known != CHARACTERS_PER_TOKEN
    counted = call.timings.prompt_tokens
    assert counted is not None
    assert known == pytest.approx(0.9 * call.asked.prompt_characters / (counted - 24), rel=0.01)


def test_only_a_denser_spelling_is_news(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)

    assert calibration.recall("ab") is None
    calibration.learn("ab", "fox:1b", 3.0)
    calibration.learn("ab", "fox:1b", 3.4)
    calibration.learn("ab", "fox:1b", 2.95)
    assert calibration.recall("ab") == 3.0
    calibration.learn("ab", "fox:1b", 2.5)
    assert calibration.recall("ab") == 2.5
    calibration.learn(None, "fox:1b", 2.5)
    assert [path.name for path in tmp_path.iterdir()] == ["ab.json"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"characters_per_token": 0}', '{"a": 1}'])
def test_a_damaged_calibration_is_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / "ab.json").write_text(damage)

    assert Calibration(tmp_path).recall("ab") is None


def test_a_dry_run_learns_nothing(tmp_path: Path) -> None:
    Calibration(tmp_path, learns=False).learn("ab", "fox:1b", 3.0)

    assert list(tmp_path.iterdir()) == []
