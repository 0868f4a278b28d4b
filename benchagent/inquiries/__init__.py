"""Questions that an agent puts to the measurements, beyond those that the rules always ask.

A `catalogue` says what can be asked, by the `dimensions` in which calls differ; a `query` is a
question in a closed grammar. `answering` answers: `arms` picks the calls that can be compared,
`comparing` compares them, `stratifying` tests again with something else held alike, and `family`
corrects for the number of questions. `telling` makes a sentence, and a finding, of an `answer`;
`unanswerable` says why there is none.
"""
