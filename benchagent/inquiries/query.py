"""A question in a closed grammar: which metric, of whom, by what, where, and what is held alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchagent.inquiries.catalogue import Catalogue
from benchagent.quantities.metrics import metric_label
from benchagent.wording import quoted, quoted_setting

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value of a dimension; `level` is its JSON."""

    dimension: str
    level: str

    def words(self) -> str:
        """As a sentence names it: `num_ctx=512`."""
        return quoted_setting(self.dimension, self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody wants to know of the measurements.

    Attributes:
        metric: id of the metric.
        subject: of whom; None for all subjects together.
        by: the dimension whose values are compared.
        first, second: the two values compared; None where all of them are.
        where: only calls at these values, one per dimension.
        control: what is held alike beyond settings, prompt and file.
    """

    metric: str
    subject: str | None
    by: str
    first: Setting | None = None
    second: Setting | None = None
    where: tuple[Setting, ...] = ()
    control: tuple[str, ...] = ()

    def whose(self) -> str:
        """Of whom, as a label names them."""
        if self.subject is not None:
            return quoted(self.subject)
        return "each subject" if self.by == "subject" else "all subjects"

    def words(self) -> str:
        """The question as a reader reads it."""
        whose = quoted(self.subject) if self.subject else "all subjects"
        asked = f"{metric_label(self.metric)} of {whose} by {quoted(self.by)}"
        if self.first and self.second:
            asked += f", {self.first.words()} against {self.second.words()}"
        if self.where:
            asked += f", at {' and '.join(each.words() for each in self.where)}"
        if self.control:
            asked += f", with {' and '.join(quoted(name) for name in self.control)} held alike"
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A question that means nothing here, and why."""

    asked: str
    reason: str


def settings_by_name(known: Catalogue) -> Mapping[str, Setting]:
    """Every value that can be compared, by the name that questions use."""
    return {
        name: Setting(dimension=each.name, level=each.levels[code])
        for each in known.dimensions.values()
        if each.compared
        for name, code in each.shown().items()
    }


def read_query(asked: Mapping[str, object], known: Catalogue) -> Query | Malformed:
    """A question out of the enumerations that it was chosen from.

    Args:
        asked: metric, subject, by, first, second, where, control, spelt as in the catalogue.
        known: what they were taken from.
    """
    settings = settings_by_name(known)
    by = str(asked["by"])
    subject = known.subjects.get(str(asked["subject"]))
    if subject is None and len(known.subjects) == 1:
        [subject] = known.subjects.values()
    named_where = asked["where"] if isinstance(asked["where"], list) else []
    held = asked["control"] if isinstance(asked["control"], list) else []
    where = {settings[str(name)].dimension: settings[str(name)] for name in named_where}
    query = Query(
        metric=str(asked["metric"]),
        subject=None if by == "subject" else subject,
        by=by,
        first=settings.get(str(asked["first"])),
        second=settings.get(str(asked["second"])),
        where=tuple(each for _, each in sorted(where.items())),
        # What the rules hold alike anyway needs no naming.
        control=tuple(sorted({str(name) for name in held} - {by, "prompt"})),
    )
    reason = _contradiction(query)
    return Malformed(asked=query.words(), reason=reason) if reason else query


def _contradiction(query: Query) -> str | None:
    pair = [each for each in (query.first, query.second) if each]
    strange = [each for each in pair if each.dimension != query.by]
    if strange:
        return f"it compares {quoted(query.by)} and names {strange[0].words()}"
    if len(pair) == 1:
        return f"it names one value to compare, {pair[0].words()}, and not the other"
    if query.first is not None and query.first == query.second:
        return f"it compares {query.first.words()} with itself"
    if any(each.dimension == query.by for each in query.where):
        return f"it holds {quoted(query.by)} at one value and compares its values"
    return None
