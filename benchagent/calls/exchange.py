"""One request to a model and what came of it."""

from dataclasses import dataclass

from benchagent.calls.model_call import ModelCall
from benchagent.calls.outcomes import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it, whatever that was.

    Attributes:
        text: the answer as it came, also a broken one; None where not a word came.
        thinking: likewise.
    """

    call: ModelCall
    text: str | None = None
    thinking: str | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.call.outcome
