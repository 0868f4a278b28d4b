"""The numbers that may enter a statistic: copies, digests and rows told twice are left out."""
