"""What is measured: a model as one server has it, and the machine around it.

A resumed benchmark must find both as they were: numbers of two versions are not one measurement.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchagent.bench.errors import BenchError
from benchagent.calls.client import OllamaClient

HostKind = Literal["embedded", "ollama"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One model on one server.

    Attributes:
        name: as it was asked for.
        digest: of the manifest, 64 hex digits.
        host_kind: `embedded` for benchagent's own server.
        machine: where the server runs, in words that name nobody's computer; None where that is
            another machine than this one.
    """

    name: str
    digest: str | None
    quantization: str | None
    parameter_size: str | None
    server_version: str
    host_kind: HostKind
    machine: str | None


def identify_subjects(client: OllamaClient, models: Sequence[str]) -> tuple[Subject, ...]:
    """The models as the server has them now.

    Raises:
        OllamaError: no server answers, or it does not have a model.
    """
    version = client.version()
    identities = [(model, client.identify(model, fresh=True)) for model in models]
    return tuple(
        Subject(
            name=model,
            digest=identity.digest,
            quantization=identity.quantisation,
            parameter_size=identity.parameter_size,
            server_version=version,
            host_kind="embedded" if version.endswith("-embedded") else "ollama",
            machine=describe_machine() if client.host.loopback else None,
        )
        for model, identity in identities
    )


def require_same(before: Sequence[Subject], now: Sequence[Subject]) -> None:
    """Raise `BenchError` where a model or its server is not what the benchmark began with."""
    for old, new in zip(before, now, strict=True):
        if old.digest != new.digest:
            raise BenchError(
                f"{old.name} is now {(new.digest or 'unknown')[:12]}, the benchmark began with "
                f"{(old.digest or 'unknown')[:12]}: start a new one"
            )
        if old != new:
            raise BenchError(
                f"{_say_server(new)} answers, the benchmark began with {_say_server(old)}: start a "
                "new one, or start that server again"
            )


def _say_server(subject: Subject) -> str:
    where = subject.machine or "another machine"
    return f"{subject.host_kind} server {subject.server_version} on {where}"


def describe_machine() -> str:
    """This machine: `Linux x86_64, 2 CPUs` as its system counts them."""
    count = os.cpu_count()
    cpus = f", {count} CPU{'' if count == 1 else 's'}" if count else ""
    return f"{platform.system()} {platform.machine()}{cpus}"
