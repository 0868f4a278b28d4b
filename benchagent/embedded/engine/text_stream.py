"""Text out of tokens, as they come: a character is shown once all its bytes are there."""

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]
_INCOMPLETE = "\ufffd"


class TextStream:
    """The text of a growing row of tokens.

    Decoding starts a few tokens back, at the last place where the text was whole: some vocabularies
    write a word's leading space only in company, and decoding all of it for every token would cost
    the square of the length.
    """

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._context = 0
        self._shown = 0

    @property
    def tokens(self) -> tuple[int, ...]:
        """All tokens so far."""
        return tuple(self._tokens)

    def add(self, tokens: Sequence[int]) -> str:
        """Take new tokens; return the text that they complete, often a word, sometimes nothing."""
        self._tokens.extend(tokens)
        before = self._decode(self._tokens[self._context : self._shown])
        text = self._decode(self._tokens[self._context :])
        if len(text) <= len(before) or text.endswith(_INCOMPLETE):
            return ""
        self._context, self._shown = self._shown, len(self._tokens)
        return text[len(before) :]

    def finish(self) -> str:
        """Return what was held back, though its last character may be broken."""
        before = self._decode(self._tokens[self._context : self._shown])
        return self._decode(self._tokens[self._context :])[len(before) :]
