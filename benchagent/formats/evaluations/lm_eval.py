"""Results of lm-evaluation-harness: per task a score and its standard error, per metric and filter.

A score is a share only for metrics that are known to be shares; of the others the scale is the
task's own. A perplexity or BLEU is computed of all documents together, and what is said of a group
of tasks sums up the tasks beside it. A standard error may be the text `N/A`. The scores of single
documents are in another file, one per line (`lm_eval_samples`). Up to version 0.3 scores stood under
their bare names.
"""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_place, read_settings, refuse_number
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "lm-eval"

_KEY: Final = re.compile(r"([^,]+?)(_stderr)?,(.+)", re.DOTALL)
# up to version 0.3 there were no filters
_OLD_KEY: Final = re.compile(r"(\w+?)(_stderr)?()")
# shares of documents, between 0 and 1
SHARES: Final = frozenset(
    "acc acc_norm acc_mutual_info exact_match em pass@1 contains prompt_level_strict_acc "
    "prompt_level_loose_acc inst_level_strict_acc inst_level_loose_acc acc_bytes".split()
)
_PERPLEXITIES: Final = frozenset({"perplexity", "ppl", "word_perplexity", "byte_perplexity"})
_SETTINGS: Final = ("batch_size", "limit", "random_seed", "num_fewshot", "device", "gen_kwargs")


def detect(artifact: Artifact) -> bool:
    """Whether `results` holds tasks with keys like `acc,none`, or old ones beside `versions`."""
    return _find_keys(as_object(artifact.tree)) is not None


def _find_keys(top: Mapping[str, Json]) -> re.Pattern[str] | None:
    """How the scores of a file are called; None for a file that has none."""
    results = as_object(top.get("results"))
    if any("," in key and _KEY.fullmatch(key) for r in results.values() for key in as_object(r)):
        return _KEY
    named = results.keys() & as_object(top.get("versions")).keys()
    asked = {"model", "bootstrap_iters"} <= as_object(top.get("config")).keys()
    return _OLD_KEY if named and asked else None


def parse(artifact: Artifact) -> Parsed:
    """One record per task and filter."""
    top = as_object(artifact.tree)
    keys = _find_keys(top) or _KEY
    refusals: list[Refusal] = []
    records: list[Record] = []
    for task, found in as_object(top.get("results")).items():
        for filter, readings in _read_task(top, task, as_object(found), keys, refusals).items():
            if readings:
                records.append(_record(top, task, filter, readings, len(records)))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def name_metric(metric: str, statistic: str) -> Field:
    """What a score of this name means."""
    if metric in SHARES:
        known = "accuracy" if metric == "acc" else f"lm-eval:{metric}"
        return Field(known, "ratio", statistic)
    if metric in _PERPLEXITIES:
        return Field(f"lm-eval:{metric}", "1", statistic)
    return Field(f"lm-eval:{metric}", None, statistic)


def _read_task(
    top: Mapping[str, Json],
    task: str,
    entry: Mapping[str, Json],
    keys: re.Pattern[str],
    refusals: list[Refusal],
) -> dict[str, list[Reading]]:
    n = _count_samples(top, task, entry)
    means = _find_means(top, task)
    # a group of tasks sums up those that stand beside it
    kind: Kind = (
        "derived" if as_list(as_object(top.get("group_subtasks")).get(task)) else "measured"
    )
    found: dict[str, list[Reading]] = {}
    for key, value in entry.items():
        match = keys.fullmatch(key)
        # a standard error that was not computed is written as text
        if not match or not isinstance(value, Numeral):
            continue
        over = "mean" if match[1] in means else "value"
        field = name_metric(match[1], "stderr" if match[2] else over)
        place = ("results", task, key)
        readings = found.setdefault(match[3], [])
        if reading := read_place(value, place, field, n=n, kind=kind):
            readings.append(reading)
        else:
            refusals.append(refuse_number(value, pointer_locator(*place)))
    return found


def _find_means(top: Mapping[str, Json], task: str) -> frozenset[str]:
    """The scores of a task that are means over its documents, and not computed of all together."""
    listed = as_list(as_object(as_object(top.get("configs")).get(task)).get("metric_list"))
    told = {
        metric
        for entry in listed
        if as_object(entry).get("aggregation") == "mean"
        if (metric := as_text(as_object(entry).get("metric")))
    }
    return SHARES | told


def _count_samples(top: Mapping[str, Json], task: str, entry: Mapping[str, Json]) -> int | None:
    counts = as_object(as_object(top.get("n-samples")).get(task))
    return count_at(counts, "effective") or count_at(entry, "sample_len")


def _record(
    top: Mapping[str, Json], task: str, filter: str, readings: list[Reading], sequence: int
) -> Record:
    config = as_object(top.get("config"))
    return Record(
        # the first score stands for the filter, which has no place of its own
        name=readings[0].locator,
        sequence=sequence,
        benchmark="quality",
        readings=tuple(readings),
        subject=find_model(top),
        config={
            **read_settings({key: config.get(key) for key in _SETTINGS}),
            "task": task,
            "filter": filter or None,
            "n_shot": count_at(as_object(top.get("n-shot")), task),
            "task_version": _version(top, task),
        },
        environment=read_settings(
            {key: top.get(key) for key in ("lm_eval_version", "git_hash", "transformers_version")}
        ),
        measured_at=read_time(top.get("date")),
    )


def _version(top: Mapping[str, Json], task: str) -> Scalar:
    return read_settings({"v": as_object(top.get("versions")).get(task)}).get("v")


def find_model(top: Mapping[str, Json]) -> str | None:
    """The model that was asked: of `model_args` if they name one, else the name that the run has."""
    args = as_object(top.get("config")).get("model_args")
    if isinstance(args, dict):
        named = as_text(args.get("pretrained")) or as_text(args.get("model"))
    else:
        match = re.search(r"(?:^|,)(?:pretrained|model)=([^,]{1,200})", as_text(args) or "")
        named = match[1] if match else None
    told, source = as_text(top.get("model_name")), as_text(top.get("model_source"))
    # where the arguments name none, the tool writes a name that it made up
    made_up = source and told and told not in str(args)
    return named or (source if made_up else told) or source
