"""A passage and what is found in it, each kind of thing once and only when it is asked for.

Most passages of a report hold no number and no name; what is not asked for is not searched.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from benchagent.markdown_text import CODE_SPAN
from benchagent.verification.claims import Context
from benchagent.verification.text.figures import Figure, find_figures, find_numerals, read_outside
from benchagent.verification.text.letters import has_digits, in_lower_case, joined_words_in
from benchagent.verification.text.names import (
    Name,
    find_days,
    find_folders,
    find_identifiers,
    find_paths,
    find_tags,
    find_templates,
)
from benchagent.verification.text.numeric_levels import NumericLevel
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.settings import Level, LevelFinder, find_setting_spans
from benchagent.verification.text.subjects import MODEL_FILE, Mention, SubjectFinder
from benchagent.verification.text.terms import Word, find_kinds, find_statistics
from benchagent.verification.text.vocabulary import Vocabulary

Span = tuple[int, int]
_LONGEST_LABEL: Final = 60
_ENDS_CHANGE: Final = re.compile(
    r"(?:\bfrom\b[^.;]*\d[^;]*|\b(?:br(?:ings?|ought)|cuts?|reduc\w+|lower\w*|dr[oi]v\w+|drop\w*|f[ae]lls?|fell|"
    r"t(?:akes?|ook)|g(?:ets?|ot|oes)|went|pull\w*|push\w*|rises?|rose|climb\w*|gr[eo]w\w*)\b[^.;,]{0,60})"
    r"\b(?:down|up) to$",
    re.IGNORECASE,
)
_PERCENTILE: Final = re.compile(r"\bp\d\d\b")


class Sentence:
    """A passage with its names, numbers, metrics, statistics, kinds of file and levels.

    Attributes:
        paths: file names; `x.gguf` is a subject if the data call one so, and so is the file of
            `llama-cli -m x.gguf`.
        figures: numbers outside of names that are no levels.
        numeric_levels: numbers that are levels.
    """

    def __init__(
        self, passage: Passage, finder: SubjectFinder, levels: LevelFinder, vocabulary: Vocabulary
    ) -> None:
        """A passage, and what finds the names of the data in it."""
        self.passage = passage
        self.vocabulary = vocabulary
        self.finder = finder
        self.level_finder = levels
        self.paths = self._find_paths()
        self.figures, self.numeric_levels = self._find_figures()

    def _find_paths(self) -> Sequence[Name]:
        found = find_paths(self.passage.text)
        named = self.finder.find(self.passage.text, self.passage.raw) if found else ()
        return [path for path in found if not any(_is_named(path, mention) for mention in named)]

    def _find_figures(self) -> tuple[Sequence[Figure], Sequence[NumericLevel]]:
        numerals = find_numerals(self.passage.text)
        found = list(read_outside(self.names, numerals)) if numerals else []
        told = has_digits(self.passage.text)
        levels = self.level_finder.numbers.find(self.passage.text, found) if told else ()
        if not levels or self.passage.shape == "cell":
            return found, ()
        known = [level.figure for level in levels]
        return [figure for figure in found if figure not in known], levels

    @cached_property
    def lower(self) -> str:
        """Its text in lower case, place for place."""
        return in_lower_case(self.passage.text)

    @cached_property
    def unknown(self) -> Sequence[Name]:
        """Models in Ollama's spelling that are no known subject."""
        return [
            tag
            for tag in find_tags(self.passage.text)
            if not any(m.start <= tag.start and tag.end <= m.end for m in self._all_mentions)
            and not _within(tag.start, self.paths)
        ]

    @cached_property
    def _all_mentions(self) -> Sequence[Mention]:
        found = self.finder.find(self.passage.text, self.passage.raw)
        return [mention for mention in found if not _within(mention.start, self.paths)]

    @cached_property
    def mentions(self) -> Sequence[Mention]:
        """Known subjects."""
        return [m for m in self._all_mentions if not _within(m.start, self.unknown)]

    @cached_property
    def metrics(self) -> Sequence[Word]:
        """The metrics that it names."""
        return self.vocabulary.find(self.passage.text)

    @cached_property
    def statistics(self) -> Sequence[Word]:
        """Its statistics; the `min` of "10 min" is none, nor are "cut down to 3" and `m3-max`."""
        text = self.passage.text
        found = find_statistics(text)
        if not found:
            return ()
        found = [word for word in found if not _ENDS_CHANGE.search(text[: word.end])]
        other = [(figure.start, figure.end) for figure in self.figures if figure.unit]
        other += [(name.start, name.end) for name in (*self.mentions, *self.unknown)]
        return [word for word in found if not any(a <= word.start < b for a, b in other)]

    @cached_property
    def levels(self) -> Sequence[Level]:
        """Levels of settings, named without the setting."""
        found = self.level_finder.find(self.passage.text)
        if not self.numeric_levels:
            return found
        numeric = (Level(own.start, own.end, level) for own, level in self.numeric_levels)
        return sorted([*found, *numeric])

    @cached_property
    def kinds(self) -> Sequence[Word]:
        """Kinds of file, outside of names."""
        found = find_kinds(self.passage.text)
        return [kind for kind in found if not any(a <= kind.start < b for a, b in self.names)]

    @cached_property
    def names(self) -> Sequence[Span]:
        """Where names, dates, settings and code stand, in which no number is read."""
        text = self.passage.text
        named = (*self.paths, *find_templates(text), *self.unknown, *find_folders(text))
        named = (*named, *find_identifiers(text), *self.mentions, *find_days(text))
        spans = [(name.start, name.end) for name in named]
        settings = [
            (start, end)
            for start, end in find_setting_spans(text)
            if not self.vocabulary.find(text[start:end].partition("=")[0])
        ]
        return [*spans, *settings, *_find_code_spans(self.passage.raw)]

    @cached_property
    def context(self) -> Context:
        """What its claims stand in."""
        passage = self.passage
        return Context(
            sentence=passage.text,
            start=passage.start,
            above=passage.above,
            row=passage.row,
            column=passage.column,
            section=passage.headings,
            before=passage.before,
        )

    @cached_property
    def around(self) -> Sequence[str]:
        """The words of its column, row and other cells, the items above it, two headings."""
        passage = self.passage
        labels = (cell for _, cell in passage.cells if cell != passage.row and _is_label(cell))
        texts = (passage.column, passage.row, *labels, *passage.above, *passage.headings[:2])
        return tuple(text for text in texts if text)

    @cached_property
    def words(self) -> frozenset[str]:
        """All words in it and around it."""
        return frozenset().union(*map(joined_words_in, (self.passage.text, *self.around)))

    @cached_property
    def bare(self) -> frozenset[str]:
        """Numbers without a unit, in it and in the sentence before."""
        levels = (level.figure for level in self.numeric_levels)
        figures = [*self.figures, *levels, *find_figures(self.passage.before)]
        return frozenset(f"{figure.value:g}" for figure in figures if not figure.unit)


def _is_named(path: Name, mention: Mention) -> bool:
    whole = mention.start == path.start and MODEL_FILE.search(path.text) is not None
    return path.start < mention.end and (whole or mention.start < path.start)


def _find_code_spans(raw: str) -> list[Span]:
    """Code spans that hold a name or a command; one that begins with a digit is a number."""
    return [
        found.span()
        for found in (CODE_SPAN.finditer(raw) if "`" in raw else ())
        if not (found[1][0].isdigit() or found[1][0] in "+-~\u2248.")
    ]


def _is_label(cell: str) -> bool:
    """Whether a cell only names things: `median time per output token`."""
    return len(cell) < _LONGEST_LABEL and not has_digits(_PERCENTILE.sub("", cell))


def _within(at: int, names: Sequence[Name]) -> bool:
    return any(name.start <= at < name.end for name in names)
