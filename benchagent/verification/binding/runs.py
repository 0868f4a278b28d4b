"""Which one of several runs the text says a number is of."""

import re
from typing import Final

from benchagent.verification.text.figures import Figure
from benchagent.verification.text.passage import Passage

_ORDINALS: Final[tuple[str, ...]] = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_RUN: Final = r"(?:run|trial|repetition|rep|iteration|attempt)"
# "its fifth run", "run 2 of `x`", "repetition #3"; "the first run of tests" tells of many
_NTH: Final = re.compile(
    rf"\b(?P<word>{'|'.join(_ORDINALS)})\s+(?:(?:measured|timed|benchmark)\s+)?{_RUN}\b(?!\s+of\s+(?:tests|all))"
    rf"|\b{_RUN}\s+(?:#|no\.?\s*)?(?P<number>\d{{1,3}})\b(?![.,]\d|\s*(?:-|–|to|of|and|,)\s*\d)",  # noqa: RUF001
    re.IGNORECASE,
)


def find_nth(figure: Figure, passage: Passage) -> int | None:
    """The number of the one run that a clause names before a figure; None for several or none."""
    if passage.shape == "cell":
        return None
    found = list(_NTH.finditer(passage.text[: figure.start]))
    if len(found) != 1:
        return None
    word = found[0]["word"]
    return _ORDINALS.index(word.lower()) + 1 if word else int(found[0]["number"])
