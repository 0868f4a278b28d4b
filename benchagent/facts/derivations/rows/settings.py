"""A configuration taken apart: how a run was made, what was run, what was asked."""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

# What was asked is not how it was run: prompts are the blocks of a comparison, not its arms. The
# first that a file gives names the item, so that files which also number their prompts agree.
ITEM_SETTINGS: Final = (
    "prompt", "prompt_text", "prompt_hash", "prompt_id", "prompt_name", "prompt_index", "question",
    "item",
)  # fmt: skip
# What was run, not how: numbers of two tasks are never pooled, nor is one task ranked over another.
WORKLOAD_SETTINGS: Final = frozenset(
    ("task", "dataset", "subset", "split", "role", "scenario", "test_name", "workload")
)
# What was asked of a server and how the answer was counted, which nobody chooses for being fast: a
# short prompt is not the best one. Names are without what tools put before them.
_DEMANDS: Final = frozenset(
    (
        "prompt_len", "prompt_length", "prompt_tokens", "input_len", "input_length", "input_tokens",
        "isl", "pp", "n_prompt", "seq_len", "sequence_length", "depth",
        "context_tokens",
        "gen_len", "output_len", "output_length", "output_tokens", "osl", "tg", "n_gen", "predict",
        "tokens", "new_tokens", "completion_tokens",
        "concurrency", "clients", "users", "virtual_users", "vus", "concurrent_requests",
        "concurrent_users", "request_concurrency", "request_rate", "requests_per_second", "qps", "rps",
        "requests", "request_count", "prompts", "burstiness", "tokenizer",
    )
)  # fmt: skip
_BEFORE_DEMANDS: Final = re.compile(r"(?:(?:num|n|max|min|target|random|total|avg|mean)_)+")
# Names of the other settings together, which would make every configuration differ in itself, how
# often was measured, which is not what was measured, and what was drawn by chance each time.
NO_SETTINGS: Final = frozenset(
    (
        "config_name", "config_id", "run", "run_id", "run_index", "label", "agent",
        "runs", "warmup_runs", "samples_per_run", "repetitions", "iterations",
        "seed", "random_seed",
    )
)  # fmt: skip
PARTS_OF_A_NAME: Final = frozenset(
    ("tag", "quantization", "variant", "model", "parameter_size", "family")
)


class Settings(NamedTuple):
    """A configuration taken apart: how it was run, what was run, what was asked."""

    settings: str
    workload: str
    item: str


def split_config(config: str, subject: str | None = None) -> Settings:
    """Canonical JSON of the settings, of the workload and of the item asked.

    What is no setting (`NO_SETTINGS`) is left out, and so is what the subject's own name says: the
    quantisation `q4_0` of `llama3.1:8b-instruct-q4_0`.
    """
    entries = cast("dict[str, object]", json.loads(config))
    workload = {key: value for key, value in entries.items() if key in WORKLOAD_SETTINGS}
    settings = {
        key: value
        for key, value in entries.items()
        if key not in NO_SETTINGS
        and key not in ITEM_SETTINGS
        and key not in WORKLOAD_SETTINGS
        and not (key in PARTS_OF_A_NAME and _is_said_by(subject, value))
    }
    item = [*find_item(config).values()] if not entries.keys().isdisjoint(ITEM_SETTINGS) else []
    return Settings(
        write_json(settings),
        write_json(workload) if workload else "",
        write_json(item) if item else "",
    )


def find_item(config: str) -> dict[str, object]:
    """What names the item that was asked, under its own name."""
    entries = cast("dict[str, object]", json.loads(config))
    return {key: entries[key] for key in [k for k in ITEM_SETTINGS if k in entries][:1]}


def without_name(settings: Mapping[str, object], subject: str) -> dict[str, object]:
    """Settings without those that the subject's own name says."""
    return {
        key: value
        for key, value in settings.items()
        if not (key in PARTS_OF_A_NAME and _is_said_by(subject, value))
    }


def _is_said_by(subject: str | None, value: object) -> bool:
    return subject is not None and str(value).lower() in subject.lower()


def is_demand(option: str) -> bool:
    """Whether a setting says what was asked, as `num_concurrency` does, and not how it was run."""
    return option in _DEMANDS or _BEFORE_DEMANDS.sub("", option, count=1) in _DEMANDS


def write_json(value: object) -> str:
    """Canonical JSON: keys sorted, no spaces, so that equal settings are equal texts."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
