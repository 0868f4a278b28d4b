"""What GenAI-Perf, from which AIPerf came, exports as JSON: the same metrics, without a version."""

from typing import Final

from benchagent.formats.serving.aiperf import has_metrics, parse_run
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_object
from benchagent.measurements.readings import Parsed

NAME: Final = "genai-perf"


def detect(artifact: Artifact) -> bool:
    """Whether there are metrics with `unit` and `avg`, and an `input_config`."""
    top = as_object(artifact.tree)
    return "input_config" in top and has_metrics(top)


def parse(artifact: Artifact) -> Parsed:
    """One record for the run."""
    return parse_run(artifact, NAME)
