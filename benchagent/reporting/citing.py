"""The figures of a report: references turned into links, and the table of evidence they lead to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchagent.facts.fact import Fact
from benchagent.markdown_text import cell, code, guarded, split_code
from benchagent.references import REFERENCE, write_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A figure as a report prints it, and the fact that it stands for.

    Attributes:
        line: 1-based line of the report.
        start, end: 0-based half-open code-point offsets of the figure in the report.
        problem: why the figure was withheld; None where the files gave it again.
    """

    fact: str
    part: str | None
    figure: str
    line: int
    start: int
    end: int
    problem: str | None = None


def find_cited(text: str) -> Iterator[str]:
    """The facts referred to; what looks like a reference in a file's name is a name."""
    for is_code, part in split_code(text):
        yield from () if is_code else (found[1] for found in REFERENCE.finditer(part))


def write_evidence(
    cited: Sequence[str],
    facts: Mapping[str, Fact],
    problems: Mapping[str, str | None],
    where: Mapping[str, str],
) -> str:
    """The table of evidence: a row for each fact, with where it comes from.

    Args:
        cited: ids, in the order of their rows.
        facts: by id.
        problems: why a fact is withheld, if it is.
        where: the places of each, as Markdown for one table cell.
    """
    rows = ["| | What | Value | n | 95 % interval | Where |", "|---|---|---|---|---|---|"]
    for number, id in enumerate(cited, 1):
        fact = facts[id]
        problem = problems.get(id)
        value = write_figure(fact) if problem is None else f"withheld: {code(problem)}"
        whole = problem is None
        interval = write_figure(fact, "interval") if whole and fact.ci_low is not None else "none"
        n = write_figure(fact, "n") if whole and fact.n is not None else "none"
        rows.append(
            f'| <a id="e{number}"></a>{number} | {cell(guarded(fact.label))} | {cell(value)} | {n} | '
            f"{interval} | {where[id]} |"
        )
    return "\n".join(rows)


def say_evidence(fact: Fact, problem: str | None, where: str) -> str:
    """A row of the table of evidence as plain text."""
    if problem is not None:
        return f"{fact.label}: withheld, {problem}".replace("`", "")
    n = f" (n = {write_figure(fact, 'n')})" if fact.n is not None else ""
    said = f"{fact.label}: {write_figure(fact)}{n}; {where}"
    return said.replace("`", "").replace("\\|", "|")


def write_figures(
    text: str,
    facts: Mapping[str, Fact],
    numbers: Mapping[str, int],
    problems: Mapping[str, str | None],
) -> tuple[str, tuple[Citation, ...]]:
    """The report with each reference as a linked figure, and where each figure stands.

    Args:
        text: with references.
        facts: by id.
        numbers: the row of the table of evidence that each has.
        problems: why a fact is withheld, if it is.
    """
    markdown = ""
    citations: list[Citation] = []
    for is_code, part in split_code(text):
        done = 0
        for found in () if is_code else REFERENCE.finditer(part):
            id, piece = found[1], found[2]
            if id not in numbers:
                continue
            markdown += part[done : found.start()] + "["
            problem = problems.get(id)
            figure = "withheld" if problem else write_figure(facts[id], piece)
            start, end = len(markdown), len(markdown) + len(figure)
            citations.append(
                Citation(
                    fact=id,
                    part=piece,
                    figure=figure,
                    line=0,
                    start=start,
                    end=end,
                    problem=problem,
                )
            )
            markdown += f"{figure}](#e{numbers[id]})"
            done = found.end()
        markdown += part[done:]
    return markdown, tuple(
        replace(found, line=markdown.count("\n", 0, found.start) + 1) for found in citations
    )
