"""The runners that a server has in memory, and with which options they were started.

A server lists what is loaded, and only part of how: two requests that differ in one load option
meet the same name in its list. What else is known is what this client asked for itself, and what
the one whose turn was before has left.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ollama import ProcessResponse

from benchagent.calls.identity import ModelIdentity, launch_options, same_model
from benchagent.calls.options import Options


class Resident(NamedTuple):
    """A runner in memory, as /api/ps lists it.

    `expires_at` is set anew at the end of every call that the runner answers.
    """

    model: str
    digest: str | None
    size: int | None
    size_vram: int | None
    context_length: int | None
    expires_at: str | None = None


class LeftRunner(NamedTuple):
    """A runner as a client left it: how it had it loaded, and how it was listed then.

    Attributes:
        moves: that `expires_at` was another one after another call, so that an equal one means
            that nobody has asked since; some servers always list the same.
    """

    options: Options
    runner: Resident
    moves: bool


def list_residents(reply: ProcessResponse) -> list[Resident]:
    """What /api/ps says."""
    return [
        Resident(
            model=runner.model or runner.name or "",
            digest=runner.digest,
            size=None if runner.size is None else int(runner.size),
            size_vram=None if runner.size_vram is None else int(runner.size_vram),
            context_length=runner.context_length,
            expires_at=runner.expires_at and runner.expires_at.isoformat(),
        )
        for runner in reply.models
    ]


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
    """How one client last had each model loaded.

    Attributes:
        left: the runners of earlier clients and then its own, as each was listed last.
    """

    def __init__(self, left: Mapping[str, LeftRunner] | None = None) -> None:
        """Nothing was loaded yet; `left` is what earlier clients have left in memory."""
        self.left: dict[str, LeftRunner] = dict(left or {})
        self._last: dict[str, _Launch] = {}

    def remember(
        self,
        identity: ModelIdentity,
        options: Mapping[str, object],
        residents: Sequence[Resident] | None,
        *,
        surely: bool = False,
    ) -> None:
        """Take down that a model was asked for with these options, where it is in memory now.

        `surely` says that the runner is the one that answered and nobody else's: there was none
        before or it was untouched, and it was listed before there was time for another.
        """
        runner = find_resident(residents, identity)
        if runner is None:
            return
        key, wanted = _key(identity), launch_options(identity, options)
        self._last[key] = _Launch(wanted, runner.context_length)
        if surely and runner.expires_at is not None:
            before = self.left.get(key)
            moves = before is not None and (
                before.moves or before.runner.expires_at != runner.expires_at
            )
            self.left[key] = LeftRunner(wanted, runner, moves)

    def untouched(self, runner: Resident, identity: ModelIdentity) -> bool:
        """Whether a runner is as it was left, so that nobody else has asked it since."""
        left = self.left.get(_key(identity))
        return left is not None and left.runner == runner

    def forget(self, identity: ModelIdentity) -> None:
        """Forget a model that was unloaded."""
        self._last.pop(_key(identity), None)

    def started(
        self, runner: Resident | None, identity: ModelIdentity, options: Mapping[str, object]
    ) -> bool:
        """Whether this runner is known to be the one that a request with these options wants.

        Of one that another client started, that is known where it is as that client left it.
        """
        if runner is None:
            return False
        key, wanted = _key(identity), launch_options(identity, options)
        if key in self._last:
            return self._last[key] == _Launch(wanted, runner.context_length)
        return self.left.get(key) == LeftRunner(wanted, runner, moves=True)

    def differing(self, identity: ModelIdentity, options: Mapping[str, object]) -> tuple[str, ...]:
        """Which of these options make the server start another runner than it last had."""
        last = self._last.get(_key(identity))
        return differing_options(last and last.options, launch_options(identity, options))


def _key(identity: ModelIdentity) -> str:
    return identity.digest or identity.name
