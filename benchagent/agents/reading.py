"""An agent reads the write-ups: what they say was measured, held against what was.

The model only points: at a quote, at whom it speaks of and at which metric. The quote has to occur
in a file, the number in the quote, and the file has to name the subject and the metric there; then
the verifier judges it. A number is said to be wrong only where nothing measured comes near it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from benchagent.agents.account import Contributions, Quote
from benchagent.agents.prompting import Question, Room, fill, fits, one_of, read_reply, reply_model
from benchagent.agents.roster import Agent
from benchagent.agents.sources import Sources
from benchagent.facts.derivations.counted_once.samples import Group, group_of, select_samples
from benchagent.facts.derivations.descriptions.statistics import describe_by
from benchagent.facts.fact import Fact, vary
from benchagent.findings.finding import Draft, Finding, NextStep, conclude
from benchagent.findings.rules.phrases import count_of_samples, value
from benchagent.inquiries.dimensions import safe_name
from benchagent.measurements.artifact_text import Unreadable, decode_text
from benchagent.privacy import hide_homes
from benchagent.quantities.metrics import METRICS, metric_label
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure, find_figures
from benchagent.verification.text.terms import find_metrics
from benchagent.verification.text.units import spell_unit
from benchagent.verification.verify import verify_report
from benchagent.wording import quoted

MOST_CLAIMS = 6
MOST_LINES = 30
LONGEST_LINE = 240
LONGEST_QUOTE = 160
TOKENS_EACH = 100
# How far from every measured value a number has to be before it is called wrong.
FAR = 1.5
_RANK = 90.0
_TABLE_OR_FENCE = re.compile(r"\s*(\||```|~~~)")
_NAME = re.compile(r"[^a-z0-9]+")


class Line(NamedTuple):
    """A line of a write-up, with what it stands under: its heading and the lines just above."""

    path: str
    number: int
    text: str
    above: str


def find_lines(sources: Sources) -> tuple[Line, ...]:
    """The lines of prose that state a number with a unit or name a metric beside one."""
    found: list[Line] = []
    for row in sources.evidence.files.to_pylist():
        if row["kind"] == "md" and row.get("sha256") and not row["duplicate_of"]:
            text = decode_text(sources.read_bytes(row["sha256"]))
            if not isinstance(text, Unreadable):
                found += _lines_of(row["path"], hide_homes(text))
    return tuple(found)


def _lines_of(path: str, text: str) -> Iterator[Line]:
    heading, paragraph, fenced = "", "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced or _TABLE_OR_FENCE.match(line):
            continue
        if line.startswith("#"):
            heading, paragraph = line, ""
            continue
        figures = [each for each in find_figures(line) if each.unit and each.known_unit()]
        if figures and len(line) <= LONGEST_LINE:
            yield Line(path, number, line.strip(), f"{heading}\n{paragraph}")
        paragraph = f"{paragraph}\n{line}" if line.strip() else ""


def ask_for_claims(
    agent: Agent, lines: Sequence[Line], subjects: Sequence[str], *, room: Room
) -> Question | None:
    """The question what the lines say; with as many of them as the context has room for."""
    for most in (MOST_CLAIMS, 3, 1):
        for share in (1.0, 0.5, 0.25, 0.1):
            shown = lines[: max(1, round(share * min(len(lines), MOST_LINES)))]
            question = _question(shown, subjects, most)
            if fits(agent, question, room):
                unseen = tuple(f"{line.path}:{line.number}" for line in lines[len(shown) :])
                return question._replace(unseen=unseen)
    return None


def _question(lines: Sequence[Line], subjects: Sequence[str], most: int) -> Question:
    # Characters that end a line or hide in it would let a file speak outside of its quotation.
    shown = [f"- {safe_name(line.text).replace('`', '')}" for line in lines]
    named = [safe_name(name) for name in subjects]
    prompt = fill(
        "read.md",
        lines="\n".join(shown),
        subjects=", ".join(f"`{name}`" for name in named),
        metrics=", ".join(READABLE),
    )
    claim = reply_model(
        {
            "a_quote": Annotated[str, Field(min_length=3, max_length=LONGEST_QUOTE)],
            "b_subject": one_of(named),
            "c_metric": one_of(READABLE),
            "d_value": Annotated[str, Field(pattern=r"^[0-9]{1,9}([.][0-9]{1,6})?$")],
        },
        "Claim",
    )
    reply = reply_model({"claims": Annotated[list[claim], Field(max_length=most)]})
    return Question(prompt, reply, 16 + TOKENS_EACH * most)


# What write-ups speak of; a metric that a snapshot lacks is judged as unsupported.
READABLE = tuple(
    name
    for name, metric in METRICS.items()
    if metric.unit in ("ms", "tok/s", "req/s") and name not in ("duration", "itl")
)


def read_claims(
    question: Question,
    text: str,
    lines: Sequence[Line],
    subjects: Sequence[str],
    sources: Sources,
) -> Contributions:
    """The model's claims, each accepted or refused, and the accepted ones judged."""
    names = {safe_name(name): name for name in subjects}
    quotes: list[Quote] = []
    wrong: dict[str, tuple[Finding, tuple[Fact, ...]]] = {}
    for claim in read_reply(question, text)["claims"]:
        quote = " ".join(str(claim["a_quote"]).split())
        subject, metric = names[str(claim["b_subject"])], str(claim["c_metric"])
        at = _accept(quote, subject, metric, str(claim["d_value"]), lines)
        if isinstance(at, str):
            quotes.append(Quote(quote=quote, subject=subject, metric=metric, refused=at))
            continue
        line, figure = at
        ruling, reason = _judge(subject, metric, figure, quote, sources.knowledge())
        found = _measured_otherwise(sources, line, quote, subject, metric, figure)
        if ruling != "supported" and found is not None:
            wrong[found[0].id] = found
            ruling = "contradicted"
        elif ruling == "contradicted":
            ruling = "unsupported"
        quotes.append(
            Quote(
                quote=quote,
                subject=subject,
                metric=metric,
                place=f"{line.path}:{line.number}",
                ruling=ruling,
                reason=reason,
                finding=found[0].id if found is not None and ruling == "contradicted" else None,
            )
        )
    facts = {fact.id: fact for _, cited in wrong.values() for fact in cited}
    return Contributions(
        quotes=tuple({(each.quote, each.metric): each for each in quotes}.values()),
        findings=tuple(finding for finding, _ in wrong.values()),
        facts=tuple(facts.values()),
    )


def _accept(
    quote: str, subject: str, metric: str, written: str, lines: Sequence[Line]
) -> tuple[Line, Figure] | str:
    """The line that holds the quote and the number in it, or why the claim is refused."""
    line = next((each for each in lines if quote in " ".join(each.text.split())), None)
    if line is None:
        return "no write-up says so"
    figures = [each for each in find_figures(quote) if each.value == float(written)]
    if len(figures) != 1:
        return "the number is not in the quote"
    unit = spell_unit(figures[0].unit) if figures[0].unit else None
    if unit is None or unit.canonical != METRICS[metric].unit:
        return "the quote gives the number no unit of that metric"
    if not _names(subject, line):
        return "the file does not name that subject there"
    spoken = find_metrics(quote) or find_metrics(line.text)
    meant = {name for word in spoken for name in word.meaning}
    if metric not in meant and not (metric == "decode_rate" and not meant):
        return "the file does not name that metric there"
    return line, figures[0]


def _names(subject: str, line: Line) -> bool:
    """Whether the subject, and no longer name, stands in the line or just above it."""
    wanted = _NAME.sub(" ", subject.lower().removesuffix(":latest")).strip()
    for text in (line.text, line.above):
        plain = f" {_NAME.sub(' ', text.lower())} "
        if f" {wanted} " in plain:
            return True
    return False


def _judge(
    subject: str, metric: str, figure: Figure, quote: str, knowledge: Knowledge
) -> tuple[str, str]:
    """What the verifier says to the claim as a plain sentence."""
    written = quote[figure.start : figure.end]
    sentence = f"The {metric_label(metric)} of `{subject}` was {written}."
    place = sentence.rindex(written)
    for judged in verify_report(sentence, knowledge):
        if judged.claim.start <= place < judged.claim.end and judged.claim.kind == "metric":
            return judged.verdict.ruling, judged.verdict.reason
    return "unsupported", "the verifier finds no claim in it"


def _measured_otherwise(
    sources: Sources, line: Line, quote: str, subject: str, metric: str, figure: Figure
) -> tuple[Finding, tuple[Fact, ...]] | None:
    """The finding that nothing measured comes near; None where something does, or nothing was."""
    stated = figure.known_unit()
    frame = select_samples(sources.evidence).frame
    frame = frame.take(
        frame.has("subject", subject)
        & frame.has("metric", metric)
        & frame.has("statistic", "value")
    )
    if stated is None or not len(frame):
        return None
    said = figure.value * 10.0**stated.exponent * stated.factor
    if not (said > FAR * frame.values.max() or said * FAR < frame.values.min()):
        return None
    key: Mapping[str, str | None] = {
        **dict.fromkeys(("series", "workload", "definition", "phase")),
        "benchmark": frame.cells("benchmark")[0],
        "subject": subject,
        "metric": metric,
        "unit": frame.cells("unit")[0],
        "statistic": "value",
    }
    group = group_of(frame, np.arange(len(frame)), key)
    low, high = (_extreme(group, method) for method in ("minimum", "maximum"))
    where, whose = quoted(line.path), f"{metric_label(metric)} of {quoted(subject)}"
    draft = Draft(
        severity="warning",
        headline=f"{where} states a {whose} that nothing measured comes near",
        sentences=(
            (
                f"{where} says {quoted(quote)}, but each of the {count_of_samples(low)} values of "
                f"{whose} lies between {value(low)} and {value(high)}."
            ),
            (
                f"Every one of the {count_of_samples(low)} values of {whose} lies between "
                f"{value(low)} and {value(high)}, while {where} says {quoted(quote)}."
            ),
        ),
        next_step=NextStep(text=f"Correct {where}, its unit first"),
    )
    return conclude(draft, rule="read", topic="quality", rank=_RANK), (low, high)


def _extreme(group: Group, method: str) -> Fact:
    fact = describe_by(method if group.n > 1 else "value", group, "inquiry", "{}")
    metric, subject = group.key["metric"] or "", group.key["subject"] or ""
    named = f"{method} {metric_label(metric)} of {quoted(subject)}, over all its calls"
    return vary(fact, label=named, statistic=f"{method}-of-all", config=None)
