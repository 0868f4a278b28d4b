"""Scores of lighteval, and of the Open LLM Leaderboard that was made with it and its forerunner.

A task's name holds its suite and how many examples were shown (`harness|arc:challenge|25`). The
start and end of the run are of the machine's own clock, which begins at no known moment.
"""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.evaluations.lm_eval import SHARES
from benchagent.formats.json_fields import Field, count_at, read_place, read_settings, refuse_number
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "lighteval"

_TASK: Final = re.compile(r"((?:[^|]{1,100}\|)?[^|]{1,200})\|([0-9]{1,4})(?:\|[01])?")
_SCORE: Final = re.compile(r"(.{1,80}?)(_stderr)?")
_SETTINGS: Final = ("model_dtype", "max_samples", "num_fewshot_seeds", "override_batch_size")


def detect(artifact: Artifact) -> bool:
    """Whether there is a `config_general`, and `results` of tasks named like `rivers|0`."""
    top = as_object(artifact.tree)
    results = as_object(top.get("results"))
    return "config_general" in top and any(_TASK.fullmatch(name) for name in results)


def parse(artifact: Artifact) -> Parsed:
    """One record per task; means over tasks are left out."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    over: list[str] = []
    for task, found in as_object(top.get("results")).items():
        match = _TASK.fullmatch(task)
        if not match or ":_average" in task:
            over.append(task)
        elif readings := _read_scores(top, task, as_object(found), refusals):
            records.append(_record(top, match, readings, len(records)))
    said = f"means over tasks are not read: {', '.join(over)[:200]}" if over else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_scores(
    top: Mapping[str, Json], task: str, found: Mapping[str, Json], refusals: list[Refusal]
) -> list[Reading]:
    n = _count_documents(top, task)
    readings: list[Reading] = []
    for key, value in found.items():
        match = _SCORE.fullmatch(key)
        if not match or not isinstance(value, Numeral):
            continue
        metric = "accuracy" if match[1] == "acc" else f"{NAME}:{match[1]}"
        unit = "ratio" if match[1] in SHARES else None
        field = Field(metric, unit, "stderr" if match[2] else "mean")
        if reading := read_place(value, ("results", task, key), field, n=n):
            readings.append(reading)
        else:
            refusals.append(refuse_number(value, pointer_locator("results", task, key)))
    return readings


def _count_documents(top: Mapping[str, Json], task: str) -> int | None:
    """How many documents were asked, where it was counted: -1 says that it was not."""
    tasks = as_object(top.get("config_tasks"))
    for name in (task, task.rpartition("|")[0]):
        if found := as_object(tasks.get(name)):
            return count_at(found, "effective_num_docs")
    return None


def _record(
    top: Mapping[str, Json], task: re.Match[str], readings: list[Reading], sequence: int
) -> Record:
    general = as_object(top.get("config_general"))
    model = as_object(general.get("model_config"))
    versions = read_settings(top.get("versions"))
    return Record(
        name=pointer_locator("results", task[0]),
        sequence=sequence,
        benchmark="quality",
        readings=tuple(readings),
        subject=as_text(general.get("model_name")) or as_text(model.get("model_name")),
        config={
            **read_settings({key: general.get(key) for key in _SETTINGS}),
            "task": task[1],
            "n_shot": int(task[2]),
            "task_version": versions.get(task[0]) or versions.get(task[1]),
        },
        environment=read_settings({"lighteval_sha": general.get("lighteval_sha")}),
    )
