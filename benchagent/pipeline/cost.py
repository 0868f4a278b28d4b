"""What a run may cost before it starts: the questions that are not answered yet, and the time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from benchagent.agents.asking import Asking
from benchagent.agents.calibration import Calibration
from benchagent.agents.roster import Agent, Roster
from benchagent.agents.sources import Sources
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
from benchagent.wording import counted

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

    standing: tuple[str, ...] = ()
    stored: int = 0
    calls: int = 0
    minutes: float | None = 0.0
    unanswered: Mapping[str, str] = field(default_factory=dict[str, str])


def estimate_costs(
    partition: Partition,
    agents: Sequence[Agent],
    roster: Roster,
    client_of: Callable[[Agent], OllamaClient],
    *,
    fresh: bool,
    pace: Mapping[str, float],
) -> dict[str, Cost]:
    """What each of these agents may cost on this snapshot, after the one whose account it reads.

    Args:
        partition: the snapshot.
        agents: who is to report.
        roster: where the agents that they read from are found.
        client_of: the server that answers an agent.
        fresh: ask again even where a reply is stored.
        pace: minutes of a call, by its model, as `minutes_of_calls` gives them.

    Raises:
        OllamaError, HostError: no model of these agents can be asked.
    """
    costs: dict[str, Cost] = {}
    problems: list[OllamaError | HostError] = []
    snapshot = _Snapshot(partition, roster, fresh)
    everybody = _with_sources(agents, roster)
    for agent in everybody:
        settled = agent.reads_from is None or bool(costs[agent.reads_from].standing)
        try:
            client = None if agent.model is None else client_of(agent)
            minutes = pace.get(agent.model or "")
            costs[agent.slug] = _cost_of(agent, client, snapshot, settled, minutes)
        except (OllamaError, HostError) as error:
            problems.append(error)
            costs[agent.slug] = Cost(unanswered={agent.slug: str(error)})
    if problems and len(problems) == sum(agent.model is not None for agent in everybody):
        raise problems[0]
    return costs


class _Snapshot:
    """A snapshot that every agent is asked about, looked into once."""

    def __init__(self, partition: Partition, roster: Roster, fresh: bool) -> None:
        self.partition = partition
        self.roster = roster
        self.fresh = fresh

    @cached_property
    def sources(self) -> Sources | None:
        """What agents may look into; None where nothing was measured yet."""
        try:
            return sources_of(self.partition)
        except PartitionMissing:
            return None

    def may_have_unknown_files(self) -> bool:
        """Whether there are columns to ask about; so it may be where nothing was measured yet."""
        return self.sources is None or bool(self.sources.unknown_files())


def _cost_of(
    agent: Agent,
    client: OllamaClient | None,
    snapshot: _Snapshot,
    settled: bool,
    minutes: float | None,
) -> Cost:
    """An agent's cost; `settled` where the account that it reads stands, `minutes` for a call."""
    identity = client and client.identify(agent.model or "")
    digest = (identity and identity.digest) or ""
    if not snapshot.fresh and settled and _stands(snapshot.partition, agent, digest):
        return Cost(standing=(agent.slug,))
    if client is None or identity is None:
        return Cost()
    stored = 0 if snapshot.fresh else _stored(snapshot, agent, client)
    calls = max(_questions(agent, identity, snapshot) - stored, 0)
    if calls and minutes is None:
        return Cost(stored=stored, calls=calls, minutes=None)
    return Cost(stored=stored, calls=calls, minutes=calls * (minutes or 0.0))


def _questions(agent: Agent, identity: ModelIdentity, snapshot: _Snapshot) -> int:
    """How many questions an agent's model is asked."""
    tier = tier_of(agent, identity)
    probed = agent.tier == "auto" and tier == "write"
    named = tier == "write" and snapshot.may_have_unknown_files()
    return QUESTIONS[tier] + named + probed


class _MustAskError(Exception):
    """No stored reply answers this."""


class _Unasked(OllamaClient):
    """A client that knows a server's models and asks none of them."""

    def __init__(self, real: OllamaClient) -> None:
        super().__init__(real.host)
        self.identify = real.identify

    def prepare(self, *args: object, **more: object) -> bool:
        return False

    def chat(self, request: ChatRequest, *args: object, **more: object) -> NoReturn:
        raise _MustAskError


def _stored(snapshot: _Snapshot, agent: Agent, client: OllamaClient) -> int:
    """How many of the agent's questions are answered before the first that is not."""
    replayed: list[ModelCall] = []
    partition = snapshot.partition
    with _Unasked(client) as unasked:
        asking = Asking(
            client=unasked,
            replies=ReplyStore(partition.project.out / "replies"),
            record=replayed.append,
            context=CallContext(),
            calibration=Calibration(partition.project.out / "models", learns=False),
        )
        with suppress(_MustAskError, PartitionMissing):
            tell(partition, agent, snapshot.roster, asking, snapshot.sources)
    return len(replayed)


def add_up(costs: Collection[Cost]) -> Cost:
    """What several agents or snapshots cost together; `standing` names an agent once for each."""
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


def minutes_of_calls(out: Path) -> dict[str, float]:
    """What a call of each model took on average so far."""
    took: dict[str, list[float]] = {}
    for row in read_calls(out):
        wall = row["wall_ms"]
        if isinstance(wall, float) and not row["replayed"]:
            took.setdefault(str(row["model"]), []).append(wall)
    return {model: sum(walls) / len(walls) / 60_000 for model, walls in took.items()}


def say_cost(cost: Cost, agents: int, snapshots: int) -> str:
    """What so many agents may cost on so many snapshots, in a line."""
    said = (
        f"{counted(agents, 'agent')} on {counted(snapshots, 'snapshot')}, "
        f"{counted(agents * snapshots, 'cell')}: "
        f"{counted(len(cost.standing), 'account')} made already, "
        f"{counted(cost.stored, 'reply', 'replies')} stored"
    )
    if not cost.calls:
        return f"{said}, no model call"
    said += f", {counted(cost.calls, 'model call')} at most"
    if cost.minutes is None:
        return f"{said}, no call of these models was timed yet"
    if cost.minutes < 0.05:
        return f"{said}, less than 0.1 min"
    return f"{said}, about {cost.minutes:.1f} min"
