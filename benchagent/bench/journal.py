"""A benchmark while it runs: a folder that ends in `.partial`, which no scan looks into.

Each call is one line, on the disk before the next call begins; so whatever stops the program, what
was measured is there, and a resumed benchmark makes only the calls that are missing. When all are
there the folder is renamed, and only then a scan sees it, whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import TypeAdapter, ValidationError

from benchagent.bench.errors import BenchError
from benchagent.bench.plan import Plan, PlannedCall, order_blocks
from benchagent.bench.rows import BenchRow, read_rows, write_header, write_line
from benchagent.bench.subjects import Subject
from benchagent.formats.own.bench_calls import CALLS_FILE
from benchagent.store import append_line, explained, sync_folder, write_atomically

PARTIAL: Final = ".partial"
# Hidden: a crash between the last two steps leaves nothing that a scan would list.
STATE_FILE: Final = ".bench.json"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
# Artifacts are for others to read; only what lies below data/out is private.
_MODE: Final = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a benchmark is, beside its calls.

    Attributes:
        sittings: when it was begun, and each time it was resumed: UTC, ISO 8601.
    """

    plan: Plan
    subjects: tuple[Subject, ...]
    sittings: tuple[str, ...] = ()


_STATE: Final = TypeAdapter(State)


def plan_folder(reports: Path, models: Sequence[str], now: datetime) -> Path:
    """Where the artifacts of these models will lie: a folder per model, in it one per benchmark."""
    slug = "+".join(re.sub(r"[^a-z0-9._-]+", "-", model.lower()).strip("-.") for model in models)
    while True:
        folder = reports / slug[:100] / now.strftime(_STAMP)
        if not folder.exists() and not _partial(folder).exists():
            return folder
        now += timedelta(seconds=1)


def _partial(folder: Path) -> Path:
    return folder.with_name(folder.name + PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The folder of a benchmark that is not finished.

    Attributes:
        folder: ends in `.partial`.
    """

    folder: Path
    state: State

    @classmethod
    def begin(cls, folder: Path, state: State) -> Self:
        """Make the folder of a new benchmark, which will be `folder` when it is finished."""
        partial = _partial(folder)
        with explained(partial):
            partial.mkdir(parents=True)
        header = write_header(state.plan.option_names)
        write_atomically(partial / CALLS_FILE, header + "\n")
        return cls(folder=partial, state=state)._noted()

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Open the folder of a benchmark that was stopped.

        Raises:
            BenchError: it is none, it is finished, or its files are damaged.
        """
        partial = folder if folder.name.endswith(PARTIAL) else _partial(folder)
        if not partial.is_dir():
            done = (folder / CALLS_FILE).is_file()
            raise BenchError(
                f"{folder} is finished; there is nothing to resume"
                if done
                else f"{partial}: there is no such folder; name one that ends in {PARTIAL}"
            )
        try:
            state = _STATE.validate_json((partial / STATE_FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise BenchError(
                f"{partial} is no stopped benchmark: its {STATE_FILE} is missing or damaged; "
                "start a new one"
            ) from error
        return cls(folder=partial, state=state)

    def resumed(self, now: datetime) -> Self:
        """Note that the benchmark goes on, and drop a last line that a crash cut off."""
        rows = self.rows()
        write_atomically(self.folder / CALLS_FILE, self._text(rows))
        return self._noted(now)

    def rows(self) -> list[BenchRow]:
        """The calls that are on the disk, in their order.

        Raises:
            BenchError: they are not the plan's.
        """
        text = (self.folder / CALLS_FILE).read_text(encoding="utf-8")
        rows = read_rows(text, self.state.plan.option_names)
        planned = {call.sequence: call for call in planned_calls(self.state.plan)}
        for row in rows:
            if not _is_of(row, planned.get(row.sequence)):
                raise BenchError(
                    f"{self.folder / CALLS_FILE}: call {row.sequence} is not the one that was "
                    "planned; another version of benchagent began this: start a new one"
                )
        return sorted({row.sequence: row for row in rows}.values(), key=lambda row: row.sequence)

    def append(self, row: BenchRow) -> None:
        """Keep a call; it is on the disk when this returns."""
        append_line(self.folder / CALLS_FILE, write_line(row, self.state.plan.option_names))

    def finish(self, files: Mapping[str, str]) -> Path:
        """Write the last artifacts beside the calls, and show the folder under its own name."""
        for name, text in {CALLS_FILE: self._text(self.rows()), **files}.items():
            write_atomically(self.folder / name, text, mode=_MODE)
        folder = self.folder.with_name(self.folder.name.removesuffix(PARTIAL))
        with explained(folder):
            self.folder.rename(folder)
            sync_folder(folder.parent)
            (folder / STATE_FILE).unlink()
        return folder

    def _noted(self, now: datetime | None = None) -> Self:
        moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        sat = replace(self.state, sittings=(*self.state.sittings, moment))
        write_atomically(self.folder / STATE_FILE, _STATE.dump_json(sat, indent=1))
        return replace(self, state=sat)

    def _text(self, rows: Sequence[BenchRow]) -> str:
        names = self.state.plan.option_names
        return "".join(
            f"{line}\n" for line in (write_header(names), *(write_line(r, names) for r in rows))
        )


def planned_calls(plan: Plan) -> list[PlannedCall]:
    """All calls of a plan in their order."""
    return [call for block in order_blocks(plan) for call in block.calls]


def _is_of(row: BenchRow, call: PlannedCall | None) -> bool:
    return call is not None and (row.model, row.config_name, row.prompt_index, row.repetition) == (
        call.model,
        call.option_set.name,
        call.prompt_index,
        call.repetition,
    )
