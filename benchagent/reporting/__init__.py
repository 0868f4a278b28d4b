"""From an agent's account to a report whose every figure leads to its evidence.

`report` puts together the `sections` that the agent answers for and the `surroundings` that are
the same for all; `html` and `charts` show it, `second_reading` verifies the printed text, `ledger`
counts what the model and what the code did. `comparison`, `performance` and `pace` set agents and
models side by side.
"""
