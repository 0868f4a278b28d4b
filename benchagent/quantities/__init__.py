"""Metrics, units, and how a number is written in a report and read back.

`metrics` lists what is measured, by definition and not by label; `units` and `names` read the unit
of a column, `numbers` and `decimal_commas` the numbers of its cells.
"""
