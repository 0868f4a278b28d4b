"""Times of functions and commands, and the forms in which CI keeps what was measured."""
