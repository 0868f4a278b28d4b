"""A folder of artifacts as a verifier needs it: files, values, names and words, loaded once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from benchagent.facts.fact import Fact
from benchagent.verification.evidence.datums import DatumIndex
from benchagent.verification.evidence.failed_runs import FailedRuns
from benchagent.verification.evidence.listed_files import FileIndex, ListedFile
from benchagent.verification.kept import Kept
from benchagent.verification.text.settings import LevelFinder
from benchagent.verification.text.subjects import SubjectFinder
from benchagent.verification.text.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that the data say, ready for any number of reports.

    Attributes:
        files: by path.
        file_index: what is asked of them again and again.
        by_name: paths by file name, lower case.
        counts: what can be counted, by noun: `files`, `models`, `runs`, `failed runs`, …
        stems: file names without their suffix, lower case.
        plain_paths: paths in lower case without what joins their words.
        kind_counts: files by kind.
        fields: names of columns and keys, lower case, and the files that have them.
        words: words of file contents and the number of files that hold them.
        path_words: words of paths and the files whose path holds them.
        settings_of_metric: the settings that each metric was measured under.
        phased: the files in which calls are told to be cold or warm, by metric.
        varied: the settings that have more than one level.
        alone: quantities of the data's own that no other of their file shares its unit with.
        subjects_of_table: the subjects that a file of no known format tells apart, two or more.
        days: days named by stamps of file names or by the data as times of measurement.
        failed_runs: how many runs failed, where and whose.
        rows_of_path, lines_of_path: rows of CSV files without their header, lines of any text.
    """

    files: Mapping[str, ListedFile]
    file_index: FileIndex
    by_name: Mapping[str, tuple[str, ...]]
    index: DatumIndex
    finder: SubjectFinder
    levels: LevelFinder
    vocabulary: Vocabulary
    subjects: frozenset[str]
    metrics: frozenset[str]
    settings_of_metric: Mapping[str, frozenset[str]]
    varied: frozenset[str]
    alone: frozenset[str]
    metrics_of_path: Mapping[str, frozenset[str]]
    metrics_of_subject: Mapping[str, frozenset[str]]
    rows_of_subject: Mapping[str, int]
    counts: Mapping[str, frozenset[int]]
    counted: tuple[Fact, ...]
    stems: frozenset[str]
    plain_paths: Mapping[str, str]
    kind_counts: Mapping[str, int]
    fields: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    path_words: Mapping[str, frozenset[str]]
    days: frozenset[date]
    measured_days: frozenset[date]
    failed_runs: FailedRuns
    missing_roots: tuple[str, ...] = ()
    rows_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    lines_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    paths_of_subject: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    subjects_of_table: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    phased: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    _naming: Kept[tuple[str, ...]] = field(
        default_factory=Kept[tuple[str, ...]], compare=False, repr=False
    )

    _below: Kept[tuple[str, ...]] = field(
        default_factory=Kept[tuple[str, ...]], compare=False, repr=False
    )

    def find_files(self, name: str) -> tuple[str, ...]:
        """The files that a name or path means; of a folder all."""
        name = name.removeprefix("./")
        if name.endswith("/"):
            return self.find_paths_below(name)
        if name in self.files:
            return (name,)
        plain = name.lower()
        known = self.by_name.get(plain.rpartition("/")[2], ())
        return tuple([p for p in known if p.lower() == plain or p.lower().endswith("/" + plain)])

    def find_paths_below(self, folder: str) -> tuple[str, ...]:
        """The files in a folder, written with its slash and from any folder above it."""
        plain, files = f"/{folder.removeprefix('./').lower()}", self.files
        return self._below.ask(plain, lambda: tuple(p for p in files if plain in f"/{p.lower()}"))

    def find_paths_naming(self, word: str) -> tuple[str, ...]:
        """The paths with a word in them, whatever joins their words."""
        plain = self.plain_paths.items()
        return self._naming.ask(word, lambda: tuple(p for p, told in plain if word in told))
