"""A voice that agents speak in: what the model is told of it, and what it promises."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from benchagent.agents.errors import RosterError

PERSONAS = Path(__file__).parent / "personas"


class Contract(BaseModel):
    """What a persona promises of its own part of a report, checked on the rendered text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_words: int | None = Field(default=None, ge=1)
    max_words: int | None = Field(default=None, ge=20)
    sections: tuple[str, ...] = ()
    table_rows: int | None = Field(default=None, ge=1)
    recommendations: int = Field(default=3, ge=1, le=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A voice: the system message exactly as it is sent, and the contract that comes with it."""

    name: str
    prompt: str
    contract: Contract


def persona_names() -> list[str]:
    """The personas that an agent may name."""
    return sorted(path.stem for path in PERSONAS.glob("*.md"))


@cache
def read_persona(name: str) -> Persona:
    """A persona from its file: YAML front matter with the contract, then the system message."""
    text = (PERSONAS / f"{name}.md").read_text(encoding="utf-8")
    found = re.fullmatch(r"---\n(.*?)---\n(.*)", text, re.DOTALL)
    if found is None:
        raise RosterError(f"personas/{name}.md: expected front matter between two lines of ---")
    contract = Contract.model_validate(yaml.safe_load(found[1]) or {})
    return Persona(name=name, prompt=found[2].strip(), contract=contract)
