"""What a format is to those who ask it, and how much its reading has been tried on real files."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed

# `tool`: the sample in the tests was written by the tool itself. `corpus`: the sample was written
# after real files, which the tests read too where they lie beside the repository.
# `documentation`: nobody here has seen a real file.
KnownFrom = Literal["tool", "corpus", "documentation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of artifact: a name, whether a file is one, and what it says.

    Attributes:
        known_from: what its reading was tried on.
        package: who brings it; None for our own.
    """

    name: str
    detect: Callable[[Artifact], bool]
    parse: Callable[[Artifact], Parsed]
    known_from: KnownFrom
    package: str | None = None

    @property
    def experimental(self) -> bool:
        """Whether its numbers stay out of facts until a user accepts the format."""
        return self.known_from == "documentation"


def describe_module(module: ModuleType, known_from: KnownFrom) -> Format:
    """The format that a module with `NAME`, `detect` and `parse` is."""
    return Format(
        name=module.NAME,
        detect=module.detect,
        parse=module.parse,
        known_from=known_from,
    )
