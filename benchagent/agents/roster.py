"""Who writes reports: agents, the personas that they speak as, and the pairs that are compared.

`agents.yaml` is checked as a whole when it is read; a mistake is one sentence that names the file,
the line, the field, what was found and what was expected.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, cast

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from benchagent.calls.deadlines import DEADLINES, LONGEST_SECONDS, Deadlines
from benchagent.calls.identity import KNOWN_OPTIONS
from benchagent.errors import ExplainedError

Tier = Literal["auto", "select", "write"]
OptionValue = bool | int | float | str | list[str]

PERSONAS = Path(__file__).parent / "personas"
SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"


class RosterError(ExplainedError):
    """The roster cannot be used; the message says where, what was found and what to do."""


class Contract(BaseModel):
    """What a persona promises of its own part of a report, checked on the rendered text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_words: int | None = Field(default=None, ge=1)
    max_words: int | None = Field(default=None, ge=20)
    sections: tuple[str, ...] = ()
    table_rows: int | None = Field(default=None, ge=1)
    recommendations: int = Field(default=3, ge=1, le=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A voice: the system message exactly as it is sent, and the contract that comes with it."""

    name: str
    prompt: str
    contract: Contract


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
        raise ValueError(f"Ollama has no option {name!r}{_did_you_mean(name, OPTION_NAMES)}")
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
        """With the usual ones where the agent is silent."""
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


class _Defaults(BaseModel):
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

    defaults: _Defaults = _Defaults()
    agents: tuple[Agent, ...] = Field(min_length=1)
    scenarios: dict[str, tuple[str, str]] = Field(default_factory=dict[str, tuple[str, str]])
    calls_at_once: dict[str, Annotated[int, Field(ge=1, le=64, strict=True)]] = Field(
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
            f"there is no agent {slug!r}{_did_you_mean(slug, slugs)}; there are {', '.join(slugs)}"
        )


def calls_at_once(agent: Agent, limits: Mapping[str, int]) -> int:
    """How many agents may ask this agent's host at a time, by the roster's `calls_at_once`."""
    return limits.get(agent.host or "default", 1)


def read_roster(path: Path) -> Roster:
    """Reads and checks an `agents.yaml`.

    Raises:
        RosterError: it is missing, not YAML, or says something that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except FileNotFoundError as error:
        raise RosterError(f"{path}: there is no such file; give one with --agents FILE") from error
    except UnicodeDecodeError as error:
        raise RosterError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RosterError(f"{path}:{line}: not YAML: {error.problem}") from error
    if not isinstance(data, dict):
        raise RosterError(f"{path}:1: expected a mapping with `agents:`, found {data!r:.60}")
    try:
        roster = Roster.model_validate(data)
    except ValidationError as error:
        raise RosterError("\n".join(_sentences(path, node, error))) from error
    wrong = [f"{path}:{_line_of(node, place)}: {said}" for place, said in _contradictions(roster)]
    if wrong:
        raise RosterError("\n".join(wrong))
    return roster


def _contradictions(roster: Roster) -> Iterator[tuple[Sequence[int | str], str]]:
    """What no single field can tell: names that are taken or missing, agents in a circle."""
    slugs = [agent.slug for agent in roster.agents]
    for place, agent in enumerate(roster.agents):
        if agent.slug in slugs[:place]:
            said = f"two agents have the slug {agent.slug!r}; give each its own"
            yield ("agents", place, "slug"), said
        elif agent.reads_from is not None:
            said = _unreadable_source(roster, agent, slugs)
            if said:
                yield ("agents", place, "reads_from"), said
    named = {agent.host for agent in roster.agents} | {"default"}
    for host in roster.calls_at_once:
        if host not in named:
            said = f"no agent has the host {host!r}; expected `default` or a host as agents name it"
            yield ("calls_at_once", host), f"calls_at_once: {said}"
    for name, pair in roster.scenarios.items():
        for slug in sorted(set(pair) - set(slugs)):
            said = f"{slug!r} is no agent{_did_you_mean(slug, slugs)}"
            yield ("scenarios", name), f"scenario {name!r}: {said}"


def _unreadable_source(roster: Roster, agent: Agent, slugs: Sequence[str]) -> str | None:
    path = [agent.slug]
    while (source := roster.agent(path[-1]).reads_from) is not None:
        if source not in slugs:
            unknown = f"agent {path[-1]!r} reads from {source!r}, which is no agent"
            return unknown + _did_you_mean(source, slugs) if len(path) == 1 else None
        if source in path:
            return f"agents read from each other: {' → '.join([*path, source])}"
        path.append(source)
    return None


def _sentences(path: Path, node: yaml.Node | None, error: ValidationError) -> list[str]:
    sentences: list[str] = []
    for problem in error.errors(include_url=False):
        where = [part for part in problem["loc"] if not str(part).startswith("function-")]
        line = _line_of(node, where)
        field = ".".join(str(part) for part in where) or "roster"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            known = DEADLINES if "deadlines" in where[:-1] else tuple(Agent.model_fields)
            message = f"unknown field{_did_you_mean(str(where[-1]), known)}"
        elif problem["type"] not in ("value_error", "missing"):
            message = f"found {problem['input']!r:.60}: {message[0].lower()}{message[1:]}"
        sentences.append(f"{path}:{line}: {field}: {message}")
    return sentences


def _line_of(node: yaml.Node | None, where: Sequence[int | str]) -> int:
    """The 1-based line of the deepest node on that path that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for part in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            item: yaml.Node = node.value[part]
            line, node = item.start_mark.line + 1, item
        elif isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line


def _did_you_mean(name: str, names: Sequence[str] | frozenset[str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def persona_names() -> list[str]:
    """The personas that an agent may name."""
    return sorted(path.stem for path in PERSONAS.glob("*.md"))


@cache
def read_persona(name: str) -> Persona:
    """A persona from its file: YAML front matter with the contract, then the system message."""
    text = (PERSONAS / f"{name}.md").read_text(encoding="utf-8")
    found = re.fullmatch(r"---\n(.*?)---\n(.*)", text, re.DOTALL)
    if found is None:
        raise RosterError(f"personas/{name}.md: expected front matter between two lines of ---")
    contract = Contract.model_validate(yaml.safe_load(found[1]) or {})
    return Persona(name=name, prompt=found[2].strip(), contract=contract)
