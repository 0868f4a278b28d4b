"""The columns of a file whose rows are calls of a language model, understood once per file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.formats.tables.said_columns import ROLES, name_said_setting, read_said
from benchagent.measurements.grids import header_of
from benchagent.measurements.readings import Phase
from benchagent.quantities.metrics import is_of_calls
from benchagent.quantities.names import join_words

OPTION_PREFIX: Final = "option_"
OLLAMA_OPTIONS: Final = frozenset(
    "num_gpu num_ctx num_batch num_thread num_keep num_predict temperature top_k top_p min_p "
    "typical_p repeat_last_n repeat_penalty presence_penalty frequency_penalty seed stop main_gpu "
    "use_mmap numa mirostat mirostat_eta mirostat_tau tfs_z".split()
)
# A runtime lists them in the order in which it tries them.
PROVIDERS: Final = ("providers", "execution_providers")
SETTINGS: Final[dict[str, str]] = {
    **dict.fromkeys(("tag", "quant", "quant_type"), "quantization"),
    **dict.fromkeys(("prompt", "prompt_text"), "prompt"),
    **dict.fromkeys(("ctx", "n_ctx", "ctx_size", "context_size", "context_len"), "num_ctx"),
    **dict.fromkeys(("context_length", "n_context"), "num_ctx"),
    **dict.fromkeys(("ngl", "n_gpu_layers", "gpu_layers"), "num_gpu"),
    **dict.fromkeys(("threads", "n_threads", "num_threads"), "num_thread"),
    **dict.fromkeys(("max_tokens", "max_new_tokens", "n_predict"), "num_predict"),
    **dict.fromkeys(("max_output_tokens", "max_completion_tokens"), "num_predict"),
    # llama-bench's own: tests of two lengths are never pooled
    **{name: name for name in ("n_prompt", "n_gen", "n_depth")},
    **dict.fromkeys(("concurrency", "concurrent_requests", "concurrent_users"), "concurrency"),
    **dict.fromkeys(("clients", "num_clients", "users", "num_users"), "concurrency"),
    **dict.fromkeys(("num_concurrency", "concurrency_level", "num_concurrent"), "concurrency"),
    **dict.fromkeys(("num_concurrent_requests", "num_concurrent_users"), "concurrency"),
    "parallel_requests": "concurrency",
    **dict.fromkeys(("parallel", "n_parallel", "num_parallel"), "num_parallel"),
    "max_concurrency": "max_concurrency",
    # at which requests were sent; how many were answered in a second has its unit in its name
    "request_rate": "request_rate",
    **dict.fromkeys(("ubatch", "ubatch_size", "n_ubatch"), "n_ubatch"),
    **dict.fromkeys(("tp", "tp_size", "tensor_parallel_size"), "tensor_parallel_size"),
    **dict.fromkeys(("flash_attn", "flash_attention", "fa"), "flash_attn"),
    **{name: name for name in ("prompt_index", "config_name", "option_set", "quantization")},
    **{name: name for name in ("backend", "device", "batch_size", "done_reason")},
    **dict.fromkeys(("batch", "bs"), "batch_size"),
    **{name: name for name in ("prompt_len", "input_len", "output_len", "gen_len", "num_gpus")},
    "isl": "input_len",
    "osl": "output_len",
    **{name: name for name in ("max_num_seqs", "max_num_batched_tokens")},
    **{name: name for name in ("engine", "framework", "runtime", "provider", "precision")},
    **{name: name for name in ("dtype", "cache_type", "cache_mode", "kv_cache_type", "seq_len")},
    # the machine is a setting too: numbers of two GPUs are never pooled
    **{name: name for name in ("gpu", "gpu_name", "gpu_model", "hardware", "machine")},
    **dict.fromkeys(
        ("case", "case_id", "test_case", "question", "question_id", "qid"), "prompt_id"
    ),
    **{name: name for name in ("prompt_id", "prompt_name", "prompt_hash", "task", "dataset")},
    # what a run asked for, and what it ran on, which may be something else
    **{name: name for name in ("requested_device", "device_requested", "target_device")},
    **{name: name for name in ("device_used", "used_device", "actual_device")},
    **{name: name for name in (*PROVIDERS, "execution_provider")},
}
_ENVIRONMENT: Final = frozenset({"digest", "server_version", "host_kind", "ollama_host", "host"})
_ROLES: Final = {
    **{role: role for role in ("model", "options", "repetition", "sequence", "phase")},
    **dict.fromkeys(("model_name", "model_id", "model_tag", "checkpoint", "llm"), "model"),
    **dict.fromkeys(("target_model", "model_alias", "gguf", "gguf_file"), "model"),
    **dict.fromkeys(("run", "run_index", "iteration", "trial", "rep", "repeat"), "repetition"),
    **dict.fromkeys(("run_num", "run_number", "run_no", "run_idx"), "repetition"),
    **dict.fromkeys(("trial_num", "trial_number", "trial_index", "trial_idx"), "repetition"),
    **dict.fromkeys(("success", "succeeded", "ok"), "success"),
    **dict.fromkeys(("status", "outcome"), "status"),
    **dict.fromkeys(("timestamp", "started_at", "measured_at", "datetime", "created_at"), "time"),
    **dict.fromkeys(("timestamp_utc", "start_time", "test_date", "run_date"), "time"),
    **dict.fromkeys(("date_time", "recorded_at", "tested_at", "run_at"), "time"),
    **dict.fromkeys(("error", "err", "error_message", "error_msg", "exception"), "error"),
    **dict.fromkeys(("response", "answer", "response_text", "completion", "reply"), "answer"),
    **dict.fromkeys(("generated_text", "model_response", "model_output"), "answer"),
    **dict.fromkeys(("raw_response", "llm_response", "response_preview"), "answer"),
    # how many runs a row sums up
    **dict.fromkeys(("runs", "n_runs", "num_runs", "repeats", "n_repeats", "reps"), "n"),
    **dict.fromkeys(("trials", "n_trials", "num_trials", "repetitions"), "n"),
    **dict.fromkeys(("trial_count", "run_count", "request_count"), "n"),
}
_CALL_METRICS: Final = frozenset(
    {"ttft", "decode_rate", "load_time", "prompt_eval_time", "eval_time", "output_tokens"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What each column of a file holds, by index; `roles` are those from `model` to `n`.

    Attributes:
        n: how many runs a row sums up.
        statistic: which statistic of its runs a row gives.
        in_shares: whether that column counts percentiles from 0 to 1.
        said: the places of columns that hold what a person says.
        verdict: whether the answer of a row was right, as its accuracy.
        of_many: whether a column counts what each row sums up, and not in which way.
        phase_by_yes: the place of a column of yes and no, and the phase that a yes tells of.
        stage: whether a row is of reading prompts or of generating, and so is its bare rate.
        tells_well: whether the status of some row is a word for having gone well.
    """

    labels: Sequence[str]
    readings: tuple[tuple[int, Meaning], ...]
    settings: tuple[tuple[int, str], ...]
    environment: tuple[tuple[int, str], ...]
    model: int | None
    time: int | None
    error: int | None
    success: int | None
    status: int | None
    answer: int | None
    options: int | None
    repetition: int | None
    sequence: int | None
    phase: int | None
    n: int | None
    roles: frozenset[int]
    unknown: tuple[str, ...]
    stage: int | None = None
    statistic: int | None = None
    in_shares: bool = False
    said: frozenset[int] = frozenset()
    verdict: int | None = None
    of_many: bool = False
    tells_well: bool = False
    phase_by_yes: tuple[int, Phase] | None = None
    definitions: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def unread(self) -> list[int]:
        """The places of the columns that mean nothing to us."""
        return [at for at, label in enumerate(self.labels) if label in self.unknown]

    @property
    def holds_calls(self) -> bool:
        """Whether single calls of a language model stand in the rows."""
        single = {m.metric for _, m in self.readings if m.statistic == "value"}
        return self.n is None and not self.sums_up and len(single & _CALL_METRICS) > 1

    @property
    def sums_up(self) -> bool:
        """Whether each row is of several calls, as it gives a mean or percentile of their times."""
        return self.of_many or any(is_of_calls(m.metric, m.statistic) for _, m in self.readings)

    @property
    def holds_summaries(self) -> bool:
        """Whether each row sums up several calls."""
        return any(m.metric in _CALL_METRICS and m.statistic != "value" for _, m in self.readings)

    @property
    def speaks_ollama(self) -> bool:
        """Whether the columns are Ollama's own timings, so that its naming rules apply."""
        return {"load_time", "prompt_eval_time"} <= {meaning.metric for _, meaning in self.readings}


def plan_columns(
    labels: Sequence[str],
    units: Mapping[int, str] | None = None,
    said: Mapping[str, str] | None = None,
) -> Columns:
    """Understand the columns of a file; those that mean nothing to us are listed as `unknown`.

    Args:
        labels: their names.
        units: of columns, where they stand elsewhere than in the names.
        said: what a person says that columns hold, by their names; it comes before all else.
    """
    by_word = said or {}
    told = {at: read_said(by_word[name]) for at, name in enumerate(labels) if name in by_word}
    names = [join_words(label) for label in labels]
    readings: list[tuple[int, Meaning]] = []
    settings: list[tuple[int, str]] = []
    environment: list[tuple[int, str]] = []
    places = {holds: at for at, holds in told.items() if isinstance(holds, str) and holds in ROLES}
    unknown: list[str] = []
    for at, name in enumerate(names):
        role = _ROLES.get(name)
        if at in told:
            if isinstance(holds := told[at], Meaning):
                readings.append((at, holds))
            elif said_setting := name_said_setting(holds, name):
                settings.append((at, find_setting(said_setting) or said_setting))
        elif role and role not in places and (name == role or role not in names):
            places[role] = at
        elif name in _ENVIRONMENT:
            environment.append((at, name))
        elif setting := find_setting(name):
            settings.append((at, setting))
        elif meaning := _read_label(labels[at], (units or {}).get(at)):
            readings.append((at, meaning))
        else:
            unknown.append(labels[at])
    return Columns(
        labels=labels,
        readings=tuple(readings),
        settings=tuple(_name_once(settings, names)),
        environment=tuple(environment),
        unknown=tuple(unknown),
        model=places.get("model"),
        time=places.get("time"),
        error=places.get("error"),
        success=places.get("success"),
        status=places.get("status"),
        answer=places.get("answer"),
        options=places.get("options"),
        repetition=places.get("repetition"),
        sequence=places.get("sequence"),
        phase=places.get("phase"),
        n=places.get("n"),
        roles=frozenset(places.values()),
        said=frozenset(told),
    )


def _read_label(label: str, unit: str | None) -> Meaning | None:
    meaning = read_column(label)
    if unit is None or (meaning is not None and meaning.unit is not None):
        return meaning
    # under one header, cells that were merged have a name each; `1.2min` is no least of anything
    spelled = "minutes" if unit.lower() == "min" else unit
    return read_column(f"{header_of(label)} ({spelled})")


def _name_once(settings: Sequence[tuple[int, str]], names: Sequence[str]) -> list[tuple[int, str]]:
    """Of two columns of one setting, the one that has its name; the other is called as it is."""
    of: dict[str, int] = {}
    for at, setting in settings:
        # a tag may be anything
        if setting not in of or names[at] == setting or names[of[setting]] == "tag":
            of[setting] = at
    return [(at, setting if of[setting] == at else names[at]) for at, setting in settings]


def find_setting(name: str) -> str | None:
    """What the setting is called everywhere that a column of this name, in joined words, holds."""
    if name in SETTINGS or not name.startswith(OPTION_PREFIX):
        return name if name in OLLAMA_OPTIONS else SETTINGS.get(name)
    return name.removeprefix(OPTION_PREFIX)


def names_models(name: str) -> bool:
    """Whether a column of this name, in joined words, holds what was measured."""
    return _ROLES.get(name) == "model"


def names_times(name: str) -> bool:
    """Whether a column of this name, in joined words, holds when something was measured."""
    return _ROLES.get(name) == "time"
