"""What the measurements say: facts, how they are derived and how sure they are.

`fact` defines a fact and the evidence that facts are derived from; `derivations` derives all of
them. `estimates` (intervals), `rank_tests` and `significance` are the statistics. `recomputing`
computes a fact again from its cells, as a report does before it prints one, and `table` is the
form in which facts are stored.
"""
