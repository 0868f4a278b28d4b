"""What the columns of files of no known format may mean: proposed, tested, accepted by a person.

A `mapping` says which column holds which metric in which unit. `trial` tries a proposed one on the
files' numbers, by the `identities` that must hold between them and the `refusals` that speak
against it; `kept` keeps it until a person decides, and `reading` then reads the files by it.
"""
