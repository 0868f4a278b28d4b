"""What an agent may look into beyond the findings."""

from dataclasses import dataclass

from benchagent.facts.fact import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """One snapshot, as an agent's contributions need it."""

    evidence: Evidence
