"""Who writes reports: the roster, what an agent is asked, and the account that comes of it.

`roster_file` reads `data/agents.yaml` into a `roster` of agents, each with a `persona`; `probe`
and `tiers` say how much its model can be asked. `analysis` takes an agent through its questions:
first the `contributions` that it makes itself (`inquiring`, `linking`, `reading`, `naming`,
`experimenting`), then the `questions` by which it chooses and words the findings. `prompting`
makes the text of a question, `interview` fits it into the model's context, `asking` carries it to
the model. The `account` is what an agent tells in the end.
"""
