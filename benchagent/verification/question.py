"""A claim with the question that it puts to the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from benchagent.verification.claims import Claim, Verdict
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import DatumIndex
from benchagent.verification.evidence.named_values import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All that counts as evidence for one report."""

    corpus: Corpus
    known: Known
    values: DatumIndex


Judge = Callable[[Knowledge], Verdict]


class Asked(NamedTuple):
    """A claim, and how it is judged."""

    claim: Claim
    judge: Judge
