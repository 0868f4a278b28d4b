"""What SGLang's `bench_serving` appends to its output file, a run per line.

It came from vLLM's and means the same by the same names; the counts of tokens are the server's
unless they end in `_retokenized`, which are not read. Up to version 0.3 it wrote few statistics,
and no rate of requests.
"""

from typing import Final

from benchagent.formats.serving.vllm_serve import parse_runs
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_object
from benchagent.measurements.readings import Parsed

NAME: Final = "sglang-serving"


def detect(artifact: Artifact) -> bool:
    """Whether there are `median_ttft_ms` and something that ends in `_retokenized`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return "median_ttft_ms" in first and any(key.endswith("_retokenized") for key in first)


def parse(artifact: Artifact) -> Parsed:
    """One record per run, and one per request where they were saved."""
    return parse_runs(artifact, NAME)
