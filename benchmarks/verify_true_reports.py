"""How many truths the verifier calls lies: whole reports over folders that it was not built on.

    python benchmarks/verify_true_reports.py [--corpora 4] [--show 20]

Half of the reports are written by hand (`true_reports/*.md`, six voices), their figures filled in
by pandas from the files as written; the others are what benchagent itself writes of the folders.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchagent.agents.roster import Agent, Roster
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.knowledge import know_snapshot
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import evidence_version, make_analysis
from benchagent.pipeline.stages.findings import make_findings
from benchagent.pipeline.stages.reports import make_report
from benchagent.verification.claims import Judged
from benchagent.verification.verify import verify_report

from verify_corpora import write_folder  # isort: skip
from verify_folders import take_in  # isort: skip
from verify_tool_corpora import Quantity, ToolFolder, write_tool_folder  # isort: skip

TEMPLATES = Path(__file__).parent / "true_reports"


@dataclass(slots=True)
class TrueReport:
    """A report in which nothing is false.

    Attributes:
        facts: what its figures stand for, each once.
    """

    name: str
    text: str
    by_hand: bool
    facts: set[str] = field(default_factory=set)


class Writer:
    """Fills a template in, and notes which facts it asked for."""

    def __init__(self, folder: ToolFolder) -> None:
        self._by_key = {(each.family, each.subject): each for each in folder.quantities}
        self._folder = folder
        self.asked: set[str] = set()

    def write(self, template: str) -> str:
        """The report."""
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        counted = {
            suffix: sum(path.endswith(f".{suffix}") for path in self._folder.paths)
            for suffix in ("csv", "json", "md")
        }
        return environment.get_template(template).render(
            m=self._folder.models,
            n=SimpleNamespace(files=len(self._folder.paths), **counted),
            v=self._value,
            path=lambda place, family: self._find(place, family).path,
        )

    def _find(self, place: int, family: str) -> Quantity:
        return self._by_key[family, self._folder.models[place]]

    def _value(
        self, place: int, family: str, statistic: str, decimals: int, factor: float = 1
    ) -> str:
        quantity = self._find(place, family)
        self.asked.add(f"{quantity.path} {family} {statistic}")
        return f"{quantity.statistics[statistic] * factor:.{decimals}f}"


def by_hand(folder: ToolFolder) -> Iterator[TrueReport]:
    """The reports in six voices."""
    for template in sorted(path.name for path in TEMPLATES.glob("*.md")):
        writer = Writer(folder)
        text = writer.write(template)
        facts = {f"{folder.root.name} {asked}" for asked in writer.asked}
        yield TrueReport(f"{folder.root.name}/{template}", text, by_hand=True, facts=facts)


def snapshot_of(root: Path, out: Path) -> Partition:
    """A folder's snapshot with its facts and findings made."""
    partition = take_in(root, out)
    make_findings(partition)
    return Partition(project=partition.project, key=partition.key)


def our_own(partition: Partition) -> Iterator[TrueReport]:
    """What benchagent writes of it without a model, in the sections of each persona."""
    for persona in ("insight", "data-collector"):
        agent = Agent(slug=persona, label="Own", persona=persona, model=None)
        make_analysis(partition, agent, Roster(agents=(agent,)), asking=None)
        make_report(partition, agent, dagster_run="0")
        report = read_report(partition, persona)
        facts = {f"{partition.key} {cited.fact} {cited.part}" for cited in report.citations}
        yield TrueReport(f"{partition.key}/{persona}", report.markdown, by_hand=False, facts=facts)


def judge_folder(
    root: Path, out: Path, reports: list[TrueReport]
) -> Iterator[tuple[TrueReport, list[Judged]]]:
    """Each report of a folder, and our own, with their claims judged."""
    partition = snapshot_of(root, out)
    knowledge = know_snapshot(partition, evidence_version(partition))
    for report in [*reports, *our_own(partition)]:
        yield report, verify_report(report.text, knowledge)


def judge_all(folder: Path, corpora: int) -> Iterator[tuple[TrueReport, list[Judged]]]:
    """The reports on so many folders of either kind."""
    for seed in range(20, 20 + corpora):
        written = write_tool_folder(folder / f"tools{seed}", seed)
        yield from judge_folder(written.root, folder / f"out-tools{seed}", list(by_hand(written)))
    for seed in range(20, 20 + (corpora + 1) // 2):
        plain = write_folder(folder / f"calls{seed}", seed)
        yield from judge_folder(plain.root, folder / f"out-calls{seed}", [])


def main() -> None:
    """Prints a line for each report, and the sums."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpora", type=int, default=4)
    arguments.add_argument("--show", type=int, default=20)
    chosen = arguments.parse_args()
    flagged: list[str] = []
    sums = {True: [0, 0, 0], False: [0, 0, 0]}
    facts: set[str] = set()
    with tempfile.TemporaryDirectory() as temporary:
        for report, judged in judge_all(Path(temporary), chosen.corpora):
            doubted = [found for found in judged if found.verdict.ruling != "supported"]
            print(f"{report.name:44s} {len(judged):5d} claims {len(doubted):4d} flagged")
            facts |= report.facts
            for at, number in enumerate((1, len(judged), len(doubted))):
                sums[report.by_hand][at] += number
            flagged += [describe(report, found) for found in doubted]
    for hand, (reports, claims, doubted) in sums.items():
        who = "by hand" if hand else "our own"
        print(
            f"{who}: {reports} reports, {claims} claims, {doubted} flagged ({doubted / claims:.2%})"
        )
    print(f"{len(facts)} distinct facts")
    print(*flagged[: chosen.show], sep="\n")


def describe(report: TrueReport, found: Judged) -> str:
    """A flag on a truth, with the line that it stands on."""
    claim = found.claim
    line = report.text.split("\n")[report.text.count("\n", 0, claim.start)]
    quote = report.text[claim.start : claim.end]
    return f"  {quote!r} {found.verdict.ruling}: {found.verdict.reason} << {line[:200]}"


if __name__ == "__main__":
    main()
