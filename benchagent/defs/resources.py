"""What assets are given: the project's places, and the servers behind the GPU's pool."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from benchagent.agents.asking import Asking
from benchagent.agents.calibration import Calibration
from benchagent.agents.roster import Agent, calls_at_once
from benchagent.calls.client import OllamaClient
from benchagent.calls.log import log_call
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.replies import ReplyStore
from benchagent.calls.servers import Servers
from benchagent.defs.liveness import at_work
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project


class ProjectResource(dg.ConfigurableResource):
    """Where things are, as plain text, so that any process can be told."""

    data: list[str]
    out: str
    agents: str
    accepted_formats: list[str]

    @classmethod
    def of(cls, project: Project) -> "ProjectResource":
        """The resource that tells of a project."""
        return cls(
            data=list(project.data),
            out=str(project.out),
            agents=str(project.agents),
            accepted_formats=list(project.accepted_formats),
        )

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ProjectResource"]:
        """Shows for as long as a run uses it that the run is alive."""
        if context.run is None:
            yield self
            return
        with at_work(Path(self.out), context.run.run_id):
            yield self

    def project(self) -> Project:
        """The project."""
        return Project.of(
            data=tuple(self.data),
            out=self.out,
            agents=self.agents,
            accepted_formats=tuple(self.accepted_formats),
        )

    def partition(self, context: dg.AssetExecutionContext) -> Partition:
        """The snapshot that this step is about."""
        return Partition(project=self.project(), key=context.partition_key)


class OllamaResource(dg.ConfigurableResource):
    """The model servers. Agents of one host take turns, also across processes.

    Attributes:
        at_once: how many have a turn at a time, by host; see `Roster.calls_at_once`.
        fresh: ask again even where a reply is stored.
    """

    out: str
    fresh: bool = False
    at_once: dict[str, int] = Field(default_factory=dict[str, int])
    _servers: Servers | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["OllamaResource"]:
        """Ends with the run what was started during it."""
        log = context.log
        with Servers(Path(self.out), say=log.info if log else lambda said: None) as servers:
            self._servers = servers
            yield self

    @contextmanager
    def client(self, agent: Agent) -> Iterator[OllamaClient]:
        """The server of an agent while nobody else of this machine asks it."""
        with self._opened().turn(agent, alone=True) as client:
            yield client

    def server_of(self, agent: Agent) -> OllamaClient:
        """The server of an agent, to be asked what it has; for a model's answer wait for a turn."""
        return self._opened().client(agent)

    def _opened(self) -> Servers:
        if self._servers is None:
            raise RuntimeError("the resource is used outside a Dagster run, which opens it")
        return self._servers

    @contextmanager
    def asking(
        self, agent: Agent, context: dg.AssetExecutionContext
    ) -> Iterator[Callable[[Callable[[ModelCall], None]], Asking] | None]:
        """How this agent's model is asked while it is the agent's turn; None without a model."""
        servers = self._servers
        if agent.model is None or servers is None:
            yield None
            return
        out = Path(self.out)

        def asking(client: OllamaClient, also: Callable[[ModelCall], None]) -> Asking:
            def record(call: ModelCall) -> None:
                log_call(out, call)
                also(call)

            return Asking(
                client=client,
                replies=ReplyStore(out / "replies"),
                record=record,
                context=CallContext(
                    dagster_run_id=context.run.run_id,
                    snapshot=context.partition_key,
                    agent=agent.slug,
                ),
                fresh=self.fresh,
                calibration=Calibration(out / "models"),
                inherits=not servers.is_embedded(client),
            )

        with servers.turn(agent, at_once=calls_at_once(agent, self.at_once)) as client:
            yield partial(asking, client)
