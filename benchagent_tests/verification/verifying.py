"""A folder as evidence, and what the verifier rules of a text over it."""

from pathlib import Path

from benchagent.pipeline.knowledge import read_corpus
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.facts import make_facts
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.verification.claims import Judged
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.named_values import Known
from benchagent.verification.verify import know, verify_report
from benchagent_tests.folders import take


def measure(folder: Path, out: Path) -> Corpus:
    """Everything that a folder says."""
    partition = Partition(
        project=Project.of(data=(str(folder),), out=out), key=take(folder, out).key
    )
    make_measurements(partition)
    make_facts(partition)
    return read_corpus(partition)


def judge(text: str, corpus: Corpus, known: Known | None = None) -> list[Judged]:
    return verify_report(text, know(corpus, known))


def rulings(text: str, corpus: Corpus, known: Known | None = None) -> list[tuple[str, str]]:
    """Each claim as quoted, and its ruling."""
    found = judge(text, corpus, known)
    return [(text[f.claim.start : f.claim.end], f.verdict.ruling) for f in found]


def flags(text: str, corpus: Corpus, known: Known | None = None) -> list[str]:
    """The claims that are not supported, as quoted."""
    return [quote for quote, ruling in rulings(text, corpus, known) if ruling != "supported"]
