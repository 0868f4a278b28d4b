"""What Weights & Biases gives out of a chart as CSV: a row per step, a column per run and metric.

Beside each column stand its least and its greatest as `__MIN` and `__MAX`. A cell is of one step, of
several where a run has many, and of several runs where they are grouped (`Group: a - loss`); the file
does not say which. What a run came to is in the table of runs.
"""

from typing import Final

from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Unparsed

NAME: Final = "wandb-chart"

_ENDS: Final = ("__MIN", "__MAX")


def detect(artifact: Artifact) -> bool:
    """Whether a column `a - loss` has others beside it that end in `loss__MIN` and `loss__MAX`."""
    labels = set(artifact.labels)
    return any({f"{label}{end}" for end in _ENDS} <= labels for label in labels)


def parse(artifact: Artifact) -> Unparsed:
    """None: of how many steps and runs a cell is, the file does not say."""
    said = (
        f"a chart of Weights & Biases, {len(artifact.expect_grid().rows)} rows: a cell may be of one "
        "step or of several, of one run or of a group; what runs came to is in their table"
    )
    return Unparsed(format=NAME, reason=said, code="no-numbers")
