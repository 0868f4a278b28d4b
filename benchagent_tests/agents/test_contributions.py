"""What an agent finds by linking and by reading, and what is refused."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchagent.agents.account import Analysis
from benchagent.agents.analysis import analyse
from benchagent.agents.reading import MOST_LINES
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.pipeline.kept import read_analysis
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import make_analysis, sources_of
from benchagent.pipeline.stages.reports import make_report
from benchagent.references import render_plain
from benchagent_tests.builders import a_place, an_agent, an_asking, with_findings
from benchagent_tests.planted import plant
from benchagent_tests.scripted_agents import capable
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Script, Turn, at_random, say

STAGES = ("questions", "links", "claims", "experiments")
HEADER = (
    "model,server_version,option_num_ctx,prompt_index,repetition,phase,ttft_ms,decode_tokens_per_s"
)


def sweep(*, server: Any = lambda num_ctx: "0.9", effect: float = 0.0) -> str:
    """Eight shuffled rounds of two contexts; the larger one is slower by `effect` tok/s."""
    chance = random.Random(7)
    rows = [HEADER]
    for round_ in range(8):
        for num_ctx in chance.sample((512, 1024), 2):
            for prompt in chance.sample(range(4), 4):
                rate = 50 - (effect if num_ctx == 1024 else 0.0) + chance.gauss(0, 0.3)
                cells = ["fox:1b", server(num_ctx), num_ctx, prompt, round_, "warm"]
                cells += [f"{300 + chance.gauss(0, 3):.2f}", f"{rate:.3f}"]
                rows.append(",".join(map(str, cells)))
    return "\n".join(rows) + "\n"


NOTES = """\
# fox:1b on the desk

The time to first token was 300.1 s, which is slow.

The decode rate was 50.1 tok/s.

Our goal is 400 tok/s; `wolf:7b` reached 80 tok/s elsewhere.
"""


def partition_of(tmp_path: Path, **files: str) -> Partition:
    named = {f"reports/{name.replace('_', '.')}": text for name, text in files.items()}
    return with_findings(a_place(tmp_path, dict(named)))


def tell(tmp_path: Path, partition: Partition, **replies: Any) -> Analysis:
    """An account of an agent that answers so by stage, and otherwise at random."""

    def play(turn: Turn) -> None:
        fields = turn.ask["format"]["properties"]
        stage = next((name for name in STAGES if name in fields), None)
        usual: Script = at_random() if stage is None else say(json.dumps({stage: []}))
        script = replies.get(stage or "", usual)
        (script if callable(script) else say(json.dumps({stage: script})))(turn)

    with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
        ollama.always(play)
        asking = an_asking(client, tmp_path / "replies")
        return analyse(
            an_agent(tier="write", options={"num_ctx": 8192}),
            list(partition.findings.values()),
            partition.facts,
            asking,
            snapshot=partition.key,
            sources=sources_of(partition),
        )


def claim(quote: str, metric: str, value: str, subject: str = "fox:1b") -> dict[str, str]:
    return {"a_quote": quote, "b_subject": subject, "c_metric": metric, "d_value": value}


# --- reading ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Partition:
    return partition_of(tmp_path_factory.mktemp("noted"), sweep_csv=sweep(), notes_md=NOTES)


def test_a_wrong_unit_in_prose_is_found(noted: Partition, tmp_path: Path) -> None:
    quote = "The time to first token was 300.1 s"

    told = tell(tmp_path, noted, claims=[claim(quote, "ttft", "300.1")])

    [read] = told.quotes
    assert (read.refused, read.ruling, read.place) == (None, "contradicted", "reports/notes.md:3")
    [found] = told.findings
    assert found.id == read.finding
    sentence = render_plain(found.sentences[0], {fact.id: fact for fact in told.facts})
    assert f"`reports/notes.md` says `{quote}`, but each of the 64 values of" in sentence
    assert " ms and " in sentence


def test_a_right_number_in_prose_is_borne_out(noted: Partition, tmp_path: Path) -> None:
    told = tell(
        tmp_path, noted, claims=[claim("The decode rate was 50.1 tok/s", "decode_rate", "50.1")]
    )

    [read] = told.quotes
    assert read.refused is None
    assert read.ruling in ("supported", "unsupported")
    assert told.findings == ()


@pytest.mark.parametrize(
    ("claimed", "why"),
    [
        # nobody wrote it
        (claim("The decode rate was 99.9 tok/s", "decode_rate", "99.9"), "no write-up says so"),
        # another number than the one in the quote
        (claim("The decode rate was 50.1 tok/s", "decode_rate", "999"), "not in the quote"),
        # a unit that the metric cannot have
        (claim("The decode rate was 50.1 tok/s", "ttft", "50.1"), "no unit of that metric"),
        # the words are of another metric
        (
            claim("The time to first token was 300.1 s", "load_time", "300.1"),
            "does not name that metric",
        ),
    ],
)
def test_a_quote_that_does_not_bear_the_claim_is_refused(
    noted: Partition, tmp_path: Path, claimed: dict[str, str], why: str
) -> None:
    told = tell(tmp_path, noted, claims=[claimed])

    [read] = told.quotes
    assert read.refused is not None
    assert why in read.refused
    assert told.findings == ()


def test_what_is_said_of_another_model_is_not_held_against_this_one(tmp_path: Path) -> None:
    notes = "# Elsewhere\n\nThe decode rate of wolf:7b was 80 tok/s.\n"
    partition = partition_of(tmp_path, sweep_csv=sweep(), notes_md=notes)

    told = tell(
        tmp_path,
        partition,
        claims=[claim("The decode rate of wolf:7b was 80 tok/s", "decode_rate", "80")],
    )

    [read] = told.quotes
    assert read.refused == "the file does not name that subject there"


def test_lines_that_no_prompt_showed_are_counted_as_left_out(tmp_path: Path) -> None:
    lines = MOST_LINES + 5
    notes = "".join(f"Run {at} had a decode rate of 50 tok/s.\n\n" for at in range(lines))

    told = tell(tmp_path, partition_of(tmp_path, sweep_csv=sweep(), notes_md=notes), claims=[])

    assert f"Lines of write-ups left out: the prompt had no room for 5 of {lines}." in told.undone


# --- links --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slower(tmp_path_factory: pytest.TempPathFactory) -> Partition:
    """A larger context is slower, and nothing else changes."""
    return partition_of(tmp_path_factory.mktemp("slower"), sweep_csv=sweep(effect=4.0))


def effect_of_context(partition: Partition) -> str:
    """The letter of the finding that the context makes a difference to the decode rate."""
    for letter, finding in zip("ABCDEFGHIJKL", partition.findings.values(), strict=False):
        if finding.rule == "option-effect":
            return letter
    raise AssertionError([finding.rule for finding in partition.findings.values()])


def link(partition: Partition, source: str, kind: str = "confounds") -> dict[str, str]:
    return {"a_from": source, "b_kind": kind, "c_to": effect_of_context(partition)}


def test_a_difference_that_another_thing_may_be_behind_is_told(tmp_path: Path) -> None:
    text = sweep(server=lambda num_ctx: "0.9" if num_ctx == 512 else "1.2", effect=4.0)
    partition = partition_of(tmp_path, sweep_csv=text)

    told = tell(tmp_path, partition, links=[link(partition, "server_version")])

    [linked] = told.links
    assert (linked.outcome, linked.tested) == ("kept", True)
    [found] = told.findings
    sentence = render_plain(found.sentences[0], {fact.id: fact for fact in told.facts})
    assert "`server_version`: in all 64 runs behind it, the two never changed apart." in sentence


def test_a_difference_that_stays_when_the_other_thing_is_held_alike_is_no_confound(
    slower: Partition, tmp_path: Path
) -> None:
    told = tell(tmp_path, slower, links=[link(slower, "prompt")])

    [linked] = told.links
    assert (linked.outcome, linked.tested, told.findings) == ("refused", True, ())


def test_what_cannot_be_tested_is_a_hypothesis_with_an_experiment(
    slower: Partition, tmp_path: Path
) -> None:
    told = tell(tmp_path, slower, links=[link(slower, "place", "explains")])

    [linked] = told.links
    assert (linked.outcome, linked.tested) == ("hypothesis", False)
    assert linked.experiment is not None
    assert told.findings == ()


def test_where_no_difference_is_clear_nothing_is_behind_it(tmp_path: Path) -> None:
    """What is within noise shrinks by chance when something else is held alike."""
    partition = partition_of(tmp_path, sweep_csv=sweep())
    letters = [
        letter
        for letter, finding in zip("ABCDEFGHIJKL", partition.findings.values(), strict=False)
        if finding.rule == "no-option-effect"
    ]

    told = tell(
        tmp_path,
        partition,
        links=[{"a_from": "place", "b_kind": "confounds", "c_to": letter} for letter in letters],
    )

    assert letters
    assert {each.reason for each in told.links} == {"it tells of no clear difference"}
    assert told.findings == ()


def test_a_finding_is_not_linked_with_itself(slower: Partition, tmp_path: Path) -> None:
    letter = effect_of_context(slower)

    told = tell(tmp_path, slower, links=[link(slower, letter, "same_cause")])

    [linked] = told.links
    assert (linked.outcome, linked.reason) == ("refused", "it is one finding")


# --- handing on ---------------------------------------------------------------------------------

PAIR = """\
defaults: {model: "tiny:1b", tier: write}
agents:
  - {slug: collector, label: Collector, persona: data-collector, options: {num_ctx: 8192}}
  - {slug: reader, label: Reader, persona: insight, reads_from: collector, tier: select,
     options: {num_ctx: 8192}}
"""


def test_what_one_agent_found_is_told_and_cited_in_the_report_of_its_reader(
    tmp_path: Path,
) -> None:
    corpus = next(each for each in plant(1, 0) if each.kind == "confound")
    place = a_place(tmp_path, corpus.files, PAIR)
    partition = with_findings(place)
    with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
        ollama.always(capable())
        for agent in place.roster.agents:
            make_analysis(
                partition,
                agent,
                place.roster,
                asking=lambda record: an_asking(client, tmp_path / "replies", record=record),
            )
    found = read_analysis(partition, "collector").analysis.findings
    assert found, "the collector found nothing to hand on"

    make_report(partition, place.roster.agent("reader"), dagster_run="0")

    report = partition.report_path("reader").read_text("utf-8")
    assert "Findings taken over from `collector`: [" in report
    assert found[0].headline in report.partition("### Evidence")[0]
    assert "withheld" not in report
    kept = read_analysis(partition, "reader").analysis
    assert (kept.findings, kept.handed_by) == ((), "collector")
