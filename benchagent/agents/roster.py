"""Who writes reports: agents, their models and options, and the pairs that are compared."""

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from benchagent.agents.errors import RosterError, did_you_mean
from benchagent.agents.persona import Contract, persona_names, read_persona
from benchagent.calls.deadlines import LONGEST_SECONDS, Deadlines
from benchagent.calls.options import KNOWN_OPTIONS

Tier = Literal["auto", "select", "write"]
OptionValue = bool | int | float | str | list[str]

# The most agents that may ask one server at a time.
MOST_AT_ONCE = 64
SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"


def _persona_name(value: object) -> object:
    if isinstance(value, str) and value not in persona_names():
        raise ValueError(f"there is no persona {value!r}; there are {', '.join(persona_names())}")
    return value


# Ollama's option names, and what a value of each has to be.
WHOLE_NUMBERS = frozenset(name for name, (kind, _) in KNOWN_OPTIONS.items() if kind is int)
NUMBERS = frozenset(name for name, (kind, _) in KNOWN_OPTIONS.items() if kind is float)
OPTION_NAMES = frozenset(KNOWN_OPTIONS)


def _checked_options(value: object) -> object:
    if isinstance(value, dict):
        for name, setting in cast(Mapping[object, object], value).items():
            _check_option(str(name), setting)
    return value


def _check_option(name: str, setting: object) -> None:
    if name not in OPTION_NAMES:
        raise ValueError(f"Ollama has no option {name!r}{did_you_mean(name, OPTION_NAMES)}")
    number = None if isinstance(setting, bool) else setting
    if name in WHOLE_NUMBERS and not isinstance(number, int):
        raise ValueError(f"{name} is {setting!r}, expected a whole number")
    if name in NUMBERS and not isinstance(number, int | float):
        raise ValueError(f"{name} is {setting!r}, expected a number")
    if name == "use_mmap" and not isinstance(setting, bool):
        raise ValueError(f"{name} is {setting!r}, expected true or false")
    if name == "num_ctx" and isinstance(setting, int) and setting < 256:
        raise ValueError(f"num_ctx is {setting}, too small for any prompt; expected 256 or more")
    if name == "num_predict" and isinstance(setting, int) and setting < 1:
        raise ValueError(f"num_predict is {setting}; every call has a limit, expected 1 or more")


Seconds = Annotated[float, Field(gt=0, le=LONGEST_SECONDS, strict=True)]


class AgentDeadlines(BaseModel):
    """How many seconds a call of an agent may take; what is absent is as in `Deadlines`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect: Seconds | None = None
    load: Seconds | None = None
    first_token: Seconds | None = None
    between_tokens: Seconds | None = None
    total: Seconds | None = None

    def whole(self) -> Deadlines:
        """These deadlines, and the usual ones where the agent names none."""
        return Deadlines(**self.model_dump(exclude_none=True))


class Agent(BaseModel):
    """A persona, a model and its options.

    Attributes:
        model: name as Ollama knows it; None writes the code's own report.
        options: any Ollama options; empty means the server's defaults.
        host: base URL of the agent's own server; None is the machine's (`hosts`).
        reads_from: slug of the agent whose analysis this one builds on.
        tier: what the model is asked for; `auto` goes by its size.
        allow_remote: the host may be another machine, or the model a cloud model.
        deadlines: how long a call may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str = Field(pattern=SLUG)
    label: str = Field(min_length=1, max_length=80)
    persona: Annotated[str, BeforeValidator(_persona_name)]
    model: str | None
    options: Annotated[dict[str, OptionValue], BeforeValidator(_checked_options)] = Field(
        default_factory=dict[str, OptionValue]
    )
    host: str | None = None
    reads_from: str | None = None
    contract: Contract | None = None
    tier: Tier = "auto"
    allow_remote: bool = False
    deadlines: AgentDeadlines = AgentDeadlines()

    def promises(self) -> Contract:
        """The agent's own contract, else its persona's."""
        return self.contract or read_persona(self.persona).contract


class Defaults(BaseModel):
    """What holds for every agent that says nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = None
    host: str | None = None
    tier: Tier = "auto"
    deadlines: AgentDeadlines = AgentDeadlines()


class Roster(BaseModel):
    """All agents, in the order of the file, and the named pairs of them.

    Attributes:
        calls_at_once: how many agents may ask a host at a time, by the host as agents name it;
            `default` is the server of the agents that name none. One where nothing is said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    defaults: Defaults = Defaults()
    agents: tuple[Agent, ...] = Field(min_length=1)
    scenarios: dict[str, tuple[str, str]] = Field(default_factory=dict[str, tuple[str, str]])
    calls_at_once: dict[str, Annotated[int, Field(ge=1, le=MOST_AT_ONCE, strict=True)]] = Field(
        default_factory=dict[str, int]
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_defaults(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("agents"), list):
            return data
        defaults = data.get("defaults") or {}
        agents = [
            {**defaults, **agent} if isinstance(agent, dict) else agent for agent in data["agents"]
        ]
        return {**data, "agents": agents}

    def agent(self, slug: str) -> Agent:
        """The agent of that slug.

        Raises:
            RosterError: no agent has it.
        """
        for agent in self.agents:
            if agent.slug == slug:
                return agent
        slugs = [agent.slug for agent in self.agents]
        raise RosterError(
            f"there is no agent {slug!r}{did_you_mean(slug, slugs)}; there are {', '.join(slugs)}"
        )

    def choose(self, slugs: Collection[str]) -> list[Agent]:
        """The agents of these slugs, without any all of them; in the order of the file.

        Raises:
            RosterError: no agent has one of them.
        """
        wanted = {self.agent(slug).slug for slug in slugs}
        return [agent for agent in self.agents if not slugs or agent.slug in wanted]


def calls_at_once(agent: Agent, limits: Mapping[str, int]) -> int:
    """How many agents may ask this agent's host at a time, by the roster's `calls_at_once`."""
    return limits.get(agent.host or "default", 1)
