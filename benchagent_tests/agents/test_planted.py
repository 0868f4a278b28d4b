"""Agents of every character on corpora with a planted truth; `benchmarks/planted.py` does many."""

from pathlib import Path

import pytest

from benchagent_tests.agents.measured_agents import CHARACTERS, look
from benchagent_tests.planted import Planted, plant

CORPORA = {corpus.kind: corpus for corpus in plant(1, 1)}


def test_a_script_plants_thirty_corpora_and_more_that_all_differ() -> None:
    planted = list(plant())

    assert len(planted) >= 30
    assert len({str(corpus.files) for corpus in planted}) == len(planted)
    assert {corpus.kind for corpus in planted} == {
        "order",
        "confound",
        "unit",
        "columns",
        "nothing",
    }
    assert all(bool(corpus.sought) == (corpus.kind != "nothing") for corpus in planted)


@pytest.mark.slow
@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_a_capable_agent_finds_what_is_planted_and_nobody_finds_what_is_not(
    corpus: Planted, tmp_path: Path
) -> None:
    found = look(tmp_path, corpus)

    assert set(found) == {"null", *CHARACTERS}
    assert found["capable"].hit is bool(corpus.sought)
    assert found["lazy"].own == 0
    assert {name: each.false for name, each in found.items()} == dict.fromkeys(found, 0)
