"""One generation as the server asks the engine for it, and the events that come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen, in the engine's own ranges.

    Attributes:
        greedy: take the likeliest token; temperature, top_k, top_p, min_p and seed say nothing.
        top_k: 0 is off.
        seed: from 0, below 2³².
    """

    greedy: bool
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float
    seed: int
    stop: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A prompt in tokens, and what may follow it.

    Attributes:
        max_new_tokens: at least 1; prompt and answer fit the context.
        grammar: EBNF that the answer keeps to, or None.
    """

    prompt: tuple[int, ...]
    max_new_tokens: int
    sampling: Sampling
    grammar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text that has just been generated."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The answer is complete.

    Attributes:
        prompt_ns: from the engine's start on this job to its first token.
        eval_count: tokens sampled, the end token and a hidden stop string included.
        eval_ns: from the first token to the last.
        tokens: the answer in tokens, as far as it was shown.
    """

    reason: Literal["stop", "length"]
    prompt_ns: int
    eval_count: int
    eval_ns: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The engine gave up on this job."""

    message: str


Event = Piece | Finished | Failed
Emit = Callable[[Event], None]


class Engine(Protocol):
    """A model in memory, or on its way there.

    `generate` returns at once with a function that cancels; events come on the engine's own
    thread, the last one Finished or Failed unless the job was cancelled.
    """

    def wait_ready(self) -> None:
        """Return once the model is loaded; raise where it cannot be, or the engine is closed."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it can still generate; a dead one is replaced."""
        ...

    def render(self, messages: Sequence[Message]) -> str:
        """Write a conversation in the model's own template, up to where its answer begins."""
        ...

    def encode(self, prompt: str, *, raw: bool) -> tuple[int, ...]:
        """Turn text into tokens; `raw` text gets the start token that a template writes itself."""
        ...

    def generate(self, job: Job, emit: Emit) -> Callable[[], None]:
        """Start a job; its events go to `emit`."""
        ...

    def close(self) -> None:
        """Free the memory; jobs that still run fail."""
        ...
