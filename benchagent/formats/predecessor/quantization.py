"""A model's quality and size by quantisation: `{"int8": {"accuracy": …, "model_size_bytes": …}}`.

The file does not name the model, so the subject is the variant.
"""

from typing import Final

from benchagent.formats.json_fields import Field, read_fields
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "quantization-json"

_FIELDS: Final = {
    "accuracy": Field("accuracy", "ratio"),
    "loss": Field("loss", "1"),
    "perplexity": Field("perplexity", "1"),
    "model_size_bytes": Field("model_size", "bytes"),
}
_LEAST_FIELDS: Final = 2


def detect(artifact: Artifact) -> bool:
    """Whether every entry has at least two of the qualities."""
    variants = [as_object(variant) for variant in as_object(artifact.tree).values()]
    return bool(variants) and all(
        len(_FIELDS.keys() & variant.keys()) >= _LEAST_FIELDS for variant in variants
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per variant."""
    refusals: list[Refusal] = []
    records = [
        Record(
            name=pointer_locator(variant),
            sequence=sequence,
            benchmark="quantization",
            readings=tuple(read_fields(as_object(entry), (variant,), _FIELDS, refusals)),
            subject=variant,
            config={"quantization": variant},
        )
        for sequence, (variant, entry) in enumerate(as_object(artifact.tree).items())
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))
