"""What an agent may ask of the measurements, and what the code answers."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchagent.agents.account import Analysis
from benchagent.agents.analysis import analyse
from benchagent.agents.roster import Agent
from benchagent.agents.sources import Sources
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import recompute
from benchagent.findings.rules import find
from benchagent.inquiries.answer import Answer
from benchagent.inquiries.answering import answer_all
from benchagent.inquiries.catalogue import catalogue
from benchagent.inquiries.query import Malformed, Query, Setting, read_query
from benchagent.inquiries.telling import find_in, tell_answer
from benchagent.references import render_plain
from benchagent.verification.question import Knowledge
from benchagent_tests.builders import an_agent, an_asking
from benchagent_tests.measured import Row, a_measurement, an_evidence
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Script, at_random, say

Effect = Callable[[int, int, int], float]


def rounds(effect: Effect = lambda *_: 0.0, *, seed: int = 1, **config: Any) -> list[Row]:
    """Eight rounds of two contexts in a fresh order, four prompts under each.

    `effect` is added to the rate: it is given the round, the context and the prompt. A setting of
    `config` is a value, or a function of the context.
    """
    chance = random.Random(seed)
    rows: list[Row] = []
    for round_ in range(8):
        for num_ctx in chance.sample((512, 1024), 2):
            for prompt in chance.sample(range(4), 4):
                value = 40 + 3 * prompt + effect(round_, num_ctx, prompt) + chance.gauss(0, 0.3)
                more = {name: f(num_ctx) if callable(f) else f for name, f in config.items()}
                rows.append(
                    a_measurement(
                        value,
                        row=len(rows) + 1,
                        repetition=round_,
                        config={"num_ctx": num_ctx, "prompt_index": prompt, **more},
                    )
                )
    return rows


def ask(rows: list[Row], *queries: Query) -> tuple[Answer, ...]:
    return answer_all(queries, catalogue(an_evidence(rows)))


def by(name: str, **more: Any) -> Query:
    return Query(**{"metric": "decode_rate", "subject": "tiny:1b", "by": name, **more})


def at(dimension: str, level: object) -> Setting:
    return Setting(dimension=dimension, level=json.dumps(level))


def slow_first_round(round_: int, num_ctx: int, prompt: int) -> float:
    return -2.0 if round_ == 0 else 0.0


# --- what can be asked --------------------------------------------------------------------------


def test_calls_differ_by_settings_and_by_what_no_rule_looks_at() -> None:
    rows = rounds()
    rows += [
        {**row, "environment": '{"host":"b"}', "source_path": "reports/b.csv"}
        for row in rounds(seed=5)
    ]
    known = catalogue(an_evidence(rows))

    assert set(known.dimensions) == {
        *("num_ctx", "host", "repetition", "place", "run_before", "file", "prompt")
    } - {"host"}, "one file names its host, the other does not: there is nothing to compare"
    assert known.dimensions["place"].levels == (
        *('"first quarter"', '"second quarter"', '"third quarter"', '"last quarter"'),
    )


def test_cold_calls_failed_runs_and_unnamed_subjects_are_not_asked_about() -> None:
    rows = rounds()
    rows[0]["phase"] = "cold"
    rows[1]["subject"] = None
    evidence = an_evidence(rows)

    assert set(catalogue(evidence).frame.ids.tolist()) == set(range(2, 64))


# --- what is answered ---------------------------------------------------------------------------


def test_an_effect_of_the_order_that_no_rule_looks_for_is_found() -> None:
    rows = rounds(slow_first_round)
    facts = derive_facts(an_evidence(rows))
    headlines = " ".join(found.headline for found in find(facts))

    [answer] = ask(rows, by("repetition", first=at("repetition", 0), second=at("repetition", 5)))

    assert "drifted" not in headlines
    assert "`repetition`" not in headlines
    assert answer.outcome == "differs"
    assert [fact.level for fact in answer.medians] == ["5", "0"]
    found = find_in(answer)
    assert found is not None
    told = render_plain(found.sentences[0], {fact.id: fact for fact in answer.facts})
    assert "differed by `repetition`: medians of" in told
    assert "(8 runs) and" in told


def test_nothing_is_found_where_nothing_is() -> None:
    dimensions = ("num_ctx", "repetition", "place", "run_before")
    found = [
        answer.outcome
        for seed in range(12)
        for answer in ask(rounds(seed=seed), *(by(name) for name in dimensions))
    ]

    assert len(found) == 48
    assert found.count("differs") == 0


def test_more_questions_make_each_answer_harder_to_get() -> None:
    rows = rounds(lambda round_, *_: -0.45 if round_ == 0 else 0.0, seed=3)
    query = by("repetition", first=at("repetition", 0), second=at("repetition", 5))
    others = [by("place"), by("run_before"), by("place", where=(at("num_ctx", 512),)), by("prompt")]

    [alone] = ask(rows, query)
    [among, *_] = ask(rows, query, *others)

    assert alone.adjusted is not None
    assert among.adjusted is not None
    assert among.adjusted.value > alone.adjusted.value


def test_what_changed_in_step_cannot_be_told_apart() -> None:
    rows = rounds(
        lambda _, num_ctx, __: 5.0 if num_ctx == 1024 else 0.0, num_batch=lambda n: n // 2
    )

    [answer] = ask(rows, by("num_ctx"))

    assert (answer.outcome, answer.together) == ("not-comparable", ("num_batch",))
    told = render_plain(tell_answer(answer), {fact.id: fact for fact in answer.facts})
    assert told == (
        "What `num_ctx` does to the decode rate of `tiny:1b` cannot be told from what `num_batch` "
        "does: they changed together in all 64 runs."
    )


def test_an_effect_within_some_calls_only_is_found_where_it_is() -> None:
    def effect(_: int, num_ctx: int, prompt: int) -> float:
        return 2.0 if num_ctx == 1024 and prompt == 3 else 0.0

    query = by("num_ctx", where=(at("prompt", 3),))

    [here] = ask(rounds(effect), query)
    [there] = ask(rounds(effect), by("num_ctx", where=(at("prompt", 0),)))

    assert here.outcome == "differs"
    assert there.outcome in ("no-difference", "too-few")


def test_no_data_is_an_answer() -> None:
    rows = rounds()
    for row in rows[:8]:
        row["metric"] = "accuracy"
        row["unit"] = "ratio"

    [answer] = ask(rows, by("num_ctx", metric="accuracy", where=(at("repetition", 7),)))

    assert answer.outcome == "no-data"
    told = render_plain(tell_answer(answer), {fact.id: fact for fact in answer.facts})
    assert "0 runs could be asked" in told


def test_every_fact_of_an_answer_is_computed_again_from_its_cells() -> None:
    rows = rounds(slow_first_round)
    values = Values.of({number: row["value"] for number, row in enumerate(rows)})

    answers = ask(rows, by("repetition"), by("num_ctx"), by("place", control=("num_ctx",)))

    facts = {fact.id: fact for answer in answers for fact in answer.facts}
    assert len(facts) > 20
    for fact in facts.values():
        assert recompute(fact, values, facts) == pytest.approx(fact.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first": "num_ctx=512"}, "names one value"),
        ({"first": "num_ctx=512", "second": "num_ctx=512"}, "with itself"),
        ({"first": "repetition=1", "second": "repetition=2"}, "names `repetition=1`"),
        ({"where": ["num_ctx=512"]}, "at one value and compares its values"),
    ],
)
def test_a_question_that_means_nothing_is_said_to(changes: dict[str, Any], said: str) -> None:
    asked = {
        "metric": "decode_rate",
        "subject": "all",
        "by": "num_ctx",
        "first": "all",
        "second": "all",
        "where": [],
        "control": [],
    }

    query = read_query({**asked, **changes}, catalogue(an_evidence(rounds())))

    assert isinstance(query, Malformed)
    assert said in query.reason


# --- what the model is asked --------------------------------------------------------------------


def _nothing_to_read() -> Knowledge:
    raise AssertionError("there is no write-up to judge")


def tell(
    ollama: ScriptedOllama,
    folder: Path,
    evidence: Evidence,
    colleague: tuple[Agent, Analysis] | None = None,
    **agent: Any,
) -> Analysis:
    facts = derive_facts(evidence)
    with OllamaClient(Host(url=ollama.url)) as client:
        asking = an_asking(client, folder / "replies")
        return analyse(
            an_agent(**{"tier": "write", "options": {"num_ctx": 8192}, **agent}),
            find(facts),
            {fact.id: fact for fact in facts},
            asking,
            snapshot="s",
            colleague=colleague,
            sources=Sources(
                evidence=evidence,
                read_bytes=lambda sha256: b"",
                unknown_files=tuple,
                knowledge=_nothing_to_read,
            ),
        )


def ask_these(*questions: dict[str, Any]) -> Script:
    usual = {
        "a_metric": "decode_rate",
        "b_subject": "tiny:1b",
        "d_first": "all",
        "e_second": "all",
        "f_where": [],
        "g_control": [],
    }
    return say(json.dumps({"questions": [{**usual, **each} for each in questions]}))


def test_the_model_asks_before_it_is_told_any_figure(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama, tmp_path, an_evidence(rounds(slow_first_round)))

    prompt = ollama.chats[0].json["messages"][1]["content"]
    open_to_ask, asked_already = prompt.split("Rules compare these already")
    assert "- `repetition` (which time a call was made): " in open_to_ask
    assert "- `num_ctx` (a setting): `num_ctx=512`, `num_ctx=1024`" in asked_already
    assert prompt.index("A. [") < prompt.index("metrics: ") < prompt.index("Ask up to 5 questions")
    assert "tok/s" not in prompt


def test_the_form_of_a_question_survives_servers_that_sort_keys(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama, tmp_path, an_evidence(rounds()))

    schema = ollama.chats[0].json["format"]
    asked = schema["$defs"]["Asked"]
    assert list(asked["properties"]) == sorted(asked["properties"]) == asked["required"]
    assert asked["additionalProperties"] is False
    assert schema["properties"]["questions"]["maxItems"] == 5
    assert asked["properties"]["f_where"]["maxItems"] == 2
    assert asked["properties"]["c_by"]["enum"] == [
        "repetition",
        "place",
        "run_before",
        "prompt",
        "num_ctx",
    ]


def test_what_an_agent_found_by_asking_is_offered_among_the_findings(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    no_links = say(json.dumps({"links": []}))
    ollama.then(ask_these({"c_by": "repetition"}, {"c_by": "num_ctx"}), no_links)

    told = tell(ollama, tmp_path, an_evidence(rounds(slow_first_round)))

    assert [asked.outcome for asked in told.asked] == ["differs", "no-difference"]
    assert told.asked[0].finding in [found.id for found in told.findings]
    prompt = ollama.chats[3].json["messages"][1]["content"]
    assert "The decode rate of `tiny:1b` differed by `repetition`: medians of" in prompt
    assert [asked.asked_by_rules for asked in told.asked] == [False, True]


def test_a_reader_is_given_what_its_colleague_found_itself(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    evidence = an_evidence(rounds(slow_first_round))
    ollama.then(ask_these({"c_by": "repetition"}))
    read = tell(ollama, tmp_path, evidence, slug="collector")
    assert len(read.findings) == 1
    before = len(ollama.chats)

    # It asks the same again, and finds nothing that is not known.
    ollama.then(ask_these({"c_by": "repetition"}))
    told = tell(ollama, tmp_path, evidence, (an_agent("collector"), read), slug="reader")

    prompt = ollama.chats[before].json["messages"][1]["content"]
    assert read.findings[0].headline in prompt
    assert (told.handed_by, told.handed_findings) == ("collector", read.findings)
    assert told.findings == ()
    assert {fact.id for fact in read.facts} <= {fact.id for fact in told.facts_beyond_rules}


def test_nothing_is_handed_on_by_a_colleague_that_found_nothing(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    evidence = an_evidence(rounds())
    read = tell(ollama, tmp_path, evidence, slug="collector", tier="select")

    told = tell(ollama, tmp_path, evidence, (an_agent("collector"), read), tier="select")

    assert (told.handed_by, told.handed_findings, told.handed_facts) == (None, (), ())


def test_questions_that_cannot_be_read_cost_nothing_but_themselves(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(say("I have no questions."), say("Really none.")).always(at_random())

    told = tell(ollama, tmp_path, an_evidence(rounds()))

    assert told.problem is None
    assert told.chosen_by == "model"
    assert told.asked == ()
    assert told.undone[0].startswith("Nothing was asked: off_schema")


def test_a_small_context_is_asked_for_fewer_questions_or_says_so(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    small = tell(ollama, tmp_path, an_evidence(rounds()), options={"num_ctx": 1024})
    schema = ollama.chats[0].json["format"]
    tiny = tell(ollama, tmp_path, an_evidence(rounds()), options={"num_ctx": 512})

    assert schema["properties"]["questions"]["maxItems"] in (1, 3)
    assert small.undone == ()
    assert "Nothing was asked: the context has no room for a question." in tiny.undone
    assert tiny.statements


@pytest.mark.parametrize("seed", range(3))
def test_random_questions_are_all_answered_or_refused(
    ollama: ScriptedOllama, tmp_path: Path, seed: int
) -> None:
    told = tell(ollama, tmp_path, an_evidence(rounds(seed=seed)), options={"seed": seed + 1})

    facts = {fact.id: fact for fact in told.facts}
    for asked in told.asked:
        assert render_plain(asked.answer, facts)
