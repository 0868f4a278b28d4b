"""What a model of unknown ability can do, tried once: questions that have one right answer.

The size of a model says little of whether it reads a table. So a model that the roster leaves to
`auto`, and that is large enough, is asked six questions and for one sentence. The reply is stored
like any other, by the digest of the model, so that it is asked once for all agents and snapshots.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from benchagent.agents.asking import Asking
from benchagent.agents.prompting import Question, fill, misfit, one_of, read_reply, reply_model
from benchagent.calls.request import ChatRequest

STAGE: Final = "probe"
MODELS: Final = ("ash", "elm", "oak")
ANSWERS: Final[Mapping[str, str]] = {
    "a": "ash",
    "b": "elm",
    "c": "oak",
    "d": "elm",
    "e": "elm",
    "f": "ash",
}
# A model that guesses gets this many of six right once in sixty times.
ENOUGH: Final = 5
REFERENCE: Final = "{b2}"
# The same for every agent, so that the answer is the model's and asked for once.
OPTIONS: Final = {"temperature": 0.0, "num_ctx": 2048}


class Probe(NamedTuple):
    """What became of the probe.

    Attributes:
        passed: whether the model may ask, link and word.
        said: why not, for the report; None where it may.
    """

    passed: bool
    said: str | None


def take_probe(asking: Asking, agent: str, model: str) -> Probe:
    """Asks a model what it can do, or finds what it answered before.

    Args:
        asking: how the model is asked.
        agent: for whom, as the record of the call names it.
        model: its name.

    Raises:
        OllamaError: the server cannot be reached or does not have the model.
    """
    question = probe_question()
    request = ChatRequest(
        model=model,
        prompt=question.prompt,
        schema=question.reply.model_json_schema(),
        options=OPTIONS,
        num_predict=question.num_predict,
    )
    exchange = asking.put(
        request, agent=agent, stage=STAGE, judge=lambda text: misfit(question, text)
    )
    if exchange.outcome != "ok" or exchange.text is None:
        return Probe(False, f"its reply to the probe could not be used: {exchange.outcome}")
    return judge_probe(read_reply(question, exchange.text))


def probe_question() -> Question:
    """The six questions and the sentence."""
    sentence = Annotated[str, Field(min_length=1, max_length=200)]
    reply = reply_model({**dict.fromkeys(ANSWERS, one_of(MODELS)), "g": sentence})
    return Question(fill("probe.md"), reply, 160)


def judge_probe(reply: Mapping[str, object]) -> Probe:
    """Whether the answers are right and the sentence says what it should, as it should."""
    right = sum(reply[key] == answer for key, answer in ANSWERS.items())
    sentence = str(reply["g"])
    figures = re.findall(r"\{[^{}]*\}", sentence)
    told = figures == [REFERENCE] and not re.search(r"\d", sentence.replace(REFERENCE, ""))
    if right < ENOUGH:
        return Probe(False, f"it got {right} of {len(ANSWERS)} questions of the probe right")
    if not told:
        return Probe(False, "its sentence in the probe told a figure otherwise than asked")
    return Probe(True, None)
