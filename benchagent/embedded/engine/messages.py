"""What a server and the engine in its child process tell each other, as pickles."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchagent.embedded.engine.generation import Event, Job
from benchagent.embedded.model import ServedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The first thing a child is told."""

    model: ServedModel
    cache: Path
    parallel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question with one answer: render or encode."""

    number: int
    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """A job to start."""

    number: int
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """A job to give up."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call returns, or the sentence of its error; number 0 answers the opening."""

    number: int
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event of a generation."""

    number: int
    event: Event
