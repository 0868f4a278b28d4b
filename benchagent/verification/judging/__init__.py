"""What the data say of a claim."""
