"""Why packed contents are not read."""

from typing import Final

# Of what a content unpacks to; a snapshot keeps nothing that is larger.
MOST_BYTES: Final = 256 * 1024 * 1024


class NotUnpacked(ValueError):
    """The bytes stand for no text that is read here; the message says why, and what to do."""
