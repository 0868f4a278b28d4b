"""Asking an agent's model: as much as its context holds, less where the server counts more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from benchagent.agents.asking import Asking
from benchagent.agents.persona import read_persona
from benchagent.agents.prompting import CHARACTERS_PER_TOKEN, Question, Room, misfit
from benchagent.agents.roster import Agent
from benchagent.calls.exchange import Exchange
from benchagent.calls.identity import ModelIdentity
from benchagent.calls.request import ChatRequest

# The smallest default of any Ollama; a larger one is not known before the model is loaded.
DEFAULT_NUM_CTX = 4096
# What of the context a prompt may fill by our estimate, once the server has counted more.
SMALLER = (0.75, 0.5)


class Heard(NamedTuple):
    """A question as it was asked, and what came of it.

    Attributes:
        text: the answer, where it can be used.
        problem: why it cannot be used, where it cannot.
    """

    question: Question
    text: str | None
    problem: str | None


@dataclass(slots=True, kw_only=True)
class Interview:
    """One agent with its model, to be asked several things.

    Attributes:
        room: what its context holds; what the server counts of one prompt corrects the next.
    """

    agent: Agent
    identity: ModelIdentity
    asking: Asking
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is known but the size, and what earlier runs learnt of how the model spells."""
        calibration = self.asking.calibration
        known = calibration.recall(self.identity.digest) if calibration else None
        size = context_of(self.agent, self.identity)
        self.room = Room(size, known or CHARACTERS_PER_TOKEN)

    def ask(self, question_for: Callable[[Room], Question], *, stage: str) -> Heard:
        """Asks, and where the server counts more tokens than we thought, asks with less.

        Args:
            question_for: the question within so much room.
            stage: what for, as the record of the call names it.
        """
        heard = self.ask_if(question_for, stage=stage)
        assert heard is not None
        return heard

    def ask_if(
        self, question_for: Callable[[Room], Question | None], *, stage: str
    ) -> Heard | None:
        """As `ask`, but None where the context has no room for the question at all."""
        room = self.room
        question = question_for(room)
        if question is None:
            return None
        exchange = self._converse(question, stage)
        for share in SMALLER:
            smaller = question_for(room._replace(num_ctx=int(share * room.num_ctx)))
            if exchange.outcome != "prompt_too_long" or smaller is None:
                break
            question = smaller
            exchange = self._converse(question, stage)
        self._learn(question, exchange)
        if exchange.outcome == "ok" and exchange.text is not None:
            return Heard(question, exchange.text, None)
        detail = exchange.call.ending.detail
        return Heard(
            question, None, f"{exchange.outcome}: {detail}" if detail else exchange.outcome
        )

    def _learn(self, question: Question, exchange: Exchange) -> None:
        """A stored reply has its count too, so that a run again asks the same questions."""
        counted = exchange.call.timings.prompt_tokens
        if counted is not None and exchange.outcome == "ok":
            system = read_persona(self.agent.persona).prompt
            before = self.room
            self.room = before.learn(len(system) + len(question.prompt), counted)
            if self.asking.calibration and self.room is not before:
                self.asking.calibration.learn(
                    self.identity.digest, self.identity.name, self.room.characters_per_token
                )

    def _converse(self, question: Question, stage: str) -> Exchange:
        agent = self.agent
        system = read_persona(agent.persona).prompt
        request = ChatRequest(
            model=agent.model or "",
            system=system,
            prompt=question.prompt,
            schema=question.reply.model_json_schema(),
            options=agent.options,
            num_predict=question.num_predict,
            expected_tokens=self.room.count(system, question.prompt),
            deadlines=agent.deadlines.whole(),
        )
        return self.asking.put(
            request, agent=agent.slug, stage=stage, judge=lambda text: misfit(question, text)
        )


def context_of(agent: Agent, identity: ModelIdentity) -> int:
    """Tokens that prompt and reply share, as far as it is known before the model is loaded."""
    asked = agent.options.get("num_ctx") or identity.parameters.get("num_ctx") or DEFAULT_NUM_CTX
    most = identity.context_length or DEFAULT_NUM_CTX
    return min(int(asked), most) if isinstance(asked, int) else min(DEFAULT_NUM_CTX, most)
