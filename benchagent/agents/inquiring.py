"""An agent's questions to the measurements: how they are asked for, and what comes of the answers.

The model sees what was measured and what rules found, not the numbers: what it asks is not chosen
by the answer. Metric, subject and values are enumerations that the code wrote.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from benchagent.agents.account import Asked, Contributions
from benchagent.agents.prompting import (
    MOST_FINDINGS,
    Question,
    Room,
    fill,
    fits,
    list_headlines,
    one_of,
    read_reply,
    reply_model,
)
from benchagent.agents.roster import Agent
from benchagent.findings.finding import Finding
from benchagent.inquiries.answer import ASKED_BY_RULES
from benchagent.inquiries.answering import answer_all
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.query import ALL, Malformed, Query, read_query, settings_by_name
from benchagent.inquiries.telling import find_in, tell_answer
from benchagent.wording import quoted

MOST_QUESTIONS = 5
MOST_SETTINGS = 60
# A question takes some 80 tokens with its keys; long names take more.
TOKENS_EACH = 110


def ask_for_questions(
    agent: Agent, findings: Sequence[Finding], known: Catalogue, *, room: Room
) -> Question | None:
    """The question for questions: as many, and with as many findings, as the context has room for.

    None where there is nothing to ask about, or no room for a single question.
    """
    offered = tuple(findings[:MOST_FINDINGS])
    if not settings_by_name(known):
        return None
    for most in range(MOST_QUESTIONS, 0, -2):
        for count in (len(offered), len(offered) // 2, 0):
            question = _question(known, offered[:count], most)
            if fits(agent, question, room):
                unseen = tuple(finding.id for finding in offered[count:])
                return question._replace(unseen=unseen)
    return None


def _question(known: Catalogue, offered: tuple[Finding, ...], most: int) -> Question:
    compared, left_open = _by_rules(known)
    prompt = fill(
        "ask.md",
        findings=list_headlines(offered) or "(none shown)",
        metrics=", ".join(f"`{name}`" for name in known.metrics),
        subjects=", ".join(f"`{name}`" for name in known.subjects),
        open=_list_dimensions(left_open),
        compared=_list_dimensions(compared),
        most=str(most),
    )
    return Question(prompt, _reply(known, most), 16 + TOKENS_EACH * most, offered)


def _by_rules(known: Catalogue) -> tuple[list[Dimension], list[Dimension]]:
    """The dimensions by which rules compare every snapshot, and the others."""
    kinds = [each for each in known.dimensions.values() if each.kind in ASKED_BY_RULES]
    return kinds, [each for each in known.dimensions.values() if each not in kinds]


def _list_dimensions(dimensions: Sequence[Dimension]) -> str:
    lines = [
        f"- {quoted(each.name)} ({each.meaning}): "
        + (", ".join(f"`{name}`" for name in each.shown()) if each.compared else "many")
        for each in dimensions
    ]
    return "\n".join(lines) or "(none)"


def _reply(known: Catalogue, most: int) -> Any:
    """The form of the answer; its keys are in the order of the alphabet, as some servers sort them."""
    settings = list(settings_by_name(known))[:MOST_SETTINGS]
    # What a model reads first, it takes first.
    every = [each for dimensions in reversed(_by_rules(known)) for each in dimensions]
    compared = [each.name for each in every if each.compared]
    either = one_of([ALL, *settings])
    asked = reply_model(
        {
            "a_metric": one_of(known.metrics),
            "b_subject": one_of([ALL, *known.subjects]),
            "c_by": one_of(compared),
            "d_first": either,
            "e_second": either,
            "f_where": Annotated[list[one_of(settings)], Field(max_length=2)],
            "g_control": Annotated[list[one_of(list(known.dimensions))], Field(max_length=2)],
        },
        "Asked",
    )
    return reply_model({"questions": Annotated[list[asked], Field(max_length=most)]})


def read_questions(question: Question, text: str, known: Catalogue) -> Contributions:
    """The model's questions with their answers."""
    asked: list[Query | Malformed] = [
        read_query({key[2:]: field for key, field in each.items()}, known)
        for each in read_reply(question, text)["questions"]
    ]
    answers = answer_all([each for each in asked if isinstance(each, Query)], known)
    findings = {answer.query: find_in(answer) for answer in answers}
    told = [
        Asked(
            question=answer.query.words(),
            outcome=answer.outcome,
            answer=tell_answer(answer),
            finding=found.id if (found := findings[answer.query]) else None,
            asked_by_rules=answer.asked_by_rules,
        )
        for answer in answers
    ]
    told += [
        Asked(question=each.asked, outcome="malformed", answer=f"It means nothing: {each.reason}.")
        for each in asked
        if isinstance(each, Malformed)
    ]
    facts = {fact.id: fact for answer in answers for fact in answer.facts}
    return Contributions(
        asked=tuple(told),
        findings=tuple(
            {found.id: found for found in findings.values() if found is not None}.values()
        ),
        facts=tuple(facts.values()),
    )
