"""Text that a model reads as text: control words inside it are broken, so they steer nothing."""

import re
from collections.abc import Iterable

# The opening that ChatML and Llama 3 share, whether or not the vocabulary has the whole word.
_OPENING = "<|"


class ControlWords:
    """The words of one vocabulary that steer its model."""

    def __init__(self, tokens: Iterable[str]) -> None:
        words = {token for token in tokens if len(token) > 1} | {_OPENING}
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def neutralise(self, text: str) -> str:
        """Return the text with a space inside every control word: `< |im_end|>`.

        Only spaces are added, so no new control word can arise from the pieces of another.
        """
        return self._pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
