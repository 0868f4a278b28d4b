"""Requests to a model server, and the record that is kept of each.

`hosts` and `servers` find a server, `client` makes the requests over its `wire`; `stream` reads a
streamed answer, `deadlines` ends what takes too long, and `turns` lets so many agents ask at once.
`request` is what is sent, `conversation` what is tried again, `replies` the store of answers.
`model_call` is the record of a call; `recording` fills it with the help of `timings`, `identity`,
`runners` and `gpu`, and `outcomes` and `refusals` name the ways in which a call ends.
"""
