"""From a folder of benchmark artifacts to reports whose every figure leads back to its cell.

`inventory` lists and keeps the files of a snapshot; `formats` reads their numbers into
`measurements`; `facts` computes what they say and `findings` ranks what is worth telling; an
agent's `analysis` chooses and words it; `report` writes it, `verification` checks it, and
`comparison` sets agents side by side. The model asks, links and words; code computes and checks.
"""
