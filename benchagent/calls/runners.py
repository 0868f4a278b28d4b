"""The runners that a server has in memory, and with which options this client had them started.

A server lists what is loaded, and only part of how: two requests that differ in one load option
meet the same name in its list. What else is known is what this client asked for itself.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchagent.calls.identity import ModelIdentity, Options, launch_options, same_model


class Resident(NamedTuple):
    """A runner in memory, as /api/ps lists it."""

    model: str
    digest: str | None
    size: int | None
    size_vram: int | None
    context_length: int | None


def find_resident(residents: Sequence[Resident] | None, identity: ModelIdentity) -> Resident | None:
    """The runner of a model among those in memory, by digest or else by name."""
    for runner in residents or ():
        if runner.digest and runner.digest == identity.digest:
            return runner
    named = [r for r in residents or () if same_model(r.model, identity.name)]
    return named[0] if named else None


def differing_options(
    last: Mapping[str, object] | None, now: Mapping[str, object]
) -> tuple[str, ...]:
    """Which load options make the server start another runner; () where the last are not known.

    An absent num_gpu or num_batch takes whatever is loaded.
    """
    if last is None:
        return ()
    inherits = {"num_gpu", "num_batch"} - set(now)
    return tuple(
        name
        for name in sorted({*last, *now})
        if name not in inherits and last.get(name) != now.get(name)
    )


class _Launch(NamedTuple):
    """How a model was last loaded, and the context that the server made of it."""

    options: Options
    context_length: int | None


class Launches:
    """How one client last had each model loaded."""

    def __init__(self) -> None:
        """None yet."""
        self._last: dict[str, _Launch] = {}

    def remember(
        self,
        identity: ModelIdentity,
        options: Mapping[str, object],
        residents: Sequence[Resident] | None,
    ) -> None:
        """Take down that a model was asked for with these options, where it is in memory now."""
        runner = find_resident(residents, identity)
        if runner is not None:
            wanted = launch_options(identity, options)
            self._last[_key(identity)] = _Launch(wanted, runner.context_length)

    def forget(self, identity: ModelIdentity) -> None:
        """It was unloaded."""
        self._last.pop(_key(identity), None)

    def started(
        self, runner: Resident | None, identity: ModelIdentity, options: Mapping[str, object]
    ) -> bool:
        """Whether this runner is known to be the one that a request with these options wants."""
        if runner is None:
            return False
        wanted = _Launch(launch_options(identity, options), runner.context_length)
        return self._last.get(_key(identity)) == wanted

    def differing(self, identity: ModelIdentity, options: Mapping[str, object]) -> tuple[str, ...]:
        """Which of these options make the server start another runner than it last had."""
        last = self._last.get(_key(identity))
        return differing_options(last and last.options, launch_options(identity, options))


def _key(identity: ModelIdentity) -> str:
    return identity.digest or identity.name
