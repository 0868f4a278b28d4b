"""A passage and what is found in it, each kind of thing once and only when it is asked for.

Most passages of a report hold no number and no name; what is not asked for is not searched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
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
        lower: its text in lower case, place for place.
        paths: file names.
        unknown: models in Ollama's spelling that are no known subject.
        mentions: known subjects.
        levels: levels of settings, named without the setting.
        figures: numbers outside of names that are no levels.
        numeric_levels: numbers that are levels.
        kinds: kinds of file, outside of names.
        context: what its claims stand in.
        names: where names, dates, settings and code stand, in which no number is read.
        around: the words of its column, row and other cells, the items above it, two headings.
        words: all words in it and around it.
        bare: numbers without a unit, in it and in the sentence before.
    """

    lower: str
    paths: Sequence[Name]
    unknown: Sequence[Name]
    mentions: Sequence[Mention]
    metrics: Sequence[Word]
    statistics: Sequence[Word]
    levels: Sequence[Level]
    figures: Sequence[Figure]
    numeric_levels: Sequence[NumericLevel]
    kinds: Sequence[Word]
    context: Context
    names: Sequence[Span]
    around: Sequence[str]
    words: frozenset[str]
    bare: frozenset[str]

    def __init__(
        self, passage: Passage, finder: SubjectFinder, levels: LevelFinder, vocabulary: Vocabulary
    ) -> None:
        """A passage, and what finds the names of the data in it."""
        self.passage = passage
        self.vocabulary = vocabulary
        self.finder = finder
        self.level_finder = levels
        self.paths = _find_paths(self)
        self.figures, self.numeric_levels = _find_figures(self)

    def __getattr__(self, name: str) -> object:
        """What is asked for the first time is searched, and kept."""
        if name not in _SEARCHES:
            raise AttributeError(name)
        found = _SEARCHES[name](self)
        self.__dict__[name] = found
        return found


def _find_paths(sentence: Sentence) -> Sequence[Name]:
    """Its files; `x.gguf` is a subject if the data call one so, and so is `llama-cli -m x.gguf`."""
    found = find_paths(sentence.passage.text)
    if not found:
        return ()
    named = sentence.finder.find(sentence.passage.text, sentence.passage.raw)
    return [path for path in found if not any(_is_named(path, mention) for mention in named)]


def _is_named(path: Name, mention: Mention) -> bool:
    whole = mention.start == path.start and MODEL_FILE.search(path.text) is not None
    return path.start < mention.end and (whole or mention.start < path.start)


def _find_unknown(sentence: Sentence) -> Sequence[Name]:
    tags = find_tags(sentence.passage.text)
    if not tags:
        return ()
    mentions = _find_all_mentions(sentence)
    return [
        tag
        for tag in tags
        if not any(m.start <= tag.start and tag.end <= m.end for m in mentions)
        and not _within(tag.start, sentence.paths)
    ]


def _find_all_mentions(sentence: Sentence) -> Sequence[Mention]:
    found = sentence.finder.find(sentence.passage.text, sentence.passage.raw)
    if not found or not sentence.paths:
        return found
    return [mention for mention in found if not _within(mention.start, sentence.paths)]


def _find_mentions(sentence: Sentence) -> Sequence[Mention]:
    found = _find_all_mentions(sentence)
    if not found or not sentence.unknown:
        return found
    return [mention for mention in found if not _within(mention.start, sentence.unknown)]


def _find_figures(sentence: Sentence) -> tuple[Sequence[Figure], Sequence[NumericLevel]]:
    """Its numbers, and those that are only levels of a setting."""
    text = sentence.passage.text
    numerals = find_numerals(text)
    found = list(read_outside(sentence.names, numerals)) if numerals else []
    levels = sentence.level_finder.numbers.find(text, found) if found else ()
    if not levels or sentence.passage.shape == "cell":
        return found, ()
    known = [level.figure for level in levels]
    return [figure for figure in found if figure not in known], levels


def _find_levels(sentence: Sentence) -> Sequence[Level]:
    found = sentence.level_finder.find(sentence.passage.text)
    if not sentence.numeric_levels:
        return found
    numeric = (Level(own.start, own.end, level) for own, level in sentence.numeric_levels)
    return sorted([*found, *numeric])


def _find_statistics(sentence: Sentence) -> Sequence[Word]:
    """Its statistics; the `min` of "10 min" is none, nor are "cut down to 3" and `m3-max`."""
    text = sentence.passage.text
    found = find_statistics(text)
    if not found:
        return ()
    found = [word for word in found if not _ENDS_CHANGE.search(text[: word.end])]
    other = [(figure.start, figure.end) for figure in sentence.figures if figure.unit]
    other += [(name.start, name.end) for name in (*sentence.mentions, *sentence.unknown)]
    return [word for word in found if not any(a <= word.start < b for a, b in other)]


def _find_kinds(sentence: Sentence) -> Sequence[Word]:
    found = find_kinds(sentence.passage.text)
    if not found:
        return ()
    return [kind for kind in found if not any(a <= kind.start < b for a, b in sentence.names)]


def _find_names(sentence: Sentence) -> Sequence[Span]:
    text = sentence.passage.text
    named = (*sentence.paths, *find_templates(text), *sentence.unknown, *find_folders(text))
    named = (*named, *find_identifiers(text), *sentence.mentions, *find_days(text))
    spans = [(name.start, name.end) for name in named]
    settings = [
        (start, end)
        for start, end in find_setting_spans(text)
        if not sentence.vocabulary.find(text[start:end].partition("=")[0])
    ]
    return [*spans, *settings, *_find_code_spans(sentence.passage.raw)]


def _find_code_spans(raw: str) -> list[Span]:
    """Code spans that hold a name or a command; one that begins with a digit is a number."""
    return [
        found.span()
        for found in (CODE_SPAN.finditer(raw) if "`" in raw else ())
        if not (found[1][0].isdigit() or found[1][0] in "+-~\u2248.")
    ]


def _describe_context(sentence: Sentence) -> Context:
    """What the claims of a passage stand in."""
    passage = sentence.passage
    return Context(
        sentence=passage.text,
        start=passage.start,
        above=passage.above,
        row=passage.row,
        column=passage.column,
        section=passage.headings,
        before=passage.before,
    )


def _find_around(sentence: Sentence) -> Sequence[str]:
    passage = sentence.passage
    labels = (cell for _, cell in passage.cells if cell != passage.row and _is_label(cell))
    texts = (passage.column, passage.row, *labels, *passage.above, *passage.headings[:2])
    return tuple(text for text in texts if text)


def _is_label(cell: str) -> bool:
    """Whether a cell only names things: `median time per output token`."""
    return len(cell) < _LONGEST_LABEL and not has_digits(_PERCENTILE.sub("", cell))


def _find_words(sentence: Sentence) -> frozenset[str]:
    return frozenset().union(*map(joined_words_in, (sentence.passage.text, *sentence.around)))


def _find_bare(sentence: Sentence) -> frozenset[str]:
    levels = (level.figure for level in sentence.numeric_levels)
    figures = [*sentence.figures, *levels, *find_figures(sentence.passage.before)]
    return frozenset(f"{figure.value:g}" for figure in figures if not figure.unit)


def _within(at: int, names: Sequence[Name]) -> bool:
    return any(name.start <= at < name.end for name in names)


_SEARCHES: Final[Mapping[str, Callable[[Sentence], object]]] = {
    "lower": lambda sentence: in_lower_case(sentence.passage.text),
    "unknown": _find_unknown,
    "mentions": _find_mentions,
    "metrics": lambda sentence: sentence.vocabulary.find(sentence.passage.text),
    "statistics": _find_statistics,
    "levels": _find_levels,
    "kinds": _find_kinds,
    "context": _describe_context,
    "names": _find_names,
    "around": _find_around,
    "words": _find_words,
    "bare": _find_bare,
}
