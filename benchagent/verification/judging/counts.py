"""Counts of things other than files, sample sizes and p-values: against facts and groups."""

from dataclasses import replace
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Source, Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.contents import record_of
from benchagent.verification.evidence.datums import Datum, words_of
from benchagent.verification.judging.agreement import find_disagreements, names_any
from benchagent.verification.judging.files import FileSet, count_files, judge_count
from benchagent.verification.judging.values import describe, find_agreeing
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure

_ROWS: Final = (
    "row",
    "record",
    "call",
    "config",
    "run",
    "test",
    "sample",
    "measurement",
    "request",
)
_NOUNS: Final = {
    "model": "models", "subject": "models", "subjects": "models", "run": "runs", "call": "calls",
    "configuration": "configurations", "config": "configurations", "configs": "configurations",
    "measurement": "numbers", "measurements": "numbers", "number": "numbers", "folder": "folders",
    "directory": "folders", "directories": "folders", "file types": "types", "formats": "types",
    "failure": "runs", "failures": "runs", "sample": "samples",
}  # fmt: skip
# What numbers that no format reads come from.
_COUNTED: Final = ("leaf", "group")
_COUNTABLE: Final = frozenset({"runs", "files", "numbers", "configurations", "comparisons"})
_EACH: Final = frozenset({"each", "every", "per"})
_OF_MANY: Final = frozenset({"largest", "smallest"})
_OF_FOLDER: Final = "fact corpus"


def judge_of_total(figure: Figure, whole: float, wanted: FileSet, knowledge: Knowledge) -> Verdict:
    """A number out of all files: both have to hold."""
    totals = count_files(FileSet(), knowledge.corpus, knowledge.known)
    facts = {fact.value for fact in knowledge.corpus.counted if fact.unit == "files"}
    if whole not in totals and whole not in facts:
        told = " or ".join(f"{number} ({where})" for number, where in totals.items())
        return contradicted(f"the files are {told}")
    return judge_count(figure, wanted, knowledge)


def judge_part(
    figure: Figure, whole: float, binding: Binding, knowledge: Knowledge
) -> Verdict | None:
    """A number out of so many things of the data: "44 of 50 needles"; None where nobody knows."""
    index = knowledge.corpus.index
    wholes = [d for d in index.between(whole, whole) if _counts(d)]
    for datum in index.between(figure.value, figure.value):
        if not _counts(datum):
            continue
        of_it = datum.n == whole or any(_is_beside(datum, other) for other in wholes)
        wrong = set(find_disagreements(datum, binding, None, knowledge.corpus))
        if of_it and wrong <= {"metric", *(("statistic",) if "total" in datum.statistics else ())}:
            return supported(f"{describe(datum)}, of {whole:g}", datum.source)
    return None


def _may_count(datum: Datum) -> bool:
    """Whether a number may be one of things at all: 15.9 tok/s are no 16 rows."""
    return datum.value.is_integer() and (datum.unit is None or datum.unit in _COUNTABLE)


def _counts(datum: Datum) -> bool:
    """Whether a number may count things: it has no unit, and is no level of a setting."""
    return datum.origin in _COUNTED and datum.metric is not None and not datum.unit


def _is_beside(one: Datum, other: Datum) -> bool:
    """Whether two numbers are of the same record, or sum up the same records."""
    alike = one.origin == other.origin and one.statistics == other.statistics and one.n == other.n
    places = (record_of(datum.source.locator or "") for datum in (one, other))
    if one.origin == "leaf" and len(set(places)) > 1:
        return False
    return alike and (one.subject, one.settings, one.paths) == (
        other.subject,
        other.settings,
        other.paths,
    )


def judge_whole(figure: Figure, binding: Binding, noun: str, knowledge: Knowledge) -> Verdict:
    """A count of all runs, calls or rows: "24 in total", where 24 of each model are none."""
    corpus = knowledge.corpus
    if binding.subjects or binding.paths or binding.settings or binding.phase:
        return judge_number(figure, binding, noun, knowledge)
    in_all = next(iter(corpus.failed_runs.find(None, ())))
    rows = corpus.rows_of_path.values()
    of_all = {int(f.value) for f in corpus.counted if f.unit == "runs" and f.subject is None}
    numbers = {in_all.runs, in_all.runs - in_all.failed, sum(rows), *rows, *of_all}
    slack = 0.05 * figure.value if figure.hedged else 1e-9
    if any(abs(figure.value - number) <= slack for number in numbers):
        return supported(f"{figure.value:g} {noun}: a count of all in the data")
    if found := find_agreeing(figure, replace(binding, statistic="total"), knowledge, _may_count):
        return supported(describe(found), found.source)
    return unsupported(f"{in_all.runs} runs are in the data, {sum(rows)} rows in its tables")


def judge_number(figure: Figure, binding: Binding, noun: str, knowledge: Knowledge) -> Verdict:
    """A count of runs, models, calls, …; `n`, `p` and ratios of a comparison."""
    corpus = knowledge.corpus
    if noun in ("n", "p", "tau", "τ", "ratio", "interval"):
        return _judge_sign(figure, binding, noun, knowledge)
    counted = not (figure.worded and figure.value == 1)  # "one row per call" counts nothing
    if noun.startswith("line") or (
        counted and binding.paths and noun.startswith(("row", "record"))
    ):
        return _judge_length(figure, binding, noun, knowledge)
    if _counts_rows(figure, binding, noun, knowledge):
        return supported(f"a file of it has {figure.value:g} rows")
    if _NOUNS.get(noun, noun) in ("runs", "calls", "requests"):
        for each in corpus.failed_runs.find(binding.subjects, ()):
            if each.runs == figure.value:
                return supported(
                    f"there are {each.runs} runs {each.told}, the failed ones included"
                )
    known = corpus.counts.get(_NOUNS.get(noun, noun), frozenset[int]())
    slack = 0.05 * figure.value if figure.hedged else 1e-9
    if any(abs(figure.value - number) <= slack for number in known):
        return supported(f"{figure.value:g} {noun}: a count of the data")
    if (
        binding.subjects
        and _NOUNS.get(noun, noun) == "models"
        and figure.value == len(binding.subjects)
    ):
        return supported(f"the subjects are {', '.join(sorted(binding.subjects))}")
    if _NOUNS.get(noun, noun) == "models":
        return unsupported(_tell_models(known))  # no number of runs, nor 15.9 tok/s, is one of them
    # "each pair over 76 calls": of two of those named, and not of the nearest
    subjects = None if "pair" in binding.words else binding.subjects
    if subjects is None and "model" in binding.words and binding.words & _EACH:
        subjects = corpus.subjects
    sizes = corpus.index.sizes_of(subjects, binding.phase)
    if any(abs(figure.value - size) <= slack for size in sizes):
        return supported(f"{figure.value:g} values are alike in what the text names")
    if found := find_agreeing(figure, binding, knowledge, _may_count):
        return supported(describe(found), found.source)
    if words_of(noun) and (leaf := _named_leaf(figure, noun, knowledge)):
        return leaf
    return unsupported(f"nothing in the data counts {figure.value:g} {noun}")


def _tell_models(known: frozenset[int]) -> str:
    told = " or ".join(f"{number}" for number in sorted(known))
    return f"the models of the data are {told}" if known else "nothing in the data counts models"


def _judge_length(figure: Figure, binding: Binding, noun: str, knowledge: Knowledge) -> Verdict:
    """How many lines or rows a named file has."""
    corpus = knowledge.corpus
    lengths = corpus.lines_of_path if noun.startswith("line") else corpus.rows_of_path
    paths = [path for name in binding.paths for path in corpus.find_files(name)]
    known = {path: lengths[path] for path in paths if path in lengths}
    for path, length in known.items():
        # whether a header and a last line without an end count is a matter of taste
        if abs(figure.value - length) <= 1:
            return supported(f"{path} has {length} {noun}", Source(path=path))
    if not known:
        return unsupported(f"of no file the {noun} are counted")
    told = "; ".join(f"{path} has {length} {noun}" for path, length in known.items())
    return contradicted(told, *[Source(path=path) for path in known])


def _counts_rows(figure: Figure, binding: Binding, noun: str, knowledge: Knowledge) -> bool:
    """Whether a file of the subject has as many rows: calls, configurations, tests, samples."""
    if not noun.startswith(_ROWS) or not binding.subjects:
        return False
    corpus = knowledge.corpus
    paths = {p for s in binding.subjects for p in corpus.paths_of_subject.get(s, frozenset())}
    return any(corpus.rows_of_path.get(path) == figure.value for path in paths)


def _named_leaf(figure: Figure, noun: str, knowledge: Knowledge) -> Verdict | None:
    stem = noun.rstrip("s")
    for index in (knowledge.values, knowledge.corpus.index):
        for datum in index.between(figure.value, figure.value):
            if any(stem in word for word in datum.words):
                return supported(describe(datum), datum.source)
    return None


def _judge_sign(figure: Figure, binding: Binding, sign: str, knowledge: Knowledge) -> Verdict:
    step = figure.step * 0.501
    near = knowledge.corpus.index.between(figure.value - step, figure.value + step)
    if sign == "n":
        fitting = figure.value in knowledge.corpus.index.sizes_of(binding.subjects)
        if fitting or any(d.unit in ("runs", "files") for d in near):
            return supported(f"n = {figure.value:g}")
        return unsupported(f"no sample of the data has {figure.value:g} values")
    # "every pair was told apart (largest p = 0.02)": of any two of those named
    of_any = sign == "p" and bool(binding.words & _OF_MANY)
    for datum in near:
        tested = sign != "p" or "p-value" in datum.label or datum.metric is None
        about = of_any or datum.origin == _OF_FOLDER or is_about(datum.label, binding)
        if datum.origin.startswith("fact") and tested and about:
            return supported(describe(datum), Source(fact=datum.source.fact))
    return unsupported(f"no test or comparison of the data gives {figure.value:g}")


def is_about(label: str, binding: Binding) -> bool:
    """Whether what a fact says of itself names the subject that a text names, if it names one."""
    return binding.subjects is None or names_any(label, binding.subjects)
