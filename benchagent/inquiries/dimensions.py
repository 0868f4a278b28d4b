"""Everything by which calls differ, each thing with the values that it has.

The rules compare options, subjects and files from start to end. A question can also go by what
they leave aside: the machine, the repetition, the place in a file, the call before, the length of
the answer.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.option_levels import (
    levels_by_configuration,
    order_of_level,
)
from benchagent.facts.derivations.counted_once.samples import Samples
from benchagent.facts.derivations.rows.frame import Frame, split
from benchagent.facts.derivations.rows.machines import held_as_settings
from benchagent.facts.derivations.rows.runs import RUN
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Evidence
from benchagent.wording import plain_level, quoted

Kind = Literal[
    "option", "subject", "machine", "prompt", "repetition", "place", "before", "file", "length"
]

# With more values it is no setting; it can still be held alike.
MOST_LEVELS: Final = 12
# Fewer runs than this have no quarters.
_FEWEST_PLACES: Final = 8
_QUARTERS: Final = ("first quarter", "second quarter", "third quarter", "last quarter")
_THIRDS: Final = ("shortest third", "middle third", "longest third")
_BEFORE: Final = ("same settings", "other settings")
_LENGTHS: Final = {"output_tokens": "answer_length", "prompt_tokens": "prompt_length"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dimension:
    """One thing by which calls differ.

    Attributes:
        name: as questions and prompts name it.
        meaning: in a few words, where the name does not say.
        levels: its values as JSON, in order.
        option: the setting's own name, where it is one.
        codes: which of them each row of the frame has; -1 where it has none.
    """

    name: str
    kind: Kind
    meaning: str
    levels: tuple[str, ...]
    codes: Ints
    option: str | None = None

    @property
    def compared(self) -> bool:
        """Whether its values are few enough to be set against each other."""
        return 2 <= len(self.levels) <= MOST_LEVELS

    def shown(self) -> Mapping[str, int]:
        """Its values as a question writes them, `num_ctx=512`, with their codes."""
        shown: dict[str, int] = {}
        for code, level in enumerate(self.levels):
            shown.setdefault(safe_name(f"{self.name}={plain_level(level)}"), code)
        return shown


def safe_name(name: str) -> str:
    """A name as prompts and replies spell it: on one line, nothing in it ends a quotation."""
    return quoted(name).strip("`")


def find_dimensions(frame: Frame, samples: Samples, evidence: Evidence) -> list[Dimension]:
    """Everything by which the calls of a frame differ; what a reader asks about first, first."""
    return [
        *_options(frame),
        _subjects(frame),
        *_machines(frame, evidence),
        _repetitions(frame),
        _places(frame, samples),
        _before(frame, samples),
        *_lengths(frame, samples),
        _files(frame),
        _prompts(frame),
    ]


def _of_texts(
    name: str, kind: Kind, meaning: str, texts: Sequence[str | None], order: Sequence[str] = ()
) -> Dimension:
    """A dimension whose values are given for each row, as JSON; None where there is none.

    The values stand in the order of `order`, where they have one of their own.
    """
    rank = {write_json(word): at for at, word in enumerate(order)}
    key = rank.__getitem__ if order else order_of_level
    present = sorted({text for text in texts if text is not None}, key=key)
    place: dict[str | None, int] = {text: at for at, text in enumerate(present)}
    return Dimension(
        name=name,
        kind=kind,
        meaning=meaning,
        levels=tuple(present),
        codes=np.array([place.get(text, -1) for text in texts], dtype=np.int64),
    )


def _options(frame: Frame) -> Iterator[Dimension]:
    texts = frame.different("settings")
    used = frame.codes("settings").astype(np.int64)
    settings = [cast("dict[str, object]", json.loads(text)) for text in texts]
    for name in sorted({name for each in settings for name in each}):
        levels = levels_by_configuration(frame, name)[used]
        names = sorted(
            {write_json(each[name]) for each in settings if name in each}, key=order_of_level
        )
        present = np.unique(levels[levels >= 0])
        place: Ints = np.full(len(names) + 1, -1, dtype=np.int64)
        place[present] = np.arange(len(present))
        yield Dimension(
            name=safe_name(name),
            kind="option",
            meaning="a setting",
            levels=tuple(names[at] for at in present.tolist()),
            codes=place[levels],
            option=name,
        )


def _subjects(frame: Frame) -> Dimension:
    texts = _as_json(frame, "subject")
    return _of_texts("subject", "subject", "what was measured", texts)


def _as_json(frame: Frame, column: str) -> list[str | None]:
    levels = [write_json(name) for name in frame.different(column)]
    return [None if code < 0 else levels[code] for code in frame.codes(column).tolist()]


def _machines(frame: Frame, evidence: Evidence) -> Iterator[Dimension]:
    """What is recorded of the machine and the software that ran, and is no setting already."""
    recorded = np.isin(Frame.of(evidence.measurements, ["id"]).ids, frame.ids)
    recorded = Frame.of(evidence.measurements, ["id", "environment"], rows=recorded)
    recorded = recorded.take(np.argsort(recorded.ids))
    parsed = {text: json.loads(text) for text in recorded.used("environment")}
    names = {name for each in parsed.values() for name in each} - held_as_settings(frame)
    for name in sorted(names):
        values = {text: write_json(each[name]) for text, each in parsed.items() if name in each}
        texts = [values.get(text or "") for text in recorded.cells("environment")]
        yield _of_texts(safe_name(name), "machine", "what it ran on", texts)


def _repetitions(frame: Frame) -> Dimension:
    repetitions = frame.numbers("repetition").tolist()
    texts = [None if math.isnan(n) else write_json(int(n)) for n in repetitions]
    return _of_texts("repetition", "repetition", "which time a call was made", texts)


def _files(frame: Frame) -> Dimension:
    texts = _as_json(frame, "source_path")
    return _of_texts("file", "file", "where it stands", texts)


def _prompts(frame: Frame) -> Dimension:
    asked = {item: write_json(json.loads(item)[0]) for item in frame.used("item") if item}
    texts = [asked.get(item or "") for item in frame.cells("item")]
    return _of_texts("prompt", "prompt", "what was asked", texts)


def _runs(samples: Samples) -> Frame:
    """Each run once, in the order of its file."""
    runs = samples.frame.take(samples.frame.first_of_each(RUN))
    return runs.take(np.lexsort((runs.ids, runs.numbers("sequence"), runs.codes("source_path"))))


def _spread(frame: Frame, runs: Frame, levels: Sequence[str | None]) -> list[str | None]:
    """What is known of runs, for each number of them."""
    known = dict(zip(runs.records(RUN), levels, strict=True))
    return [known.get(run) for run in frame.records(RUN)]


def _places(frame: Frame, samples: Samples) -> Dimension:
    runs = _runs(samples)
    named: list[str | None] = [None] * len(runs)
    for rows in split(runs.number(["source_path"])):
        if len(rows) >= _FEWEST_PLACES:
            for place, row in enumerate(rows.tolist()):
                named[row] = write_json(_QUARTERS[4 * place // len(rows)])
    texts = _spread(frame, runs, named)
    return _of_texts("place", "place", "in which part of its file", texts, _QUARTERS)


def _before(frame: Frame, samples: Samples) -> Dimension:
    """Whether the run before it in the file was one of the same subject and settings."""
    runs = _runs(samples)
    as_before = {
        name: np.diff(runs.codes(name), prepend=-2) == 0
        for name in ("source_path", "subject", "settings", "workload")
    }
    as_before["subject"] &= runs.known("subject")
    same = np.logical_and.reduce(list(as_before.values()))
    named = [
        write_json(_BEFORE[0 if alike else 1]) if follows else None
        for alike, follows in zip(same.tolist(), as_before["source_path"].tolist(), strict=True)
    ]
    texts = _spread(frame, runs, named)
    return _of_texts("run_before", "before", "what ran just before it", texts, _BEFORE)


def _lengths(frame: Frame, samples: Samples) -> Iterator[Dimension]:
    """How long the answer or the prompt was, in thirds."""
    for metric, name in _LENGTHS.items():
        rows = samples.frame
        rows = rows.take(rows.has("metric", metric) & rows.has("statistic", "value"))
        rows = rows.take(rows.first_of_each(RUN))
        if len(np.unique(rows.values)) < len(_THIRDS):
            continue
        low, high = np.quantile(rows.values, [1 / 3, 2 / 3])
        third = np.where(rows.values <= low, 0, np.where(rows.values <= high, 1, 2))
        named = [write_json(_THIRDS[at]) for at in third.tolist()]
        meaning = f"by {metric.replace('_', ' ')}"
        yield _of_texts(name, "length", meaning, _spread(frame, rows, named), _THIRDS)
