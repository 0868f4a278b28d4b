"""The numbers that may enter a statistic, each counted once, in groups that were run alike.

Failed runs, exact duplicates, numbers without a unit, summaries and claims stay out. A run that
two files tell of (as CSV and as JSON) is taken from one of them.
"""

import json
from collections.abc import Iterator, Mapping
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
        runs = self.frame.drop_duplicates(["source_path", "record"])
        alone = ~runs.duplicated(condition, keep=False)
        found = runs.loc[alone, ["source_path", "record"]].astype("object")
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
    frame = _frame_of(evidence.measurements, _COLUMNS)
    failed = _frame_of(evidence.failed_runs, ["source_path", "record"])
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
        runs = zip(frame["source_path"], frame["record"], strict=True)
        frame = frame[np.array([run not in failures for run in runs], dtype=np.bool_)]
    told = _take_apart(frame.sort_values("id", kind="stable")).reset_index(drop=True)
    frame, retold, near = _count_once(told)
    return Samples(frame.reset_index(drop=True), told, retold, near)


def _frame_of(table: pa.Table, columns: list[str]) -> pd.DataFrame:
    return cast(pd.DataFrame, table.select(columns).to_pandas())


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
    rounded = frame.loc[copied, ["source_path", "record"]].drop_duplicates().astype("object")
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
    left_out = pd.MultiIndex.from_frame(retold[["source_path", "record"]])
    here = pd.MultiIndex.from_frame(frame[["source_path", "record"]].astype("object"))
    told = zip(retold["source_path"], retold["record"], first[retold.index], strict=True)
    named = ((name_run(path, record), other) for path, record, other in told)
    return frame[~here.isin(left_out)], tuple(sorted(named))


def name_run(path: str, record: str) -> str:
    """`path#record`, however much of it the record's own name holds."""
    return record if record.startswith(f"{path}#") else f"{path}#{record}"


def _fingerprints(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per run (source_path, record, fingerprint), in order of path and record.

    Only times and rates with many digits tell runs apart (two answers of a deterministic model
    agree in every count); a run with fewer than two of them has no fingerprint.
    """
    values = frame["value"].to_numpy(dtype=np.float64)
    rounded = np.array([f"{value:.{_DIGITS_OF_ONE_RUN - 1}e}" for value in values], dtype=object)
    telling = np.array([len(text.split("e")[0].rstrip("0")) >= 5 for text in rounded], dtype=bool)
    told = frame[telling & ~frame["unit"].isin(_COUNTED_UNITS).to_numpy()]
    names = [told[name].astype("object").fillna("") for name in ("subject", "metric", "statistic")]
    parts = [*names, pd.Series(rounded, index=frame.index, dtype="object")[told.index]]
    hashes = pd.util.hash_pandas_object(pd.concat(parts, axis=1), index=False)
    runs = (
        pd.DataFrame(
            {
                "source_path": told["source_path"].astype("object"),
                "record": told["record"].astype("object"),
                "fingerprint": hashes.to_numpy(dtype=np.uint64),
                "digits": 1,
            }
        )
        .groupby(["source_path", "record"], sort=True)
        .agg({"fingerprint": "sum", "digits": "sum"})
        .reset_index()
    )
    return runs[runs["digits"] >= 2]


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
