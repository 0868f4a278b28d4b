"""All that the files of a folder say, however many: known as a whole, and given part by part."""

from collections.abc import Iterable, Iterator, Sequence, Set
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Final

import numpy as np
import pyarrow as pa

from benchagent.measurements.file_status import FileStatus, describe_files
from benchagent.measurements.held_files import HeldFile, JoinedFile
from benchagent.measurements.joining import join_contents
from benchagent.measurements.measurement import (
    FAILED_RUN_SCHEMA,
    MEASUREMENT_SCHEMA,
    MeasurementTable,
    Part,
)
from benchagent.measurements.named_columns import read_cells
from benchagent.measurements.originals import find_duplicates, find_raw_files
from benchagent.measurements.parsed.kept_contents import KeptContents
from benchagent.measurements.parsed.segments import ParsedContents
from benchagent.measurements.parsed.spans import spans_within
from benchagent.measurements.path_settings import tell_settings
from benchagent.measurements.phases import find_thresholds, gather_loads
from benchagent.measurements.subjects import name_subjects

# Records and numbers of files that are joined together; a larger file is joined alone.
MOST_ROWS: Final = 250_000
# Two join, both in C and outside the lock of the interpreter, and one reads ahead.
_THREADS: Final = 3


class MeasuredFiles:
    """What became of every file and where cold calls begin; the numbers come when asked for.

    A part takes some ten megabytes, and nothing but the list of files is in memory beside it.

    Attributes:
        phase_thresholds: where cold and warm calls part, found from all files.
    """

    def __init__(
        self,
        files: Sequence[HeldFile],
        kept: KeptContents,
        proposed: Set[str],
        others: Iterable[FileStatus] = (),
    ) -> None:
        """Look the folder over.

        Args:
            files: ordered by path.
            kept: their contents.
            proposed: formats whose numbers wait for a user to accept them.
            others: files whose bytes are not there.
        """
        self._kept = kept
        self._proposed = proposed
        self._joined = _look_over(files, kept)
        self._others = tuple(others)
        self.phase_thresholds = tuple(find_thresholds(gather_loads(self._joined, kept)))

    @property
    def files(self) -> tuple[FileStatus, ...]:
        """What became of each, ordered by path; made anew each time."""
        listed = describe_files(self._joined, self._kept.told, self._proposed)
        return tuple(sorted((*listed, *self._others), key=lambda file: file.path))

    def parts(self) -> Iterator[Part]:
        """All numbers and failed runs, ordered by path and place in the file; anew each time."""
        n_before = 0
        with ThreadPoolExecutor(_THREADS, "joining") as cores:
            for files, parsed in self._loaded(cores):
                joined = join_contents(
                    files, parsed, self.phase_thresholds, self._proposed, n_before, cores
                )
                for part in joined:
                    n_before += part.measurements.num_rows
                    yield part

    def _loaded(self, cores: Executor) -> Iterator[tuple[list[JoinedFile], ParsedContents]]:
        """Files that are joined together, with their contents; the next are read meanwhile."""
        reading: Future[tuple[list[JoinedFile], ParsedContents]] | None = None
        for files in self._together():
            before, reading = reading, cores.submit(self._load, files)
            if before:
                yield before.result()
        if reading:
            yield reading.result()

    def _load(self, files: Sequence[JoinedFile]) -> tuple[list[JoinedFile], ParsedContents]:
        places, content = np.unique([file.content for file in files], return_inverse=True)
        local = zip(files, content.tolist(), strict=True)
        return [file._replace(content=at) for file, at in local], self._kept.load(places)

    def _together(self) -> Iterator[Sequence[JoinedFile]]:
        """The files that gave something, as many at a time as are joined together."""
        n_rows = self._kept.count("n_readings") + self._kept.count("n_records")
        telling = [file for file in self._joined if n_rows[file.content]]
        stops = np.cumsum(n_rows[[file.content for file in telling]])
        return (telling[span] for span in spans_within(stops, MOST_ROWS))

    def whole(self) -> MeasurementTable:
        """All of it at once, for a folder that is small."""
        parts = list(self.parts())
        return MeasurementTable(
            measurements=_concat([part.measurements for part in parts], MEASUREMENT_SCHEMA),
            failed_runs=_concat([part.failed_runs for part in parts], FAILED_RUN_SCHEMA),
            files=self.files,
            phase_thresholds=self.phase_thresholds,
        )


def _look_over(files: Sequence[HeldFile], kept: KeptContents) -> list[JoinedFile]:
    """The files with what others tell of each."""
    duplicates = find_duplicates(files, kept.count("n_readings"))
    derived_from = find_raw_files(files, kept.told)
    subjects = name_subjects(files, kept, derived_from)
    formats = read_cells(kept.told["format"])
    return [
        JoinedFile(
            *file,
            format=formats[file.content],
            duplicate_of=duplicates.get(file.path),
            derived_from=derived_from.get(file.path),
            subject=subject,
            settings=tell_settings(file.path, formats[file.content]),
        )
        for file, subject in zip(files, subjects, strict=True)
    ]


def _concat(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries()
