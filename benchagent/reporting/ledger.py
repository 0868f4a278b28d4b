"""What the model did for a report and what the code did, counted."""

from collections.abc import Callable

from benchagent.agents.account import Analysis
from benchagent.markdown_text import code

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
        return "Questions to the measurements are asked by models of tier `write` alone."
    asked = analysis.asked
    answered = sum(each.outcome not in ("malformed", "no-data") for each in asked)
    significant = sum(each.outcome == "differs" for each in asked)
    return (
        f"Questions asked of the measurements: {cite('questions asked', len(asked), 'questions')}; "
        f"answered by data: {cite('questions answered', answered, 'questions')}; with a "
        f"difference found: {cite('questions with a difference', significant, 'questions')}; "
        "beyond what rules ask: "
        f"{cite('answers beyond the rules', len(analysis.findings), 'findings')}."
    )


def write_questions(analysis: Analysis) -> str:
    """Every question that the agent asked, with its answer; empty where it asked none."""
    return "\n".join(f"- **{each.question}**: {each.answer}" for each in analysis.asked)
