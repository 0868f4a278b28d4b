"""Agents side by side on one snapshot: what each told, in whose words, and what held.

The speed of a report's calls is shown as what it is, a note on how the report was made. It is no
benchmark, since the calls differ in length; `benchagent bench` measures models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from benchagent.agents.account import Analysis
from benchagent.agents.roster import Roster
from benchagent.calls.model_call import ModelCall, call_from_row
from benchagent.calls.settings import group_equal, setting_of_first
from benchagent.markdown_text import cell, code, escape, one_line
from benchagent.pipeline.kept import read_analysis, read_report
from benchagent.pipeline.partition import Partition
from benchagent.quantities.numbers import write_number
from benchagent.reporting.second_reading import overrule


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """One agent's report in a line.

    Attributes:
        told: ids of the findings told, in order.
        own: findings that no rule made and the agent brought up: by asking, linking, reading.
        refused: what it brought up and the code refused: questions that mean nothing, links that
            a test or common sense spoke against, quotes that do not bear what was read in them,
            columns whose numbers do not bear out what they were called.
        asked: requests that a server answered; replayed ones apart.
        setting: model and effective options; None where no server answered.
        decode_rate, ttft_ms: of the first request that was really made; None where none was.
    """

    agent: str
    label: str
    model: str | None
    tier: str
    told: tuple[str, ...]
    sentences_by_model: int
    sentences_by_code: int
    own: int
    refused: int
    claims: int
    claims_withheld: int
    broken_promises: tuple[str, ...]
    problem: str | None
    asked: int
    replayed: int
    output_tokens: int
    decode_rate: float | None
    ttft_ms: float | None
    setting: str | None
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All agents that have a report on a snapshot, and the pairs that scenarios name.

    Attributes:
        missing: agents of the roster without a report here.
    """

    snapshot: str
    rows: tuple[AgentRow, ...]
    missing: tuple[str, ...]
    scenarios: Mapping[str, tuple[str, str]]


COMPARISON = TypeAdapter(Comparison)


def compare_agents(partition: Partition, roster: Roster) -> Comparison:
    """Sets the reports that are there side by side, in the order of the roster."""
    # The record is written last: where it stands, the account and the Markdown do too.
    there = [agent for agent in roster.agents if partition.report_record(agent.slug).exists()]
    return Comparison(
        snapshot=partition.key,
        rows=tuple(_row(partition, agent.slug, agent.label, agent.model) for agent in there),
        missing=tuple(agent.slug for agent in roster.agents if agent not in there),
        scenarios=dict(roster.scenarios),
    )


def _row(partition: Partition, slug: str, label: str, model: str | None) -> AgentRow:
    kept, report = read_analysis(partition, slug), read_report(partition, slug)
    told = overrule(kept.analysis, report.reading.overruled).statements
    by_model = sum(said.author == "model" for said in told)
    calls = [call_from_row(row) for row in kept.calls]
    made = [call for call in calls if not call.replayed]
    first = _first_answer(made)
    return AgentRow(
        agent=slug,
        label=label,
        model=model,
        tier=kept.analysis.tier,
        told=tuple(said.finding for said in told),
        sentences_by_model=by_model,
        sentences_by_code=len(told) - by_model,
        own=len(kept.analysis.findings),
        refused=count_refused(kept.analysis),
        claims=len(report.citations),
        claims_withheld=sum(cited.problem is not None for cited in report.citations),
        broken_promises=report.broken_promises,
        problem=kept.analysis.problem,
        asked=len(made),
        replayed=len(calls) - len(made),
        output_tokens=sum(call.timings.output_tokens or 0 for call in made),
        decode_rate=first.timings.decode_rate if first else None,
        ttft_ms=first.timings.ttft_ms if first else None,
        setting=setting_of_first(calls),
        path=str(partition.report_path(slug)),
    )


def count_refused(analysis: Analysis) -> int:
    """What an agent brought up and the code refused, its sentences apart."""
    return (
        sum(each.outcome == "malformed" for each in analysis.asked)
        + sum(each.outcome == "refused" for each in analysis.links)
        + sum(each.refused is not None for each in analysis.quotes)
        + sum(each.refused is not None for each in analysis.columns)
        + sum(each.refused is not None for each in analysis.experiments)
    )


def _first_answer(calls: Sequence[ModelCall]) -> ModelCall | None:
    answered = [call for call in calls if call.outcome == "ok"]
    return answered[0] if answered else None


COLUMNS = ("Agent", "Findings", "Own", "Model", "Code", "Claims", "tok/s", "TTFT")
LEGEND = (
    "Findings told; those that the agent brought up itself, less what it brought up and was "
    "refused; sentences in the model's and in the code's words; claims whose cells were read "
    "again and held; decode rate and time to first token of the first call."
)


def cells_of(row: AgentRow) -> tuple[str, ...]:
    """The row as text, in the order of `COLUMNS`; an absent number is an empty cell."""
    held = row.claims - row.claims_withheld
    return (
        row.agent,
        str(len(row.told)),
        f"{row.own} less {row.refused}" if row.refused else str(row.own),
        str(row.sentences_by_model),
        str(row.sentences_by_code),
        f"{held} of {row.claims}" if row.claims_withheld else str(row.claims),
        "" if row.decode_rate is None else write_number(row.decode_rate, None),
        "" if row.ttft_ms is None else write_number(row.ttft_ms, "ms"),
    )


def warnings_of(row: AgentRow) -> list[str]:
    """What a reader of the row should know: a reply that was no use, promises not kept."""
    said = one_line(row.problem or "")
    problem = [f"its model's reply could not be used ({said})"] if said else []
    return [*problem, *row.broken_promises]


def describe_comparison(comparison: Comparison) -> str:
    """The comparison as Markdown; its first line says what the models added, if anything."""
    rows = {row.agent: row for row in comparison.rows}
    lines = [
        _what_models_add(comparison),
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---" * len(COLUMNS) + "|",
    ]
    lines += [f"| {' | '.join(map(cell, cells_of(row)))} |" for row in comparison.rows]
    lines += [
        "",
        *(
            f"- {code(row.agent)}: {escape(said)}"
            for row in comparison.rows
            for said in warnings_of(row)
        ),
    ]
    for name, (one, other) in comparison.scenarios.items():
        if one in rows and other in rows:
            lines += ["", f"**{code(name)}**: {_pair(rows[one], rows[other])}"]
    lines += [f"\n{said}" for said in say_equal_settings(comparison)]
    if comparison.missing:
        lines += ["", f"Without a report here: {', '.join(map(code, comparison.missing))}."]
    return "\n".join(lines)


def say_equal_settings(comparison: Comparison) -> list[str]:
    """A sentence for each group of agents whose options come to the same."""
    groups = group_equal({row.agent: row.setting for row in comparison.rows})
    return [
        f"Equal settings: {', '.join(map(code, names))} ran with the same effective options of the "
        "same model, whatever they asked for; no option explains a difference between them."
        for names in groups
    ]


def _what_models_add(comparison: Comparison) -> str:
    """What the agents found beyond the report without a model, or that they found nothing."""
    found = [
        f"{code(row.agent)} {row.own} ({row.refused} more refused)"
        for row in comparison.rows
        if row.own
    ]
    worded = [code(row.agent) for row in comparison.rows if row.sentences_by_model]
    words = f" Sentences of a model's own held in {', '.join(worded)}." if worded else ""
    if found:
        return f"Findings beyond the report without a model: {', '.join(found)}.{words}"
    return (
        "No model added a finding: the models chose and ordered what the code found."
        f"{words or ' All of it stands in the words of the code.'}"
    )


def _pair(one: AgentRow, other: AgentRow) -> str:
    if one.agent == other.agent:
        return f"{code(one.agent)} with itself; what differs between two runs is noise."
    both = len(set(one.told) & set(other.told))
    return (
        f"{code(one.agent)} tells {len(one.told)} findings, {code(other.agent)} "
        f"{len(other.told)}; {both} are told by both."
    )
