"""What calls ran with, so that agents who look different and are not can be told."""

import json
from collections.abc import Iterable, Mapping

from benchagent.calls.model_call import ModelCall


def setting_of(call: ModelCall) -> str | None:
    """Model and effective options of a call as one text: equal texts ran alike.

    What we added by ourselves (a seed, a limit), what the server says it did not honour, and what
    is left to the server do not count; a context that nobody named is the one that it runs with.

    Returns:
        None where the model's digest is not known: its name may mean something else elsewhere.
    """
    if call.asked.manifest_digest is None:
        return None
    options: dict[str, object] = json.loads(call.asked.effective_options)
    own = json.loads(call.asked.requested_options)
    vain = json.loads(call.ending.options_without_effect or "[]")
    ours = set(json.loads(call.asked.added_options)) - set(own)
    chosen = {name: v for name, v in options.items() if name not in ours and name not in vain}
    if chosen.get("num_gpu") == -1:
        del chosen["num_gpu"]
    chosen.setdefault("num_ctx", call.runner.ps_after_context_length)
    return json.dumps([call.asked.manifest_digest, call.asked.think, chosen], sort_keys=True)


def group_equal(settings: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """Those who share a setting with somebody, together, in the order given."""
    together: dict[str, list[str]] = {}
    for name, setting in settings.items():
        if setting is not None:
            together.setdefault(setting, []).append(name)
    return [tuple(names) for names in together.values() if len(names) > 1]


def setting_of_first(calls: Iterable[ModelCall]) -> str | None:
    """The setting of the first call that a server answered, else of the first replay."""
    answered = sorted(
        (call for call in calls if call.ending.done_reason is not None),
        key=lambda call: call.replayed,
    )
    return setting_of(answered[0]) if answered else None
