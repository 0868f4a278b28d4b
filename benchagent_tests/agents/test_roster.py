from pathlib import Path

import pytest

from benchagent.agents.errors import RosterError
from benchagent.agents.persona import persona_names, read_persona
from benchagent.agents.roster_file import read_roster
from benchagent.calls.deadlines import Deadlines
from benchagent.pipeline.project import REPOSITORY

AGENTS = """\
defaults: {model: tiny:1b}
agents:
  - slug: collector
    label: Collector
    persona: data-collector
  - slug: insight
    label: Insight
    persona: insight
    reads_from: collector
"""


def a_roster_file(folder: Path, text: str) -> Path:
    path = folder / "agents.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_roster_has_the_four_agents_the_yardstick_and_three_scenarios() -> None:
    roster = read_roster(REPOSITORY / "data" / "agents.yaml")

    assert [agent.slug for agent in roster.agents] == [
        "null",
        "baseline-collector",
        "chimera-insight",
        "chimera-agent-a",
        "chimera-agent-b",
    ]
    assert roster.agent("null").model is None
    assert roster.agent("baseline-collector").options == {}
    assert roster.agent("chimera-agent-a").options == {
        "num_gpu": 80,
        "num_ctx": 512,
        "temperature": 1.0,
    }
    assert roster.agent("chimera-insight").reads_from == "baseline-collector"
    assert roster.scenarios == {
        "baseline_vs_chimera": ("baseline-collector", "chimera-insight"),
        "chimera_hetero": ("chimera-agent-a", "chimera-agent-b"),
        "chimera_homo": ("chimera-agent-a", "chimera-agent-a"),
    }


def test_defaults_reach_each_agent_that_does_not_say_otherwise(tmp_path: Path) -> None:
    roster = read_roster(a_roster_file(tmp_path, AGENTS))

    assert [agent.model for agent in roster.agents] == ["tiny:1b", "tiny:1b"]


def test_an_agent_says_how_long_its_calls_may_take_and_the_rest_is_as_usual(
    tmp_path: Path,
) -> None:
    text = AGENTS.replace("reads_from: collector", "deadlines: {load: 900, between_tokens: 1.5}")
    roster = read_roster(a_roster_file(tmp_path, text))

    assert roster.agent("insight").deadlines.whole() == Deadlines(load=900.0, between_tokens=1.5)
    assert roster.agent("collector").deadlines.whole() == Deadlines()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        # a persona that does not exist
        ("persona: data-collector", "persona: datacollector", 5, ["'datacollector'", "insight"]),
        # the same slug twice
        ("slug: insight", "slug: collector", 6, ["two agents", "'collector'"]),
        # an option of the wrong type
        (
            "reads_from: collector",
            "options: {num_ctx: many}",
            9,
            ["num_ctx is 'many'", "whole number"],
        ),
        # a misspelt option
        ("reads_from: collector", "options: {num_ctxx: 5}", 9, ["did you mean 'num_ctx'"]),
        # a misspelt key
        ("reads_from: collector", "read_from: collector", 9, ["did you mean 'reads_from'"]),
        # a field of agents that they cannot share
        ("defaults: {", "defaults: {persona: insight, ", 1, ["expected one of model, host"]),
        # a misspelt part of the file
        ("agents:", "scenarois: {}\nagents:", 2, ["did you mean 'scenarios'"]),
        # a field that is missing
        ("    label: Collector\n", "", 3, ["label", "required"]),
        # a deadline that is none, of the wrong kind, misspelt
        ("reads_from: collector", "deadlines: {total: 0}", 9, ["deadlines.total", "0"]),
        ("reads_from: collector", "deadlines: {load: long}", 9, ["deadlines.load", "'long'"]),
        ("reads_from: collector", "deadlines: {first: 3}", 9, ["did you mean 'first_token'"]),
        # a reader of nobody
        ("reads_from: collector", "reads_from: colector", 9, ["did you mean 'collector'"]),
        # a slug that cannot be a path
        ("slug: collector", "slug: ../up", 3, ["../up"]),
        # a limit that switches the limit off
        ("reads_from: collector", "options: {num_predict: -1}", 9, ["num_predict"]),
    ],
)
def test_a_mistake_is_told_with_its_file_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, words: list[str]
) -> None:
    path = a_roster_file(tmp_path, AGENTS.replace(old, new, 1))

    with pytest.raises(RosterError) as caught:
        read_roster(path)

    message = str(caught.value)
    assert f"{path}:{line}:" in message
    for word in words:
        assert word in message


def test_agents_that_read_from_each_other_are_refused(tmp_path: Path) -> None:
    text = AGENTS.replace(
        "persona: data-collector", "persona: data-collector\n    reads_from: insight"
    )

    with pytest.raises(RosterError, match="collector → insight → collector"):
        read_roster(a_roster_file(tmp_path, text))


def test_text_that_is_not_yaml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"agents\.yaml:2: not YAML"):
        read_roster(a_roster_file(tmp_path, "agents:\n\t- slug: a\n"))


def test_a_missing_roster_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="--agents FILE"):
        read_roster(tmp_path / "agents.yaml")


def test_every_persona_promises_something() -> None:
    for name in persona_names():
        persona = read_persona(name)
        assert persona.contract.max_words
        assert not persona.prompt.startswith("---")
