"""Counts of tokens that are counts of words, as the answers beside them tell.

A script without a tokenizer splits an answer at its spaces and calls the parts tokens. No tokenizer
does so row after row, and a rate that was made of such a count is none of tokens.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.mappings.rows import Row
from benchagent.measurements.json_trees import as_text
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell

WORDS: Final = "its table counts the words of the answers as tokens: what it calls tokens is none"

_ANSWERS: Final = frozenset("output text content generation answer_text output_text".split())
_COUNTS: Final = frozenset(
    "tokens n_tokens num_tokens token_count tokens_count response_tokens answer_tokens".split()
)
# A simple sentence may have as many tokens as words.
_FEWEST_ROWS: Final = 3
_FEWEST_WORDS: Final = 30
# They count and time the prompt.
_OF_PROMPTS: Final = frozenset(("prompt_tokens", "prefill_rate", "prompt_eval_time"))


def find_words(rows: Sequence[Row], columns: Columns) -> Iterator[tuple[str, int, str]]:
    """The names of rows, the places of columns, and why the cell there is not read."""
    texts = find_texts(columns)
    pairs = ((count, text) for count in _find_counts(columns) for text in texts)
    if texts and any(_counts_words(rows, count, text) for count, text in pairs):
        spent = [at for at, meaning in columns.readings if _is_of_tokens(meaning)]
        yield from ((row.name, at, WORDS) for row in rows for at in spent)


def may_count_words(columns: Columns) -> bool:
    """Whether answers stand beside counts that are not read, so that only cells tell of what."""
    read = {at for at, _ in columns.readings}
    return bool(find_texts(columns)) and not read.issuperset(_find_counts(columns))


def count_words(answer: str) -> int:
    """How many words a text has."""
    return len(answer.split())


def find_texts(columns: Columns) -> list[int]:
    """The places of the columns that hold answers."""
    named = [at for at in columns.unread if join_words(columns.labels[at]) in _ANSWERS]
    return named if columns.answer is None else [columns.answer, *named]


def _find_counts(columns: Columns) -> list[int]:
    counted = [at for at, meaning in columns.readings if meaning.metric == "output_tokens"]
    return [*counted, *(at for at in columns.unread if join_words(columns.labels[at]) in _COUNTS)]


def _counts_words(rows: Sequence[Row], count: int, text: int) -> bool:
    """Whether a column has the number of words of a text in every row that has both."""
    told: list[float] = []
    for row in rows:
        answer, number = as_text(row.cells[text]), parse_cell(row.cells[count])
        if not answer or not number:
            continue
        if number != count_words(answer):
            return False
        told.append(number)
    return len(told) >= _FEWEST_ROWS and sum(told) >= _FEWEST_WORDS and len(set(told)) > 1


def _is_of_tokens(meaning: Meaning) -> bool:
    """Whether a quantity is counted in tokens of answers, or is so much for each of them."""
    unit = meaning.unit.canonical if meaning.unit is not None else ""
    return meaning.metric not in _OF_PROMPTS and ("tok" in unit or meaning.metric == "tpot")
