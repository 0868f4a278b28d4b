"""The program of the second process that parses."""

from benchagent.left_out import without_pandas

with without_pandas():
    from benchagent.measurements.parsed.second_parser import answer as answer
