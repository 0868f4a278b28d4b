"""An agent's report on a snapshot: Markdown in which every figure is a link to its evidence.

The account comes first: the sections that the persona promises, told by the agent. What follows
is the same for every agent, and computed: files, tables, how the report was made, the evidence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from benchagent.agents.account import Statement
from benchagent.agents.persona import Contract
from benchagent.facts.fact import Fact
from benchagent.markdown_text import split_code
from benchagent.references import render_plain
from benchagent.reporting.citing import (
    Citation,
    find_cited,
    say_evidence,
    write_evidence,
    write_figures,
)
from benchagent.reporting.contract import check_contract, count_words
from benchagent.reporting.ledger import (
    write_experiments,
    write_links,
    write_proposals,
    write_questions,
    write_quotes,
)
from benchagent.reporting.second_reading import SecondReading
from benchagent.reporting.sections import Material, Section, build_section, tellable
from benchagent.reporting.templating import fill_template


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A written report and what is known of it.

    Attributes:
        account: its sections with the figures written out, as their promises are checked.
        told: ids of the findings that the account tells.
        evidence: what each row of the evidence table rests on, by its number, as plain text.
        reading: what a stranger's reading of it found.
    """

    markdown: str
    citations: tuple[Citation, ...]
    account: tuple[Section, ...]
    broken_promises: tuple[str, ...]
    told: tuple[str, ...]
    evidence: Mapping[int, str]
    reading: SecondReading = field(default_factory=SecondReading)

    def evidence_rows(self) -> Mapping[str, int]:
        """The row of the evidence table that each cited fact has: they stand in order of citation."""
        cited = dict.fromkeys(citation.fact for citation in self.citations)
        return {fact: row for row, fact in enumerate(cited, 1)}

    def body(self) -> str:
        """What it tells, down to the table of evidence that it rests on."""
        return self.markdown[: self.markdown.rfind("\n### Evidence\n")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What stands around an account, as Markdown with references in place of figures.

    Attributes:
        head: rows of the table under the title: date, agent, model, configuration, snapshot.
        ledger: what the model and the code each did.
        own: facts of this run itself (durations, tokens), which no artifact holds.
    """

    title: str
    head: Sequence[tuple[str, str]]
    ledger: str
    ingestion: str
    performance: str
    workflow: str
    own_calls: str
    persona: str
    own: Mapping[str, Fact]


def tell(contract: Contract, material: Material) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The account within the words promised, and the ids of the findings that it tells.

    Statements are taken in the agent's order for as long as they fit.
    """
    told: list[Statement] = []
    sections = _account(contract, material, told)

    @cache  # one more statement changes one or two of the sections
    def count(text: str) -> int:
        return count_words(_with_figures(text, material.facts))

    for title in contract.sections:
        for said in tellable(title, material):
            if said in told:
                continue
            longer = _account(contract, material, [*told, said])
            words = sum(count(each.text) for each in longer)
            if contract.max_words and words > contract.max_words:
                continue
            told, sections = [*told, said], longer
    return sections, tuple(said.finding for said in told)


def _account(
    contract: Contract, material: Material, told: Sequence[Statement]
) -> tuple[Section, ...]:
    titles = contract.sections or ("Executive summary", "Recommendations")
    return tuple(
        build_section(title, material, [said for said in told if said in tellable(title, material)])
        for title in titles
    )


def _with_figures(text: str, facts: Mapping[str, Fact]) -> str:
    """A section's text as a reader counts its words: with figures in place of references."""
    pieces = split_code(text)
    return "".join(part if is_code else render_plain(part, facts) for is_code, part in pieces)


def write_report(
    contract: Contract,
    material: Material,
    around: Surroundings,
    *,
    check: Callable[[Sequence[str]], Mapping[str, str | None]],
    places: Callable[[Fact], str],
) -> Report:
    """The whole report, once every fact that it cites has come out of the files again.

    Args:
        contract: what the persona promises of the account.
        material: the account and what it is an account of.
        around: the other sections.
        check: for each of these facts, None where it was found again, else the reason.
        places: where a fact comes from, as Markdown for one table cell.
    """
    account, told = tell(contract, material)
    written = tuple(
        replace(each, text=_with_figures(each.text, material.facts)) for each in account
    )
    facts = {**material.facts, **around.own}
    parts: dict[str, Any] = {
        "account": account,
        "around": around,
        "key_findings": _key_findings(material, told),
        "questions": write_questions(material.analysis),
        "links": write_links(material.analysis),
        "quotes": write_quotes(material.analysis),
        "proposals": write_proposals(material.analysis),
        "experiments": write_experiments(material.analysis, material.findings),
    }
    draft = fill_template("report.md.j2", **parts, evidence="", left_out="")
    cited = [id for id in dict.fromkeys(find_cited(draft)) if id in facts]
    problems = {**dict.fromkeys(around.own), **check([id for id in cited if id in material.facts])}
    numbers = {id: place for place, id in enumerate(cited, 1)}
    where = {id: places(facts[id]) for id in cited}
    text = fill_template(
        "report.md.j2",
        **parts,
        evidence=write_evidence(cited, facts, problems, where),
        left_out=_left_out(material),
    )
    markdown, citations = write_figures(text, facts, numbers, problems)
    return Report(
        markdown=markdown,
        citations=citations,
        account=written,
        broken_promises=check_contract(contract, written),
        told=told,
        evidence={
            number: say_evidence(facts[id], problems.get(id), where[id])
            for id, number in numbers.items()
        },
    )


def _key_findings(material: Material, told: Sequence[str]) -> str:
    """Every finding that the agent chose, in its order; those of the account by their headline."""
    lines: list[str] = []
    for said in material.analysis.statements:
        finding = material.findings[said.finding]
        told_above = said.finding in told
        text = "told above." if told_above else said.text
        lines.append(f"- **{finding.headline}** ({finding.severity}): {text}")
    return "\n".join(lines) or "None."


def _left_out(material: Material) -> str:
    analysis = material.analysis
    chosen = {said.finding for said in analysis.statements}
    rest = [id for id in material.findings if id not in chosen]
    reasons = {**dict.fromkeys(analysis.skipped, "the agent left it out")}
    reasons |= dict.fromkeys(analysis.unseen, "it did not fit into the prompt")
    low = f"it ranked too low to be {'told' if analysis.tier == 'none' else 'offered'}"
    lines = [f"- {material.findings[id].headline}: {reasons.get(id, low)}" for id in rest]
    return "\n".join(lines) or "Nothing: every finding is told."
