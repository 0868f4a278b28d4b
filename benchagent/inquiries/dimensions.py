"""What a snapshot can be asked about: its metrics, its subjects, and all by which calls differ.

The rules compare options, subjects and files from start to end. A question can also go by what
they leave aside: the machine, the repetition, the place in a file, the call before, the length of
the answer.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, cast

import numpy as np
import pandas as pd

from benchagent.facts.derivations.contrasts import is_compared
from benchagent.facts.derivations.options import levels_by_configuration, order_of_level
from benchagent.facts.derivations.samples import Samples, select_samples, write_json
from benchagent.facts.estimates import Ints
from benchagent.facts.fact import Evidence
from benchagent.wording import plain_level, quoted

Kind = Literal[
    "option", "subject", "machine", "prompt", "repetition", "place", "before", "file", "length"
]

# With more values it is no setting; it can still be held alike.
MOST_LEVELS: Final = 12
MOST_DIMENSIONS: Final = 12
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


@dataclass(frozen=True)
class Catalogue:
    """What can be asked of one snapshot.

    Attributes:
        frame: single measured numbers of named subjects, warm calls and those of no phase; one
            row each, as `Samples.frame` has them.
        dimensions: by name, those first that a reader asks after first.
    """

    frame: pd.DataFrame
    dimensions: Mapping[str, Dimension]

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that have a better side, those measured most often first."""
        counts = self.frame["metric"].astype("object").value_counts()
        return tuple(sorted(counts.index, key=lambda name: (-int(counts[name]), name)))

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """The subjects by the name that questions use, those measured most often first."""
        counts = self.frame["subject"].astype("object").value_counts()
        names = sorted(counts.index, key=lambda name: (-int(counts[name]), name))
        shown: dict[str, str] = {}
        for name in names[:MOST_LEVELS]:
            shown.setdefault(safe_name(name), name)
        return shown


def catalogue(evidence: Evidence) -> Catalogue:
    """What the numbers of a snapshot can be asked."""
    samples = select_samples(evidence)
    every = samples.frame
    single = every["statistic"] == "value"
    metrics = [name for name in every["metric"].unique() if is_compared(str(name))]
    kept = (
        single
        & every["metric"].isin(metrics)
        & (every["phase"] != "cold")
        & every["subject"].notna()
    ).to_numpy()
    frame = every[kept].reset_index(drop=True)
    if frame.empty:
        return Catalogue(frame, {})
    found = [
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
    held = [each for each in found if each is not None and len(each.levels) > 1]
    chosen = [each for each in held if each.compared][:MOST_DIMENSIONS]
    chosen += [each for each in held if not each.compared]
    return Catalogue(frame, {each.name: each for each in chosen})


def _of_texts(name: str, kind: Kind, meaning: str, texts: pd.Series) -> Dimension:
    """A dimension whose values stand in a column, as JSON; null where there is none."""
    present = sorted({str(text) for text in texts.dropna().unique()}, key=order_of_level)
    place = {text: at for at, text in enumerate(present)}
    codes = texts.map(lambda text: place.get(text, -1), na_action="ignore").fillna(-1)
    return Dimension(
        name=name,
        kind=kind,
        meaning=meaning,
        levels=tuple(present),
        codes=np.array(codes.tolist(), dtype=np.int64),
    )


def _options(frame: pd.DataFrame) -> Iterator[Dimension]:
    texts = [str(text) for text in frame["settings"].cat.categories]
    used = frame["settings"].cat.codes.to_numpy().astype(np.int64)
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


def _subjects(frame: pd.DataFrame) -> Dimension:
    texts = frame["subject"].astype("object").map(write_json)
    return _of_texts("subject", "subject", "what was measured", texts)


def _machines(frame: pd.DataFrame, evidence: Evidence) -> Iterator[Dimension]:
    """What is recorded of the machine and the software that ran."""
    table = evidence.measurements.select(["id", "environment"]).to_pandas()
    recorded = pd.Series(table["environment"].astype("object").to_numpy(), index=table["id"])
    texts = recorded.reindex(frame["id"]).reset_index(drop=True)
    parsed = {text: cast("dict[str, object]", json.loads(text)) for text in texts.unique()}
    for name in sorted({name for each in parsed.values() for name in each}):
        values = {text: write_json(each[name]) for text, each in parsed.items() if name in each}
        yield _of_texts(safe_name(name), "machine", "what it ran on", texts.map(values))


def _repetitions(frame: pd.DataFrame) -> Dimension:
    texts = frame["repetition"].map(lambda n: write_json(int(n)), na_action="ignore")
    return _of_texts("repetition", "repetition", "which time a call was made", texts)


def _files(frame: pd.DataFrame) -> Dimension:
    texts = frame["source_path"].astype("object").map(write_json)
    return _of_texts("file", "file", "where it stands", texts)


def _prompts(frame: pd.DataFrame) -> Dimension:
    items = frame["item"].astype("object")
    texts = items.map(lambda text: write_json(json.loads(text)[0]) if text else None)
    return _of_texts("prompt", "prompt", "what was asked", texts)


def _runs(samples: Samples) -> pd.DataFrame:
    """Each run once, in the order of its file."""
    runs = samples.frame.drop_duplicates(["source_path", "record"])
    return runs.sort_values(["source_path", "sequence", "id"], kind="stable")


def _spread(frame: pd.DataFrame, runs: pd.DataFrame, levels: pd.Series) -> pd.Series:
    """What is known of runs, for each number of them."""
    key = ["source_path", "record"]
    known = runs[key].astype("object").assign(level=levels.to_numpy())
    return frame[key].astype("object").merge(known, on=key, how="left")["level"]


def _places(frame: pd.DataFrame, samples: Samples) -> Dimension:
    runs = _runs(samples)
    files = runs.groupby("source_path", observed=True, sort=False)
    place, size = files.cumcount().to_numpy(), files["id"].transform("size").to_numpy()
    quarter = np.minimum(4 * place // np.maximum(size, 1), 3)
    named = pd.Series([write_json(_QUARTERS[at]) for at in quarter.tolist()], dtype="object")
    named = named.where(size >= _FEWEST_PLACES, None)
    found = _of_texts("place", "place", "in which part of its file", _spread(frame, runs, named))
    return _in_order(found, _QUARTERS)


def _before(frame: pd.DataFrame, samples: Samples) -> Dimension:
    """Whether the run before it in the file was one of the same subject and settings."""
    runs = _runs(samples).reset_index(drop=True)
    same_file = runs["source_path"] == runs["source_path"].shift()
    same = same_file.copy()
    for name in ("subject", "settings", "workload"):
        column = runs[name].astype("object")
        same &= column == column.shift()
    named = pd.Series([write_json(_BEFORE[0 if at else 1]) for at in same.tolist()], dtype="object")
    named = named.where(same_file.to_numpy(), None)
    texts = _spread(frame, runs, named)
    return _in_order(_of_texts("run_before", "before", "what ran just before it", texts), _BEFORE)


def _lengths(frame: pd.DataFrame, samples: Samples) -> Iterator[Dimension]:
    """How long the answer or the prompt was, in thirds."""
    for metric, name in _LENGTHS.items():
        rows = samples.frame
        rows = rows[(rows["metric"] == metric) & (rows["statistic"] == "value")]
        rows = rows.drop_duplicates(["source_path", "record"])
        values = rows["value"].to_numpy(dtype=np.float64)
        if len(np.unique(values)) < len(_THIRDS):
            continue
        low, high = np.quantile(values, [1 / 3, 2 / 3])
        third = np.where(values <= low, 0, np.where(values <= high, 1, 2))
        named = pd.Series([write_json(_THIRDS[at]) for at in third.tolist()], dtype="object")
        meaning = f"by {metric.replace('_', ' ')}"
        yield _in_order(_of_texts(name, "length", meaning, _spread(frame, rows, named)), _THIRDS)


def _in_order(found: Dimension, names: tuple[str, ...]) -> Dimension:
    """The dimension with its levels in the order of their meaning, not of the alphabet."""
    present = [write_json(name) for name in names if write_json(name) in found.levels]
    moved = np.array([present.index(level) for level in found.levels] + [-1], dtype=np.int64)
    return Dimension(
        name=found.name,
        kind=found.kind,
        meaning=found.meaning,
        levels=tuple(present),
        codes=moved[found.codes],
    )
