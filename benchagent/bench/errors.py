"""What is wrong with a benchmark as it was asked for."""


class BenchError(ValueError):
    """The benchmark cannot be run as asked; the message says what was found and what to do."""
