"""The parts of a report that an agent answers for, one builder a section.

A persona's contract names its sections; a section is built from the agent's account and from
facts, never from free text. All that a builder returns is Markdown with references in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchagent.agents.account import Analysis, Statement
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding
from benchagent.inventory.roots import ROOT_NAMES
from benchagent.markdown_text import cell, code
from benchagent.references import REFERENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What sections are made of: one agent's account, and everything that it is an account of."""

    analysis: Analysis
    findings: Mapping[str, Finding]
    facts: Mapping[str, Fact]
    missing_roots: tuple[str, ...]
    recommendations: int = 3

    def count(self, what: str, of: str | None = None) -> Fact | None:
        """The fact that counts this (`files`, `files-of-kind`), of that kind or root."""
        found = [
            fact
            for fact in self.facts.values()
            if fact.kind == "count" and fact.statistic == what and fact.of == of
        ]
        return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its Markdown, with references in place of figures."""

    title: str
    text: str


def _executive_summary(material: Material, statements: Sequence[Statement]) -> str:
    analysis = material.analysis
    paragraphs: list[str] = []
    if analysis.headline:
        paragraphs.append(f"**{material.findings[analysis.headline].headline}.**")
    if analysis.summary:
        paragraphs.append(analysis.summary)
    paragraphs += [bold_figures(said.text) for said in statements]
    return "\n\n".join(paragraphs) or "Nothing was found that is worth telling."


def _recommendations(material: Material, statements: Sequence[Statement]) -> str:
    steps: list[str] = []
    chosen = list(material.analysis.next_steps)
    # The agent's own choice first; the code's ranking fills up what the persona promises.
    chosen += [said.finding for said in material.analysis.statements if said.finding not in chosen]
    for id in chosen[: material.recommendations]:
        finding = material.findings[id]
        command = finding.next_step.command
        step = f"**{finding.headline}.** {finding.next_step.text}"
        step += f": {code(command)}" if command else "."
        if step not in steps:
            steps.append(step)
    numbered = [f"{place}. {step}" for place, step in enumerate(steps, 1)]
    return "\n".join(numbered) or "No finding calls for a next step."


def _risks(material: Material, statements: Sequence[Statement]) -> str:
    ranked = sorted(
        (material.findings[said.finding] for said in material.analysis.statements),
        key=lambda finding: ("problem", "warning", "result", "context").index(finding.severity),
    )
    rows = [
        f"| {cell(finding.headline)} ({finding.severity}) | {cell(finding.next_step.text)} |"
        for finding in ranked[:3]
    ]
    return "\n".join(["| Risk | Mitigation |", "|---|---|", *rows])


def _directory_coverage(material: Material, statements: Sequence[Statement]) -> str:
    lines: list[str] = []
    for root in ROOT_NAMES:
        counted = material.count("files-in-root", root)
        if root in material.missing_roots:
            lines.append(f"- {code(root + '/')} is missing")
        elif counted:
            lines.append(f"- {code(root + '/')}: {{{counted.id}}}")
    total = material.count("files")
    return "\n".join([*lines, *([f"- In all: {{{total.id}}}"] if total else [])])


def _files_by_type(material: Material, statements: Sequence[Statement]) -> str:
    lines: list[str] = []
    for kind, name in (("md", "Markdown"), ("csv", "CSV"), ("json", "JSON"), ("other", "Other")):
        counted = material.count("files-of-kind", kind)
        if counted:
            lines.append(f"- {name}: {{{counted.id}}}")
    latest = [fact for fact in material.facts.values() if fact.kind == "time"]
    lines += [f"- Latest modification: {{{fact.id}}}" for fact in latest]
    return "\n".join(lines)


def _gaps(material: Material, statements: Sequence[Statement]) -> str:
    return "\n".join(f"- {said.text}" for said in statements) or "- None was found."


Builder = Callable[[Material, Sequence[Statement]], str]

SECTIONS: Mapping[str, Builder] = {
    "Executive summary": _executive_summary,
    "Recommendations": _recommendations,
    "Risks and mitigations": _risks,
    "Directory coverage": _directory_coverage,
    "Files by type": _files_by_type,
    "Gaps": _gaps,
}
# Of these topics are the findings that `Gaps` tells; the executive summary tells all.
GAP_TOPICS = frozenset(["coverage", "quality", "method"])


def build_section(title: str, material: Material, statements: Sequence[Statement]) -> Section:
    """One section of an account, telling those statements where it tells any."""
    return Section(title=title, text=SECTIONS[title](material, statements))


def tellable(title: str, material: Material) -> list[Statement]:
    """The statements that a section could tell, in the agent's order."""
    if title == "Executive summary":
        return list(material.analysis.statements)
    if title == "Gaps":
        return [
            said
            for said in material.analysis.statements
            if material.findings[said.finding].topic in GAP_TOPICS
        ]
    return []


def bold_figures(text: str) -> str:
    """The sentence with its references set in bold, as the insight persona asks."""
    return REFERENCE.sub(r"**\g<0>**", text)
