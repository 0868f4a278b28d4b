"""What a run may cost before it starts: the questions that are not answered yet, and the time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from benchagent.agents.asking import Asking
from benchagent.agents.calibration import Calibration
from benchagent.agents.naming import find_unknown_files
from benchagent.agents.roster import Agent, Roster
from benchagent.agents.tiers import tier_of
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import HostError
from benchagent.calls.identity import ModelIdentity
from benchagent.calls.log import read_calls
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.request import ChatRequest
from benchagent.calls.wire import OllamaError
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import PartitionMissing, stamp_of
from benchagent.pipeline.stages.accounts import analysis_version, sources_of, tell

# What the columns of unknown files hold is asked besides, where there are such files.
QUESTIONS = {"select": 1, "write": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The most that a run will ask, if every reply can be used.

    Attributes:
        standing: agents whose account stands already, from the same inputs.
        stored: questions that a stored reply answers.
        calls: questions to models that may have to be asked besides.
        minutes: what they took on average so far, added up; None where nothing is known.
        unanswered: why an agent's model cannot be asked now, by its slug.
    """

    standing: tuple[str, ...]
    stored: int
    calls: int
    minutes: float | None
    unanswered: Mapping[str, str]


def estimate_cost(
    partition: Partition,
    agents: Sequence[Agent],
    roster: Roster,
    client_of: Callable[[Agent], OllamaClient],
    *,
    fresh: bool,
) -> Cost:
    """What these agents may cost on this snapshot, with those whose accounts they read.

    Raises:
        OllamaError, HostError: no model of these agents can be asked.
    """
    standing: list[str] = []
    asked: list[tuple[str, int]] = []
    stored = 0
    unanswered: dict[str, OllamaError | HostError] = {}
    everybody = _with_sources(agents, roster)
    for agent in everybody:
        try:
            identity = None if agent.model is None else client_of(agent).identify(agent.model)
        except (OllamaError, HostError) as error:
            unanswered[agent.slug] = error
            continue
        settled = agent.reads_from is None or agent.reads_from in standing
        digest = (identity and identity.digest) or ""
        if not fresh and settled and _stands(partition, agent, digest):
            standing.append(agent.slug)
        elif agent.model is not None and identity is not None:
            known = 0 if fresh else _stored(partition, agent, roster, client_of(agent))
            stored += known
            questions = _questions(agent, identity, partition)
            asked.append((agent.model, max(questions - known, 0)))
    if unanswered and len(unanswered) == sum(agent.model is not None for agent in everybody):
        raise next(iter(unanswered.values()))
    return Cost(
        standing=tuple(standing),
        stored=stored,
        calls=sum(count for _, count in asked),
        minutes=_minutes(partition.project.out, asked),
        unanswered={slug: str(error) for slug, error in unanswered.items()},
    )


def _questions(agent: Agent, identity: ModelIdentity, partition: Partition) -> int:
    """How many questions an agent's model is asked."""
    tier = tier_of(agent, identity)
    probed = agent.tier == "auto" and tier == "write"
    named = tier == "write" and _has_unknown_files(partition)
    return QUESTIONS[tier] + named + probed


def _has_unknown_files(partition: Partition) -> bool:
    """Whether there are columns to ask about; so it may be where nothing was measured yet."""
    try:
        return bool(find_unknown_files(sources_of(partition)))
    except PartitionMissing:
        return True


class _MustAskError(Exception):
    """No stored reply answers this."""


class _Unasked(OllamaClient):
    """Knows the models of a server, and asks none of them."""

    def __init__(self, real: OllamaClient) -> None:
        super().__init__(real.host)
        self.identify = real.identify

    def prepare(self, model: str, options: Mapping[str, object]) -> bool:
        return False

    def chat(self, request: ChatRequest, *args: object, **more: object) -> NoReturn:
        raise _MustAskError


def _stored(partition: Partition, agent: Agent, roster: Roster, client: OllamaClient) -> int:
    """How many of the agent's questions are answered before the first that is not."""
    replayed: list[ModelCall] = []
    with _Unasked(client) as unasked:
        asking = Asking(
            client=unasked,
            replies=ReplyStore(partition.project.out / "replies"),
            record=replayed.append,
            context=CallContext(),
            calibration=Calibration(partition.project.out / "models", learns=False),
        )
        with suppress(_MustAskError, PartitionMissing):
            tell(partition, agent, roster, asking)
    return len(replayed)


def add_up(costs: Sequence[Cost]) -> Cost:
    """What several snapshots cost together; `standing` names an agent once for each."""
    minutes = [cost.minutes for cost in costs]
    known = [each for each in minutes if each is not None]
    return Cost(
        standing=tuple(slug for cost in costs for slug in cost.standing),
        stored=sum(cost.stored for cost in costs),
        calls=sum(cost.calls for cost in costs),
        minutes=sum(known) if len(known) == len(minutes) else None,
        unanswered={slug: why for cost in costs for slug, why in cost.unanswered.items()},
    )


def _with_sources(agents: Iterable[Agent], roster: Roster) -> list[Agent]:
    """The agents, each after the one that it reads from."""
    found: dict[str, Agent] = {}
    for agent in agents:
        path = [agent]
        while path[-1].reads_from:
            path.append(roster.agent(path[-1].reads_from))
        found |= {each.slug: each for each in reversed(path)}
    return list(found.values())


def _stands(partition: Partition, agent: Agent, digest: str) -> bool:
    stamp = stamp_of(partition.analysis_path(agent.slug))
    try:
        return stamp is not None and stamp.version == analysis_version(partition, agent, digest)
    except PartitionMissing:
        return False


def _minutes(out: Path, asked: Iterable[tuple[str, int]]) -> float | None:
    took: dict[str, list[float]] = {}
    for row in read_calls(out):
        wall = row["wall_ms"]
        if isinstance(wall, float) and not row["replayed"]:
            took.setdefault(str(row["model"]), []).append(wall)
    total = 0.0
    for model, count in asked:
        if model not in took:
            return None
        total += count * sum(took[model]) / len(took[model])
    return total / 60_000
