"""Measuring models: a plan in random order, its calls one by one on disk, then the artifacts.

`plan` says which calls there are and in which order, `measuring` makes them, `journal` keeps each
as it comes so that a stopped run can go on, `summary` and `write_up` say what came of them.
"""
