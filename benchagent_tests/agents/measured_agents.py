"""Agents let loose on a planted corpus, and what they found held against the truth."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from benchagent.agents.analysis import analyse
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.findings.finding import Finding
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import sources_of
from benchagent_tests.builders import a_place, an_agent, an_asking, with_findings
from benchagent_tests.planted import Kind, Planted
from benchagent_tests.scripted_agents import capable, lazy, lying
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Script, at_random

CHARACTERS: Final[Mapping[str, Script]] = {
    "capable": capable(),
    "lazy": lazy(),
    "lying": lying(),
    "random": at_random(),
}
# What the rules may find of a planted truth, by kind.
_RULES: Final[Mapping[Kind, frozenset[str]]] = {
    "order": frozenset(["drift"]),
    "confound": frozenset(),
    "unit": frozenset(["statement-disagrees"]),
    "columns": frozenset(),
    "nothing": frozenset(),
}


class Found(NamedTuple):
    """What one agent made of one corpus.

    Attributes:
        hit: whether it found what was planted.
        own: findings that are not the rules', and columns that it says the meaning of.
        false: those of them that are not true.
        sentences: sentences of the model that were accepted.
        undone: what it could not be asked, or not answer.
    """

    kind: Kind
    hit: bool
    asked: int
    own: int
    false: int
    sentences: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


def look(folder: Path, corpus: Planted) -> dict[str, Found]:
    """What is found without a model, and by each character."""
    partition = with_findings(a_place(folder, corpus.files))
    hit = any(finding.rule in _RULES[corpus.kind] for finding in partition.findings.values())
    found = {"null": Found(corpus.kind, hit and bool(corpus.sought), 0, 0, 0)}
    for name, script in CHARACTERS.items():
        with ScriptedOllama() as ollama, OllamaClient(Host(url=ollama.url)) as client:
            ollama.always(script)
            found[name] = look_as(name, corpus, partition, client, an_agent().model or "")
    return found


def look_as(
    name: str, corpus: Planted, partition: Partition, client: OllamaClient, model: str
) -> Found:
    """What a model finds that is asked over this client, in the partition of that corpus."""
    asking = an_asking(client, partition.project.out / "replies" / name)
    told = analyse(
        an_agent(name, model=model, tier="write", options={"num_ctx": 8192}),
        list(partition.findings.values()),
        partition.facts,
        asking,
        snapshot=partition.key,
        sources=sources_of(partition),
    )
    named = [names_in(finding) for finding in told.findings]
    columns = [each for each in told.columns if each.refused is None]
    right = [
        each for each in columns if corpus.columns.get(each.column) == (each.metric, each.unit)
    ]
    return Found(
        corpus.kind,
        any(names & corpus.sought for names in (*named, {each.column for each in right})),
        len(told.asked),
        len(named) + len(columns),
        sum(not is_true(names, corpus) for names in named) + len(columns) - len(right),
        tuple(said.text for said in told.statements if said.author == "model"),
        (*told.undone, *([told.problem] if told.problem else [])),
    )


def names_in(finding: Finding) -> frozenset[str]:
    """The dimensions or files that a headline says something of."""
    return frozenset(re.findall(r"`([^`]+)`", finding.headline))


def is_true(names: Iterable[str], corpus: Planted) -> bool:
    """Whether something that was planted is named; a prompt is slow or fast by itself."""
    return bool({*corpus.true, "prompt"} & set(names))
