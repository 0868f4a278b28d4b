"""The record of one request to a model server, good or bad, so that a stranger can say why.

A `ModelCall` is grouped by who knows what: the caller (`CallContext`), the request (`Asked`), its
end (`Ending`), the clocks (`Timings`), the server's runner (`Runner`) and the graphics processor
(`Gpu`). As a row it is flat. Absent is null and never zero, and a failure is a row like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, Self

from benchagent.calls.gpu import Gpu
from benchagent.calls.outcomes import RULES, ErrorClass, Outcome

Cell = str | int | float | bool | None
Phase = Literal["cold", "warm", "reload"]
Arm = Literal["alone", "together"]
# Enough of a bad reply to see what it was; a model that never stops would fill the disk.
MAX_UNUSABLE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What a call was for: given by the caller, told to nobody else.

    Attributes:
        attempt: 1 for the first time that this was asked.
        retries: how many attempts came before.
        retry_because: the outcome of the attempt before.
        repetition: of the scenario or benchmark, from 0.
        role: the agent's part in a scenario.
        arm: whether other agents ran beside it.
    """

    dagster_run_id: str | None = None
    snapshot: str | None = None
    agent: str | None = None
    stage: str | None = None
    attempt: int = 1
    retries: int = 0
    retry_because: Outcome | None = None
    scenario: str | None = None
    repetition: int | None = None
    role: str | None = None
    arm: Arm | None = None

    def after(self, outcome: Outcome) -> Self:
        """The context of the attempt that follows one which ended so."""
        return replace(
            self, attempt=self.attempt + 1, retries=self.retries + 1, retry_because=outcome
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was sent, to which model, and what the server makes of it. Options are JSON objects.

    Attributes:
        requested_options: the agent's own.
        added_options: ours: num_predict, seed, truncate, shift, think, where the agent is silent.
        effective_options: defaults < Modelfile < request, clamped.
        request_sha256: of digest, effective options, messages, schema, seed and think: what makes
            two requests the same question.
    """

    host: str
    server_version: str | None = None
    model: str
    manifest_digest: str | None = None
    weights_sha256: str | None = None
    family: str | None = None
    parameter_size: str | None = None
    quantisation: str | None = None
    requested_options: str
    added_options: str
    effective_options: str
    think: str
    seed: int
    num_predict: int
    num_ctx: int | None = None
    prompt_sha256: str
    schema_sha256: str | None = None
    request_sha256: str
    prompt_characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How it ended.

    Attributes:
        error_class: whose failure it was; null when it was none.
        detail: a sentence for people: the server's own words where it gave some.
        truncated: null where nothing proves it either way.
        options_without_effect: JSON list of what the server says it did not honour.
        raw_final: the last JSON object as it came over the wire.
        unusable_text: what there was of a reply that nothing can be built on, its first 64 KiB.
    """

    outcome: Outcome
    error_class: ErrorClass | None = None
    detail: str | None = None
    http_status: int | None = None
    done_reason: str | None = None
    truncated: bool | None = None
    reply_characters: int | None = None
    thinking_characters: int | None = None
    chunks: int | None = None
    options_without_effect: str | None = None
    raw_final: str | None = None
    unusable_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """What two clocks say: ours (monotonic) and the server's, in milliseconds.

    Attributes:
        ttft_ms: sent → first token, thinking or answer. ttfb_ms: sent → response headers.
        itl_p50_ms: gaps between the arrivals of chunks; a chunk is usually a token.
        overhead_ms: wall_ms - total_ms: what the way there and back and this program cost.
        residual_ms: total - load - prompt eval - eval: waiting for a slot, templating,
            tokenising.
        cache_hit: null unless the server counts cached prompt tokens.
        decode_rate: (output_tokens - 1) / eval time, tokens/s: eval time runs from the first
            token to the last; null below two tokens.
        prefill_rate: prompt tokens/s, only where no cached prefix can have helped.
    """

    wall_ms: float | None = None
    ttfb_ms: float | None = None
    ttft_ms: float | None = None
    first_thinking_ms: float | None = None
    first_answer_ms: float | None = None
    itl_p50_ms: float | None = None
    itl_p95_ms: float | None = None
    itl_p99_ms: float | None = None
    total_ms: float | None = None
    load_ms: float | None = None
    prompt_eval_ms: float | None = None
    eval_ms: float | None = None
    residual_ms: float | None = None
    overhead_ms: float | None = None
    prompt_tokens: int | None = None
    cached_prompt_tokens: int | None = None
    cache_hit: bool | None = None
    output_tokens: int | None = None
    decode_rate: float | None = None
    prefill_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """The server's process for the model, from /api/ps before and after; null where unknown.

    Attributes:
        reload_because: which load options differ from the runner that was there.
    """

    phase: Phase | None = None
    reload_because: str | None = None
    ps_before_size: int | None = None
    ps_before_size_vram: int | None = None
    ps_before_context_length: int | None = None
    ps_after_size: int | None = None
    ps_after_size_vram: int | None = None
    ps_after_context_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request to a model server.

    Attributes:
        replayed: the reply came from the store; there are no timings and nothing was asked.
        replay_of: the call that first got this reply.
        started_at: UTC, ISO 8601 with microseconds.
    """

    call_id: str
    started_at: str
    replayed: bool = False
    replay_of: str | None = None
    context: CallContext
    asked: Asked
    ending: Ending
    timings: Timings = Timings()
    runner: Runner = Runner()
    gpu: Gpu = field(default_factory=Gpu)

    @property
    def outcome(self) -> Outcome:
        """How the call ended."""
        return self.ending.outcome

    def judged(self, outcome: Outcome, detail: str, text: str) -> Self:
        """The same call, after somebody who read its reply named its outcome."""
        ending = replace(
            self.ending,
            outcome=outcome,
            error_class=RULES[outcome].error_class,
            detail=detail,
            unusable_text=text[:MAX_UNUSABLE],
        )
        return replace(self, ending=ending)


GROUPS: dict[str, type] = {
    "context": CallContext,
    "asked": Asked,
    "ending": Ending,
    "timings": Timings,
    "runner": Runner,
    "gpu": Gpu,
}
OWN_FIELDS = ("call_id", "started_at", "replayed", "replay_of")


def call_row(call: ModelCall) -> dict[str, Cell]:
    """A call as one flat row, in the order of `table.CALL_SCHEMA`."""
    row: dict[str, Cell] = {name: getattr(call, name) for name in OWN_FIELDS}
    for group, kind in GROUPS.items():
        part = getattr(call, group)
        row |= {field.name: getattr(part, field.name) for field in fields(kind)}
    return row


def call_from_row(row: Mapping[str, object]) -> ModelCall:
    """The call that `call_row` wrote; columns that this version does not know are left out."""
    parts = {
        group: kind(**{f.name: row[f.name] for f in fields(kind) if f.name in row})
        for group, kind in GROUPS.items()
    }
    own = {name: row[name] for name in OWN_FIELDS if name in row}
    return ModelCall(**own, **parts)  # pyright: ignore[reportArgumentType] -- rows are untyped
