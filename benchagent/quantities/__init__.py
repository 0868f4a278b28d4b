"""Metrics, units, and how a number is written in a report and read back."""
