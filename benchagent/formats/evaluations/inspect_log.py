"""Logs of inspect_ai as JSON: scores per scorer, and every sample with its time and tokens.

A sample's score is a letter (C correct, I incorrect, P partial, N no answer) or a number; letters
are no measurements, the scorer's metrics are; a standard error is of the accuracy or the mean
beside it. `total_time` is in seconds, with waiting; `working_time` without.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import (
    Field,
    count_at,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_setting, read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "inspect-log"

_TIMES: Final = {
    "total_time": Field("latency", "s", definition="latency.client"),
    "working_time": Field("inspect:working_time", "s"),
}
_TOKENS: Final = {
    "input_tokens": Field("prompt_tokens", "tokens"),
    "output_tokens": Field("output_tokens", "tokens"),
}
_CENTRES: Final = {
    "accuracy": Field("accuracy", "ratio", "mean"),
    "mean": Field("inspect:mean", None, "mean"),
}
# of the accuracy or mean beside them
_SPREADS: Final = {"stderr": "stderr", "bootstrap_stderr": "stderr", "std": "stddev"}


def detect(artifact: Artifact) -> bool:
    """Whether there are `eval`, `plan` and `stats`, and the log's `version` and `status`."""
    top = as_object(artifact.tree)
    return {"version", "status", "eval", "stats"} <= top.keys() and "task" in as_object(top["eval"])


def parse(artifact: Artifact) -> Parsed:
    """One record per scorer, and one per sample and epoch."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records = [*_read_scores(top, refusals)]
    for at, sample in enumerate(as_list(top.get("samples"))):
        records.append(_read_sample(top, as_object(sample), at, refusals))
    # old versions tell of the sample that broke nothing but this
    told = any(record.failure for record in records)
    if not told and as_text(top.get("status")) == "error":
        records.append(_read_error(top))
    said = None if records else f"neither scores nor samples; its status is {top.get('status')!r}"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _frame(top: Mapping[str, Json]) -> Record:
    """What all records of a log share."""
    of = as_object(top.get("eval"))
    packages = as_object(of.get("packages"))
    return Record(
        name="",
        sequence=0,
        benchmark="quality",
        readings=(),
        subject=as_text(of.get("model")),
        config={
            **read_settings(of.get("task_args")),
            **read_settings(of.get("model_generate_config")),
            "task": as_text(of.get("task")),
        },
        environment={"inspect_ai": as_text(packages.get("inspect_ai"))},
        measured_at=read_time(of.get("created")),
    )


def _read_scores(top: Mapping[str, Json], refusals: list[Refusal]) -> Iterator[Record]:
    frame = _frame(top)
    for place, score in _find_scores(as_object(top.get("results"))):
        scorer = {
            "scorer": as_text(score.get("name")) or as_text(score.get("scorer")),
            "reducer": as_text(score.get("reducer")),
        }
        yield replace(
            frame,
            name=pointer_locator(*place),
            readings=tuple(_read_metrics(score, (*place, "metrics"), refusals)),
            config={**frame.config, **scorer, **read_settings(score.get("params"))},
        )


def _find_scores(results: Mapping[str, Json]) -> Iterator[tuple[Place, Mapping[str, Json]]]:
    """The scores and their places: a list, which was called otherwise, or once the only one."""
    for key in ("scores", "scorers"):
        for at, score in enumerate(as_list(results.get(key))):
            yield ("results", key, at), as_object(score)
    if "scorer" in results and "metrics" in results:
        yield ("results",), {**as_object(results["scorer"]), "metrics": results["metrics"]}


def _read_metrics(
    score: Mapping[str, Json], place: Place, refusals: list[Refusal]
) -> Iterator[Reading]:
    metrics = as_object(score.get("metrics"))
    for name, metric in metrics.items():
        here = (*place, name, "value")
        value = as_object(metric).get("value")
        field = _name_metric(name, metrics)
        # of a group's name it does not tell how many samples the group has
        n = count_at(score, "scored_samples") if field else None
        unknown = Field(f"inspect:{name}", None)
        if reading := read_place(value, here, field or unknown, n=n):
            yield reading
        else:
            refusals.append(refuse_number(value, pointer_locator(*here)))


def _name_metric(name: str, beside: Collection[str]) -> Field | None:
    centre = next((field for of, field in _CENTRES.items() if of in beside), None)
    if centre and name in _SPREADS:
        return centre._replace(statistic=_SPREADS[name])
    return _CENTRES.get(name)


def _read_sample(
    top: Mapping[str, Json], sample: Mapping[str, Json], at: int, refusals: list[Refusal]
) -> Record:
    place = ("samples", at)
    frame = _frame(top)
    error = as_text(as_object(sample.get("error")).get("message"))
    readings = read_fields(sample, place, _TIMES, refusals)
    for model, usage in as_object(sample.get("model_usage")).items():
        # other models may have graded the answer
        if model == frame.subject:
            where = (*place, "model_usage", model)
            readings += read_fields(as_object(usage), where, _TOKENS, refusals)
    epoch = count_at(sample, "epoch")
    return replace(
        frame,
        name=pointer_locator(*place),
        sequence=at,
        benchmark="llm-call",
        readings=() if error else tuple(readings),
        repetition=epoch - 1 if epoch else None,
        config={**frame.config, "prompt_index": read_setting(sample.get("id"))},
        measured_at=read_time(sample.get("started_at")) or frame.measured_at,
        failure=Failure(reason=error, locator=pointer_locator(*place, "error", "message"))
        if error
        else None,
    )


def _read_error(top: Mapping[str, Json]) -> Record:
    said = as_text(as_object(top.get("error")).get("message"))
    locator = "/error/message" if said else "/status"
    failure = Failure(reason=said or "status is error, no reason given", locator=locator)
    return replace(_frame(top), name="/error" if said else "/status", failure=failure)
