"""`agents.yaml`, checked as a whole when it is read.

A mistake is one sentence that names the file, the line, the field, what was found and what was
expected.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from benchagent.agents.errors import RosterError, did_you_mean
from benchagent.agents.roster import Agent, Defaults, Roster
from benchagent.calls.deadlines import DEADLINES


def read_roster(path: Path) -> Roster:
    """Reads and checks an `agents.yaml`.

    Raises:
        RosterError: it is missing, not YAML, or says something that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except FileNotFoundError as error:
        raise RosterError(f"{path}: there is no such file; give one with --agents FILE") from error
    except UnicodeDecodeError as error:
        raise RosterError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RosterError(f"{path}:{line}: not YAML: {error.problem}") from error
    if not isinstance(data, dict):
        raise RosterError(f"{path}:1: expected a mapping with `agents:`, found {data!r:.60}")
    try:
        roster = Roster.model_validate(data)
    except ValidationError as error:
        raise RosterError("\n".join(_sentences(path, node, error))) from error
    wrong = [f"{path}:{_line_of(node, place)}: {said}" for place, said in _contradictions(roster)]
    if wrong:
        raise RosterError("\n".join(wrong))
    return roster


def _contradictions(roster: Roster) -> Iterator[tuple[Sequence[int | str], str]]:
    """What no single field can tell: names that are taken or missing, agents in a circle."""
    slugs = [agent.slug for agent in roster.agents]
    for place, agent in enumerate(roster.agents):
        if agent.slug in slugs[:place]:
            said = f"two agents have the slug {agent.slug!r}; give each its own"
            yield ("agents", place, "slug"), said
        elif agent.reads_from is not None:
            said = _unreadable_source(roster, agent, slugs)
            if said:
                yield ("agents", place, "reads_from"), said
    named = {agent.host for agent in roster.agents} | {"default"}
    for host in roster.calls_at_once:
        if host not in named:
            said = f"no agent has the host {host!r}; expected `default` or a host as agents name it"
            yield ("calls_at_once", host), f"calls_at_once: {said}"
    for name, pair in roster.scenarios.items():
        for slug in sorted(set(pair) - set(slugs)):
            said = f"{slug!r} is no agent{did_you_mean(slug, slugs)}"
            yield ("scenarios", name), f"scenario {name!r}: {said}"


def _unreadable_source(roster: Roster, agent: Agent, slugs: Sequence[str]) -> str | None:
    path = [agent.slug]
    while (source := roster.agent(path[-1]).reads_from) is not None:
        if source not in slugs:
            unknown = f"agent {path[-1]!r} reads from {source!r}, which is no agent"
            return unknown + did_you_mean(source, slugs) if len(path) == 1 else None
        if source in path:
            return f"agents read from each other: {' → '.join([*path, source])}"
        path.append(source)
    return None


def _sentences(path: Path, node: yaml.Node | None, error: ValidationError) -> list[str]:
    sentences: list[str] = []
    for problem in error.errors(include_url=False):
        where = [part for part in problem["loc"] if not str(part).startswith("function-")]
        line = _line_of(node, where)
        field = ".".join(str(part) for part in where) or "roster"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = _say_unknown(where)
        elif problem["type"] not in ("value_error", "missing"):
            message = f"found {problem['input']!r:.60}: {message[0].lower()}{message[1:]}"
        sentences.append(f"{path}:{line}: {field}: {message}")
    return sentences


def _say_unknown(where: Sequence[int | str]) -> str:
    """A field that nothing has there, with those that can be told."""
    if "deadlines" in where[:-1]:
        known = DEADLINES
    elif len(where) == 1:
        known = tuple(Roster.model_fields)
    else:
        known = tuple((Defaults if where[0] == "defaults" else Agent).model_fields)
    meant = did_you_mean(str(where[-1]), known)
    return "unknown field" + (meant or f"; expected one of {', '.join(known)}")


def _line_of(node: yaml.Node | None, where: Sequence[int | str]) -> int:
    """The 1-based line of the deepest node on that path that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for part in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            item: yaml.Node = node.value[part]
            line, node = item.start_mark.line + 1, item
        elif isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line
