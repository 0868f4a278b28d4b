"""Values of two subjects, or at two levels of a setting, that are alike in all else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.own_columns import unit_of_metric
from benchagent.verification.question import Knowledge


def find_of_subjects(
    metric: str, first: frozenset[str], second: frozenset[str], corpus: Corpus
) -> Iterator[tuple[Datum, Datum]]:
    """The values of two subjects that are alike in all but the subject."""
    ours, theirs = (_central(metric, names, corpus) for names in (first, second))
    for a in ours:
        for b in theirs:
            alike = a.statistics == b.statistics and a.label == b.label and a.phase == b.phase
            if alike and a.settings == b.settings:
                yield a, b


def _central(metric: str, names: frozenset[str], corpus: Corpus) -> list[Datum]:
    """The means and medians of a subject, per phase, benchmark and setting; else its one value."""
    own = [d for d in corpus.index.by_metric.get(metric, ()) if d.subject in names]
    return [
        *_find_single(own),
        *(
            datum
            for datum in own
            if datum.statistics & {"mean", "median"}
            and (
                (datum.origin == "group" and len(datum.settings) <= 1)
                or datum.origin in ("fact subject", "measured")
            )
        ),
    ]


def _find_single(datums: Iterable[Datum]) -> list[Datum]:
    """The single values that no other of their subject, file, name and settings stands beside."""
    alike: dict[tuple[object, ...], list[Datum]] = defaultdict(list)
    for datum in datums:
        if "value" in datum.statistics and datum.origin in ("measured", "leaf"):
            name = datum.subject, datum.settings, datum.label, datum.phase, datum.paths
            alike[name].append(datum)
    return [found[0] for found in alike.values() if len(found) == 1]


def is_told(datum: Datum, told: frozenset[str], knowledge: Knowledge) -> bool:
    """Whether a text tells enough of the settings of a value to mean this one and no other."""
    if datum.origin == "group":
        return not datum.settings or not datum.settings.isdisjoint(told)
    varied = knowledge.corpus.varied
    own = {setting for setting in datum.settings if setting.partition("=")[0] in varied}
    return "value" not in datum.statistics or own <= told


def metrics_meant(named: tuple[str, ...], knowledge: Knowledge) -> tuple[str, ...]:
    """These metrics, and where the text names them loosely those of the data that it may mean."""
    units = {unit_of_metric(metric) for metric in named}
    loosely = sorted(knowledge.corpus.alone) if len(named) > 1 else ()
    return (*named, *(metric for metric in loosely if unit_of_metric(metric) in units))


def find_at_levels(
    metric: str,
    first: frozenset[str],
    second: frozenset[str],
    binding: Binding,
    knowledge: Knowledge,
) -> Iterator[tuple[Datum, Datum]]:
    """The values at two levels that are alike in all else."""
    of_metric = knowledge.corpus.index.by_metric.get(metric, ())
    known = [
        [d for d in of_metric if not d.settings.isdisjoint(level) and _may_be_compared(d, binding)]
        for level in (first, second)
    ]
    ours, theirs = ([*_find_single(own), *filter(_is_central, own)] for own in known)
    for a in ours:
        for b in theirs:
            alike = a.statistics == b.statistics and a.subject == b.subject and a.phase == b.phase
            alike = alike and _column_of(a) == _column_of(b)
            alike = alike and (a.paths == b.paths or a.origin == "group")
            if alike and a.settings - first == b.settings - second:
                yield a, b


def _column_of(datum: Datum) -> str:
    """The name of a number without that of its object: `Q8_0.size` is a size as others are."""
    return datum.label.rpartition(".")[2] if datum.origin == "leaf" else datum.label


def _is_central(datum: Datum) -> bool:
    return bool(datum.statistics & {"mean", "median"})


def _may_be_compared(datum: Datum, binding: Binding) -> bool:
    if datum.origin not in ("measured", "leaf", "group", "fact option"):
        return False
    return not binding.subjects or binding.far or datum.subject in binding.subjects
