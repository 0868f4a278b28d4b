"""How much a model is asked for: to choose, or also to ask, to link and to word.

What the roster leaves open goes by size first; a model large enough is then tried (`probe`).
"""

import re
from typing import Literal

from benchagent.agents.roster import Agent
from benchagent.calls.identity import ModelIdentity

# Below this, a model fills enumerations well and writes sentences that are not true.
SMALLEST_WRITER = 1_000_000_000


def tier_of(agent: Agent, identity: ModelIdentity) -> Literal["select", "write"]:
    """The most that the model is asked for: as the roster says, else by how large it is."""
    if agent.tier != "auto":
        return agent.tier
    count = identity.parameter_count or _count(identity.parameter_size or "")
    return "write" if count >= SMALLEST_WRITER else "select"


def _count(parameter_size: str) -> float:
    """Ollama's "134.52M" or "8.0B" as a number; 0 where it says nothing."""
    found = re.fullmatch(r"([0-9.]+)\s*([KMBT]?)", parameter_size.strip(), re.IGNORECASE)
    if found is None:
        return 0
    scale = {"": 1, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    return float(found[1]) * scale[found[2].upper()]
