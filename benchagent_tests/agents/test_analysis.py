"""What agents ask of their models, byte for byte, and what comes of every kind of answer."""

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchagent.agents.account import Analysis
from benchagent.agents.analysis import analyse
from benchagent.agents.persona import persona_names, read_persona
from benchagent.agents.prompting import Room
from benchagent.agents.roster import Agent
from benchagent.agents.tiers import tier_of
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.identity import ModelIdentity
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.wire import ModelMissingError, ServerUnreachableError
from benchagent.references import REFERENCE
from benchagent_tests.builders import a_fact, a_finding, an_agent, an_asking, many_findings
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import Script, at_random, html, say, status


@dataclass
class Told:
    """An account, and the records of the calls that it took."""

    analysis: Analysis
    calls: list[ModelCall] = field(default_factory=list)


def tell(
    url: str,
    folder: Path,
    agent: Agent,
    *,
    count: int = 3,
    fresh: bool = False,
    inherits: bool = True,
    colleague: tuple[Agent, Analysis] | None = None,
) -> Told:
    """Let an agent tell of so many findings."""
    findings, facts = many_findings(count)
    calls: list[ModelCall] = []
    with OllamaClient(Host(url=url)) as client:
        asking = an_asking(
            client,
            folder / "replies",
            record=calls.append,
            context=CallContext(snapshot="s"),
            fresh=fresh,
            inherits=inherits,
        )
        analysis = analyse(agent, findings, facts, asking, snapshot="s", colleague=colleague)
    return Told(analysis, calls)


def choose(**choice: str | list[str]) -> Script:
    """A reply that chooses so, and mentions every other finding."""

    def answer(ask: Any) -> str:
        fields = ask["format"]["properties"]
        usual: dict[str, Any] = {name: "1a" for name in fields if len(name) == 1}
        return json.dumps({**usual, "headline": "A", "next": ["A"], **choice})

    return say(answer)


def word(**said: str) -> Script:
    """A reply in these words; what is not given is nonsense that cannot stand."""

    def answer(ask: Any) -> str:
        return json.dumps({name: said.get(name, "no") for name in ask["format"]["properties"]})

    return say(answer)


# --- what goes over the wire --------------------------------------------------------------------


@pytest.mark.parametrize("persona", persona_names())
def test_the_persona_is_the_system_message_byte_for_byte(
    ollama: ScriptedOllama, tmp_path: Path, persona: str
) -> None:
    tell(ollama.url, tmp_path, an_agent(persona=persona))

    [seen] = ollama.chats
    prompt = read_persona(persona).prompt
    assert seen.json["messages"][0] == {"role": "system", "content": prompt}
    assert json.dumps(prompt).encode("ascii") in seen.body


def test_the_shipped_personas_ask_for_what_they_promise() -> None:
    insight, collector = read_persona("insight"), read_persona("data-collector")

    assert "between 300 and 400 words" in insight.prompt
    assert "at least two rows" in insight.prompt
    assert (insight.contract.min_words, insight.contract.max_words) == (300, 400)
    assert insight.contract.table_rows == 2
    assert "under 250 words" in collector.prompt
    assert collector.contract.max_words == 250


def test_a_request_is_streamed_never_cut_never_shifted_and_without_thinking(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama.url, tmp_path, an_agent())

    body = ollama.chats[0].json
    assert (body["stream"], body["truncate"], body["shift"], body["think"]) == (
        *(True, False, False),
        False,
    )
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_the_options_are_the_agents_own_and_two_of_ours(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    options = {"num_gpu": 80, "num_ctx": 2048, "temperature": 1.0, "stop": ["\n\n"]}
    tell(ollama.url, tmp_path, an_agent(options=options))

    sent = ollama.chats[0].json["options"]
    assert {name: sent[name] for name in options} == options
    assert set(sent) - set(options) == {"num_predict", "seed"}


def test_without_options_a_runner_of_somebody_else_is_unloaded_first(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.load_with("tiny:1b", num_gpu=0)

    tell(ollama.url, tmp_path, an_agent(options={}))

    paths = [seen.path for seen in ollama.requests]
    unload = [seen for seen in ollama.requests if seen.path == "/api/generate"]
    assert [seen.json["keep_alive"] for seen in unload] == [0]
    assert paths.index("/api/generate") < paths.index("/api/chat")
    assert set(ollama.chats[0].json["options"]) == {"num_predict", "seed"}


def test_a_server_that_takes_options_as_they_are_is_left_loaded(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.load_with("tiny:1b", num_gpu=0)

    tell(ollama.url, tmp_path, an_agent(), inherits=False)

    assert not [seen for seen in ollama.requests if seen.path == "/api/generate"]


def test_the_reply_is_bound_to_the_findings_by_its_schema(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama.url, tmp_path, an_agent(), count=2)

    schema = ollama.chats[0].json["format"]
    assert schema["required"] == ["A", "B", "headline", "next"]
    assert schema["additionalProperties"] is False
    choices = ["3a", "3b", "3c", "2a", "2b", "2c", "1a", "1b", "1c", "0"]
    assert schema["properties"]["A"]["enum"] == choices
    assert schema["properties"]["headline"]["enum"] == ["A", "B"]


def test_a_problem_cannot_be_left_out(ollama: ScriptedOllama, tmp_path: Path) -> None:
    fact = a_fact()
    finding = a_finding(1, fact, severity="problem")
    with OllamaClient(Host(url=ollama.url)) as client:
        asking = an_asking(client, tmp_path)
        analyse(an_agent(), [finding], {fact.id: fact}, asking, snapshot="s")

    assert "0" not in ollama.chats[0].json["format"]["properties"]["A"]["enum"]


def test_the_findings_come_first_and_the_question_last(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama.url, tmp_path, an_agent())

    prompt = ollama.chats[0].json["messages"][1]["content"]
    assert prompt.index("A. [result] Decode rate, part b") < prompt.index("Answer with JSON")
    assert "F000000000001" not in prompt, "a small model is not troubled with ids"


def test_a_small_prompt_for_a_small_model(ollama: ScriptedOllama, tmp_path: Path) -> None:
    tell(ollama.url, tmp_path, an_agent(), count=30)

    body = ollama.chats[0].json
    assert len(body["format"]["properties"]) == 12 + 2
    assert body["options"]["num_predict"] <= 300


# --- what the model chooses ---------------------------------------------------------------------


def test_the_model_chooses_order_wording_headline_and_next_steps(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(choose(A="1a", B="0", C="3b", headline="C", next=["C", "A", "C"]))

    told = tell(ollama.url, tmp_path, an_agent()).analysis

    findings, _ = many_findings(3)
    a, b, c = findings
    assert [said.finding for said in told.statements] == [c.id, a.id]
    assert [said.text for said in told.statements] == [c.sentences[1], a.sentences[0]]
    assert [said.author for said in told.statements] == ["code", "code"]
    assert (told.headline, told.next_steps, told.skipped) == (c.id, (c.id, a.id), (b.id,))
    assert (told.tier, told.chosen_by, told.problem) == ("select", "model", None)


def test_a_report_does_not_open_with_what_its_agent_left_out(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(choose(A="0", B="2a", headline="A"))

    told = tell(ollama.url, tmp_path, an_agent()).analysis

    assert told.headline == told.statements[0].finding


def test_a_model_that_leaves_everything_out_is_asked_for_no_words(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(choose(A="0", B="0", C="0"))

    told = tell(ollama.url, tmp_path, an_agent(tier="write")).analysis

    assert len(ollama.chats) == 1
    assert (told.statements, told.headline) == ((), None)


def test_a_reader_is_told_what_its_colleague_told(ollama: ScriptedOllama, tmp_path: Path) -> None:
    ollama.then(choose(A="0", B="1a", C="3a"))
    colleague = an_agent("collector")
    read = tell(ollama.url, tmp_path, colleague).analysis

    tell(ollama.url, tmp_path, an_agent("reader"), colleague=(colleague, read))

    prompt = ollama.chats[1].json["messages"][1]["content"]
    assert "Your colleague, the Collector, told these, in this order: C, B." in prompt


@pytest.mark.parametrize(
    ("asked", "parameter_count", "parameter_size", "tier"),
    [
        ("auto", 134_515_008, None, "select"),
        ("auto", None, "134.52M", "select"),
        ("auto", None, "8.0B", "write"),
        ("auto", None, None, "select"),
        ("auto", None, "large", "select"),
        ("select", None, "70B", "select"),
        ("write", None, "135M", "write"),
    ],
)
def test_the_tier_is_what_the_roster_says_or_goes_by_size(
    asked: str, parameter_count: int | None, parameter_size: str | None, tier: str
) -> None:
    identity = ModelIdentity(
        name="m", parameter_count=parameter_count, parameter_size=parameter_size
    )

    assert tier_of(an_agent(tier=asked), identity) == tier


# --- what does not fit --------------------------------------------------------------------------


def test_what_a_small_context_has_no_room_for_is_listed(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    told = tell(ollama.url, tmp_path, an_agent(options={"num_ctx": 512}), count=12).analysis

    offered = [name for name in ollama.chats[0].json["format"]["properties"] if len(name) == 1]
    findings, _ = many_findings(12)
    assert 0 < len(offered) < 12
    assert told.unseen == tuple(finding.id for finding in findings[len(offered) :])
    assert told.problem is None


def test_an_agents_own_num_predict_is_kept_free_for_its_reply(
    tmp_path: Path, ollama: ScriptedOllama
) -> None:
    short = an_agent(options={"num_ctx": 1024, "num_predict": 150})
    long = an_agent(options={"num_ctx": 1024, "num_predict": 700})

    shown = [
        len(tell(ollama.url, tmp_path / str(place), agent, count=12).analysis.unseen)
        for place, agent in enumerate((short, long))
    ]

    assert shown[0] < shown[1]


def test_what_a_server_counts_of_one_prompt_corrects_the_estimate_of_the_next() -> None:
    room = Room(4096).learn(characters=4000, counted=1024)

    assert room.count("x" * 3600) == 1024
    assert Room(4096).count("x" * 3600) > 1024
    assert Room(4096).learn(characters=40, counted=60) == Room(4096)


def test_a_prompt_that_the_server_finds_too_long_is_asked_again_with_less(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    too_long = status(400, "the prompt is longer than the context length currently available")
    ollama.then(too_long, choose())

    told = tell(ollama.url, tmp_path, an_agent(options={"num_ctx": 700}), count=12)

    first, second = [len(seen.json["format"]["properties"]) for seen in ollama.chats]
    assert second < first
    assert [call.outcome for call in told.calls] == ["prompt_too_long", "ok"]
    assert told.analysis.unseen
    assert told.analysis.problem is None


def test_a_prompt_that_never_fits_leaves_the_codes_own_account(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.always(status(400, "the prompt is longer than the context length"))

    told = tell(ollama.url, tmp_path, an_agent())

    assert [call.outcome for call in told.calls] == ["prompt_too_long"] * 3
    assert told.analysis.problem is not None
    assert told.analysis.problem.startswith("prompt_too_long: ")
    assert len(told.analysis.statements) == 3


# --- what cannot be used ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (say("I would rather not."), "off_schema"),
        (say('{"A": "9z", "headline": "A", "next": ["A"]}'), "off_schema"),
        (choose(extra="1"), "off_schema"),
        (choose(next=[]), "off_schema"),
        (choose(headline="Q"), "off_schema"),
        (say(""), "empty"),
        (say("word " * 400), "length"),
    ],
)
def test_a_reply_that_stays_unusable_leaves_the_codes_own_account_marked_so(
    ollama: ScriptedOllama, tmp_path: Path, script: Script, outcome: str
) -> None:
    ollama.always(script)

    told = tell(ollama.url, tmp_path, an_agent())

    assert [call.outcome for call in told.calls] == [outcome, outcome]
    assert told.calls[0].asked.seed != told.calls[1].asked.seed
    assert told.analysis.problem is not None
    assert told.analysis.problem.startswith(outcome)
    assert (told.analysis.chosen_by, told.analysis.tier) == ("code", "select")
    assert [said.author for said in told.analysis.statements] == ["code"] * 3


def test_a_retry_that_can_be_used_is_used_and_both_are_recorded(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(say("nonsense"), choose())

    told = tell(ollama.url, tmp_path, an_agent())

    assert [(call.outcome, call.context.attempt) for call in told.calls] == [
        ("off_schema", 1),
        ("ok", 2),
    ]
    assert told.analysis.problem is None


def test_what_is_no_ollama_at_all_leaves_an_account_that_says_so(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.always(html())

    told = tell(ollama.url, tmp_path, an_agent())

    assert told.analysis.problem is not None
    assert told.analysis.problem.startswith("not_ollama")
    assert len(told.analysis.statements) == 3


def test_words_that_cannot_be_read_leave_the_models_choice_in_the_codes_words(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(choose(A="0", C="3a"), say("nonsense"), say("nonsense"))

    told = tell(ollama.url, tmp_path, an_agent(tier="write")).analysis

    assert told.problem is not None
    assert (told.chosen_by, told.tier) == ("model", "write")
    assert len(told.skipped) == 1
    assert {said.author for said in told.statements} == {"code"}


# --- what is remembered -------------------------------------------------------------------------


def test_a_question_that_was_answered_costs_no_request(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    first = tell(ollama.url, tmp_path, an_agent())
    again = tell(ollama.url, tmp_path, an_agent())

    assert len(ollama.chats) == 1
    assert again.analysis == first.analysis
    assert [call.replayed for call in again.calls] == [True]


def test_fresh_asks_again(ollama: ScriptedOllama, tmp_path: Path) -> None:
    tell(ollama.url, tmp_path, an_agent())
    again = tell(ollama.url, tmp_path, an_agent(), fresh=True)

    assert len(ollama.chats) == 2
    assert [call.replayed for call in again.calls] == [False]


# --- who cannot be asked ------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    url = unused_url()
    with pytest.raises(ServerUnreachableError) as raised:
        tell(url, tmp_path, an_agent())

    assert url in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_model_that_is_missing_is_named_with_what_is_there(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    with pytest.raises(ModelMissingError) as raised:
        tell(ollama.url, tmp_path, an_agent(model="huge:70b"))

    said = str(raised.value)
    assert "ollama pull huge:70b" in said
    assert "tiny:1b" in said
    assert "\n" not in said


def test_nobody_is_asked_about_nothing(ollama: ScriptedOllama, tmp_path: Path) -> None:
    told = tell(ollama.url, tmp_path, an_agent(), count=0).analysis

    assert ollama.requests == []
    assert (told.statements, told.headline, told.problem) == ((), None, None)


# --- the model's own words ----------------------------------------------------------------------


def test_a_sentence_that_holds_stands_in_the_models_words(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(
        choose(),
        word(A="At {a1}, `fox:1b` decodes.", summary="`fox:1b` reaches {a1} here and {b1} there."),
    )

    told = tell(ollama.url, tmp_path, an_agent(tier="write")).analysis

    first, second, _ = told.statements
    assert (first.author, first.text) == ("model", "At {F000000000001}, `fox:1b` decodes.")
    assert (second.author, second.rejected is not None) == ("code", True)
    assert told.summary == "`fox:1b` reaches {F000000000001} here and {F000000000002} there."


def test_a_sentence_that_tells_nothing_does_not_stand_for_a_finding(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.then(choose(), word(A="Fine.", B="`fox:1b` is worth a look.", C="Fine, too."))

    told = tell(ollama.url, tmp_path, an_agent(tier="write")).analysis

    assert {said.author for said in told.statements} == {"code"}
    assert told.statements[0].rejected == "it gives none of the finding's figures"


def test_the_second_question_offers_figures_under_short_names(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    tell(ollama.url, tmp_path, an_agent(tier="write"))

    prompt = ollama.chats[1].json["messages"][1]["content"]
    assert "{a1} = median decode rate of `fox:1b`, warm calls: 4" in prompt
    assert "F0000" not in prompt


LIES = [
    "It reaches 999 tok/s.",
    "`fox:1b` decodes {a1}, three times the usual.",
    "`fox:1b` decodes {a1} because of its cache.",
    "`wolf:7b` decodes {a1}.",
    "`fox:1b` decodes {z9}.",
    "`fox:1b` decodes {F000000000001}.",
    "`fox:1b` does not decode {a1}.",
    "`fox:1b` is faster than ever at {a1}.",
    "`fox:1b` decodes {a1}. See [more](https://example.org).",
    "`fox:1b` decodes {a1}.<script>alert(1)</script>",
    "`fox:1b` decodes {a1}, or ½ of it.",
    "`fox:1b` decodes {a1}, or ９９９.",
    "`999` is what `fox:1b` decodes, {a1}.",
    "`fox:1b` decodes {{a1}}.",
    "{a1",
    "# Heading",
]
FRAGMENTS = [
    *("`fox:1b` ", "{a1} ", "{b1} ", "`wolf:7b` ", "999 ", "twice ", "not ", "because ", "faster "),
    *("decodes ", "at ", "{", "}", "`", "[x](y) ", "<b>", ". ", "two ", "½ ", "worse than ", "%"),
]


def lie(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(LIES)
    return "".join(rng.choices(FRAGMENTS, k=rng.randint(2, 9))).strip() + "."


@pytest.mark.parametrize("seed", range(10))
def test_no_lie_gets_through(ollama: ScriptedOllama, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    said = {letter: lie(rng) for letter in "ABC"} | {"summary": lie(rng)}
    ollama.then(choose(), word(**said))

    told = tell(ollama.url, tmp_path, an_agent(tier="write")).analysis

    texts = [each.text for each in told.statements if each.author == "model"]
    for text in [*texts, *([told.summary] if told.summary else [])]:
        cited = [found[1] for found in REFERENCE.finditer(text)]
        prose = REFERENCE.sub("", text)
        assert set(cited) <= {f"F{n:012x}" for n in (1, 2, 3)}
        assert not re.search(r"[\d½<>\[\]{}]", prose.replace("`fox:1b`", ""))
        assert "wolf" not in prose
        spoken = set(re.findall(r"[a-z]+", prose.lower()))
        assert not spoken & {"twice", "two", "because", "not", "faster", "worse", "three"}


def test_random_answers_within_the_schema_are_always_an_account(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.always(at_random())
    for count in (1, 2, 5, 12, 25):
        told = tell(ollama.url, tmp_path, an_agent(tier="write"), count=count).analysis
        assert told.problem is None
        assert {said.author for said in told.statements} <= {"code"}


def test_a_model_with_a_small_context_gets_no_longer_prompt_than_it_can_hold(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(context_length=480)
    with ScriptedOllama(models=[model]) as ollama:
        told = tell(ollama.url, tmp_path, an_agent(), count=12).analysis

    assert told.problem is None
    assert told.unseen
