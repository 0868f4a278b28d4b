"""Is it so? The claims of a text, each judged against the data.

`verify` goes through a text in four rooms: `text` finds passages, numbers and names, `reading`
makes claims of them, `binding` says what each number is said of, and `judging` holds the claim
against `evidence`, which is what the data say. A claim and its verdict are in `claims`. `guard`
does the same for our own reports: a model's sentence against its findings, every figure against
its cells.
"""
