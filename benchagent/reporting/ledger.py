"""What the model did for a report and what the code did, counted."""

from collections.abc import Callable, Mapping

from benchagent.agents.account import Analysis
from benchagent.findings.finding import Finding
from benchagent.mappings.kept import Proposal
from benchagent.markdown_text import code
from benchagent.quantities.metrics import metric_label

Cite = Callable[[str, float, str], str]


def write_ledger(analysis: Analysis, cite: Cite) -> str:
    """The ledger as Markdown.

    Args:
        analysis: the account.
        cite: a reference to a new count: its label, value and unit.
    """
    lines: list[str] = []
    if analysis.problem:
        lines.append(f"> **The model's reply could not be used** ({code(analysis.problem)}).")
    if analysis.chosen_by == "code":
        lines.append("> The code chose, ordered and worded what follows.")
    else:
        chose = "The model chose and ordered the findings, their wording and the next steps"
        lines.append(f"> {chose} (tier {code(analysis.tier)}).")
    lines.append(f"> {_sentences(analysis, cite)}")
    if analysis.handed_by:
        count = cite("findings taken over", len(analysis.handed_findings), "findings")
        lines.append(f"> Findings taken over from {code(analysis.handed_by)}: {count}.")
    lines.append(f"> {_questions(analysis, cite)}")
    lines += [f"> {guard(said)}" for said in analysis.undone]
    return "\n".join(lines)


def guard(said: str) -> str:
    """What was left undone, with what a server said in it shown as it is."""
    before, colon, reason = said.rstrip(".").partition(": ")
    return f"{before}{colon}{code(reason)}." if colon else said


def _sentences(analysis: Analysis, cite: Cite) -> str:
    by_model = sum(said.author == "model" for said in analysis.statements)
    told = len(analysis.statements)
    rejected = sum(said.rejected is not None for said in analysis.statements)
    return (
        f"Findings chosen: {cite('findings chosen', told, 'findings')}; in the model's "
        f"words: {cite('sentences by the model', by_model, 'sentences')}; in the code's: "
        f"{cite('sentences by the code', told - by_model, 'sentences')}; sentences of the "
        f"model that did not hold: {cite('sentences rejected', rejected, 'sentences')}."
    )


def _questions(analysis: Analysis, cite: Cite) -> str:
    if analysis.tier != "write":
        return "Only models of tier `write` ask the measurements, link findings and read write-ups."
    asked = analysis.asked
    answered = sum(each.outcome not in ("malformed", "no-data") for each in asked)
    beyond = len({each.finding for each in asked if each.finding})
    quotes, links, columns = analysis.quotes, analysis.links, analysis.columns
    borne = sum(each.refused is None for each in columns)
    accepted = [each for each in quotes if each.refused is None]
    contradicted = sum(each.ruling == "contradicted" for each in quotes)
    experiments = analysis.experiments
    kept = sum(each.refused is None for each in experiments)
    significant = sum(each.outcome == "differs" for each in asked)
    return (
        f"Questions asked of the measurements: {cite('questions asked', len(asked), 'questions')}; "
        f"answered by data: {cite('questions answered', answered, 'questions')}; with a "
        f"difference found: {cite('questions with a difference', significant, 'questions')}; "
        "beyond what rules ask: "
        f"{cite('answers beyond the rules', beyond, 'findings')}. "
        f"Links between findings: {cite('links named', len(links), 'links')}; tested: "
        f"{cite('links tested', sum(each.tested for each in links), 'links')}; borne out: "
        f"{cite('links borne out', sum(each.outcome == 'kept' for each in links), 'links')}. "
        f"Quotes read in write-ups: {cite('quotes read', len(quotes), 'quotes')}; accepted: "
        f"{cite('quotes accepted', len(accepted), 'quotes')}; contradicted by the measurements: "
        f"{cite('quotes contradicted', contradicted, 'quotes')}. "
        f"Columns of unknown files named: {cite('columns named', len(columns), 'columns')}; borne "
        f"out by the numbers beside them, and proposed: "
        f"{cite('columns proposed', borne, 'columns')}. "
        f"Experiments proposed: {cite('experiments proposed', len(experiments), 'experiments')}; "
        f"not measured yet, and valid: {cite('experiments kept', kept, 'experiments')}."
    )


def write_questions(analysis: Analysis) -> str:
    """Every question that the agent asked, with its answer; empty where it asked none."""
    return "\n".join(f"- **{each.question}**: {each.answer}" for each in analysis.asked)


def write_quotes(analysis: Analysis) -> str:
    """Every quote that was accepted, with what the verifier says to it."""
    return "\n".join(
        f"- {code(each.quote)} ({code(each.place or '')}): {each.ruling}"
        for each in analysis.quotes
        if each.refused is None
    )


def write_proposals(analysis: Analysis) -> str:
    """Every reading of unknown files that a person is asked to accept."""
    return "\n".join(_write_proposal(each) for each in analysis.proposals)


def _write_proposal(proposal: Proposal) -> str:
    mapping = proposal.mapping
    held = [
        f"{code(each.column)} holds the {metric_label(each.metric)} in {code(each.unit)}"
        for each in mapping.columns
        if each.counts
    ]
    if mapping.subject:
        held.append(f"{code(mapping.subject)} names the subject")
    return (
        f"- Proposed for {code(proposal.path)} and files like it: {'; '.join(held)}. It keeps "
        f"{', '.join(map(code, mapping.identities))}. No figure here rests on it until a person "
        f"accepts it: {code(f'benchagent columns accept {mapping.name}')}"
    )


def write_experiments(analysis: Analysis, findings: Mapping[str, Finding]) -> str:
    """Every experiment that could be made, and what for."""
    return "\n".join(
        f"- For **{findings[each.finding].headline}**: {code(each.command)}"
        for each in analysis.experiments
        if each.refused is None and each.finding in findings
    )


def write_links(analysis: Analysis) -> str:
    """Every link that was tested, then the hypotheses, each with what would decide it."""
    lines = [
        f"- {each.text}: {each.reason}."
        for each in analysis.links
        if each.tested and each.outcome in ("kept", "refused")
    ]
    lines += [
        f"- Hypothesis, not tested: {each.text}. {each.experiment}."
        for each in analysis.links
        if each.outcome == "hypothesis"
    ]
    return "\n".join(lines)
