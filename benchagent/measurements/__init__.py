"""From the bytes of artifacts to one row per number, and back to each number's place."""
