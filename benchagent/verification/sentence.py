"""A passage with everything that was found in it once."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchagent.verification.figures import Figure
from benchagent.verification.lexicon_metrics import Word
from benchagent.verification.names import Name
from benchagent.verification.passages import Passage
from benchagent.verification.settings_in_text import Level
from benchagent.verification.subjects_in_text import Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A passage with everything that was found in it once."""

    passage: Passage
    metrics: Sequence[Word]
    statistics: Sequence[Word]
    mentions: Sequence[Mention]
    unknown: Sequence[Name]
    paths: Sequence[Name]
    figures: Sequence[Figure]
    kinds: Sequence[Word]
    levels: Sequence[Level] = ()
