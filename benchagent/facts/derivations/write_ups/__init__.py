"""The numbers of summaries and write-ups, held against those that they were made of."""
