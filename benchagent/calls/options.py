"""The options that Ollama knows: which there are, and what each is where nobody names it."""

from collections.abc import Mapping

OptionValue = str | int | float | bool | tuple[str, ...]
Options = Mapping[str, OptionValue]

# Load options start another runner when they differ; the rest is per request. Types and defaults
# are those of api/types.go in Ollama 0.32; None = decided by the server when it loads.
LOAD_OPTIONS: dict[str, tuple[type, OptionValue | None]] = {
    "num_ctx": (int, None),
    "num_batch": (int, None),
    "num_gpu": (int, -1),
    "main_gpu": (int, 0),
    "use_mmap": (bool, None),
    "num_thread": (int, 0),
    "draft_num_predict": (int, None),
}
SAMPLING_OPTIONS: dict[str, tuple[type, OptionValue | None]] = {
    "num_keep": (int, 4),
    "seed": (int, -1),
    "num_predict": (int, -1),
    "top_k": (int, 40),
    "top_p": (float, 0.9),
    "min_p": (float, 0.0),
    "typical_p": (float, 1.0),
    "repeat_last_n": (int, 64),
    "temperature": (float, 0.8),
    "repeat_penalty": (float, 1.0),
    "presence_penalty": (float, 0.0),
    "frequency_penalty": (float, 0.0),
    "stop": (tuple, None),
}
KNOWN_OPTIONS = LOAD_OPTIONS | SAMPLING_OPTIONS
