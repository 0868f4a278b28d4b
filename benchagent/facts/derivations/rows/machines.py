"""On which machine runs were made, where a benchmark was run on several.

What sets two machines apart is easily taken for what sets two models or options apart, so it is a
setting like others: numbers of two machines are never pooled, and a comparison holds it alike.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.rows.frame import Frame, first_of_each
from benchagent.facts.derivations.rows.names import Names
from benchagent.facts.derivations.rows.rounds import in_shared_blocks
from benchagent.facts.derivations.rows.settings import write_json

Machine = Mapping[str, str]

# By what tools call it. Where the first name tells machines apart, the others say nothing more.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "host": ("host", "hostname", "host_name", "node", "ollama_host"),
    # a name that somebody gave it, its architecture, or its system in a few words
    "machine": ("machine",),
    "gpu": ("gpu", "gpu_name", "gpu_info", "gpu_model"),
    "cpu": ("cpu", "cpu_info", "cpu_model", "cpu_name"),
    "driver": ("driver", "driver_version", "gpu_driver", "nvidia_driver"),
}
RECORDED_AS: Final = frozenset(name for names in _NAMES.values() for name in names)
_THIS_MACHINE: Final = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0"))
# The name that a container gets at each start.
_CONTAINER: Final = re.compile(r"[0-9a-f]{12}")
# As settings write it that say nothing of the machine.
NO_MACHINE: Final = "{}"
WITHIN_MACHINES: Final = "each within one machine"


def hold_machines_alike(frame: Frame) -> Frame:
    """The same rows, with the machine among the settings where a benchmark was run on several.

    And as the column `machine`, so that a round of calls is one of a single machine.
    """
    return _name_machines(_with_machines(frame))


def _with_machines(frame: Frame) -> Frame:
    if not any(map(read_machine, frame.used("environment"))):
        return frame
    columns = ["benchmark", "environment", "settings"]
    places = frame.number(columns)
    runs = [
        (benchmark, Run(environment or "{}", settings or "{}"))
        for benchmark, environment, settings in frame.records(columns, first_of_each(places))
    ]
    of_benchmark: dict[str | None, list[Run]] = {}
    for benchmark, run in runs:
        of_benchmark.setdefault(benchmark, []).append(run)
    told = {benchmark: tell_machines(found) for benchmark, found in of_benchmark.items()}
    texts = [told[benchmark][run] for benchmark, run in runs]
    return frame.with_names(settings=Names.of(texts, places))


class Run(NamedTuple):
    """How a run was made, as JSON."""

    environment: str
    settings: str


def tell_machines(runs: Iterable[Run]) -> Mapping[Run, str]:
    """The settings of each run, with its machine where these were made on several."""
    apart = {run: _set_apart(run) for run in runs}
    machines = {write_json(machine): machine for machine, _ in apart.values()}
    if len(machines) < 2:
        return {run: run.settings for run in apart}
    told = {
        write_json(machine): telling
        for machine, telling in _tell_apart(list(machines.values()), tuple(_NAMES))
    }
    return {
        run: write_json({**told[write_json(machine)], **rest})
        for run, (machine, rest) in apart.items()
    }


def _set_apart(run: Run) -> tuple[Machine, Mapping[str, object]]:
    """The machine, and the settings without what they say of it too.

    Settings alone that name a card are left as they are: where others name none, it may be another.
    So is what is not as the environment says: `gpu=false`, or the second card of two.
    """
    machine = read_machine(run.environment)
    entries = cast("dict[str, object]", json.loads(run.settings))
    own = {
        key: said
        for key, level in machine_of(entries).items()
        if machine and _agree(machine, said := read_machine(write_json({key: level})))
    }
    rest = {key: level for key, level in entries.items() if key not in own}
    return {name: told for said in (*own.values(), machine) for name, told in said.items()}, rest


def _agree(machine: Machine, said: Machine) -> bool:
    return all(machine.get(name, told) == told for name, told in said.items())


def _name_machines(frame: Frame) -> Frame:
    """The same rows with the column `machine`: what their settings say of it."""
    settings = frame.names("settings")
    machines = [write_json(machine_of(json.loads(text))) for text in frame.different("settings")]
    return frame.with_names(machine=Names.of(machines, settings.codes))


def read_machine(environment: str) -> Machine:
    """What an environment says of the machine: nothing by its own address or a container's name."""
    said: dict[str, object] = json.loads(environment)
    found: dict[str, str] = {}
    for name, keys in _NAMES.items():
        values = [str(said[key]).strip() for key in keys if said.get(key) not in (None, "")]
        values = [_host_of(value) if name == "host" else value for value in values]
        named = [value for value in values if not _names_none(value)]
        if named:
            found[name] = named[0]
    return found


def _names_none(value: str) -> bool:
    return not value or value.lower() in _THIS_MACHINE or _CONTAINER.fullmatch(value) is not None


def _host_of(address: str) -> str:
    """A host without the scheme and port by which it was asked."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or address
    except ValueError:
        return address


def _tell_apart(
    machines: list[Machine], names: tuple[str, ...]
) -> Iterator[tuple[Machine, Machine]]:
    """Each machine with the names that tell it from those that are alike in the names before.

    None that only repeats what others told: `{host: a}` and `{host: a, gpu: X}` are one machine,
    also where another host has two cards.
    """
    if not names:
        yield from ((machine, {}) for machine in machines)
        return
    name, *others = names
    by_level: dict[str | None, list[Machine]] = {}
    for machine in machines:
        by_level.setdefault(machine.get(name), []).append(machine)
    if len(by_level.keys() - {None}) < 2:
        yield from _tell_apart(machines, tuple(others))
        return
    for level, alike in by_level.items():
        own = {} if level is None else {name: level}
        for machine, told in _tell_apart(alike, tuple(others)):
            yield machine, {**own, **told}


def machine_of(settings: Mapping[str, object]) -> Mapping[str, object]:
    """The part of a configuration that says on which machine it was run."""
    return {key: level for key, level in settings.items() if names_machine(key)}


def names_machine(option: str | None) -> bool:
    """Whether a setting says where a run was made, which nobody sets as an option is set."""
    return option in RECORDED_AS


def held_as_settings(frame: Frame) -> set[str]:
    """What the settings of these rows say of the machine, by all names that tools have for it."""
    held = {name for text in frame.used("machine") for name in json.loads(text)}
    return {each for name in held for each in _NAMES.get(name, ())}


def say_within(frame: Frame, rows: Ints, arm: Ints, alike: str) -> str:
    """In what compared runs are alike, with their machines where they name several, all of them."""
    machines = frame.used("machine", rows)
    if len(machines) < 2 or NO_MACHINE in machines:
        return alike
    held = in_shared_blocks(arm, frame.codes("machine")[rows].astype(np.int64)).any()
    return f"{alike}, {WITHIN_MACHINES}" if held else alike
