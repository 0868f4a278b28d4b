"""Requests to a model server: one request, its options, its end, its timings."""
