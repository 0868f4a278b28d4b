"""Each thing that a server does wrong: its name, its record, what is asked again, who goes on."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from benchagent.agents.asking import Asking
from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import Conversation, Patience, converse
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import CallContext, ModelCall, call_from_row, call_row
from benchagent.calls.outcomes import RULES, Outcome
from benchagent.calls.request import ChatRequest
from benchagent.calls.table import CALL_SCHEMA
from benchagent.calls.wire import OllamaError
from benchagent.pipeline.kept import read_analysis
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.reports import make_report
from benchagent.reporting.comparison import compare_agents
from benchagent_tests.builders import Place, a_place, an_asking, with_findings
from benchagent_tests.calls.faults import FAULTS, Fault, list_faults, list_outcomes
from benchagent_tests.paths import DOCS
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Turn, at_random, cut, cut_inside, without_done

PAGE = DOCS / "faults.md"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
}
AT_ONCE = Patience(waits_s=(0.0, 0.0))
ATTEMPTS = {"none": 1, "raise": 1, "reseed": 2, "back_off": 3, "back_off_then_raise": 3}
# Of the model, the question and the end, whatever goes wrong once the model is known.
ALWAYS_KNOWN = (
    "call_id started_at replayed attempt retries host server_version model manifest_digest "
    "weights_sha256 family parameter_size quantisation requested_options added_options "
    "effective_options think seed num_predict num_ctx prompt_sha256 request_sha256 "
    "prompt_characters outcome wall_ms"
).split()
NAMES = [fault.what for fault in FAULTS]


def ask(ollama: ScriptedOllama, fault: Fault) -> tuple[Conversation | None, list[ModelCall]]:
    """One question to a server that goes wrong every time; None where nobody can report."""
    calls: list[ModelCall] = []
    request = ChatRequest(
        model="tiny:1b",
        prompt="n " * 300,
        schema=SCHEMA if fault.outcome == "off_schema" else None,
        options={"num_ctx": 256},
        deadlines=fault.deadlines,
    )
    with OllamaClient(Host(url=ollama.url)) as client:
        client.identify("tiny:1b")
        client.version()
        if fault.script is None:
            ollama.refuse()
        else:
            ollama.always(fault.script)
        try:
            held = converse(client, request, CallContext(), record=calls.append, patience=AT_ONCE)
        except OllamaError:
            return None, calls
    return held, calls


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_a_fault_has_a_name_a_record_and_as_many_attempts_as_can_help(
    ollama: ScriptedOllama, fault: Fault
) -> None:
    held, calls = ask(ollama, fault)

    assert [call.outcome for call in calls] == [fault.outcome] * ATTEMPTS[fault.remedy]
    assert (held is None) == RULES[fault.outcome].raises
    for call in calls:
        assert call.ending.error_class == fault.error_class
        assert fault.says in (call.ending.detail or "")
        assert fault.text in (None, call.ending.unusable_text is not None)
        assert call.timings.wall_ms is not None
        known = [name for name, value in call_row(call).items() if value is not None]
        assert set(ALWAYS_KNOWN) <= set(known)


def test_a_call_has_more_than_thirty_columns() -> None:
    assert len(CALL_SCHEMA.names) > len(ALWAYS_KNOWN) >= 25


@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("how", [cut, cut_inside, lambda n: cut(n, reset=True)])
def test_a_stream_may_be_cut_at_any_chunk(ollama: ScriptedOllama, how: Any, after: int) -> None:
    held, calls = ask(ollama, Fault(what="cut", script=how(after), outcome="dropped"))
    assert held is not None
    assert {call.outcome for call in calls} == {"dropped"}


@pytest.mark.parametrize("pieces", range(5))
def test_a_stream_may_end_without_done_at_any_chunk(ollama: ScriptedOllama, pieces: int) -> None:
    script = without_done(*(f"word{n} " for n in range(pieces)))
    _, calls = ask(ollama, Fault(what="ends", script=script, outcome="no_done"))
    assert {call.outcome for call in calls} == {"no_done"}


def test_every_outcome_but_an_interrupt_has_a_fault_that_leads_to_it() -> None:
    assert {fault.outcome for fault in FAULTS} == {*get_args(Outcome)} - {
        "cancelled",
        "unreachable",
    }


def test_the_page_of_faults_is_what_the_tests_play_and_the_rules_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert list_faults() in page
    assert list_outcomes() in page


# --- and the others go on -----------------------------------------------------------------------

MET = {fault.outcome: fault for fault in reversed(FAULTS) if not RULES[fault.outcome].raises}
del MET["ok"]
SEEDS = {outcome: 1000 * at for at, outcome in enumerate(MET, 1)}


def a_roster() -> str:
    """An agent for each outcome, and two who meet none."""
    unlucky = (
        f"  - {{slug: {_slug(outcome)}, label: {outcome}, persona: data-collector, "
        f"options: {{num_ctx: 512, seed: {seed}}}, deadlines: {_deadlines(MET[outcome])}}}"
        for outcome, seed in SEEDS.items()
    )
    return "\n".join(
        (
            'defaults: {model: "tiny:1b", tier: select}',
            "agents:",
            *unlucky,
            "  - {slug: lucky, label: Lucky, persona: insight}",
            '  - {slug: "null", label: Without a model, persona: insight, model: null}',
        )
    )


def _slug(outcome: str) -> str:
    return outcome.replace("_", "-")


def _deadlines(fault: Fault) -> str:
    return json.dumps(asdict(fault.deadlines))


def play_by_seed(turn: Turn) -> None:
    """What an agent meets is known by its seed; a second attempt has the next one."""
    seed = turn.ask["options"]["seed"]
    met = [fault for outcome, fault in MET.items() if seed in (SEEDS[outcome], SEEDS[outcome] + 1)]
    script = met[0].script if met else at_random()
    assert script is not None
    script(turn)


@pytest.mark.slow
def test_agents_that_meet_a_fault_are_marked_and_the_others_go_on(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    place = a_place(tmp_path, roster=a_roster())
    partition, roster = with_findings(place), place.roster
    ollama.always(play_by_seed)
    calls: dict[str, list[Outcome]] = {agent.slug: [] for agent in roster.agents}

    for agent in roster.agents:
        with OllamaClient(Host(url=ollama.url)) as client:
            ask_it = partial(asking_of, client, place) if agent.model else None
            make_analysis(partition, agent, roster, asking=ask_it)
        kept = read_analysis(partition, agent.slug)
        calls[agent.slug] = [call_from_row(row).outcome for row in kept.calls]
        make_report(partition, agent, dagster_run="0")

    rows = {row.agent: row for row in compare_agents(partition, roster).rows}
    assert set(rows) == {agent.slug for agent in roster.agents}
    assert (calls["lucky"], rows["lucky"].problem, rows["null"].problem) == (["ok"], None, None)
    for outcome, fault in MET.items():
        slug = _slug(outcome)
        assert set(calls[slug]) == {outcome}
        assert (rows[slug].problem or "").startswith(f"{outcome}: ")
        assert fault.says in (rows[slug].problem or "")
        assert rows[slug].sentences_by_model == 0
        assert outcome in partition.report_path(slug).read_text(encoding="utf-8")


def asking_of(client: OllamaClient, place: Place, record: Callable[[ModelCall], None]) -> Asking:
    return an_asking(client, place.project.out / "replies", record=record, patience=AT_ONCE)


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition("<!-- faults -->\n")
    _, _, between = rest.partition("<!-- /faults -->\n")
    between, _, rest = between.partition("<!-- outcomes -->\n")
    _, _, tail = rest.partition("<!-- /outcomes -->\n")
    PAGE.write_text(
        f"{head}<!-- faults -->\n{list_faults()}\n<!-- /faults -->\n{between}"
        f"<!-- outcomes -->\n{list_outcomes()}\n<!-- /outcomes -->\n{tail}",
        encoding="utf-8",
    )
