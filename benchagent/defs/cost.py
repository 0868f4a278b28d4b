"""What agents would cost on snapshots, for a person who is about to launch a backfill of them."""

from collections.abc import Mapping

import dagster as dg
from pydantic import Field

from benchagent.agents.roster import Roster
from benchagent.defs.evidence import findings
from benchagent.defs.metadata import MOST_ROWS, Metadata, table
from benchagent.defs.partitions import OWNERS, SNAPSHOTS
from benchagent.defs.resources import OllamaResource, ProjectResource
from benchagent.inventory.snapshots import choose_snapshots, list_snapshots
from benchagent.pipeline.cost import Cost, add_up, estimate_costs, minutes_of_calls, say_cost
from benchagent.pipeline.partition import Partition


class CostConfig(dg.Config):
    """Which cells; all agents on all snapshots where nothing is said."""

    agents: list[str] = Field(default=[], description="Slugs of the roster; else all.")
    snapshots: list[str] = Field(default=[], description="Their keys; else all.")


def make_cost_asset(roster: Roster) -> dg.AssetsDefinition:
    """The asset. Nothing depends on it, and only a person launches it."""

    @dg.asset(
        deps=[findings],
        group_name="agents",
        owners=OWNERS,
        kinds={"python"},
        description=(
            "What a backfill of agents would cost: materialise it before. It asks no model, and "
            "tells which accounts stand, how many replies are stored, how many model calls the "
            "rest may take and how many minutes, as of the moment when it was made."
        ),
    )
    def cost(
        context: dg.AssetExecutionContext,
        config: CostConfig,
        project: ProjectResource,
        ollama: OllamaResource,
    ) -> dg.MaterializeResult:
        places, agents = project.project(), roster.choose(config.agents)
        registered = context.instance.get_dynamic_partitions(SNAPSHOTS.name or "")
        there = [key for key in list_snapshots(places.out) if key in set(registered)]
        pace = minutes_of_calls(places.out)
        costs = {
            key: estimate_costs(
                Partition(project=places, key=key),
                agents,
                roster,
                ollama.server_of,
                fresh=False,
                pace=pace,
            )
            for key in choose_snapshots(places.out, config.snapshots or there)
        }
        whole = add_up([cost for of_agents in costs.values() for cost in of_agents.values()])
        told = say_cost(whole, len(agents), len(costs))
        context.log.info(told)
        return dg.MaterializeResult(metadata={"cost": told, **_describe_costs(costs, whole)})

    return cost


def _describe_costs(costs: Mapping[str, Mapping[str, Cost]], whole: Cost) -> Metadata:
    """By agent and by snapshot, and the sums as numbers."""
    slugs = dict.fromkeys(slug for of_agents in costs.values() for slug in of_agents)
    by_agent = {slug: add_up([of_agents[slug] for of_agents in costs.values()]) for slug in slugs}
    by_snapshot = {key: add_up(of_agents.values()) for key, of_agents in costs.items()}
    latest = dict(list(by_snapshot.items())[-MOST_ROWS:])
    return {
        "agents": table(_rows("agent", by_agent)),
        "snapshots": table(_rows("snapshot", latest)),
        "accounts_that_stand": len(whole.standing),
        "replies_stored": whole.stored,
        "model_calls": whole.calls,
        **({} if whole.minutes is None else {"minutes": round(whole.minutes, 2)}),
    }


def _rows(what: str, costs: Mapping[str, Cost]) -> list[dict[str, str]]:
    """Few and short columns: the page gives them half of its width."""
    told = any(cost.unanswered for cost in costs.values())
    return [
        {
            what: name,
            "stand": str(len(cost.standing)),
            "stored": str(cost.stored),
            "calls": str(cost.calls),
            "minutes": "unknown" if cost.minutes is None else f"{cost.minutes:.1f}",
            **({"cannot ask": "; ".join(dict.fromkeys(cost.unanswered.values()))} if told else {}),
        }
        for name, cost in costs.items()
    ]
