"""A configuration taken apart: how a run was made, what was run, what was asked."""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

# What was asked is not how it was run: prompts are the blocks of a comparison, not its arms. The
# first that a file gives names the item, so that files which also number their prompts agree.
ITEM_SETTINGS: Final = (
    "prompt", "prompt_text", "prompt_hash", "prompt_id", "prompt_name", "prompt_index", "question",
    "prompt_label", "item",
)  # fmt: skip
# So is what a column names that numbers or names the item (`doc_id`, `example`), whatever it is called.
_ITEM: Final = re.compile(
    r"(?:prompt|question|query|item|sample|example|problem|instance|document|doc|passage|utterance|"
    r"conversation|dialogue|dialog|task|test|case)_(?:id|idx|index|no|num|number)"
    r"|(?:question|query|item|sample|example|problem|document|doc|conversation)_name|query|sample|example|problem|instance|document|passage|utterance|conversation|dialogue|dialog"
)
# Of each conversation the item is one turn, which has more to read than the one before.
_TURN: Final = re.compile(r"(?:turn|message)(?:_(?:id|idx|index|no|num|number))?")
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
        "requests", "request_count", "prompts", "burstiness", "tokenizer", "n", "length", "in_len", "out_len",
        "category", "topic", "difficulty", "use_case",
    )
)  # fmt: skip
# `prompt_type`, `question_category`: a kind of what was asked. A `prompt_template` is chosen.
_KIND_ASKED: Final = re.compile(
    r"(?:prompt|question|query|input|task|test|request)_(?:type|category|kind|class|group|size|topic|difficulty|language)"
)
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
        and not names_item(key)
        and key not in WORKLOAD_SETTINGS
        and not (key in PARTS_OF_A_NAME and _is_said_by(subject, value))
    }
    item = [*_name_item(entries).values()]
    return Settings(
        write_json(settings),
        write_json(workload) if workload else "",
        write_json(item) if item else "",
    )


def find_item(config: str) -> dict[str, object]:
    """What names the item that was asked, under its own name; of a conversation, its turn too."""
    return _name_item(cast("dict[str, object]", json.loads(config)))


def without_name(settings: Mapping[str, object], subject: str) -> dict[str, object]:
    """Settings without those that the subject's own name says."""
    return {
        key: value
        for key, value in settings.items()
        if not (key in PARTS_OF_A_NAME and _is_said_by(subject, value))
    }


def names_item(option: str) -> bool:
    """Whether a setting says which item was asked, as `question` and `doc_id` do, or which turn."""
    asked = option in ITEM_SETTINGS or _ITEM.fullmatch(option) is not None
    return asked or _TURN.fullmatch(option) is not None


def _name_item(entries: Mapping[str, object]) -> dict[str, object]:
    items = sorted(filter(names_item, entries), key=_rank_of_item)
    turns = [key for key in items if _TURN.fullmatch(key)]
    return {key: entries[key] for key in ([k for k in items if k not in turns][:1] + turns[:1])}


def _rank_of_item(name: str) -> int:
    return ITEM_SETTINGS.index(name) if name in ITEM_SETTINGS else len(ITEM_SETTINGS)


def _is_said_by(subject: str | None, value: object) -> bool:
    return subject is not None and str(value).lower() in subject.lower()


def is_demand(option: str) -> bool:
    """Whether a setting says what was asked, as `num_concurrency` does, and not how it was run."""
    plain = _BEFORE_DEMANDS.sub("", option, count=1)
    return not _DEMANDS.isdisjoint((option, plain)) or _KIND_ASKED.fullmatch(option) is not None


def write_json(value: object) -> str:
    """Canonical JSON: keys sorted, no spaces, so that equal settings are equal texts."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
