"""What an agent tells of a snapshot: which findings, in which order, in whose words."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from benchagent.agents.roster import Agent
from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding
from benchagent.mappings.kept import Proposal

Author = Literal["model", "code"]
# A reader of twenty findings has seen the range; the others are listed as left out.
MOST_TOLD = 20
Tier = Literal["none", "select", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One finding as a reader is told it.

    Attributes:
        text: with references in place of figures, as in `Finding.sentences`.
        importance: 3 leads, 1 is a mention.
        author: who wrote `text`; who chose the wording does not count.
        rejected: why the model's own sentence was replaced, where it was.
    """

    finding: str
    text: str
    importance: int
    author: Author
    rejected: str | None = None


AskedOutcome = Literal[
    "differs", "no-difference", "too-few", "not-comparable", "no-data", "malformed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that the agent put to the measurements, and what they say.

    Attributes:
        question: in words, names in backticks.
        answer: a sentence of the code, with references in place of figures.
        finding: the finding that it became, where it says what no rule looks for.
        asked_by_rules: the rules ask it of every snapshot, so its answer is nobody's discovery.
    """

    question: str
    outcome: AskedOutcome
    answer: str
    finding: str | None = None
    asked_by_rules: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How an agent thinks that two findings hang together, and what became of it.

    Attributes:
        text: the link in words.
        outcome: `kept` where a test bore it out, `hypothesis` where none could be made, `refused`.
        reason: what the test said, or why there was none.
        tested: whether the code could test it.
        finding: the finding that it became.
        experiment: what would decide a hypothesis.
    """

    kind: str
    text: str
    outcome: str
    reason: str | None = None
    tested: bool = False
    finding: str | None = None
    experiment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What an agent says that a write-up says, and whether it does.

    Attributes:
        place: file and line; None where the claim was refused.
        refused: why it was refused; None where it was accepted.
        ruling: what the verifier says to it: `supported`, `contradicted`, `unsupported`.
        reason: why, in the verifier's words.
        finding: the finding that it became, where nothing measured comes near it.
    """

    quote: str
    subject: str
    metric: str
    place: str | None = None
    refused: str | None = None
    ruling: str | None = None
    reason: str | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColumn:
    """What an agent says that a column of a file of no known format holds.

    Attributes:
        path: a file that has it.
        refused: why its numbers do not bear that out; None where they do.
        mapping: the proposal that it is part of.
    """

    path: str
    column: str
    metric: str
    unit: str
    mapping: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What an agent would measure next.

    Attributes:
        command: as `benchagent bench` takes it.
        finding: the finding that it would settle or carry on.
        refused: why it is not proposed to the reader; None where it is.
    """

    command: str
    finding: str
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """What an agent found itself, beyond the findings that it was given.

    Attributes:
        asked: what the agent asked of the measurements.
        quotes: what it read in write-ups.
        columns: what it says that columns of unknown files hold.
        proposals: what of that a person is asked to accept; no fact rests on it.
        links: how it thinks that findings hang together.
        experiments: what it would measure next.
        findings, facts: what came of all this, beside those of the snapshot.
        undone: what the agent could not be asked, and why, a sentence each.
    """

    asked: tuple[Asked, ...] = ()
    quotes: tuple[Quote, ...] = ()
    columns: tuple[NamedColumn, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    links: tuple[Link, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact, ...] = ()
    undone: tuple[str, ...] = ()

    def joined(self, more: "Contributions") -> "Contributions":
        """These contributions, followed by more."""
        mine, theirs = self.contributed(), more.contributed()
        return Contributions(**{name: mine[name] + theirs[name] for name in mine})

    def contributed(self) -> dict[str, Any]:
        """Every field by its name; each is a tuple."""
        return {each.name: getattr(self, each.name) for each in fields(Contributions)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis(Contributions):
    """What one agent tells of one snapshot.

    Attributes:
        statements: the findings told, in order.
        headline: id of the finding that the report opens with; None where nothing was found.
        next_steps: ids of the findings whose next step is recommended, in order.
        skipped: ids of the findings that the agent left out.
        unseen: ids of the findings that did not fit into the prompt.
        summary: the model's own sentences over all findings, where it wrote any and they held.
        chosen_by: who chose the findings and their order.
        problem: why a reply of the model could not be used; what the code says stands then.
        handed_by: the agent that this one reads from, where that had found something itself.
        handed_findings, handed_facts: what it had found, told here like what rules find.
    """

    agent: str
    snapshot: str
    tier: Tier
    statements: tuple[Statement, ...]
    headline: str | None
    chosen_by: Author = "code"
    next_steps: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    summary: str | None = None
    summary_rejected: str | None = None
    problem: str | None = None
    handed_by: str | None = None
    handed_findings: tuple[Finding, ...] = ()
    handed_facts: tuple[Fact, ...] = ()

    @property
    def beyond_rules(self) -> tuple[Finding, ...]:
        """What agents found that may be told here: a colleague's findings, and its own."""
        return (*self.handed_findings, *self.findings)

    @property
    def facts_beyond_rules(self) -> tuple[Fact, ...]:
        """What those findings rest on."""
        return (*self.handed_facts, *self.facts)

    def taking_over(self, colleague: "Analysis") -> "Analysis":
        """The account with a colleague's findings, which do not count as this agent's own."""
        known = {finding.id for finding in colleague.beyond_rules}
        return replace(
            self,
            findings=tuple(finding for finding in self.findings if finding.id not in known),
            handed_by=colleague.agent if known else None,
            handed_findings=colleague.beyond_rules,
            handed_facts=colleague.facts_beyond_rules,
        )

    def beside(self, own: Contributions) -> "Analysis":
        """The account, with what its agent found itself."""
        return replace(self, **own.contributed())


def tell_without_model(agent: Agent, snapshot: str, findings: Sequence[Finding]) -> Analysis:
    """The code's own account: the first findings in order of rank, each in its first wording."""
    importance = {"problem": 3, "warning": 2, "result": 2, "context": 1}
    return Analysis(
        agent=agent.slug,
        snapshot=snapshot,
        tier="none",
        statements=tuple(
            Statement(
                finding=finding.id,
                text=finding.sentences[0],
                importance=importance[finding.severity],
                author="code",
            )
            for finding in findings[:MOST_TOLD]
        ),
        headline=findings[0].id if findings else None,
        next_steps=tuple(finding.id for finding in findings[:3]),
    )
