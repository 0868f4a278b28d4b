"""What an agent may look into beyond the findings."""

from collections.abc import Callable
from dataclasses import dataclass

from benchagent.agents.unknown_files import UnknownFiles
from benchagent.facts.fact import Evidence
from benchagent.verification.question import Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """One snapshot, as an agent's contributions need it.

    Attributes:
        read_bytes: the stored bytes of a SHA-256.
        unknown_files: the files that no format reads, looked into when first asked for.
        knowledge: what the verifier knows of the snapshot; it takes a while, so it is asked for
            only where there is something to judge.
        refused_mappings: names of the readings of unknown files that a person has refused.
    """

    evidence: Evidence
    read_bytes: Callable[[str], bytes]
    unknown_files: Callable[[], tuple[UnknownFiles, ...]]
    knowledge: Callable[[], Knowledge]
    refused_mappings: frozenset[str] = frozenset()
