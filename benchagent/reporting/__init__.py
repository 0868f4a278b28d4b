"""From an agent's account to a report whose every figure leads to its evidence."""
