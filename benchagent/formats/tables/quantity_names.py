"""What people call the quantities that they measure, in joined words and without statistic and unit."""

from typing import Final

from benchagent.quantities.units import Unit

# Which of the two rates of a call a word before `tok/s` means; a bare rate is that of the answer.
# `output` and `total` are no such words: servers count all their requests under them.
_DECODING: Final = (
    "decode", "decoding", "gen", "generate", "generation", "token_generation", "text_generation",
    "tg", "eval", "predicted",
)  # fmt: skip
_PREFILLING: Final = (
    "prompt", "prompt_eval", "prompt_evaluation", "prompt_processing", "prefill", "pp",
)  # fmt: skip
TOKEN_RATE: Final = Unit("tok/s")
RATES: Final = {
    **dict.fromkeys(
        ("", "throughput", *(f"{word}{end}" for word in _DECODING for end in ("", "_speed"))),
        "decode_rate",
    ),
    **dict.fromkeys(
        (f"{word}{end}" for word in _PREFILLING for end in ("", "_speed")), "prefill_rate"
    ),
    **dict.fromkeys(("decode_throughput", "generation_throughput"), "decode_rate"),
    **dict.fromkeys(("prefill_throughput", "prompt_throughput"), "prefill_rate"),
    # of all that is answered at once
    **dict.fromkeys(
        (
            f"{word}{end}"
            for word in ("aggregate", "aggregated", "agg")
            for end in ("", "_throughput")
        ),
        "throughput",
    ),
}
# A test and how long it is: `pp512`, `prefill_2k`. Behind `decode` as many may be a batch.
TEST: Final = r"(?:(pp|tg)_?([0-9]{1,6}k?)|(prefill|prompt)_?([0-9]{3,6}|[0-9]{1,3}k))"
NAMED_RATES: Final = {
    **dict.fromkeys(
        ("decode_rate", "eval_rate", "evaluation_rate", "generation_rate"), "decode_rate"
    ),
    **dict.fromkeys(("prompt_eval_rate", "prefill_rate"), "prefill_rate"),
    # llama-server's own
    "predicted_per_second": "decode_rate",
    "prompt_per_second": "prefill_rate",
}
TIMES: Final = {
    **dict.fromkeys(
        (
            "ttft",
            "time_to_first_token",
            "first_token",
            "first_token_time",
            "first_token_latency",
            "wall_ttft",
            "client_ttft",
        ),
        "ttft",
    ),
    **dict.fromkeys(("tpot", "time_per_output_token"), "tpot"),
    **dict.fromkeys(("itl", "inter_token_latency"), "itl"),
    **dict.fromkeys(
        ("load", "load_time", "load_duration", "model_load", "model_load_time"), "load_time"
    ),
    **dict.fromkeys(
        (
            "prompt",
            "prompt_eval",
            "prompt_eval_time",
            "prompt_eval_duration",
            "prefill",
            "prefill_time",
            "prefill_latency",
            "prompt_processing_time",
        ),
        "prompt_eval_time",
    ),
    **dict.fromkeys(
        (
            "eval",
            "eval_time",
            "eval_duration",
            "gen_time",
            "decode",
            "decode_time",
            "predicted",
            "generation",
            "generation_time",
            *(f"{word}_duration" for word in ("gen", "generation", "decode")),
        ),
        "eval_time",
    ),
    **dict.fromkeys(("total", "total_time", "total_duration"), "total_time"),
    **dict.fromkeys(
        (
            "",
            "latency",
            "lat",
            "total_latency",
            "wall_latency",
            "time",
            "client_total",
            "response_time",
            "request_latency",
            *(f"{end}{of}" for end in ("e2e", "end_to_end") for of in ("", "_time", "_latency")),
        ),
        "latency",
    ),
    **dict.fromkeys(("compile", "compile_time"), "compile_time"),
    **dict.fromkeys(
        (
            "duration",
            "elapsed",
            "elapsed_time",
            "wall",
            "wall_time",
            "wall_clock",
            "wall_clock_time",
            "runtime",
            # of one answer, or of a whole data set
            "inference",
            "inference_time",
            "inference_latency",
        ),
        "duration",
    ),
}
SIZES: Final = {
    **dict.fromkeys(("model_size", "file_size", "size"), "model_size"),
    **dict.fromkeys(
        ("gpu_memory", "gpu_memory_usage", "gpu_mem", "vram", "vram_used", "vram_usage"), "vram"
    ),
    **dict.fromkeys(("ram", "ram_used", "ram_usage", "rss"), "memory"),
}
_POWERS: Final = dict.fromkeys(
    ("power", "power_draw", "gpu_power", "gpu_power_draw", "cpu_power", "package_power"), "power"
)
_TEMPERATURES: Final = dict.fromkeys(
    ("gpu_temp", "gpu_temperature", "cpu_temp", "cpu_temperature"),
    "temperature_c",
)
# The names of quantities that have a dimension, by the canonical unit of it.
OF_DIMENSION: Final = {
    "ms": TIMES,
    "bytes": SIZES,
    "W": _POWERS,
    "J": {"energy": "energy"},
    "°C": _TEMPERATURES,
}
COUNTS: Final = {
    **dict.fromkeys(
        (
            "prompt_eval_count",
            "prompt_token_count",
            "input_token_count",
            "prompt_tokens",
            "input_tokens",
            "prompt_n",
            "n_prompt_tokens",
            "tokens_in",
            "in_tokens",
        ),
        ("prompt_tokens", "tokens"),
    ),
    **dict.fromkeys(
        (
            "eval_count",
            "generated_token_count",
            "output_token_count",
            "completion_token_count",
            "output_tokens",
            "completion_tokens",
            "tokens_generated",
            "generated_tokens",
            "gen_tokens",
            "predicted_n",
            "tokens_predicted",
            "tokens_out",
            "out_tokens",
        ),
        ("output_tokens", "tokens"),
    ),
    "total_tokens": ("total_tokens", "tokens"),
    "response_chars": ("response_chars", "chars"),
}
PURE: Final = {
    "accuracy": "accuracy",
    "loss": "loss",
    "perplexity": "perplexity",
    "ppl": "perplexity",
}
# Words of many meanings where no unit stands beside them.
BARE: Final = frozenset(
    "time total size load eval decode prefill prompt predicted generation e2e end_to_end wall "
    "lat inference elapsed model_load first_token energy".split()
) | {"", *_POWERS, *_TEMPERATURES}
