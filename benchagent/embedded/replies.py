"""The objects that go back on Ollama's wire."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from benchagent.embedded.engine.generation import Finished
from benchagent.embedded.wire import Request


def timestamp(moment: datetime | None = None) -> str:
    """Write a moment, by default now, as RFC 3339 in UTC."""
    return (moment or datetime.now(UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(value: object) -> bytes:
    """Write JSON in ASCII: clients split a stream at every line break that Unicode knows."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def chunk(request: Request, text: str, **more: object) -> dict[str, object]:
    """Return one object of a reply; without `more`, one that others follow."""
    said: dict[str, object] = (
        {"response": text}
        if request.kind == "generate"
        else {"message": {"role": "assistant", "content": text}}
    )
    head: dict[str, object] = {"model": request.model, "created_at": timestamp()}
    return head | said | {"done": False} | more


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """When things happened, as `time.perf_counter_ns` tells it."""

    arrived: int
    loaded: int
    done: int


def final_fields(
    request: Request, prompt: tuple[int, ...], finished: Finished, at: Durations
) -> dict[str, object]:
    """Return what the last object of a reply adds: reason, counts, durations, and our own fields.

    `options_without_effect` and `options_adjusted` are not Ollama's; clients ignore them.
    """
    fields: dict[str, object] = {"done": True, "done_reason": finished.reason}
    if request.kind == "generate" and request.raw_prompt is None:
        fields["context"] = [*prompt, *finished.tokens]
    fields |= {
        "total_duration": max(at.done - at.arrived, 1),
        "load_duration": max(at.loaded - at.arrived, 1),
        "prompt_eval_count": len(prompt),
        "prompt_eval_duration": max(finished.prompt_ns, 1),
        "eval_count": finished.eval_count,
        "eval_duration": max(finished.eval_ns, 1),
    }
    if request.settings.without_effect:
        fields["options_without_effect"] = list(request.settings.without_effect)
    if request.settings.adjusted:
        fields["options_adjusted"] = dict(request.settings.adjusted)
    return fields
