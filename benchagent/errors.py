"""The root of all exceptions whose message is a sentence for a person: where, what, what to do."""


class ExplainedError(Exception):
    """Something that a person can put right; the message says how."""
