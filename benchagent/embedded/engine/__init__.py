"""The model at work, in a process of its own: a step holds Python's interpreter lock until it ends.

`process` starts the child and `child` is its program; `messages` is what they tell each other.
Inside the child, `loading` brings the model into memory and `engine` runs its generations.
"""
