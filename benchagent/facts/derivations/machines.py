"""On which machine runs were made, where a benchmark was run on several.

What sets two machines apart is easily taken for what sets two models or options apart, so it is a
setting like others: numbers of two machines are never pooled, and a comparison holds it alike.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from benchagent.facts.derivations.frame import Frame, Names, first_of_each
from benchagent.facts.derivations.rounds import in_shared_blocks
from benchagent.facts.derivations.settings import write_json
from benchagent.facts.estimates import Ints

Machine = Mapping[str, str]

# By what tools call it. Where the first name tells machines apart, the others say nothing more.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "host": ("host", "hostname", "host_name", "node", "ollama_host"),
    "gpu": ("gpu", "gpu_name", "gpu_info", "gpu_model"),
    "cpu": ("cpu", "cpu_info", "cpu_model", "cpu_name", "machine"),
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
    recorded = {text: read_machine(text) for text in frame.used("environment")}
    if len({write_json(machine) for machine in recorded.values()}) < 2:
        return frame
    used: dict[str | None, list[Machine]] = {}
    for benchmark, text in _different(frame, ["benchmark", "environment"]):
        used.setdefault(benchmark, []).append(recorded.get(text or "", {}))
    telling = {benchmark: _telling(machines) for benchmark, machines in used.items()}
    run = ["benchmark", "environment", "settings"]
    places = frame.number(run)
    texts = [
        _join(settings or "{}", recorded.get(text or "", {}), telling[benchmark])
        for benchmark, text, settings in frame.records(run, first_of_each(places))
    ]
    return frame.with_names(settings=Names.of(texts, places))


def _name_machines(frame: Frame) -> Frame:
    """The same rows with the column `machine`: what their settings say of it."""
    settings = frame.names("settings")
    machines = [write_json(machine_of(json.loads(text))) for text in frame.different("settings")]
    return frame.with_names(machine=Names.of(machines, settings.codes))


def _different(frame: Frame, columns: list[str]) -> Iterable[tuple[str | None, ...]]:
    return frame.records(columns, frame.first_of_each(columns))


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


def _telling(machines: list[Machine]) -> tuple[str, ...]:
    """The names that tell these machines apart, none that only repeats what others told."""
    chosen: list[str] = []
    for name in _NAMES:
        levels: dict[tuple[str | None, ...], set[str]] = {}
        for machine in machines:
            if name in machine:
                told = tuple(machine.get(each) for each in chosen)
                levels.setdefault(told, set()).add(machine[name])
        if any(len(found) > 1 for found in levels.values()):
            chosen.append(name)
    return tuple(chosen)


def _join(settings: str, machine: Machine, telling: tuple[str, ...]) -> str:
    known = {name: machine[name] for name in telling if name in machine}
    if not known:
        return settings
    return write_json({**known, **json.loads(settings)})


def machine_of(settings: Mapping[str, object]) -> Mapping[str, object]:
    """The part of a configuration that says on which machine it was run."""
    return {key: level for key, level in settings.items() if key in RECORDED_AS}


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
