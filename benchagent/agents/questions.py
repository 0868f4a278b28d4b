"""What a model is asked: prompts that the code fills in, and replies that can be read one way.

The findings come first in a prompt and the question last, so that a server's prompt cache serves
the second call. A reply chooses from enumerations; where it is to hold sentences, each is checked
by `verification` before anyone sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from benchagent.agents.account import Analysis, Statement
from benchagent.agents.prompting import (
    Question,
    Room,
    ask_what_fits,
    by_letter,
    fill,
    one_of,
    read_reply,
    reply_model,
)
from benchagent.agents.roster import Agent
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding
from benchagent.references import cited, render_plain
from benchagent.verification.guard.statements import LONGEST, Rejected, check_statement

WORDINGS = "abc"
# A 135M model fills twelve choices in about a hundred tokens; more dilutes what it can attend to.
MOST_CHOICES = {"select": 12, "write": 20}


def ask_for_choice(
    agent: Agent,
    findings: Sequence[Finding],
    facts: Mapping[str, Fact],
    *,
    tier: Literal["select", "write"],
    room: Room,
    colleague: tuple[Agent, Analysis] | None,
) -> Question:
    """The first call: which findings matter to this persona, and how they are worded.

    The prompt holds as many findings, by rank, as leave room for the reply within `room`.
    """
    wanted = findings[: MOST_CHOICES[tier]]

    def ask(offered: tuple[Finding, ...]) -> Question:
        return _choice_question(offered, facts, colleague, brief=tier == "select")

    question = ask_what_fits(agent, wanted, room, ask, fewest=2) or ask(tuple(wanted[:1]))
    unseen = tuple(finding.id for finding in wanted[len(question.offered) :])
    return question._replace(unseen=unseen)


def _choice_question(
    offered: tuple[Finding, ...],
    facts: Mapping[str, Fact],
    colleague: tuple[Agent, Analysis] | None,
    *,
    brief: bool,
) -> Question:
    """The question; where brief, findings by their headline, since a small model reads no more."""
    lettered = by_letter(offered)
    lines = [
        f"{letter}. [{finding.severity}] "
        + (finding.headline if brief else render_plain(finding.sentences[0], facts))
        for letter, finding in lettered.items()
    ]
    among = one_of(list(lettered))
    fields: dict[str, object] = {
        letter: one_of(_choices(finding)) for letter, finding in lettered.items()
    }
    fields["headline"] = among
    fields["next"] = Annotated[list[among], Field(min_length=1, max_length=3)]
    prompt = fill(
        "select.md", findings="\n".join(lines), colleague=_colleague_says(colleague, offered)
    )
    return Question(prompt, reply_model(fields), 24 + 9 * len(offered), offered)


def _choices(finding: Finding) -> list[str]:
    """Importance and wording; a problem cannot be left out."""
    wordings = WORDINGS[: len(finding.sentences)]
    choices = [f"{weight}{letter}" for weight in (3, 2, 1) for letter in wordings]
    return choices if finding.severity == "problem" else [*choices, "0"]


def _colleague_says(colleague: tuple[Agent, Analysis] | None, offered: Sequence[Finding]) -> str:
    if colleague is None:
        return ""
    agent, analysis = colleague
    letters = {finding.id: letter for letter, finding in by_letter(offered).items()}
    told = [letters[said.finding] for said in analysis.statements if said.finding in letters]
    return f"\nYour colleague, the {agent.label}, told these, in this order: {', '.join(told)}.\n"


def read_choice(question: Question, text: str, agent: Agent, snapshot: str) -> Analysis:
    """The model's choice as an analysis in the code's wordings."""
    reply = read_reply(question, text)
    lettered = question.by_letter()
    statements: list[Statement] = []
    skipped: list[str] = []
    for letter, finding in lettered.items():
        choice = str(reply[letter])
        if choice == "0":
            skipped.append(finding.id)
            continue
        wording = finding.sentences[WORDINGS.index(choice[1])]
        statements.append(
            Statement(finding=finding.id, text=wording, importance=int(choice[0]), author="code")
        )
    statements.sort(key=lambda said: -said.importance)
    chosen = reply["next"]
    steps = [lettered[str(letter)].id for letter in chosen] if isinstance(chosen, list) else []
    # A report cannot open with what its agent left out.
    told = [said.finding for said in statements]
    headline = lettered[str(reply["headline"])].id
    return Analysis(
        agent=agent.slug,
        snapshot=snapshot,
        tier="select",
        statements=tuple(statements),
        headline=headline if headline in told else next(iter(told), None),
        chosen_by="model",
        next_steps=tuple(dict.fromkeys(steps)),
        skipped=tuple(skipped),
    )


def ask_for_words(
    agent: Agent,
    analysis: Analysis,
    findings: Mapping[str, Finding],
    facts: Mapping[str, Fact],
    *,
    room: Room,
) -> Question:
    """The second call: the chosen findings in the model's own words, figures as references."""
    wanted = tuple(findings[said.finding] for said in analysis.statements)

    def ask(offered: tuple[Finding, ...]) -> Question:
        return _words_question(offered, facts)

    return ask_what_fits(agent, wanted, room, ask, fewest=2) or ask(wanted[:1])


def _words_question(offered: tuple[Finding, ...], facts: Mapping[str, Fact]) -> Question:
    blocks: list[str] = []
    for letter, finding in by_letter(offered).items():
        names = reference_names(letter, finding)
        figures = [
            f"   {{{name}}} = {facts[fact].label}: {render_plain('{' + fact + '}', facts)}"
            for name, fact in names.items()
        ]
        sentence = render_plain(finding.sentences[0], facts)
        blocks.append("\n".join([f"{letter}. [{finding.severity}] {sentence}", *figures]))
    text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
    fields: dict[str, object] = dict.fromkeys(by_letter(offered), text)
    fields["summary"] = text
    prompt = fill("write.md", findings="\n".join(blocks), colleague="", example="{a1}")
    return Question(prompt, reply_model(fields), 120 + 110 * len(offered), offered)


def reference_names(letter: str, finding: Finding) -> dict[str, str]:
    """The short names under which a prompt offers a finding's facts: `a1` for the first of A."""
    return {f"{letter.lower()}{place}": fact for place, fact in enumerate(finding.facts, 1)}


def read_words(
    question: Question, text: str, analysis: Analysis, facts: Mapping[str, Fact]
) -> Analysis:
    """The analysis with each of the model's sentences that held; the others stay the code's."""
    reply = read_reply(question, text)
    offered = {finding.id: (letter, finding) for letter, finding in question.by_letter().items()}
    told: list[Statement] = []
    for said in analysis.statements:
        if said.finding not in offered:
            told.append(said)
            continue
        letter, finding = offered[said.finding]
        before = [other.text for other in told]
        checked = check_statement(
            str(reply[letter]), [finding], reference_names(letter, finding), facts, before
        )
        if not isinstance(checked, Rejected) and finding.facts and not any(cited(checked.text)):
            checked = Rejected(reason="it gives none of the finding's figures")
        if isinstance(checked, Rejected):
            told.append(replace(said, rejected=checked.reason))
        else:
            told.append(replace(said, text=checked.text, author="model"))
    every_name = {
        name: fact
        for letter, finding in offered.values()
        for name, fact in reference_names(letter, finding).items()
    }
    summary = check_statement(
        str(reply["summary"]),
        question.offered,
        every_name,
        facts,
        [said.text for said in told],
    )
    held = not isinstance(summary, Rejected)
    return replace(
        analysis,
        tier="write",
        statements=tuple(told),
        summary=summary.text if held else None,
        summary_rejected=None if held else summary.reason,
    )
