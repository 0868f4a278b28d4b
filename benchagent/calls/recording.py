"""From what came over the wire to the record of the call."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from benchagent.calls.gpu import Gpu
from benchagent.calls.identity import ModelIdentity, effective_options
from benchagent.calls.model_call import (
    MAX_UNUSABLE,
    Asked,
    CallContext,
    Ending,
    ModelCall,
    Phase,
    Runner,
    Timings,
)
from benchagent.calls.outcomes import RULES
from benchagent.calls.refusals import End
from benchagent.calls.request import ChatRequest
from benchagent.calls.runners import Resident, find_resident
from benchagent.calls.stream import Received, WireChunk
from benchagent.calls.timings import (
    PhaseFound,
    call_phase,
    decode_rate,
    prefill_rate,
    truncation,
)
from benchagent.quantities.percentiles import percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Everything known when a request leaves.

    Attributes:
        residents: what was in memory; None where the server did not say.
        differing: load options known to differ from those of the runner in memory.
    """

    call_id: str
    started_at: str
    context: CallContext
    request: ChatRequest
    identity: ModelIdentity
    asked: Asked
    residents: Sequence[Resident] | None
    differing: tuple[str, ...] = ()


def record(
    sent: Sent, received: Received, residents: Sequence[Resident] | None, gpu: Gpu
) -> ModelCall:
    """The record of a call.

    Args:
        sent: what was known before.
        received: what came; without an end the call was stopped from outside.
        residents: what is in memory afterwards; None where nobody asked or the server didn't say.
        gpu: what the graphics processors did meanwhile.
    """
    before, after = (
        find_resident(sent.residents, sent.identity),
        find_resident(residents, sent.identity),
    )
    found = PhaseFound(None)
    if sent.residents is not None and received.final is not None:
        load_ms = _ms(received.final.load_duration)
        found = call_phase(before, after, load_ms, sent.differing)
    return ModelCall(
        call_id=sent.call_id,
        started_at=sent.started_at,
        context=sent.context,
        asked=sent.asked,
        ending=_ending(sent, received, residents, after),
        timings=timings(received, found.phase),
        runner=_runner(found, before, after),
        gpu=gpu,
    )


def timings(received: Received, phase: Phase | None) -> Timings:
    """Both clocks' view of a call; a duration that was not measured, or cannot be, is None."""
    sent, final = received.sent_at, received.final or WireChunk()
    wall = _since(sent, received.ended_at)
    total, load = _ms(final.total_duration), _ms(final.load_duration)
    prompt_eval, evaluated = _ms(final.prompt_eval_duration), _ms(final.eval_duration)
    cached = final.prompt_eval_cached_count
    gaps = sorted(1000 * (b - a) for a, b in pairwise(received.arrivals))
    p50, p95, p99 = (percentile(gaps, q) if gaps else None for q in (0.50, 0.95, 0.99))
    return Timings(
        wall_ms=wall,
        ttfb_ms=_since(sent, received.headers_at),
        ttft_ms=_since(sent, received.arrivals[0] if received.arrivals else None),
        first_thinking_ms=_since(sent, received.first_thinking_at),
        first_answer_ms=_since(sent, received.first_answer_at),
        itl_p50_ms=p50,
        itl_p95_ms=p95,
        itl_p99_ms=p99,
        total_ms=total,
        load_ms=load,
        prompt_eval_ms=prompt_eval,
        eval_ms=evaluated,
        residual_ms=_rest(total, load, prompt_eval, evaluated),
        overhead_ms=_rest(wall, total),
        prompt_tokens=final.prompt_eval_count,
        cached_prompt_tokens=cached,
        cache_hit=None if cached is None else cached > 0,
        output_tokens=final.eval_count,
        decode_rate=decode_rate(final.eval_count, evaluated),
        prefill_rate=prefill_rate(final.prompt_eval_count, prompt_eval, cached, phase),
    )


def _ending(
    sent: Sent,
    received: Received,
    residents: Sequence[Resident] | None,
    after: Resident | None,
) -> Ending:
    end = received.end or End("cancelled", f"stopped after {len(received.arrivals)} chunks")
    cut, how = _truncation(sent, received, after)
    if cut and end.outcome in ("ok", "length"):
        end = End("truncated", how)
    if end.outcome == "ok" and (moved := _moved(sent.identity, residents)):
        end = End("wrong_model", moved)
    final = received.final
    ignored = final.options_without_effect if final else None
    return Ending(
        outcome=end.outcome,
        error_class=RULES[end.outcome].error_class,
        detail=end.detail,
        http_status=received.status,
        done_reason=final.done_reason if final else None,
        truncated=cut,
        reply_characters=sum(map(len, received.answer)) or None,
        thinking_characters=sum(map(len, received.thoughts)) or None,
        chunks=len(received.arrivals) or None,
        options_without_effect=None if ignored is None else json.dumps(ignored),
        raw_final=received.raw_final,
        unusable_text=None if end.outcome == "ok" else _said(received)[:MAX_UNUSABLE] or None,
    )


def _said(received: Received) -> str:
    return "".join([*received.thoughts, *received.answer])


def _truncation(
    sent: Sent, received: Received, after: Resident | None
) -> tuple[bool | None, str | None]:
    if received.final is None:
        return None, None
    effective: Mapping[str, object] = effective_options(sent.identity, sent.request.sent_options)
    num_keep = effective.get("num_keep")
    return truncation(
        num_ctx=sent.asked.num_ctx,
        context_length=after.context_length if after else None,
        num_keep=num_keep if isinstance(num_keep, int) else 4,
        prompt_tokens=received.final.prompt_eval_count,
        output_tokens=received.final.eval_count,
        prompt_bytes=len((sent.request.system + sent.request.prompt).encode(errors="replace")),
        expected_tokens=sent.request.expected_tokens,
    )


def _moved(identity: ModelIdentity, residents: Sequence[Resident] | None) -> str | None:
    """A sentence where the tag was moved to another model between identifying it and the call."""
    runner = find_resident(residents, identity)
    if runner is None or not runner.digest or runner.digest == identity.digest:
        return None
    return f"{identity.name} is now {runner.digest[:12]}, was {(identity.digest or '?')[:12]}"


def _runner(found: PhaseFound, before: Resident | None, after: Resident | None) -> Runner:
    runner = Runner(phase=found.phase, reload_because=found.reload_because)
    if before is not None:
        runner = replace(
            runner,
            ps_before_size=before.size,
            ps_before_size_vram=before.size_vram,
            ps_before_context_length=before.context_length,
        )
    if after is not None:
        runner = replace(
            runner,
            ps_after_size=after.size,
            ps_after_size_vram=after.size_vram,
            ps_after_context_length=after.context_length,
        )
    return runner


def _ms(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e6


def _since(start: float, moment: float | None) -> float | None:
    return None if moment is None else 1000 * (moment - start)


def _rest(whole: float | None, *parts: float | None) -> float | None:
    """What is left of a whole; None where a part is unknown or the clocks contradict each other."""
    known = [part for part in parts if part is not None]
    if whole is None or len(known) < len(parts) or sum(known) > whole:
        return None
    return whole - sum(known)
