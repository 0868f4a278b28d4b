"""Claims out of text, each with the question that it puts to the data."""
