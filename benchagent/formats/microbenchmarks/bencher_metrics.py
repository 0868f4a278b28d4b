"""Bencher's metric format: `{benchmark: {measure: {"value", "lower_value", "upper_value"}}}`.

A benchmark may also be a list of variants, each with its `parameters` and `measures`; these may
have percentiles. Only the measures `latency` (nanoseconds) and `throughput` (operations per second)
have a unit by the format's own rules; of the others nobody knows it from the file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, read_fields, read_settings
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_object
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "bencher-metrics"

_MEASURES: Final = {
    "latency": Field("latency", "ns"),
    "throughput": Field(f"{NAME}:throughput", "ops/s"),
}
_STATISTICS: Final = {
    "value": "value", "lower_value": "lower_bound", "upper_value": "upper_bound", "p50": "median",
}  # fmt: skip
_PERCENTILE: Final = re.compile(r"p[0-9]{1,2}(?:\.[0-9]{1,3})?")


class _Variant(NamedTuple):
    """The measures of a benchmark, or of one of its variants, and where they stand."""

    benchmark: str
    place: Place
    measures: Mapping[str, Json]
    parameters: Mapping[str, Scalar] = {}


def detect(artifact: Artifact) -> bool:
    """Whether two levels of names, or variants, lead to objects of `value` and its bounds alone."""
    measures = [
        as_object(measure)
        for variant in _find_variants(artifact.tree)
        for measure in variant.measures.values()
    ]
    return bool(measures) and all(
        isinstance(measure.get("value"), Numeral) and all(map(_name_statistic, measure))
        for measure in measures
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark, or per variant of it."""
    refusals: list[Refusal] = []
    records = [
        Record(
            name=pointer_locator(*variant.place),
            sequence=at,
            benchmark="microbenchmark",
            readings=tuple(_read_measures(variant, refusals)),
            subject=variant.benchmark or None,
            config={**variant.parameters, "workload": variant.benchmark or None},
        )
        for at, variant in enumerate(_find_variants(artifact.tree))
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_variants(tree: Json) -> Iterator[_Variant]:
    for name, found in as_object(tree).items():
        if not isinstance(found, list):
            yield _Variant(name, (name,), as_object(found))
            continue
        for at, entry in enumerate(found):
            variant = as_object(entry)
            parameters = read_settings(variant.get("parameters"))
            place = (name, at, "measures")
            yield _Variant(name, place, as_object(variant.get("measures")), parameters)


def _name_statistic(key: str) -> str | None:
    return _STATISTICS.get(key) or (key if _PERCENTILE.fullmatch(key) else None)


def _read_measures(variant: _Variant, refusals: list[Refusal]) -> Iterator[Reading]:
    for measure, found in variant.measures.items():
        field = _MEASURES.get(measure, Field(f"{NAME}:{measure[:80]}", None))
        statistics = {key: _name_statistic(key) for key in as_object(found)}
        fields = {key: field._replace(statistic=said) for key, said in statistics.items() if said}
        yield from read_fields(as_object(found), (*variant.place, measure), fields, refusals)
