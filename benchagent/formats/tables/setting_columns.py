"""Which columns of nobody's format say under what a row was measured.

Texts are settings unless they name the row, say what came out of it or what somebody thought of it:
numbers of two drivers or engines must not be pooled. Of numbers only those are that a knob is named
after, or that stand before all results, whole and again and again; all others may be results, by
which rows must not be parted.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from benchagent.formats.settings import read_setting, read_time
from benchagent.formats.tables.call_columns import PROVIDERS, find_setting
from benchagent.formats.tables.version_columns import is_version, names_version
from benchagent.measurements.json_trees import Json, Numeral, as_list
from benchagent.measurements.markdown_tables import read_cell_number
from benchagent.quantities.names import find_named_unit, join_words
from benchagent.quantities.numbers import parse_cell, parse_elapsed

# What a call said, or what somebody says of it.
_PROSE: Final = frozenset(
    "response answer prediction gold output text note notes comment comments observation observations raw path "
    "file filename filepath".split()
)
# How something ended, which is no setting of it.
_OUTCOMES: Final = frozenset(
    "status state valid invalid reason result results success passed ok met eligible stable above "
    "below exceeded".split()
)
_NAMES_OF_ROWS: Final = frozenset(
    ("id", "uuid", "request_id", "custom_id", "run_id", "session_id", "hash", "date", "time")
)
# What another column is in (`ttft_unit`).
_UNITS_OF: Final = ("_unit", "_units")
# They name all other settings together, so that facts leave them out where those are told.
NAMES_OF_SETTINGS: Final = frozenset(("label", "config_name", "config_id", "run"))
# What people turn before they measure, as a word of its name; a 0 or 1 says whether.
_KNOBS: Final = frozenset(
    "batch batchsize microbatch layers ubatch threads thread workers worker streams stream clients users "
    "concurrency concurrent parallel parallelism inflight ngl moe experts offload offloaded ctx context "
    "window ctxlen cores cpus gpus nodes replicas instances slots shards beams beam draft spec "
    "speculative bits wbits kvbits cache mmap mlock numa prefetch lookahead chunk seqlen use enable "
    "enabled disable with without timeout keepalive alive nvpmodel".split()
)
# And as a whole name, though its words may count something too.
_NAMED_KNOBS: Final = frozenset(
    "shots n_shot n_shots num_shots num_fewshot n_fewshot few_shot fewshot lora_rank lora_r lora_alpha "
    "sparsity block_size group_size page_size patch_size image_size rope_scale rope_freq_base gamma "
    "speculative_tokens num_speculative_tokens target_rps target_qps top_n max_len max_length max_seq_len "
    "max_model_len denoise_steps num_inference_steps inference_steps resolution width height "
    "params_b n_params_b parameters_b model_size_b size_b gpu_count device_count node_count core_count "
    "thread_count worker_count dp ep dp_size ep_size pp_size".split()
)
# What was asked for is as round; what was counted is not.
_ASKED_LENGTHS: Final = frozenset(
    "in_len out_len prompt_length input_length output_length gen_length generation_length "
    "completion_length length".split()
)
_ROUND: Final = (64, 100)
# People set a limit in whatever unit it is of: `power_limit_w`, `power_mode` of `15W`, `tdp_w`.
_LIMITS: Final = ("limit", "cap", "mode", "budget", "tdp")
_MODE: Final = "mode"
# They number rows, or say what came out of them.
_NO_KNOBS: Final = frozenset(
    "id idx index no nr number order ok failed failures failure errors error completed success hit "
    "hits miss misses used peak score quality accuracy rate speed latency time duration elapsed "
    "memory mean avg median std generated produced cost".split()
)
# Such numbers too may come again and again.
_COUNTERS: Final = _NO_KNOBS | frozenset(
    "num line row round rep reps replicate repeat attempt try sample samples item question case "
    "step epoch fold iters iterations runs trials n count rank day hour year month pid port total "
    "tokens words chars bytes size min max".split()
)
# How much of something there was, without a word of what; `n_samples` is `samples`.
_AMOUNTS: Final = frozenset("n count size samples rounds iters".split())
# They number calls where they count on, and say how many there were where they do not.
_NUMBERING: Final = frozenset(
    "call calls i j k iter seq req request requests query queries pass cycle loop".split()
)
_RANGE: Final = re.compile(r"[0-9]+ ?(?:-|\N{EN DASH}|\.\.) ?[0-9]+")
# So much there was of what the rest names: `n_cols`, `hidden_size`.
_HOW_MUCH: Final = re.compile(r"(?:n|num|max)_(.+)|(.+)_size")
# Such a length was chosen where it comes again and again, and counted where it does not.
_LENGTHS: Final = frozenset(("context_tokens", "ctx_tokens"))
# Of sampling it is 2 at most, of a device more.
_TEMPERATURE: Final = "temp"
_HOTTEST: Final = 2
_UNTOLD: Final = frozenset(("n/a", "n.a.", "nan"))
_LONGEST_SETTING: Final = 60
# In so many rows, a column of which no text comes again may name rows.
_MANY_ROWS: Final = 20
_TIME_OF_DAY: Final = re.compile(r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?")
_CLOCKED: Final = frozenset(("ms", "tok/s", "W", "J"))
# Memory that a run took, and not what its machine has.
_TAKEN: Final = frozenset("peak used usage rss footprint allocated".split())
# How much faster a row was than another one.
_FACTOR: Final = re.compile(r"[0-9]+(?:\.[0-9]+)? ?[x\N{MULTIPLICATION SIGN}]")
# Then the texts are enumerated (`call-17`), made of digits (`9f3c…`), or say what was asked.
_RUNNING: Final = re.compile(r"\d+")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f-]{8,}", re.IGNORECASE)
_A_SENTENCE: Final = 4
# Beside what an experiment tracker (Weights & Biases, MLflow) exports a name is that of a run, and
# one that it made up (`bold-sun-12`) says nothing of how the run was made.
_OF_TRACKERS: Final = (
    frozenset(("state", "created", "runtime")),
    frozenset(("run_id", "source_type")),
)
_NAMES_OF_RUNS: Final = frozenset(("name", "run_name"))
_MADE_UP: Final = re.compile(r"[a-z]+-[a-z]+-[0-9]+")


def may_be_setting(label: str, cells: Iterable[Json], *, before_results: bool) -> bool:
    """Whether a column of this name with some of these cells could be one (`is_setting`)."""
    if _names_no_setting(label):
        return False
    by_name = (
        is_knob(label)
        or join_words(label) in _ASKED_LENGTHS
        or names_version(label)
        or join_words(label) == _TEMPERATURE
    )
    by_name = by_name or (before_results and (is_amount(label) or not _counts(label)))
    return any(
        is_word(cell) or lists_providers(label, cell) or (by_name and _is_level(cell))
        for cell in cells
    )


def is_setting(label: str, cells: Sequence[Json], *, before_results: bool) -> bool:
    """Whether a column says how a row was run.

    Args:
        label: its name.
        cells: one of each row.
        before_results: whether it stands left of all columns that hold results.
    """
    filled = [cell for cell in cells if not _is_blank(cell)]
    if not filled or _names_no_setting(label):
        return False
    if all(lists_providers(label, cell) for cell in filled):
        return True
    if names_version(label) and all(is_word(cell) or is_version(cell) for cell in filled):
        return True
    if all(map(is_word, filled)):
        set_so = is_knob(label) or join_words(label) == _MODE
        taken = not _TAKEN.isdisjoint(join_words(label).split("_")) and all(
            map(_tells_size, filled)
        )
        measured = (taken or all(map(tells_time, filled))) and not set_so
        return not measured and not _name_rows([str(cell) for cell in filled])
    values = [value for cell in filled if (value := parse_cell(cell)) is not None]
    if len(values) < len(filled):
        return is_knob(label) and all(map(_is_level, filled))
    if join_words(label) == _TEMPERATURE:
        return max(values) <= _HOTTEST
    if is_knob(label) or (join_words(label) in _ASKED_LENGTHS and _are_round(values)):
        return True
    if not (before_results and _come_again(values)):
        return False
    if is_amount(label) or join_words(label) in _NUMBERING:
        return not _run_on(values)
    return not _counts(label)


def names_runs(label: str, cells: Iterable[Json], labels: Iterable[str]) -> bool:
    """Whether a column holds names that a tracker made up, each for one run.

    Args:
        label: its name.
        cells: one of each row.
        labels: the names of all columns.
    """
    if join_words(label) not in _NAMES_OF_RUNS:
        return False
    beside = set(map(join_words, labels))
    names = [str(cell) for cell in cells if cell not in (None, "")]
    return (
        any(tracker <= beside for tracker in _OF_TRACKERS)
        and len(set(names)) == len(names)
        and all(map(_MADE_UP.fullmatch, names))
    )


def is_knob(label: str) -> bool:
    """Whether a name is that of something which people set, as `max_batch` or `offloaded_layers`."""
    name = join_words(label)
    if name in _NAMED_KNOBS:
        return True
    knob = not _KNOBS.isdisjoint(name.split("_")) and not _has_word(label, _NO_KNOBS)
    end = find_named_unit(name)
    named = end.before if end else name
    # a `mode` alone may be the commonest of numbers, and a `mode_ms` too
    return knob or (named != _MODE and named.rpartition("_")[2] in _LIMITS)


def is_amount(label: str) -> bool:
    """Whether a name is that of an amount, or of the numbers of rows: only cells tell which."""
    name = join_words(label)
    match = _HOW_MUCH.fullmatch(name)
    return (match[1] or match[2] if match else name) in _AMOUNTS


def find_named_setting(label: str) -> str | None:
    """What a setting is called everywhere: one that we know, or one that has such a name (`max_batch`)."""
    name = join_words(label)
    return find_setting(name) or (name if is_knob(label) else None)


def tells_outcome(label: str) -> bool:
    """Whether a name is that of how something ended."""
    return not _OUTCOMES.isdisjoint(join_words(label).split("_"))


def is_word(cell: Json) -> bool:
    """Whether a cell is a short text, or yes or no."""
    if isinstance(cell, bool):
        return True
    if not isinstance(cell, str) or isinstance(cell, Numeral) or len(cell) > _LONGEST_SETTING:
        return False
    worded = any(letter.isalpha() for letter in cell) and not _FACTOR.fullmatch(cell)
    return worded and isinstance(read_setting(cell), str) and read_time(cell) is None


def lists_providers(label: str, cell: Json) -> bool:
    """Whether a list tells what a run could run on; others may hold the values of a sweep."""
    listed = isinstance(cell, list) and join_words(label).endswith(PROVIDERS)
    return listed and all(map(is_word, as_list(cell)))


def _is_level(cell: Json) -> bool:
    """Whether a cell may be what a knob was set to: a number, a word, or a range of numbers."""
    ranged = isinstance(cell, str) and _RANGE.fullmatch(cell.strip()) is not None
    return ranged or is_word(cell) or parse_cell(cell) is not None or is_version(cell)


def _is_blank(cell: Json) -> bool:
    """Whether a cell is empty, or says that there is nothing to tell."""
    return cell in (None, "") or (isinstance(cell, str) and cell.strip().lower() in _UNTOLD)


def tells_time(cell: Json) -> bool:
    """Whether a text is how long something took, how fast it was, or what a clock showed."""
    # in another unit too: `144 J (0.04 Wh)`
    text = cell.strip().partition(" (")[0] if isinstance(cell, str) else ""
    if _TIME_OF_DAY.fullmatch(text) or parse_elapsed(text) is not None:
        return True
    number = read_cell_number(text, None)
    return number is not None and number.unit in _CLOCKED


def _tells_size(cell: Json) -> bool:
    number = read_cell_number(cell.strip(), None) if isinstance(cell, str) else None
    return number is not None and number.unit == "bytes"


def _names_no_setting(label: str) -> bool:
    name = join_words(label)
    said = not _PROSE.isdisjoint(name.split("_")) and name not in _ASKED_LENGTHS
    return said or tells_outcome(label) or name in _NAMES_OF_ROWS or name.endswith(_UNITS_OF)


def _counts(label: str) -> bool:
    """Whether a name is that of a count or a number of the row, and not of how much there was."""
    if join_words(label) in _LENGTHS:
        return False
    match = _HOW_MUCH.fullmatch(join_words(label))
    return _has_word(label if match is None else match[1] or match[2], _COUNTERS)


def _has_word(label: str, words: frozenset[str]) -> bool:
    """Whether one of these words is in a name, or a quantity with its unit is."""
    name = join_words(label)
    end = find_named_unit(name)
    return not words.isdisjoint(name.split("_")) or (end is not None and end.before != "")


def _come_again(values: Sequence[float]) -> bool:
    """Whether two or more whole numbers come again and again."""
    whole = all(value == int(value) for value in values)
    return whole and 4 <= 2 * len(set(values)) <= len(values)


def _are_round(values: Sequence[float]) -> bool:
    return min(values) > 0 and any(all(value % step == 0 for value in values) for step in _ROUND)


def _run_on(values: Sequence[float]) -> bool:
    """Whether they count on from 0 or 1, as the numbers of repetitions do."""
    told = sorted(set(values))
    return told[0] in (0, 1) and told == [told[0] + at for at in range(len(told))]


def _name_rows(texts: Sequence[str]) -> bool:
    """Whether no text comes again in many rows, and all are numbered, made up, or sentences."""
    if len(texts) < _MANY_ROWS or len(set(texts)) < len(texts):
        return False
    patterns = {_RUNNING.sub("", text) for text in texts}
    numbered = 2 * len(patterns) <= len(texts)
    made_up = all(_HEXADECIMAL.fullmatch(text) for text in texts)
    sentences = sum(len(text.split()) >= _A_SENTENCE for text in texts)
    return numbered or made_up or 2 * sentences >= len(texts)
