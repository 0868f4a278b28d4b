"""What every question to a model is made of: a prompt that fits, and a form for the answer."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import Template, ascii_uppercase
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from benchagent.agents.persona import read_persona
from benchagent.agents.roster import Agent
from benchagent.findings.finding import Finding

PROMPTS = Path(__file__).parent / "prompts"
# Measured with SmolLM2's tokeniser: 2.9 for sentences full of figures and paths, 3.9 for headlines.
# A server that counts more refuses the prompt, and `analysis` asks again with fewer findings.
CHARACTERS_PER_TOKEN = 3.2
CHAT_TEMPLATE_TOKENS = 24
# Of those that a question about findings shows; fewer where the context is small.
MOST_FINDINGS = 12
# A shorter prompt is mostly template, and says little of how a model spells text.
_FEWEST_LEARNT = 100
# A choice among sixty names need not be told with all of them.
_LONGEST_MISFIT = 300
# Prompts differ: one full of figures takes more tokens than one of headlines.
_CAUTION = 0.9


class Question(NamedTuple):
    """What a model is asked at once.

    Attributes:
        reply: the form of the answer.
        num_predict: tokens that the answer may take.
        offered: the findings in it, in the order of their letters.
        unseen: ids of those that the context had no room for.
    """

    prompt: str
    reply: type[BaseModel]
    num_predict: int
    offered: tuple[Finding, ...] = ()
    unseen: tuple[str, ...] = ()

    def by_letter(self) -> dict[str, Finding]:
        """The findings in it by the letters that its answer uses."""
        return by_letter(self.offered)


class Room(NamedTuple):
    """How much of a prompt a model's context holds.

    Attributes:
        num_ctx: tokens that prompt and reply share.
        characters_per_token: of this model, as far as it is known.
    """

    num_ctx: int
    characters_per_token: float = CHARACTERS_PER_TOKEN

    def count(self, *texts: str) -> int:
        """The tokens of a prompt, its chat template included, as far as can be told."""
        characters = sum(len(text) for text in texts)
        return CHAT_TEMPLATE_TOKENS + round(characters / self.characters_per_token)

    def learn(self, characters: int, counted: int) -> "Room":
        """The same room, its estimate corrected by what a server counted of a prompt."""
        tokens = counted - CHAT_TEMPLATE_TOKENS
        if tokens < _FEWEST_LEARNT:
            return self
        return self._replace(characters_per_token=_CAUTION * characters / tokens)


def by_letter(offered: Sequence[Finding]) -> dict[str, Finding]:
    """Findings by the letters under which a prompt shows them: `A` is the first."""
    return dict(zip(ascii_uppercase, offered, strict=False))


def list_headlines(offered: Sequence[Finding]) -> str:
    """Findings as a prompt lists those of which it tells no figures."""
    return "\n".join(
        f"{letter}. [{finding.severity}] {finding.headline}"
        for letter, finding in by_letter(offered).items()
    )


def fits(agent: Agent, question: Question, room: Room) -> bool:
    """Whether prompt and reply have room together; an agent's own num_predict is its reply's."""
    own = agent.options.get("num_predict")
    reply = own if isinstance(own, int) else question.num_predict
    return room.count(read_persona(agent.persona).prompt, question.prompt) + reply <= room.num_ctx


def ask_what_fits(
    agent: Agent,
    offered: Sequence[Finding],
    room: Room,
    ask: Callable[[tuple[Finding, ...]], Question],
    *,
    fewest: int,
) -> Question | None:
    """The question over as many findings, by rank, as have room; None below the fewest."""
    for count in range(len(offered), fewest - 1, -1):
        question = ask(tuple(offered[:count]))
        if fits(agent, question, room):
            return question
    return None


def reply_model(fields: Mapping[str, object], name: str = "Reply") -> type[BaseModel]:
    """A reply in which every field is required and nothing else is allowed."""
    named: dict[str, Any] = {field: (kind, ...) for field, kind in fields.items()}
    return create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **named)


def one_of(choices: Sequence[str]) -> Any:
    """A field that takes one of these."""
    return Literal[tuple(choices)]


def misfit(question: Question, text: str) -> str | None:
    """Why a reply cannot be read as an answer to the question; None where it can."""
    try:
        read_reply(question, text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        invented = first["type"] == "extra_forbidden"
        # A key that nobody asked for is the model's own words, and this is read in reports.
        where = first["loc"][:-1] if invented else first["loc"]
        place = ".".join(str(part) for part in where) or "the reply"
        said = "it has a key that was not asked for" if invented else first["msg"]
        return f"{place}: {said}"[:_LONGEST_MISFIT]
    return None


def read_reply(question: Question, text: str) -> Mapping[str, Any]:
    """The answer's fields."""
    return question.reply.model_validate_json(text).model_dump()


def fill(name: str, **values: str) -> str:
    """A prompt from its file."""
    text = (PROMPTS / name).read_text(encoding="utf-8")
    return Template(text).substitute(values).strip()
