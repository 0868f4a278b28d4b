"""What two clocks and a list of loaded models say about a call: rates, phase, truncation.

A server reports durations, not what they mean. Its load time is never zero, its prompt time leaves
out what the cache held, its token count includes the first one and its duration does not; and
a prompt cut in half is a success. Every rule here was read in Ollama 0.32's source.
"""

from collections.abc import Sequence
from typing import NamedTuple

from benchagent.calls.model_call import Phase
from benchagent.calls.runners import Resident

# Ollama's warm "load" is a few ms of manifest reading; starting a runner takes longer than this.
RELOAD_AT_LEAST_MS = 100.0
# Without a differing option only a load time that no bookkeeping explains counts as a reload.
RELOAD_UNEXPLAINED_MS = 1000.0
# llama.cpp rounds a slot up to a multiple of this.
SLOT_STEP = 256


class PhaseFound(NamedTuple):
    """Whether the model had to be loaded, and why it was loaded again."""

    phase: Phase | None
    reload_because: str | None = None


def decode_rate(output_tokens: int | None, eval_ms: float | None) -> float | None:
    """Tokens per second after the first; None below two tokens, where there is no interval.

    >>> decode_rate(11, 100.0)
    100.0
    """
    if output_tokens is None or output_tokens < 2 or not eval_ms:
        return None
    return (output_tokens - 1) / (eval_ms / 1000)


def prefill_rate(
    prompt_tokens: int | None, prompt_eval_ms: float | None, cached: int | None, phase: Phase | None
) -> float | None:
    """Prompt tokens per second, only where a fresh runner or a count of 0 rules the cache out.

    The count is the whole prompt, the duration only what the cache did not hold.
    """
    ruled_out = cached == 0 or (cached is None and phase in ("cold", "reload"))
    if not ruled_out or prompt_tokens is None or not prompt_eval_ms:
        return None
    return prompt_tokens / (prompt_eval_ms / 1000)


def call_phase(
    before: Resident | None,
    after: Resident | None,
    load_ms: float | None,
    differing: Sequence[str],
) -> PhaseFound:
    """Cold, warm or reload, from /api/ps before and after and the load time.

    Args:
        before: the runner before the call; None where the model was not loaded.
        after: the runner after the call, where known.
        load_ms: the server's load time, where it gave one.
        differing: load options known to differ from those of the runner before.
    """
    if before is None:
        return PhaseFound("cold")
    names = list(differing)
    resized = after is not None and after.context_length != before.context_length
    if resized and "num_ctx" not in names:
        names.append("num_ctx")
    # The embedded server gives each request the context that it asks for, from one loaded model.
    long_enough = load_ms is None or load_ms >= RELOAD_AT_LEAST_MS
    if names and long_enough:
        return PhaseFound("reload", ", ".join(names))
    if load_ms is not None and load_ms >= RELOAD_UNEXPLAINED_MS:
        return PhaseFound("reload", "not known: another client, or an option that ps does not show")
    return PhaseFound("warm")


def truncation(
    *,
    num_ctx: int | None,
    context_length: int | None,
    num_keep: int,
    prompt_tokens: int | None,
    output_tokens: int | None,
    prompt_bytes: int,
    expected_tokens: int | None = None,
) -> tuple[bool | None, str | None]:
    """Whether the model saw less than it was given, and how we know; (None, None) = not known.

    Args:
        num_ctx: the context asked for, after Ollama's clamps.
        context_length: the one that /api/ps shows after the call.
        num_keep: tokens kept at the front when the middle is cut.
        prompt_tokens: the server's count, which is taken after the cut.
        output_tokens: what came on top.
        prompt_bytes: of all messages: no prompt has more tokens than bytes, so a short one
            cannot have been cut.
        expected_tokens: the caller's own count of the prompt, where it has one.
    """
    if context_length is not None and num_ctx is not None and context_length < num_ctx:
        return True, f"the server runs with a context of {context_length}, asked for {num_ctx}"
    window = context_length or num_ctx
    if window is None or prompt_tokens is None:
        return None, None
    padded = -(-window // SLOT_STEP) * SLOT_STEP
    if prompt_tokens + (output_tokens or 0) > padded:
        return True, (
            f"{prompt_tokens} prompt and {output_tokens or 0} output tokens do not fit the "
            f"context of {window}: earlier text was shifted out"
        )
    halved = prompt_tokens in {window - (window - keep) // 2 for keep in (num_keep, num_keep + 1)}
    may_be_longer = prompt_bytes >= window - 1
    if expected_tokens is not None:
        may_be_longer = expected_tokens > 1.3 * prompt_tokens
    if halved and may_be_longer:
        return True, (
            f"{prompt_tokens} prompt tokens are exactly what is left of a longer prompt after "
            f"the middle is cut to fit a context of {window}"
        )
    return False, None
