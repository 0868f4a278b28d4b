"""What the measurements say: facts, how they are derived and how sure they are."""
