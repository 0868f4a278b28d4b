"""The numbers that may enter a statistic, each counted once, in groups that were run alike.

Failed runs, exact duplicates, numbers without a unit, summaries and claims stay out. A run that
two files tell of (as CSV and as JSON) is taken from one of them.
"""

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchagent.facts.derivations.near_copies import find_near_copies
from benchagent.facts.estimates import Floats, Ints
from benchagent.facts.fact import Evidence

# What was asked is not how it was run: prompts are the blocks of a comparison, not its arms. The
# first that a file gives names the item, so that files which also number their prompts agree.
ITEM_SETTINGS: Final = (
    "prompt", "prompt_text", "prompt_hash", "prompt_id", "prompt_name", "prompt_index", "item",
)  # fmt: skip
# What was run, not how: numbers of two tasks are never pooled, nor is one task ranked over another.
WORKLOAD_SETTINGS: Final = frozenset(
    ("task", "dataset", "subset", "split", "role", "scenario", "test_name", "workload")
)
# Names of the other settings together, which would make every configuration differ in itself, and
# how often was measured, which is not what was measured.
NO_SETTINGS: Final = frozenset(
    (
        "config_name", "config_id", "run", "run_id", "run_index", "label", "agent",
        "runs", "warmup_runs", "samples_per_run", "repetitions", "iterations",
    )
)  # fmt: skip
_PARTS_OF_A_NAME: Final = frozenset(("tag", "quantization", "model", "parameter_size", "family"))

_COLUMNS: Final = [
    "id", "source_path", "duplicate_of", "record", "sequence", "repetition", "benchmark", "subject", "config",
    "metric", "statistic", "definition", "value", "raw_value", "unit", "n", "population", "phase", "kind",
]  # fmt: skip
_RUN: Final = ["source_path", "record"]
# Enough digits that two runs cannot share a time by chance; fewer survive CSV and JSON alike.
_DIGITS_OF_ONE_RUN: Final = 6
_COUNTED_UNITS: Final = frozenset(("tokens", "chars", "bytes", "calls", "runs"))


class Settings(NamedTuple):
    """A configuration taken apart: how it was run, what was run, what was asked."""

    settings: str
    workload: str
    item: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Single measured numbers, ready to be grouped.

    Attributes:
        frame: one row per number, ordered by id, with `settings`, `workload` and `item` in place
            of `config`, and `series`: the file, where a subject has no name that could tell it from others.
        told: the same before runs that two files tell of were taken from one of them.
        retold: runs (`path#record`) left out so, with the file that they are taken from.
        near: files whose numbers are those of another one, rounded, with that other file.
    """

    frame: pd.DataFrame
    told: pd.DataFrame
    retold: tuple[tuple[str, str], ...]
    near: Mapping[str, str]

    def lone_runs(self) -> list[tuple[str, str]]:
        """Runs (path, record) of a subject, settings and item that were run once."""
        condition = ["benchmark", "subject", "series", "workload", "settings", "item"]
        runs = self.frame.drop_duplicates(_RUN)
        alone = ~runs.duplicated(condition, keep=False)
        found = runs.loc[alone, _RUN].astype("object")
        return list(found.itertuples(index=False, name=None))


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that share the columns they were grouped by, ordered by id."""

    key: Mapping[str, str | None]
    values: Floats
    ids: tuple[int, ...]
    rows: Ints

    @property
    def n(self) -> int:
        """How many numbers."""
        return len(self.ids)


def select_samples(evidence: Evidence) -> Samples:
    """The rows of a snapshot that may enter a statistic."""
    frame = frame_of(evidence.measurements, _COLUMNS)
    failed = frame_of(evidence.failed_runs, _RUN)
    failures = set(zip(failed["source_path"], failed["record"], strict=True))
    usable = (
        (frame["kind"] == "measured")
        & frame["duplicate_of"].isna()
        & frame["unit"].notna()
        & (frame["population"] != "errored")
        & np.isfinite(frame["value"].to_numpy(dtype=np.float64))
    )
    frame = frame[usable]
    if failures:
        frame = _without_runs(frame, failures)
    told = _take_apart(frame.sort_values("id", kind="stable")).reset_index(drop=True)
    frame, retold, near = _count_once(told)
    return Samples(frame.reset_index(drop=True), told, retold, near)


def frame_of(table: pa.Table, columns: list[str]) -> pd.DataFrame:
    """Columns of a table, `record` among them."""
    rows = table.select(columns)
    # Many numbers share a record; as numbers into a list, its long names are compared cheaply.
    place = columns.index("record")
    rows = rows.set_column(place, "record", rows["record"].dictionary_encode())
    return cast(pd.DataFrame, rows.to_pandas())


def _take_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Configurations as settings and item; each pair of subject and configuration once."""
    config, subject = (frame[name].astype("category").cat for name in ("config", "subject"))
    pairs, places = np.unique(
        np.column_stack([config.codes, subject.codes]), axis=0, return_inverse=True
    )
    parts = [
        split_config(str(config.categories[c]), None if s < 0 else str(subject.categories[s]))
        for c, s in pairs.tolist()
    ]
    named = frame["subject"].notna()
    return frame.assign(
        settings=_categories([part.settings for part in parts], places),
        workload=_categories([part.workload for part in parts], places),
        item=_categories([part.item for part in parts], places),
        series=frame["source_path"].astype("object").where(~named, "").astype("category"),
    )


def _categories(texts: list[str], places: NDArray[np.int64]) -> pd.Categorical:
    kinds, codes = np.unique(np.array(texts, dtype=object), return_inverse=True)
    return pd.Categorical.from_codes(codes[places], categories=pd.Index(kinds, dtype=object))


def split_config(config: str, subject: str | None = None) -> Settings:
    """Canonical JSON of the settings, of the workload and of the item asked.

    What is no setting (`NO_SETTINGS`) is left out, and so is what the subject's own name says: the
    quantisation `q4_0` of `llama3.1:8b-instruct-q4_0`.
    """
    entries = cast("dict[str, object]", json.loads(config))
    workload = {key: value for key, value in entries.items() if key in WORKLOAD_SETTINGS}
    settings = {
        key: value
        for key, value in entries.items()
        if key not in NO_SETTINGS
        and key not in ITEM_SETTINGS
        and key not in WORKLOAD_SETTINGS
        and not (key in _PARTS_OF_A_NAME and _is_said_by(subject, value))
    }
    item = [entries[key] for key in ITEM_SETTINGS if key in entries][:1]
    return Settings(
        write_json(settings),
        write_json(workload) if workload else "",
        write_json(item) if item else "",
    )


def _is_said_by(subject: str | None, value: object) -> bool:
    return subject is not None and str(value).lower() in subject.lower()


def write_json(value: object) -> str:
    """Canonical JSON: keys sorted, no spaces, so that equal settings are equal texts."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _count_once(
    frame: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...], dict[str, str]]:
    """Leave out runs that another file tells of: same subject, same metrics, same digits.

    Or fewer digits of the same: the file with more of them counts.
    """
    near = find_near_copies(frame)
    copied = frame["source_path"].isin(list(near))
    rounded = frame.loc[copied, _RUN].drop_duplicates().astype("object")
    repeats = [
        (name_run(path, record), near[path]) for path, record in rounded.itertuples(index=False)
    ]
    frame, retold = _count_exactly_once(frame[~copied] if near else frame)
    return frame, tuple(sorted([*retold, *repeats])), near


def _count_exactly_once(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    runs = _fingerprints(frame)
    copies = runs[runs.duplicated("fingerprint", keep=False)]
    # Equal runs within one file are repetitions that came out alike, however unlikely.
    first = copies.groupby("fingerprint", sort=False)["source_path"].transform("first")
    retold = copies[copies["source_path"] != first]
    if retold.empty:
        return frame, ()
    left_out = set(zip(retold["source_path"], retold["record"], strict=True))
    told = zip(retold["source_path"], retold["record"], first[retold.index], strict=True)
    named = ((name_run(path, record), other) for path, record, other in told)
    return _without_runs(frame, left_out), tuple(sorted(named))


def _without_runs(frame: pd.DataFrame, left_out: Set[tuple[object, object]]) -> pd.DataFrame:
    """The rows of all but these runs (path and record), each run looked at once."""
    numbers = frame.groupby(_RUN, observed=True, sort=False).ngroup().to_numpy()
    _, first = np.unique(numbers, return_index=True)
    runs = frame[_RUN].iloc[first].astype("object").itertuples(index=False, name=None)
    kept = np.array([run not in left_out for run in runs], dtype=np.bool_)
    return frame[kept[numbers]]


def name_run(path: str, record: str) -> str:
    """`path#record`, however much of it the record's own name holds."""
    return record if record.startswith(f"{path}#") else f"{path}#{record}"


def _fingerprints(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per run (source_path, record, fingerprint), in order of path and record.

    Only times and rates with many digits tell runs apart (two answers of a deterministic model
    agree in every count); a run with fewer than two of them has no fingerprint.
    """
    rounded, telling = _round_off(frame["value"].to_numpy(dtype=np.float64))
    kept = telling & ~frame["unit"].isin(_COUNTED_UNITS).to_numpy()
    told = frame.loc[kept, ["source_path", "record", "subject", "metric", "statistic"]]
    parts = told[["subject", "metric", "statistic"]].assign(value=rounded[kept])
    run = told.groupby(_RUN, observed=True, sort=False).ngroup().to_numpy()
    _, first = np.unique(run, return_index=True)
    hashes = np.zeros(len(first), dtype=np.uint64)
    np.add.at(hashes, run, pd.util.hash_pandas_object(parts, index=False).to_numpy(np.uint64))
    runs = told.iloc[first][_RUN].astype("object")
    runs = runs.assign(fingerprint=hashes)[np.bincount(run, minlength=len(first)) >= 2]
    return runs.sort_values(_RUN, ignore_index=True)


def _round_off(values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Values of so many digits as runs are told apart by, and which have enough of them."""
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    exponent[values == 0] = 0
    # Powers of ten in two steps, since of the smallest floats one step alone overflows.
    shift = _DIGITS_OF_ONE_RUN - 1 - exponent
    half = np.trunc(shift / 2)
    digits = np.rint(values * 10.0**half * 10.0 ** (shift - half))
    return digits * 16.0 ** exponent.clip(-200, 200), digits % 1000 != 0


def split_into_groups(frame: pd.DataFrame, columns: list[str]) -> Iterator[Group]:
    """Groups that share `columns`, in the order of their keys; nulls are a value like others."""
    if frame.empty:
        return
    numbers = frame.groupby(columns, observed=True, dropna=False, sort=False).ngroup().to_numpy()
    order = np.lexsort((frame["id"].to_numpy(), numbers))
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    keys = frame[columns].iloc[order[starts]].astype("object").to_dict("records")
    values, ids = frame["value"].to_numpy(dtype=np.float64), frame["id"].to_numpy()
    groups = [
        Group(
            {str(name): None if pd.isna(cell) else str(cell) for name, cell in key.items()},
            values[rows],
            tuple(ids[rows].tolist()),
            rows,
        )
        for key, rows in zip(keys, np.split(order, starts[1:]), strict=True)
    ]
    yield from sorted(groups, key=lambda group: [cell or "" for cell in group.key.values()])
