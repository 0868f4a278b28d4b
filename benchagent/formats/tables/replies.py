"""Whole replies of model servers inside other people's objects, or with other people's keys beside theirs.

Who calls a server by hand keeps what came back as it came: `{"arm": "A", "response": {…}}`. Ollama
gives nanoseconds under names without a unit, llama.cpp's server its `timings`, others count tokens
alone; what those names mean is known only of such a reply.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from benchagent.measurements.json_trees import Json, Numeral, as_object, number_of

Path = tuple[str, ...]

_OLLAMA_TIMES: Final = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
_OLLAMA_COUNTS: Final = ("prompt_eval_count", "eval_count")
OLLAMA_KEYS: Final = frozenset(
    "model created_at response message thinking done done_reason context embedding embeddings error "
    "logprobs remote_model remote_host".split()
) | {*_OLLAMA_TIMES, *_OLLAMA_COUNTS}
LLAMA_KEYS: Final = frozenset(
    "index content tokens id_slot slot_id stop model tokens_predicted tokens_evaluated "
    "generation_settings prompt has_new_line truncated stop_type stopping_word stopped_eos "
    "stopped_limit stopped_word tokens_cached timings completion_probabilities probs multimodal "
    "choices created object usage id system_fingerprint __verbose error".split()
)
_OPENAI_KEYS: Final = frozenset(
    "id object created model choices usage system_fingerprint service_tier prompt_logprobs "
    "prompt_token_ids kv_transfer_params metadata data error".split()
)
# Of `timings`, what each is called in a table of ours.
_TIMINGS: Final = {
    "prompt_n": "prompt_tokens",
    "prompt_ms": "prompt_eval_time_ms",
    "prompt_per_second": "prefill_tok_s",
    "predicted_n": "output_tokens",
    "predicted_ms": "eval_time_ms",
    "predicted_per_second": "decode_tok_s",
}
# The time of an answer begins after its first token: of one alone there is none.
_AFTER_FIRST: Final = frozenset(("predicted_ms", "predicted_per_second"))
_USAGE: Final = {
    "prompt_tokens": "prompt_tokens",
    "completion_tokens": "output_tokens",
    "total_tokens": "total_tokens",
}
_MODEL: Final = ("model",)
_DIGITS_OF_A_MILLISECOND: Final = 6
_FASTEST: Final = 2000
_DEEPEST: Final = 4


class Reply(NamedTuple):
    """What of a reply is read.

    Attributes:
        keys: all that such a reply may have, so that any other is not the server's.
        names: what each of its values is called in a table of ours, by its place in the reply.
        untimed: places of zeros that stand where nothing was timed.
    """

    keys: frozenset[str]
    names: Mapping[Path, str]
    untimed: tuple[Path, ...] = ()


def read_reply(fields: Mapping[str, Json]) -> Reply | None:
    """What of an object is read as a server's reply; None of any other object."""
    return _read_ollama(fields) or _read_llama(fields) or _read_usage(fields)


def holds_reply(fields: Mapping[str, Json], depth: int = 0) -> bool:
    """Whether an object is a reply, or an object in it is one."""
    if read_reply(fields) is not None:
        return True
    inside = map(as_object, fields.values()) if depth < _DEEPEST else ()
    return any(inner and holds_reply(inner, depth + 1) for inner in inside)


def is_mixed(fields: Mapping[str, Json], keys: frozenset[str]) -> bool:
    """Whether other people's keys stand beside a server's own, of which `keys` are all."""
    return not keys.issuperset(fields)


def _read_ollama(fields: Mapping[str, Json]) -> Reply | None:
    is_whole = "model" in fields and "total_duration" in fields
    if not is_whole and not _is_part(fields):
        return None
    numbers = [fields[key] for key in (*_OLLAMA_TIMES, *_OLLAMA_COUNTS) if key in fields]
    # a script that made seconds or milliseconds of them wrote decimals, or small numbers
    whole = all(isinstance(number, Numeral) and number.isdecimal() for number in numbers)
    longest = fields["total_duration" if is_whole else "eval_duration"]
    short = len(str(longest)) <= _DIGITS_OF_A_MILLISECOND
    if len(numbers) < 2 or not whole or short:
        return None
    names = {(key,): f"{key} (ns)" for key in _OLLAMA_TIMES if key in fields}
    names |= {(key,): key for key in (*_OLLAMA_COUNTS, "created_at", "error") if key in fields}
    return Reply(OLLAMA_KEYS, _with_model(fields, names))


def _is_part(fields: Mapping[str, Json]) -> bool:
    """Whether an object is what a proxy kept of a reply: some of its fields, and no other ones."""
    if not {"eval_count", "eval_duration"} < fields.keys() <= OLLAMA_KEYS:
        return False
    n_tokens, nanoseconds = number_of(fields["eval_count"]), number_of(fields["eval_duration"])
    # of microseconds it would say a thousand times as many tokens a second
    return bool(n_tokens and nanoseconds and n_tokens / nanoseconds * 1e9 <= _FASTEST)


def _read_llama(fields: Mapping[str, Json]) -> Reply | None:
    timings = as_object(fields.get("timings"))
    if not {"prompt_ms", "predicted_ms"} <= timings.keys():
        return None
    n = number_of(timings.get("predicted_n"))
    told = {key: name for key, name in _TIMINGS.items() if key in timings}
    if n is None or n < 2:
        told = {key: name for key, name in told.items() if key not in _AFTER_FIRST}
    untimed = [key for key in told if key != "predicted_n" and number_of(timings[key]) == 0]
    names = {("timings", key): name for key, name in told.items() if key not in untimed}
    return Reply(LLAMA_KEYS, _with_model(fields, names), tuple(("timings", key) for key in untimed))


def _read_usage(fields: Mapping[str, Json]) -> Reply | None:
    """A reply of OpenAI's API, which says how many tokens there were."""
    usage = as_object(fields.get("usage"))
    if "prompt_tokens" not in usage or "object" not in fields or "model" not in fields:
        return None
    names = {("usage", key): name for key, name in _USAGE.items() if key in usage}
    return Reply(_OPENAI_KEYS, _with_model(fields, names))


def _with_model(fields: Mapping[str, Json], names: Mapping[Path, str]) -> Mapping[Path, str]:
    return {_MODEL: "model", **names} if "model" in fields else names
